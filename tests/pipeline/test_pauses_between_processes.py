"""A pause that a tracker asked for in one process holds in the next: nothing is sent, and it is said until when."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest

from lpm_sync.pipeline.cycle import ExitStatus, apply_plan, plan_cycle, run_cycle
from lpm_sync.pipeline.doctor import diagnose
from lpm_sync.pipeline.troubles import troubles
from lpm_sync.pipeline.workplace import Workplace
from tests.pipeline.jira_office import Site, open_workplace
from tests.pipeline.processes import PATIENCE, cycle_of_its_own

LATER = {"Retry-After": "3660"}
UNTIL = "jira: it asked to be left alone until 2026-11-09 09:0"


@pytest.fixture
def sites() -> Iterator[tuple[Site, Site]]:
    opened = Site(), Site()
    yield opened
    for site in opened:
        site.close()


@pytest.fixture
def workplace(sites: tuple[Site, Site], tmp_path: Path) -> Workplace:
    return open_workplace(tmp_path, jira=sites[0].server.url, other=sites[1].server.url)


def run_elsewhere(workplace: Workplace) -> None:
    process = cycle_of_its_own(workplace)
    process.join(PATIENCE)
    assert process.exitcode == 0


def pauses_of_searches(workplace: Workplace) -> list[float]:
    """The seconds that searches in the paused tracker have left, as they stand in the state."""
    now = workplace.clock.now()
    with workplace.state_to_read() as state:
        left = state.pauses.of_tracker("jira", now).left()
    return [seconds for what, seconds in left.items() if what.endswith("search/jql")]


def test_no_command_sends_anything_into_a_pause_and_the_other_tracker_goes_on(
    sites: tuple[Site, Site], workplace: Workplace
) -> None:
    paused, other = sites
    plan = plan_cycle(workplace)[1].plan
    paused.fail("search/jql", status=429, headers=LATER, body=b"{}", times=-1)
    run_elsewhere(workplace)
    paused.mend()
    paused.server.wire.requests.clear()
    other.store.create_issue("PAY", "Feature", "New")
    shown = troubles(*plan_cycle(workplace), ())
    applied = apply_plan(workplace, plan, skip_moved=True)
    ran = run_cycle(workplace)
    assert (applied.exit_status, ran.exit_status) == (ExitStatus.PARTIAL, ExitStatus.PARTIAL)
    for told in (shown, applied.troubles, ran.troubles):
        assert [line for line in told if line.startswith(UNTIL)]
    [fault] = [one.check.fault for one in diagnose(workplace) if one.place == "jira"]
    assert str(fault).startswith(UNTIL)
    assert paused.server.wire.requests == []
    assert "New has lpm:not-ready" in other.picture()


@pytest.mark.parametrize("look", [plan_cycle, lambda workplace: list(diagnose(workplace))], ids=["plan", "doctor"])
def test_what_only_looks_notes_a_pause_and_the_next_one_keeps_to_it(
    sites: tuple[Site, Site], workplace: Workplace, look: Callable[[Workplace], object]
) -> None:
    paused, _ = sites
    workplace.state().close()
    paused.fail("", status=429, headers=LATER, body=b"{}", times=-1)
    look(workplace)
    paused.server.wire.requests.clear()
    shown = troubles(*plan_cycle(workplace), ())
    assert [line for line in shown if line.startswith(UNTIL)]
    [fault] = [one.check.fault for one in diagnose(workplace) if one.place == "jira"]
    assert str(fault).startswith(UNTIL)
    assert paused.server.wire.requests == []


def test_a_process_that_is_killed_while_it_waits_has_noted_for_what(
    sites: tuple[Site, Site], workplace: Workplace
) -> None:
    paused, _ = sites
    workplace.state().close()
    paused.fail("search/jql", status=429, headers={"Retry-After": "300"}, body=b"{}", times=-1)
    process = cycle_of_its_own(workplace)
    end = monotonic() + PATIENCE
    while not (left := pauses_of_searches(workplace)) and monotonic() < end:
        process.join(0.05)
    process.kill()
    process.join(PATIENCE)
    assert process.exitcode == -signal.SIGKILL
    assert left == pauses_of_searches(workplace) == [pytest.approx(300.0, abs=PATIENCE)]


def test_a_process_that_is_killed_while_it_writes_to_one_tracker_has_noted_the_pause_of_the_other(
    sites: tuple[Site, Site], workplace: Workplace
) -> None:
    paused, other = sites
    paused.fail("search/jql", status=429, headers=LATER, body=b"{}", times=-1)
    process = cycle_of_its_own(workplace)
    other.before_write = lambda: os.kill(process.pid or 0, signal.SIGKILL)
    process.join(PATIENCE)
    assert process.exitcode == -signal.SIGKILL
    other.before_write = lambda: None
    paused.mend()
    paused.server.wire.requests.clear()
    assert run_cycle(workplace).exit_status is ExitStatus.PARTIAL
    assert paused.server.wire.requests == []


def test_a_short_pause_is_recorded_when_the_trackers_are_closed(workplace: Workplace) -> None:
    now = workplace.clock.now()
    with workplace.state() as state, workplace.trackers(workplace.configuration(), state):
        state.pauses.of_tracker("jira", now).keep("search/jql", 4.0)
    assert pauses_of_searches(workplace) == [pytest.approx(4.0, abs=2.0)]


def test_where_only_writes_have_to_wait_the_next_process_reads_and_holds_those_back(
    sites: tuple[Site, Site], workplace: Workplace
) -> None:
    paused, _ = sites
    paused.fail("/issue/[0-9]+$", method="PUT", status=429, headers=LATER, body=b"{}", times=-1)
    run_elsewhere(workplace)
    paused.mend()
    report = run_cycle(workplace)
    assert (report.exit_status, report.pulled, report.failed > 0) == (ExitStatus.PARTIAL, 8, True)
    assert "longer than this cycle may take" in str(report.troubles)
    assert [one.method for one in paused.server.wire.requests if one.method == "PUT"] == ["PUT"]
