"""Until when a server asked to be left alone: the next process has to know, too."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Literal

import structlog

from lpm_sync.errors import StateError
from lpm_sync.state import encoding
from lpm_sync.state.database import StateDatabase

LONGEST_PAUSE = timedelta(days=1)
"""Nobody is waited for longer: what is to last longer than that was written under a clock that was wrong."""

WORTH_NOTING = 5.0
"""Seconds: a pause so long is written down at once, since who waits for it may be killed meanwhile."""

_SLACK = 1.0  # seconds: many requests are told of the same pause, each a little later
_KEEP = (
    "INSERT INTO pauses (kind, name, what, until) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (kind, name, what) DO UPDATE SET until = max(until, excluded.until)"
)

log = structlog.get_logger(__name__)

Kind = Literal["tracker", "chat"]
Place = tuple[Kind, str]
EVERYTHING = ""


class Pauses:
    """Pauses by tracker or chat, and by what of it rests: everything, or what its connector has a word for.

    Any thread may learn. A long pause stands in the file at once, also where the state is only looked at and while
    another run holds it; what could not be written then, and shorter ones, after `record`. Opened at the instant `at`.
    """

    def __init__(
        self, database: StateDatabase, at: datetime, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._monotonic = monotonic
        self._opened = at - timedelta(seconds=monotonic())
        self._lock = Lock()
        self._learned: dict[tuple[Place, str], float] = {}

    def of_tracker(self, tracker: str, at: datetime) -> TrackerPauses:
        """What its connector is told, and tells."""
        place: Place = ("tracker", tracker)
        running = self._running(place, at)
        until = running.pop(EVERYTHING, None)
        left = {what: (end - at).total_seconds() for what, end in running.items()}
        return TrackerPauses(self, place, left, until=until)

    def of_chat(self, chat: str, at: datetime) -> datetime | None:
        """Until when nothing is to be posted there; None where it may be."""
        return self._running(("chat", chat), at).get(EVERYTHING)

    def learn(self, place: Place, seconds: float, what: str = EVERYTHING) -> None:
        """That is to rest for so many seconds from now; a longer pause stays."""
        end = self._monotonic() + seconds
        with self._lock:
            known = self._learned.get((place, what), 0.0)
            self._learned[place, what] = max(end, known)
        if seconds >= WORTH_NOTING and end > known + _SLACK:
            self._note(place, what, end)

    def _note(self, place: Place, what: str, end: float) -> None:
        """Writes one down beside whoever works on the state; where that one does not make way in time, it is left."""
        try:
            self._database.write_beside(_KEEP, *place, what, encoding.instant_text(self._instant(end)))
        except (StateError, sqlite3.Error) as error:
            log.warning("pause_not_noted", name=place[1], reason=str(error))

    def _instant(self, moment: float) -> datetime:
        return self._opened + timedelta(seconds=moment)

    def record(self, at: datetime) -> None:
        """Writes down what was learned, and forgets what is over."""
        with self._lock:
            learned, self._learned = self._learned, {}
        now = self._monotonic()
        rows = [
            (kind, name, what, encoding.instant_text(at + timedelta(seconds=end - now)))
            for ((kind, name), what), end in learned.items()
            if end > now
        ]
        with self._database.transaction():
            self._database.write(
                "DELETE FROM pauses WHERE until <= ? OR until > ?",
                encoding.instant_text(at),
                encoding.instant_text(at + LONGEST_PAUSE),
            )
            self._database.write_many(_KEEP, rows)

    def _running(self, place: Place, at: datetime) -> dict[str, datetime]:
        rows = self._database.rows(
            "SELECT what, until FROM pauses WHERE kind = ? AND name = ? AND until > ? AND until <= ?",
            *place,
            encoding.instant_text(at),
            encoding.instant_text(at + LONGEST_PAUSE),
        )
        with encoding.decoding(self._database.path, "a pause"):
            return {what: encoding.instant(until) for what, until in rows}


class TrackerPauses:
    """The port `KeptPauses`: those of one tracker. Before `until`, if it is set, nothing at all is to be sent."""

    def __init__(
        self, pauses: Pauses, place: Place, left: Mapping[str, float], *, until: datetime | None = None
    ) -> None:
        self.until = until
        self._pauses = pauses
        self._place = place
        self._left = left

    def left(self) -> Mapping[str, float]:
        """The seconds that each had left when the tracker was opened."""
        return self._left

    def rest(self, seconds: float) -> None:
        """Nothing at all is to be sent for so many seconds from now."""
        self._pauses.learn(self._place, seconds)

    def keep(self, what: str, seconds: float) -> None:
        """That is to rest for so many seconds from now."""
        self._pauses.learn(self._place, seconds, what)
