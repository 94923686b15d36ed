"""How many requests are under way at a time: never more than is configured, and fewer while the server is strained.

The scheme is that of TCP: additive increase, multiplicative decrease by the factor of CUBIC, and a window that grows
only while it is used (RFC 5681, 3.1; RFC 9438, 4.6; RFC 7661, 4.2). One strain takes one decrease, however many of the
requests that were under way report it (RFC 6582, 3.2). Latency is watched as in the Gradient2 limit of Netflix's
`concurrency-limits`: a short average against a long one of the same endpoint, with a tolerance, and never by more
than that factor at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from threading import Condition

DECREASE = 0.7
TOLERANCE = 2.0  # so many times its usual latency is an endpoint allowed before that counts as strain
NOTICEABLE = 0.25  # seconds: who answers within these is not strained, whatever is usual
WARM_UP = 10  # answers of an endpoint before it has a usual latency
_LONG, _SHORT = 0.01, 0.2  # weights of a new answer in the two averages
_FORGETTING = 0.95  # how fast the long average follows when answers have become much faster
_LOOKS_UP = 1.0  # seconds after which a thread that waits for a place looks at its budget again


class Verdict(Enum):
    """What an answer, or its absence, says of the server's state."""

    FINE = "fine"
    STRAINED = "strained"  # it asked to be left alone, has little left for us, or did not answer in time
    UNKNOWN = "unknown"  # the connection was refused or broke off, or only one item is concerned


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One of the requests under way; `epoch` is how many decreases there had been when it began."""

    endpoint: str
    began: float
    epoch: int


class Concurrency:
    """The places for requests, shared by all threads of a connector."""

    def __init__(self, most: int, *, monotonic: Callable[[], float]) -> None:
        self._most = most
        self._monotonic = monotonic
        self._limit = float(most)
        self._epoch = 0
        self._under_way = 0
        self._is_closed = False
        self._latencies: dict[str, _Latency] = {}
        self._changed = Condition()

    @property
    def limit(self) -> int:
        """How many may be under way now."""
        return max(1, int(self._limit))

    def enter(self, endpoint: str, remaining: Callable[[], float]) -> Place | None:
        """Takes a place, as soon as there is one; None where `remaining` seconds are over first, or after `close`."""
        with self._changed:
            while self._under_way >= self.limit:
                seconds = remaining()
                if seconds <= 0 or self._is_closed:
                    return None
                self._changed.wait(min(seconds, _LOOKS_UP))
            self._under_way += 1
            return Place(endpoint=endpoint, began=self._monotonic(), epoch=self._epoch)

    def leave(self, place: Place, verdict: Verdict | None) -> None:
        """Gives the place back. None says that it was not used."""
        with self._changed:
            if verdict is Verdict.STRAINED:
                self._decrease(place, DECREASE)
            elif verdict is Verdict.FINE:
                latency = self._latencies.setdefault(place.endpoint, _Latency())
                gradient = latency.gradient(self._monotonic() - place.began)
                if gradient < 1.0:
                    self._decrease(place, max(DECREASE, gradient))
                elif self._under_way * 2 >= self.limit:  # what is not used proves nothing
                    self._limit = min(float(self._most), self._limit + 1.0 / self._limit)
            self._under_way -= 1
            self._changed.notify_all()

    def close(self) -> None:
        """Ends all waiting for places."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _decrease(self, place: Place, share: float) -> None:
        """Once for all requests that were under way together: those that began before have nothing new to tell."""
        if place.epoch == self._epoch:
            self._limit = max(1.0, self._limit * share)
            self._epoch += 1


class _Latency:
    """How long the answers of one endpoint take: usually, and lately."""

    def __init__(self) -> None:
        self._count = 0
        self._usual = self._lately = 0.0

    def gradient(self, seconds: float) -> float:
        """Takes one more answer into account; below 1.0 where the last ones took too long, in proportion."""
        self._count += 1
        self._usual += (seconds - self._usual) * max(_LONG, 1.0 / self._count)
        self._lately += (seconds - self._lately) * max(_SHORT, 1.0 / self._count)
        if self._usual > TOLERANCE * self._lately:
            self._usual *= _FORGETTING
        if self._count <= WARM_UP or self._lately < NOTICEABLE:
            return 1.0
        return min(1.0, TOLERANCE * self._usual / self._lately)
