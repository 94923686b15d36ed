"""What a server asked for is known to the next process, until it is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lpm_sync.errors import StateError
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
    assert kept(state_path, NOW + 2 * HOUR) == (None, {}, None)


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


def test_who_may_only_look_records_none(state_path: Path) -> None:
    State.open(state_path, at=NOW).close()
    with State.open_for_reading(state_path, at=NOW) as state:
        state.pauses.learn(("tracker", "jira"), 3600)
        with pytest.raises(StateError):
            state.pauses.record(NOW)
    assert kept(state_path, NOW) == (None, {}, None)
