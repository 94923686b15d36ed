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


def test_a_cycle_right_after_one_that_wrote_plans_nothing(site: Site, workplace: Workplace) -> None:
    assert run_cycle(workplace).written > 0
    before = site.picture()
    for _ in range(2):
        report = run_cycle(workplace)
        assert (report.planned, report.moved, report.exit_status) == (0, 0, ExitStatus.DONE)
    assert site.picture() == before
    assert len(site.escalations()) == 1
