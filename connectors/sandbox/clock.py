"""One clock for the embedded trackers and the program, moved by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock
from time import monotonic


class MovableClock:
    """A clock that stands still until it is moved; safe to share between threads."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("the clock needs a time with a zone")
        self._now = start
        self._lock = Lock()

    def now(self) -> datetime:
        """The current instant, with its time zone."""
        with self._lock:
            return self._now

    def tick(self) -> datetime:
        """Moves on by one millisecond and returns the new instant: the time stamp of one change in a tracker."""
        with self._lock:
            self._now += timedelta(milliseconds=1)
            return self._now

    def move_to(self, instant: datetime) -> None:
        """Moves forward to `instant`; raises ValueError when that lies in the past."""
        with self._lock:
            if instant < self._now:
                raise ValueError(f"the clock stands at {self._now.isoformat()} and does not go back")
            self._now = instant


class RunningClock(MovableClock):
    """A clock that goes on from `start` at the pace of the machine's."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self._read = monotonic()

    def now(self) -> datetime:
        """The current instant, with its time zone."""
        with self._lock:
            return self._advance()

    def tick(self) -> datetime:
        """The current instant; no two ticks are the same."""
        with self._lock:
            self._now = self._advance() + timedelta(milliseconds=1)
            return self._now

    def _advance(self) -> datetime:
        read = monotonic()
        self._now += timedelta(seconds=read - self._read)
        self._read = read
        return self._now
