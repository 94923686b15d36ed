"""Where a Jira's search shows our own writes only after a while, the next cycle finds nothing to do all the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from lpm_sync.pipeline.cycle import ExitStatus, run_cycle
from lpm_sync.pipeline.workplace import Workplace
from tests.pipeline.jira_office import HastyWorkplace, Site, open_workplace


@pytest.fixture
def site() -> Iterator[Site]:
    opened = Site()
    opened.store.behaviour.index_lag, opened.store.behaviour.shows_indexed = timedelta(minutes=2), True
    yield opened
    opened.close()


@pytest.fixture
def workplace(site: Site, tmp_path: Path) -> Workplace:
    return open_workplace(tmp_path, HastyWorkplace, jira=site.server.url)


def test_an_epic_whose_creation_was_not_answered_is_awaited_for_a_cycle_and_not_made_twice(
    site: Site, workplace: Workplace
) -> None:
    site.fail("/issue$", method="POST", after_effect=True)
    assert run_cycle(workplace).failed > 0
    [waiting] = run_cycle(workplace).troubles
    assert "put off to a later cycle: its creation was not answered a moment ago" in waiting
    site.store.clock.move_to(site.store.clock.now() + timedelta(minutes=2))
    report = run_cycle(workplace)
    assert (report.troubles, report.escalations) == ((), 1)
    assert site.escalations() == ["To Do"]
    assert run_cycle(workplace).planned == 0


def test_an_epic_that_was_not_created_is_made_after_one_cycle(site: Site, workplace: Workplace) -> None:
    site.fail("/issue$", method="POST", status=504, times=-1)
    run_cycle(workplace)
    site.mend()
    run_cycle(workplace)
    assert site.escalations() == []
    run_cycle(workplace)
    assert site.escalations() == ["To Do"]


def test_a_cycle_right_after_one_that_wrote_plans_nothing(site: Site, workplace: Workplace) -> None:
    assert run_cycle(workplace).written > 0
    before = site.picture()
    for _ in range(2):
        report = run_cycle(workplace)
        assert (report.planned, report.moved, report.exit_status) == (0, 0, ExitStatus.DONE)
    assert site.picture() == before
    assert len(site.escalations()) == 1
