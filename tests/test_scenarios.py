"""The scenario files of the portfolio office hold."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from lpm_sync.rules import BUILTIN_RULES
from lpm_sync.rules.scenario import Scenario, ScenarioFile, read_scenarios
from lpm_sync.rules.scenario_check import check_scenario

_FOLDER = Path(__file__).parent / "scenarios"


def _read(path: Path) -> ScenarioFile:
    return read_scenarios(yaml.safe_load(path.read_text(encoding="utf-8")), path.name)


_FILES = {path.stem: _read(path) for path in _FOLDER.glob("*.yaml")}


@pytest.mark.parametrize(
    ("file", "scenario"),
    [
        pytest.param(file, scenario, id=f"{stem}: {scenario.name}")
        for stem, file in sorted(_FILES.items())
        for scenario in file.scenarios
    ],
)
def test_the_rules_do_what_the_scenario_expects(file: ScenarioFile, scenario: Scenario) -> None:
    assert check_scenario(file, scenario, BUILTIN_RULES) == []


def test_every_rule_has_a_scenario() -> None:
    named = {
        stanza.rule
        for file in _FILES.values()
        for stanza in (*file.rules, *(rule for scenario in file.scenarios for rule in scenario.rules or ()))
    }

    assert {rule.code for rule in BUILTIN_RULES} <= named


def test_the_example_in_the_readme_holds() -> None:
    text = (_FOLDER / "README.md").read_text(encoding="utf-8")
    file = read_scenarios(yaml.safe_load(text.partition("```yaml\n")[2].partition("```")[0]), "README.md")

    assert check_scenario(file, file.scenarios[0], BUILTIN_RULES) == []
