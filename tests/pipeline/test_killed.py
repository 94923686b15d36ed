"""A process that is killed at any write, and two at once: afterwards the tracker is as if nothing had happened."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from lpm_sync.core.change import Result
from lpm_sync.errors import StateError
from lpm_sync.pipeline.cycle import plan_cycle, run_cycle
from lpm_sync.pipeline.workplace import Workplace
from tests.pipeline.jira_office import START, Site, open_workplace
from tests.pipeline.processes import PATIENCE, cycle_of_its_own

WRITES = 6  # of an undisturbed cycle
OPENING = 2  # which of them creates the escalation epic


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


@pytest.fixture
def workplace(site: Site, tmp_path: Path) -> Workplace:
    return open_workplace(tmp_path, jira=site.server.url)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, int]:
    """What stands in the tracker after a cycle, and how many writes that took."""
    site = Site()
    report = run_cycle(open_workplace(tmp_path_factory.mktemp("undisturbed"), jira=site.server.url))
    site.close()
    assert (report.troubles, report.written, report.escalations) == ((), report.planned, 1)
    return site.picture(), site.writes


@pytest.mark.parametrize("takes_effect", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("position", range(WRITES))
def test_killed_at_a_write_two_more_cycles_end_where_an_undisturbed_one_does(
    position, takes_effect, site, workplace, undisturbed
) -> None:
    picture, writes = undisturbed
    assert writes == WRITES
    process, seen = cycle_of_its_own(workplace), iter(range(writes))

    def kill() -> bool | None:
        if next(seen, None) != position:
            return None
        os.kill(process.pid, signal.SIGKILL)
        return takes_effect

    site.before_write = kill
    process.join(PATIENCE)
    assert process.exitcode == -signal.SIGKILL
    site.before_write = lambda: None
    first, second = run_cycle(workplace), run_cycle(workplace)
    is_awaited = position == OPENING and not takes_effect
    assert ["put off" in trouble for trouble in first.troubles] == [True] * is_awaited
    assert second.troubles == ()
    assert site.picture() == picture
    assert plan_cycle(workplace)[1].plan.is_empty
    assert integrity(workplace.settings.state) == "ok"
    told = told_of_writes(workplace)
    assert told <= {Result.WRITTEN, Result.FAILED}
    assert takes_effect or Result.FAILED in told


def told_of_writes(workplace: Workplace) -> set[Result | None]:
    """What the record says of all writes; none that it calls done stands twice in it."""
    with workplace.state_to_read() as state:
        made = state.intents.between(START - timedelta(days=1), START + timedelta(days=1))
    done = [(one.ref, one.change) for one in made if one.result is Result.WRITTEN]
    assert all(done.count(one) == 1 for one in done)
    return {one.result for one in made}


def kept_so_far(state: Path) -> int:
    """How many items of a first load are on the disk."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{state}?mode=ro", uri=True)) as connection:
        [(count,)] = connection.execute("SELECT count(*) FROM snapshot_items WHERE EXISTS (SELECT 1 FROM loads)")
        return int(count)
    return 0


def test_a_first_load_that_is_killed_goes_on_and_fetches_only_the_rest(site, workplace) -> None:
    site.add_ready(396)
    passing, killed, patience = iter(range(1)), Event(), Event()
    process = cycle_of_its_own(workplace)

    def kill() -> None:
        if next(passing, None) is not None:
            return
        deadline = monotonic() + PATIENCE / 3
        while not killed.is_set() and kept_so_far(workplace.settings.state) < 200 and monotonic() < deadline:
            patience.wait(0.02)
        killed.set()
        os.kill(process.pid, signal.SIGKILL)

    site.before_fetch = kill
    process.join(PATIENCE)
    assert process.exitcode == -signal.SIGKILL
    site.before_fetch = lambda: None
    kept = kept_so_far(workplace.settings.state)
    assert (kept, site.writes) == (200, 0)
    site.server.wire.requests.clear()
    report = run_cycle(workplace)
    fetches = [one for one in site.server.wire.requests if one.path.endswith("issue/bulkfetch")]
    asked = [one for fetch in fetches for one in json.loads(fetch.body)["issueIdsOrKeys"]]
    assert (len(asked), len(set(asked))) == (400 - kept, 400 - kept)
    assert (report.pulled, report.troubles) == (400, ())
    assert plan_cycle(workplace)[1].plan.is_empty
    assert integrity(workplace.settings.state) == "ok"


def integrity(state: Path) -> str:
    with sqlite3.connect(state) as connection:
        [(verdict,)] = connection.execute("PRAGMA integrity_check").fetchall()
    connection.close()
    return str(verdict)


def test_of_two_at_once_on_one_state_one_works_and_the_other_says_so(site, workplace, undisturbed) -> None:
    writes, goes_on = Event(), Event()

    def wait() -> None:
        writes.set()
        goes_on.wait(PATIENCE)

    site.before_write = wait
    process = cycle_of_its_own(workplace)
    assert writes.wait(PATIENCE)
    with pytest.raises(StateError, match=f"in use by process {process.pid}"):
        run_cycle(workplace)
    plan_cycle(workplace)  # to look at it is allowed
    goes_on.set()
    process.join(PATIENCE)
    assert process.exitcode == 0
    assert site.picture() == undisturbed[0]
