"""Cycles and digests run when they are due, one at a time, and what is missed is counted or made up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from threading import Event
from zoneinfo import ZoneInfo

from lpm_sync.service.scheduler import CycleScheduler, Schedule, digest_trigger, longer, was_digest_due
from lpm_sync.state.store import State

BERLIN = ZoneInfo("Europe/Berlin")
SOON = timedelta(milliseconds=20)
PATIENCE = 20.0  # seconds until a test gives up


def test_the_first_cycle_is_due_at_once_and_the_next_after_the_interval() -> None:
    began = Event()
    with _running(_schedule(timedelta(hours=1)), run_cycle=began.set) as scheduler:
        assert began.wait(PATIENCE)
        next_cycle = scheduler.next_cycle()
        assert next_cycle is not None
        assert timedelta(minutes=59) < next_cycle - datetime.now(UTC) <= timedelta(hours=1)


def test_a_cycle_longer_than_its_interval_is_alone_and_what_it_skips_is_counted() -> None:
    running = 0
    most = 0
    skipped = Event()
    second = Event()

    def run_cycle() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if skipped.is_set():
            second.set()
        skipped.wait(PATIENCE)
        running -= 1

    with _running(_schedule(SOON), run_cycle=run_cycle, on_skipped=skipped.set):
        assert skipped.wait(PATIENCE)
        assert second.wait(PATIENCE)
    assert most == 1


def test_a_cycle_that_raises_does_not_keep_the_next_from_running() -> None:
    count = 0
    second = Event()

    def run_cycle() -> None:
        nonlocal count
        count += 1
        if count == 2:
            second.set()
        raise SystemExit(1)

    with _running(_schedule(SOON), run_cycle=run_cycle):
        assert second.wait(PATIENCE)


def test_stopping_waits_for_the_cycle_that_runs_and_not_longer_than_it_may() -> None:
    began, may_end = Event(), Event()

    def run_cycle() -> None:
        began.set()
        may_end.wait(PATIENCE)

    scheduler = _scheduler(_schedule(timedelta(hours=1)), run_cycle=run_cycle)
    scheduler.start()
    assert began.wait(PATIENCE)
    assert not scheduler.stop(timedelta(milliseconds=50))
    may_end.set()


def test_a_digest_that_was_due_in_the_day_before_the_start_is_made_up() -> None:
    posted = Event()
    due = datetime.now(BERLIN) - timedelta(hours=3)
    with _running(_schedule(timedelta(hours=1), due=due), run_digest=lambda: _set(posted)) as scheduler:
        assert posted.wait(PATIENCE)
        next_digest = scheduler.next_digest()
        assert next_digest is not None
        assert next_digest - datetime.now(UTC) > timedelta(days=6)


def test_a_digest_that_is_not_settled_is_tried_again_after_an_interval() -> None:
    tries = 0
    settled = Event()

    def run_digest() -> bool:
        nonlocal tries
        tries += 1
        return tries == 3 and _set(settled)

    due = datetime.now(BERLIN) - timedelta(hours=3)
    with _running(_schedule(SOON, due=due), run_digest=run_digest):
        assert settled.wait(PATIENCE)
    assert tries == 3


def test_a_digest_that_is_refused_again_and_again_is_tried_every_hour_in_the_end() -> None:
    quarter = timedelta(minutes=15)
    waits = [quarter]
    for _ in range(3):
        waits.append(longer(waits[-1], quarter))
    assert waits == [quarter, 2 * quarter, 4 * quarter, 4 * quarter]
    assert longer(timedelta(hours=3), timedelta(hours=3)) == timedelta(hours=3)


def test_a_digest_is_late_for_a_day_at_most() -> None:
    monday = datetime(2026, 11, 2, 8, 0, tzinfo=BERLIN)
    schedule = _schedule(timedelta(hours=1), due=monday)
    assert not was_digest_due(schedule, monday - timedelta(minutes=1))
    assert was_digest_due(schedule, monday)
    assert was_digest_due(schedule, monday + timedelta(hours=24))
    assert not was_digest_due(schedule, monday + timedelta(hours=24, minutes=1))


def test_it_is_due_at_the_local_time_also_when_the_clocks_have_changed() -> None:
    trigger = digest_trigger(_schedule(timedelta(hours=1), due=datetime(2026, 10, 19, 8, 0, tzinfo=BERLIN)))
    summer = trigger.get_next_fire_time(None, datetime(2026, 10, 18, tzinfo=UTC))
    winter = trigger.get_next_fire_time(None, datetime(2026, 10, 25, 12, tzinfo=UTC))
    assert summer == datetime(2026, 10, 19, 6, 0, tzinfo=UTC)
    assert winter == datetime(2026, 10, 26, 7, 0, tzinfo=UTC)


def test_in_the_night_with_the_hour_that_comes_twice_the_slot_is_claimed_once(tmp_path: Path) -> None:
    trigger = digest_trigger(_schedule(timedelta(hours=1), due=datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)))
    fired: list[datetime] = []
    at = datetime(2026, 10, 24, 22, tzinfo=UTC)
    while (due := trigger.get_next_fire_time(None, at)) is not None and due < datetime(2026, 10, 26, tzinfo=UTC):
        fired.append(due)
        at = due.astimezone(UTC) + timedelta(seconds=1)  # in local time the second of the two hours would be lost
    assert len(fired) == 2
    with State.open(tmp_path / "state", at=at) as state:
        claims = [state.digests.claim(str(due.astimezone(BERLIN).date()), "slack", due) for due in fired]
    assert claims == [True, False]


def _schedule(interval: timedelta, *, due: datetime | None = None) -> Schedule:
    """A schedule with a digest at the hour and weekday of `due`, or far from now."""
    moment = due or datetime.now(BERLIN) + timedelta(days=3)
    return Schedule(
        interval=interval,
        digest_weekday=moment.weekday(),
        digest_time=time(moment.hour, moment.minute),
        timezone="Europe/Berlin",
    )


def _scheduler(
    schedule: Schedule,
    *,
    run_cycle: Callable[[], None] = lambda: None,
    run_digest: Callable[[], bool] = lambda: True,
    on_skipped: Callable[[], None] = lambda: None,
) -> CycleScheduler:
    return CycleScheduler(schedule, run_cycle=run_cycle, run_digest=run_digest, on_skipped=on_skipped)


@contextmanager
def _running(
    schedule: Schedule,
    *,
    run_cycle: Callable[[], None] = lambda: None,
    run_digest: Callable[[], bool] = lambda: True,
    on_skipped: Callable[[], None] = lambda: None,
) -> Iterator[CycleScheduler]:
    scheduler = _scheduler(schedule, run_cycle=run_cycle, run_digest=run_digest, on_skipped=on_skipped)
    scheduler.start()
    try:
        yield scheduler
    finally:
        scheduler.stop(timedelta(seconds=PATIENCE))


def _set(event: Event) -> bool:
    event.set()
    return True
