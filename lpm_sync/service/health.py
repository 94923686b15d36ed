"""How the service does, as its cycles tell: for `/healthz`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock

from lpm_sync.ports import Clock

HARD_FAILURES = frozenset({1, 2})
"""Exit statuses of a cycle that did not do its work, or (2, for one of its trackers) not all; 3 and 4 are refused, and
done in part."""

_TOLERATED_FAILURES = 3  # in a row; one more and the service is unhealthy
_TOLERATED_INTERVALS = 3  # without a cycle that ended


class Condition(StrEnum):
    """What `/healthz` says. FAILING is answered with 503, the others with 200."""

    STARTING = "starting"
    OK = "ok"
    DEGRADED = "degraded"
    FAILING = "failing"


@dataclass(frozen=True, slots=True, kw_only=True)
class LastCycle:
    """The last cycle that ended. `exit_status` is the exit code that the program would have had."""

    started: datetime
    finished: datetime
    exit_status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthReport:
    """The condition and what it follows from.

    `failures_in_a_row` are hard ones; `skipped` were due while one ran; `is_digest_owed` says that a chat has not had
    the digest that was due.
    """

    condition: Condition
    started: datetime
    last_cycle: LastCycle | None
    failures_in_a_row: int
    skipped: int
    is_digest_owed: bool = False


class Health:
    """Told by the scheduler, asked by the web; safe between threads."""

    def __init__(self, clock: Clock, interval: timedelta) -> None:
        self._clock = clock
        self._interval = interval
        self._lock = Lock()
        self._report = HealthReport(
            condition=Condition.STARTING, started=clock.now(), last_cycle=None, failures_in_a_row=0, skipped=0
        )

    def record_cycle(self, started: datetime, exit_status: int, *, did_something: bool = False) -> None:
        """Notes that a cycle ended just now; whether it did a part of its work, whatever its exit status says."""
        with self._lock:
            is_failure = exit_status in HARD_FAILURES and not did_something
            self._report = replace(
                self._report,
                last_cycle=LastCycle(started=started, finished=self._clock.now(), exit_status=exit_status),
                failures_in_a_row=self._report.failures_in_a_row + 1 if is_failure else 0,
            )

    def record_digest(self, *, is_settled: bool) -> None:
        """Notes whether every chat has had, or may have had, the digest that was due."""
        with self._lock:
            self._report = replace(self._report, is_digest_owed=not is_settled)

    def record_skipped(self) -> None:
        """Notes that a cycle was due and did not begin, because one was still running."""
        with self._lock:
            self._report = replace(self._report, skipped=self._report.skipped + 1)

    def report(self) -> HealthReport:
        """How it does now."""
        with self._lock:
            report = self._report
        return replace(report, condition=self._condition(report))

    def _condition(self, report: HealthReport) -> Condition:
        last = report.last_cycle
        silent_since = report.started if last is None else last.finished
        is_silent = self._clock.now() - silent_since > self._interval * _TOLERATED_INTERVALS
        if is_silent or report.failures_in_a_row > _TOLERATED_FAILURES:
            return Condition.FAILING
        if last is None:
            return Condition.STARTING
        return Condition.OK if last.exit_status == 0 and not report.is_digest_owed else Condition.DEGRADED
