"""Budgets a second that a tracker publishes: kept by ourselves, so that it need not refuse."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from threading import Lock

from connectors.http.pauses import Reach, keys_of

MARGIN = 0.2  # seconds: of two requests the later one may be on its way for a shorter time
_MANY = 1000  # windows after which those that are over are looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """At most `most` writes by these methods in any `seconds`, for each of what `reach` covers."""

    most: int
    seconds: float
    reach: Reach
    methods: Collection[str]


class Rates:
    """What was sent lately, in sliding windows; shared by all threads of a connector."""

    def __init__(self, rates: Sequence[Rate]) -> None:
        self._rates = rates
        self._lock = Lock()
        self._sent: dict[tuple[Rate, str], deque[float]] = {}

    def take(self, method: str, path: str, now: float) -> float:
        """Counts one write that is sent now; where there is no room it is not counted, and this is the next instant."""
        keys = keys_of(method, path)
        with self._lock:
            windows = [
                (rate, self._sent.setdefault((rate, keys[rate.reach]), deque()))
                for rate in self._rates
                if method in rate.methods and rate.reach in keys
            ]
            room = max((_room(rate, sent, now) for rate, sent in windows), default=now)
            if room > now:
                return room
            for _, sent in windows:
                sent.append(now)
            self._forget(now)
            return now

    def _forget(self, now: float) -> None:
        if len(self._sent) > _MANY:
            self._sent = {
                key: sent for key, sent in self._sent.items() if sent and sent[-1] + key[0].seconds + MARGIN > now
            }


def _room(rate: Rate, sent: deque[float], now: float) -> float:
    """When one more may be sent."""
    while sent and _end(rate, sent[0]) <= now:
        sent.popleft()
    return now if len(sent) < rate.most else _end(rate, sent[0])


def _end(rate: Rate, sent: float) -> float:
    """Until when a write counts that was sent then."""
    return sent + rate.seconds + MARGIN
