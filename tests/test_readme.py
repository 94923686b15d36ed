"""The README shows what the program prints: its plan and its card are those of the demo's sample on one fixed day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.sandbox.server import start
from lpm_sync.pipeline.cycle import plan_cycle, run_cycle
from lpm_sync.pipeline.workplace import Workplace
from lpm_sync.ports import SandboxRequest
from lpm_sync.report.plan import plan_text
from lpm_sync.settings import Secrets, Settings

README = Path(__file__).parents[1] / "README.md"
DAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
LEFT_OUT = "\n…\n"

_DIGEST = re.compile(r"(?<=^Digest: )[0-9a-f]{16}$", re.MULTILINE)  # over addresses too, whose ports are free ones


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    folder = tmp_path_factory.mktemp("readme")
    with closing(start(SandboxRequest(start=DAY, seed=1))) as sandbox:
        sandbox.write_configuration(folder)
        yield Workplace(
            settings=Settings(config=folder, state=folder / "state.sqlite3"),
            secrets=Secrets(directory=None, environment=sandbox.environment),
            clock=sandbox.clock,
        )


def test_its_plan_is_the_plan_of_the_sample_with_its_first_and_last_lines(workplace: Workplace) -> None:
    _, decision = plan_cycle(workplace)
    printed = _DIGEST.sub("?", plan_text(decision.plan))
    first, item, last = (_DIGEST.sub("?", piece) for piece in _excerpts()[0].split(LEFT_OUT))
    assert printed.startswith(first)
    assert item.startswith("\njira:")
    assert f"{item}\n" in printed  # with all its changes, up to the empty line after them
    assert printed.endswith(last)
    assert "Digest: ?" in last


def test_its_card_is_one_that_stands_on_an_item_of_the_sample(workplace: Workplace) -> None:
    run_cycle(workplace)
    reading, _ = plan_cycle(workplace)
    cards = {comment.text for item in reading.portfolio.items.values() for comment in item.source.own_comments}
    assert _excerpts()[1].strip() in cards


def _excerpts() -> list[str]:
    """What the blocks without a language hold."""
    return re.findall(r"^```\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
