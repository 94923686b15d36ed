"""A clock that is moved by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock


class MovableClock:
    """The port `Clock`, standing still until it is moved. Safe to share between threads."""

    def __init__(self, start: datetime) -> None:
        """Starts at an instant with a zone; raises ValueError without one."""
        if start.tzinfo is None:
            raise ValueError("the clock needs a time with a zone")
        self._now = start
        self._lock = Lock()

    def now(self) -> datetime:
        """The instant at which the clock stands."""
        with self._lock:
            return self._now

    def move_to(self, instant: datetime) -> None:
        """Sets the clock, forwards or backwards: clocks of machines do both."""
        if instant.tzinfo is None:
            raise ValueError("the clock needs a time with a zone")
        with self._lock:
            self._now = instant

    def advance(self, duration: timedelta) -> datetime:
        """Moves the clock on by `duration` and returns where it stands."""
        with self._lock:
            self._now += duration
            return self._now
