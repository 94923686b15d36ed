"""What a server asked for is known to the next process, until it is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from lpm_sync.state.store import State

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
SEARCH = "https://jira.example:443 POST /search"


def kept(path: Path, at: datetime) -> tuple[datetime | None, dict[str, float], datetime | None]:
    """What somebody who only looks sees of the tracker `jira` and the chat `slack`."""
    with State.open_for_reading(path, at=at) as state:
        tracker = state.pauses.of_tracker("jira", at)
        return tracker.until, dict(tracker.left()), state.pauses.of_chat("slack", at)


def learn(path: Path, at: datetime, hours: float) -> None:
    with State.open(path, at=at) as state:
        state.pauses.learn(("tracker", "jira"), hours * 3600)
        state.pauses.learn(("chat", "slack"), hours * 3600)
        state.pauses.of_tracker("jira", at).keep(SEARCH, 2 * hours * 3600)
        state.pauses.record(at)


def near(instant: datetime | None, expected: datetime) -> bool:
    return instant is not None and abs(instant - expected) < timedelta(seconds=10)


def test_what_was_recorded_holds_for_the_next_process_until_it_is_over(state_path: Path) -> None:
    learn(state_path, NOW, 1)
    until, left, chat = kept(state_path, NOW + HOUR / 2)
    assert near(until, NOW + HOUR)
    assert near(chat, NOW + HOUR)
    assert left == {SEARCH: pytest.approx(1.5 * 3600, abs=10)}
    assert kept(state_path, NOW + 1.5 * HOUR) == (None, {SEARCH: pytest.approx(1800, abs=10)}, None)
    assert kept(state_path, NOW + 2.1 * HOUR) == (None, {}, None)


def test_a_shorter_pause_does_not_end_a_longer_one(state_path: Path) -> None:
    learn(state_path, NOW, 3)
    learn(state_path, NOW, 1)
    assert near(kept(state_path, NOW + 2 * HOUR)[0], NOW + 3 * HOUR)


def test_a_pause_of_one_place_is_none_of_another(state_path: Path) -> None:
    learn(state_path, NOW, 1)
    with State.open_for_reading(state_path, at=NOW) as state:
        assert state.pauses.of_tracker("slack", NOW).until is None
        assert state.pauses.of_tracker("ado", NOW).left() == {}
        assert state.pauses.of_chat("jira", NOW) is None


def test_what_was_written_under_a_clock_that_was_ahead_does_not_hold_for_weeks(state_path: Path) -> None:
    learn(state_path, NOW + timedelta(days=30), 1)
    assert kept(state_path, NOW) == (None, {}, None)
    learn(state_path, NOW, 2)
    assert near(kept(state_path, NOW)[0], NOW + 2 * HOUR)


def test_a_long_pause_stands_in_the_file_as_soon_as_a_thread_learns_it(state_path: Path) -> None:
    with State.open(state_path, at=NOW) as state:
        pauses = state.pauses.of_tracker("jira", NOW)
        thread = Thread(target=pauses.keep, args=(SEARCH, 60.0))
        thread.start()
        thread.join()
        assert kept(state_path, NOW) == (None, {SEARCH: pytest.approx(60.0, abs=10)}, None)
        pauses.keep(SEARCH, 600.0)
        assert kept(state_path, NOW)[1] == {SEARCH: pytest.approx(600.0, abs=10)}


def test_who_only_looks_notes_a_long_pause_also_while_a_run_works_on_the_state(state_path: Path) -> None:
    with State.open(state_path, at=NOW) as state, State.open_for_reading(state_path, at=NOW) as seen:
        with state.transaction():
            state.pauses.record(NOW)
        seen.pauses.learn(("tracker", "jira"), 3600)
        assert near(kept(state_path, NOW)[0], NOW + HOUR)
        state.pauses.record(NOW)
    assert near(kept(state_path, NOW)[0], NOW + HOUR)


def test_what_is_noted_beside_a_run_lets_none_of_its_transactions_fail(
    state_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lpm_sync.state.database._WAIT", 0.0)
    with State.open(state_path, at=NOW) as state, State.open_for_reading(state_path, at=NOW) as seen:
        with state.transaction():
            assert state.pauses.of_tracker("jira", NOW).until is None
            seen.pauses.learn(("tracker", "jira"), 3600)  # is left: the run does not make way
            state.digests.claim("2026-11-02", "slack", NOW)
        assert kept(state_path, NOW)[0] is None
        assert state.digests.status("2026-11-02", "slack") is not None


def test_who_only_looks_makes_no_state(state_path: Path) -> None:
    with State.open_for_reading(state_path, at=NOW) as state:
        state.pauses.learn(("tracker", "jira"), 3600)
    assert not state_path.exists()
