"""When cycles and digests run: by APScheduler, never two at once, what was missed counted or made up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog
from apscheduler.events import EVENT_JOB_MAX_INSTANCES, JobSubmissionEvent
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from lpm_sync.service.executor import OneAtATime

log = structlog.get_logger(__name__)

_CYCLE, _DIGEST, _DIGEST_AGAIN = "cycle", "digest", "digest-again"
_MAKES_UP = timedelta(days=1)  # how late a digest is still posted, after a restart or when a chat does not take it
_LONGEST_WAIT = timedelta(hours=1)  # a corrected address is found within this time


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A cycle each `interval`, the first at once, and a digest each week.

    That is due on `digest_weekday` (Monday is 0) at `digest_time`, both in `timezone` (an IANA name).
    """

    interval: timedelta
    digest_weekday: int
    digest_time: time
    timezone: str


class CycleScheduler:
    """Runs `run_cycle` and `run_digest`, one after another, in one thread.

    `run_digest` says whether the slot is settled in every chat; where it is not, it is asked again after an interval,
    then after twice that and so on, hourly in the end, for a day.
    It may be asked more than once a slot (the hour that comes twice in autumn, a restart): the state knows what went
    out. `on_skipped` is told of each cycle that was due while one ran.
    """

    def __init__(
        self,
        schedule: Schedule,
        *,
        run_cycle: Callable[[], None],
        run_digest: Callable[[], bool],
        on_skipped: Callable[[], None],
    ) -> None:
        self._schedule = schedule
        self._run_digest = run_digest
        self._on_skipped = on_skipped
        self._executor = OneAtATime()
        self._scheduler = BackgroundScheduler(
            timezone=ZoneInfo(schedule.timezone),
            executors={"default": self._executor},
            job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None},
        )
        self._scheduler.add_listener(self._note_skipped, EVENT_JOB_MAX_INSTANCES)
        now = datetime.now(UTC)
        trigger = IntervalTrigger(seconds=schedule.interval.total_seconds(), timezone=UTC)
        self._scheduler.add_job(run_cycle, trigger, id=_CYCLE, next_run_time=now)
        self._scheduler.add_job(self._post_digest, digest_trigger(schedule), id=_DIGEST)
        self._post_digest_again(now, schedule.interval)

    def start(self) -> None:
        """Begins; the first cycle is due at once."""
        self._scheduler.start()

    def stop(self, within: timedelta) -> bool:
        """Begins nothing more; whether what was running ended within that time."""
        self._scheduler.shutdown(wait=False)
        return self._executor.is_done_within(within.total_seconds())

    def next_cycle(self) -> datetime | None:
        """When the next cycle is due; None where none is."""
        return self._next(_CYCLE)

    def next_digest(self) -> datetime | None:
        """When the next digest is due; None where none is."""
        return self._next(_DIGEST)

    def _next(self, job_id: str) -> datetime | None:
        job = self._scheduler.get_job(job_id)
        return getattr(job, "next_run_time", None)  # a job has none before the start

    def _post_digest(self, wait: timedelta | None = None) -> None:
        """Posts it; where that does not settle it, again after that wait."""
        if self._run_digest():
            return
        pause = wait or self._schedule.interval
        if not self._post_digest_again(datetime.now(UTC) + pause, longer(pause, self._schedule.interval)):
            log.warning("digest_given_up", reason="its day is over", remedy="post it with: lpm-sync digest --post")

    def _post_digest_again(self, at: datetime, wait: timedelta) -> bool:
        """Whether it is posted then, since the slot's day lasts until then; `wait` is the pause after that."""
        is_due = was_digest_due(self._schedule, at)
        if is_due:
            trigger = DateTrigger(at)
            self._scheduler.add_job(self._post_digest, trigger, [wait], id=_DIGEST_AGAIN, replace_existing=True)
        return is_due

    def _note_skipped(self, event: JobSubmissionEvent) -> None:
        if event.job_id == _CYCLE:
            log.warning("cycle_skipped", reason="the one before is still running")
            self._on_skipped()


def longer(wait: timedelta, interval: timedelta) -> timedelta:
    """The pause after that one: twice as long, and an hour at most, where cycles are not further apart."""
    return min(2 * wait, max(interval, _LONGEST_WAIT))


def digest_trigger(schedule: Schedule) -> CronTrigger:
    """When digests are due. Where a clock change repeats the hour it fires in both."""
    return CronTrigger(
        day_of_week=schedule.digest_weekday,
        hour=schedule.digest_time.hour,
        minute=schedule.digest_time.minute,
        timezone=ZoneInfo(schedule.timezone),
    )


def was_digest_due(schedule: Schedule, at: datetime) -> bool:
    """Whether a digest was due in the day before that instant."""
    due = digest_trigger(schedule).get_next_fire_time(None, at - _MAKES_UP)
    return due is not None and due <= at
