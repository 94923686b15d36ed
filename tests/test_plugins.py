"""Plug-ins are found by entry points; one that is unknown or broken is told with what is installed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lpm_sync import plugins
from lpm_sync.errors import ConfigurationError

Install = Callable[[str, str], None]

MODULE = """
from typing import ClassVar
from lpm_sync.core.finding import Verdict
from lpm_sync.rules.base import PortfolioRule

class Extra(PortfolioRule):
    \"\"\"A stranger's rule.\"\"\"
    code: ClassVar[str] = "XTR001"
    title: ClassVar[str] = "Extra"
    family: ClassVar[str] = "extra"
    def check(self, portfolio):
        return Verdict.passed()

class Twin(Extra):
    \"\"\"Another with the same code.\"\"\"

class Nameless(Extra):
    \"\"\"One whose code is none.\"\"\"
    code: ClassVar[str] = "extra"

def connect(connection, clock):
    return connection

RULES = (Extra,)
TWINS = (Extra, Twin)
NAMELESS = (Nameless,)
ABSTRACT = (PortfolioRule,)
NOT_A_TUPLE = [Extra]
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Install:
    """Installs a distribution with one entry point, for the time of a test."""
    module = f"stranger_{abs(hash(request.node.name))}"

    def add(group: str, entry: str) -> None:
        (tmp_path / f"{module}.py").write_text(MODULE, encoding="utf-8")
        information = tmp_path / "stranger-1.0.dist-info"
        information.mkdir()
        (information / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n", encoding="utf-8")
        text = f"[lpm_sync.{group}]\n{entry.replace('stranger:', f'{module}:')}\n"
        (information / "entry_points.txt").write_text(text, encoding="utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))

    return add


def test_what_comes_with_lpm_sync_is_installed() -> None:
    assert set(plugins.installed("connectors")) >= {"jira", "azure-devops"}
    assert set(plugins.installed("chats")) >= {"slack", "teams"}
    assert "embedded" in plugins.installed("sandboxes")
    assert "builtin" in plugins.installed("rules")


def test_the_rules_that_come_with_lpm_sync_are_found_by_code() -> None:
    codes = [rule.code for rule in plugins.rule_classes()]
    assert "GRD301" in codes
    assert codes == sorted(set(codes))


def test_a_strangers_connector_is_found(install: Install) -> None:
    install("connectors", "trello = stranger:connect")
    assert plugins.connector("trello")("connection", "clock") == "connection"  # type: ignore[arg-type, comparison-overlap]


def test_a_strangers_rules_join_the_others(install: Install) -> None:
    before = len(plugins.rule_classes())
    install("rules", "extra = stranger:RULES")
    assert "XTR001" in {rule.code for rule in plugins.rule_classes()}
    assert len(plugins.rule_classes()) == before + 1


@pytest.mark.parametrize(
    ("find", "message"),
    [
        (plugins.connector, "no connector 'jirra' is installed; installed: .*azure-devops, .*jira"),
        (plugins.chat, "no chat 'jirra' is installed; installed: .*slack"),
        (plugins.sandbox, "no embedded tracker 'jirra' is installed; installed: embedded"),
    ],
)
def test_an_unknown_plug_in_is_told_with_what_is_installed(find: Callable[[str], object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        find("jirra")


def test_a_plug_in_that_cannot_be_imported_is_told_with_its_package(install: Install) -> None:
    install("chats", "carrier-pigeon = stranger:no_such_name")
    with pytest.raises(
        ConfigurationError, match="the chat 'carrier-pigeon' of stranger cannot be loaded: AttributeError"
    ):
        plugins.chat("carrier-pigeon")


@pytest.mark.parametrize(
    ("offered", "message"),
    [
        ("NOT_A_TUPLE", "offers no tuple of rule classes"),
        ("NAMELESS", "no rule with a code like DOR001"),
        ("ABSTRACT", "no rule with a code like DOR001"),
        ("TWINS", "two rules have the code XTR001"),
    ],
)
def test_rules_that_are_none_are_refused(install: Install, offered: str, message: str) -> None:
    install("rules", f"extra = stranger:{offered}")
    with pytest.raises(ConfigurationError, match=message):
        plugins.rule_classes()
