"""Brings the parts of readings of everything into the state while they are read.

Trackers are read in threads of their own, and the state belongs to the thread that opened it: parts wait in a short
queue in between, so that nothing is in memory for long.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from queue import Empty, Full, Queue
from threading import Event
from time import monotonic
from types import TracebackType

from lpm_sync.core.work_item import SourceItem
from lpm_sync.errors import StateError, StoppedError
from lpm_sync.ports import Parts
from lpm_sync.state.loads import Loads, Row, row_of

PARTS_WAITING = 16
ROWS_A_COMMIT = 1000
COMMIT_AFTER = 2.0  # seconds: what is read later than that before a crash is read again
_LOOKS_FOR_AN_END = 0.2  # seconds


@dataclass(frozen=True, slots=True)
class _Begun:
    tracker: str
    position: str


@dataclass(frozen=True, slots=True)
class _Expected:
    tracker: str
    count: int


@dataclass(frozen=True, slots=True)
class _Kept:
    tracker: str
    rows: Sequence[Row]


_Step = _Begun | _Expected | _Kept


class Intake:
    """Takes parts from the threads that read trackers, and writes them in the thread that has the state.

        with Intake(state.loads, now) as intake:
            ...  # other threads use intake.parts("jira")
            intake.work(0.2)

    What was taken is in the state when the block is left, however it is left.
    """

    def __init__(self, loads: Loads, now: datetime) -> None:
        self._loads = loads
        self._now = now
        self._queue: Queue[_Step | None] = Queue(PARTS_WAITING)
        self._is_closed = Event()
        self._waiting: dict[str, list[Row]] = {}
        self._committed = monotonic()
        self.begun: set[str] = set()
        """The trackers of which everything is read anew."""

    def parts(self, tracker: str) -> Parts:
        """Where the connector of that tracker puts its parts."""
        return _Parts(self, tracker)

    def put(self, step: _Step) -> None:
        """Hands over one step from any thread; waits while too many do. Raises StoppedError where nobody takes it."""
        while not self._is_closed.is_set():
            with suppress(Full):
                self._queue.put(step, timeout=_LOOKS_FOR_AN_END)
                return
        raise StoppedError("stopped while the trackers were read")

    def wake(self, done: object) -> None:
        """Lets `work` return, from any thread, since something is done."""
        with suppress(Full):  # then it has something to do anyway
            self._queue.put_nowait(None)

    def work(self, seconds: float) -> None:
        """Takes what comes first within that time; writes much at once, and all where nothing comes."""
        try:
            self._take(self._queue.get(timeout=seconds))
        except Empty:
            self._commit()
        rows = sum(map(len, self._waiting.values()))
        if rows >= ROWS_A_COMMIT or monotonic() - self._committed >= COMMIT_AFTER:
            self._commit()

    def __enter__(self) -> Intake:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_closed.set()
        if isinstance(error, StateError):
            return
        with suppress(Empty):
            while True:
                self._take(self._queue.get_nowait())
        self._commit()

    def _take(self, step: _Step | None) -> None:
        match step:
            case _Begun(tracker=tracker, position=position):
                self._waiting.pop(tracker, None)
                self._loads.begin(tracker, position, self._now)
                self.begun.add(tracker)
            case _Expected(tracker=tracker, count=count):
                self._loads.expect(tracker, count)
            case _Kept(tracker=tracker, rows=rows):
                self._waiting.setdefault(tracker, []).extend(rows)

    def _commit(self) -> None:
        for tracker, rows in self._waiting.items():
            self._loads.keep(tracker, rows)
        self._waiting.clear()
        self._committed = monotonic()


class _Parts:
    """The port `Parts` for one tracker."""

    def __init__(self, intake: Intake, tracker: str) -> None:
        self._intake = intake
        self._tracker = tracker

    def begin(self, position: str) -> None:
        self._intake.put(_Begun(self._tracker, position))

    def expect(self, count: int) -> None:
        self._intake.put(_Expected(self._tracker, count))

    def keep(self, items: Sequence[SourceItem]) -> None:
        if items:
            self._intake.put(_Kept(self._tracker, list(map(row_of, items))))
