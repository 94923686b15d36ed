"""What the service says about itself follows from its cycles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lpm_sync.service.health import Condition, Health
from lpm_sync.service.web import health_answer
from lpm_sync.testing.clock import MovableClock

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
INTERVAL = timedelta(minutes=15)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOW)


@pytest.fixture
def health(clock: MovableClock) -> Health:
    return Health(clock, INTERVAL)


def test_before_the_first_cycle_ended_it_is_starting(health: Health, clock: MovableClock) -> None:
    clock.advance(3 * INTERVAL)
    assert health.report().condition is Condition.STARTING


def test_no_cycle_that_ended_within_three_intervals_is_failing(health: Health, clock: MovableClock) -> None:
    clock.advance(3 * INTERVAL + timedelta(seconds=1))
    assert health.report().condition is Condition.FAILING
    health.record_cycle(NOW, 0)
    assert health.report().condition is Condition.OK
    clock.advance(3 * INTERVAL + timedelta(seconds=1))
    assert health.report().condition is Condition.FAILING


@pytest.mark.parametrize(
    ("exit_status", "condition"),
    [
        (0, Condition.OK),
        (1, Condition.DEGRADED),
        (2, Condition.DEGRADED),
        (3, Condition.DEGRADED),
        (4, Condition.DEGRADED),
    ],
)
def test_a_cycle_that_was_not_all_it_should_be_is_degraded(
    health: Health, exit_status: int, condition: Condition
) -> None:
    health.record_cycle(NOW, exit_status)
    assert health.report().condition is condition


def test_a_mistake_that_leaves_some_of_the_work_done_is_degraded_however_long_it_lasts(health: Health) -> None:
    for _ in range(5):
        health.record_cycle(NOW, 2, did_something=True)
    assert health.report().condition is Condition.DEGRADED


def test_the_fourth_failure_in_a_row_is_failing_and_a_good_cycle_ends_it(health: Health) -> None:
    for _ in range(3):
        health.record_cycle(NOW, 1)
    assert health.report().condition is Condition.DEGRADED
    health.record_cycle(NOW, 2)
    assert health.report().condition is Condition.FAILING
    health.record_cycle(NOW, 0)
    assert health.report().condition is Condition.OK


def test_done_in_part_or_refused_is_never_failing(health: Health) -> None:
    for _ in range(9):
        health.record_cycle(NOW, 4)
        health.record_cycle(NOW, 3)
    assert health.report().condition is Condition.DEGRADED


def test_the_answer_names_times_with_their_zone_and_counts(health: Health, clock: MovableClock) -> None:
    assert health_answer(health.report(), None) == {
        "status": "starting",
        "started": "2026-11-02T09:00:00+00:00",
        "last_cycle": None,
        "next_cycle": None,
        "failures_in_a_row": 0,
        "skipped": 0,
        "digest_owed": False,
    }
    clock.advance(timedelta(minutes=1))
    health.record_cycle(NOW, 4)
    health.record_skipped()
    assert health_answer(health.report(), NOW + INTERVAL) == {
        "status": "degraded",
        "started": "2026-11-02T09:00:00+00:00",
        "last_cycle": {
            "started": "2026-11-02T09:00:00+00:00",
            "finished": "2026-11-02T09:01:00+00:00",
            "exit_status": 4,
        },
        "next_cycle": "2026-11-02T09:15:00+00:00",
        "failures_in_a_row": 0,
        "skipped": 1,
        "digest_owed": False,
    }


def test_a_digest_that_a_chat_has_not_had_is_degraded_until_it_has(health: Health) -> None:
    health.record_cycle(NOW, 0)
    health.record_digest(is_settled=False)
    health.record_cycle(NOW, 0)
    assert health.report().condition is Condition.DEGRADED
    assert health_answer(health.report(), None)["digest_owed"] is True
    health.record_digest(is_settled=True)
    assert health.report().condition is Condition.OK
