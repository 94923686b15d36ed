"""When a request may go: after the pauses that servers asked for, within published rates, and a few at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, local

from connectors.http.allowance import is_scarce
from connectors.http.concurrency import Concurrency, Verdict
from connectors.http.deadline import Deadline
from connectors.http.pauses import Pauses, Reach, keys_of
from connectors.http.rates import Rate, Rates
from lpm_sync.errors import UnavailableError


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request is to the server: `is_read` also of a POST that only reads; `where` opens its messages."""

    method: str
    path: str
    is_read: bool
    where: str

    @property
    def endpoint(self) -> str:
        return keys_of(self.method, self.path)[Reach.ENDPOINT]


class Stay:
    """A request that is under way; what became of it is to be told before it ends."""

    def __init__(self, pauses: Pauses, asked: Asked, reach: Callable[[Mapping[str, str]], Reach]) -> None:
        self._pauses = pauses
        self._asked = asked
        self._reach = reach
        self.verdict: Verdict | None = None

    def answered(self, headers: Mapping[str, str], *, told: float | None, is_refused: bool = False) -> None:
        """`told` are the seconds to wait. `is_refused`: this is too much for the server, for now (429, 503)."""
        reach = self._reach(headers)
        if told:
            self._pauses.hold(self._asked.method, self._asked.path, told, reach)
        if is_refused or told:
            # A limit of one item says nothing of the server.
            self.verdict = Verdict.UNKNOWN if reach is Reach.ITEM else Verdict.STRAINED
        else:
            self.verdict = Verdict.STRAINED if is_scarce(headers) else Verdict.FINE

    def unanswered(self, *, is_late: bool) -> None:
        """No answer came, or not in time."""
        self.verdict = Verdict.STRAINED if is_late else Verdict.UNKNOWN


class Pace:
    """Lets requests go, for all threads of a connector. `patience` bounds a wait where no budget was begun."""

    def __init__(
        self,
        *,
        at_once: int,
        pauses: Pauses,
        rates: Sequence[Rate],
        reach: Callable[[Mapping[str, str]], Reach],
        patience: float,
        wait: Callable[[float], object] | None,
        monotonic: Callable[[], float],
    ) -> None:
        self._pauses = pauses
        self._rates = Rates(rates)
        self._reach = reach
        self._patience = patience
        self._interrupted = Event()
        self._wait = wait or self._interrupted.wait
        self._monotonic = monotonic
        self._concurrency = Concurrency(at_once, monotonic=monotonic)
        self._latest: Deadline | None = None
        self._own = local()

    def start(self, deadline: Deadline) -> None:
        """Begins the budget of this thread, and of those that never began one."""
        self._latest = self._own.deadline = deadline

    def interrupt(self) -> None:
        """Ends all waiting at once, now and later."""
        self._interrupted.set()
        self._concurrency.close()

    @property
    def is_interrupted(self) -> bool:
        return self._interrupted.is_set()

    def remaining(self) -> float | None:
        """Seconds left of the budget; None where none was begun."""
        deadline: Deadline | None = getattr(self._own, "deadline", self._latest)
        return None if deadline is None else deadline.remaining()

    @contextmanager
    def stay(self, asked: Asked, rest: float = 0.0) -> Iterator[Stay]:
        """Waits until a request may go, at least `rest` seconds, and holds its place until it is answered.

        Raises UnavailableError where that would take longer than there is time, or all waiting was ended.
        """
        waited = self._rest(asked, rest)
        while True:
            place = self._concurrency.enter(asked.endpoint, self._left)
            if place is None:
                raise self._gave_up(asked)
            now = max(waited, self._monotonic())
            due = self._due(asked, now)
            if due <= now:
                break
            self._concurrency.leave(place, None)
            waited = self._rest(asked, due - self._monotonic())
        stay = Stay(self._pauses, asked, self._reach)
        try:
            yield stay
        finally:
            self._concurrency.leave(place, stay.verdict)

    def _due(self, asked: Asked, now: float) -> float:
        """When the request may go; where that is now it is counted.

        Others may have been told to wait while this one waited for its place.
        """
        end = self._pauses.end(asked.method, asked.path, is_read=asked.is_read)
        if end > now or asked.is_read:
            return end
        return self._rates.take(asked.method, asked.path, now)

    def _rest(self, asked: Asked, seconds: float) -> float:
        """Waits so many seconds, and until no pause runs; returns the instant up to which it waited."""
        begun = self._monotonic()
        seconds = max(seconds, self._pauses.end(asked.method, asked.path, is_read=asked.is_read) - begun)
        if seconds <= 0:
            return begun
        if seconds > self._left():
            raise UnavailableError(
                f"{asked.where}: asks to wait {seconds:.0f} seconds, longer than this cycle may take; "
                "it is asked again after that",
                retry_after=seconds,
            )
        seconds = max(seconds, self._pauses.turn(asked.method, asked.path, is_read=asked.is_read) - begun)
        self._wait(seconds)
        if self.is_interrupted:
            raise UnavailableError(f"{asked.where}: stopped while waiting for the server")
        return begun + seconds

    def has_time_for(self, seconds: float) -> bool:
        """Whether one may rest so long."""
        return seconds <= self._left()

    def _left(self) -> float:
        remaining = self.remaining()
        return self._patience if remaining is None else remaining

    def _gave_up(self, asked: Asked) -> UnavailableError:
        if self.is_interrupted:
            return UnavailableError(f"{asked.where}: not sent: it was closed meanwhile")
        return UnavailableError(f"{asked.where}: not sent, the time of this cycle is over; the next one goes on")
