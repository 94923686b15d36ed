"""Puts the credential of a tracker on its requests, keeps what was obtained with it, and renews it in time."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Protocol

from connectors.http.credentials import Credential
from connectors.http.deadline import Deadline
from lpm_sync.errors import ConfigurationError, LpmSyncError, UnauthorisedError, UnavailableError

LONGEST_MARGIN = 300.0  # seconds before its end at which a token is renewed; a quarter of its life where that is less
PATIENCE = 30.0  # seconds for which a token that still holds is used on, where no new one could be had


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What goes into the header `Authorization`, and for how many seconds; None: for as long as its secret stands."""

    header: str = field(repr=False)
    seconds: float | None = None


class SignIn(Protocol):
    """How a credential becomes a grant."""

    def obtain(self, secrets: Mapping[str, str]) -> Grant:
        """Raises UnauthorisedError where the secrets are refused, UnavailableError where nobody answers as they should,
        ConfigurationError for what cannot be a credential; no message shows a secret."""
        ...

    def start(self, deadline: Deadline) -> None:
        """Begins a budget for everything that `obtain` asks."""
        ...

    def close(self) -> None:
        """Ends all waiting and lets go of connections."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenSignIn:
    """Secrets that go into the header as they are; nobody is asked."""

    write: Callable[[Mapping[str, str]], str]

    def obtain(self, secrets: Mapping[str, str]) -> Grant:
        return Grant(header=self.write(secrets))

    def start(self, deadline: Deadline) -> None:
        """Nothing to budget."""

    def close(self) -> None:
        """Nothing to let go of."""


def basic(user: str, password: str) -> str:
    """The header of basic authentication (RFC 7617)."""
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def bearer(token: str) -> str:
    """The header of a bearer token (RFC 6750)."""
    return f"Bearer {token}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """A grant with the instants, by the clock that nobody sets, at which it is due for renewal and over."""

    grant: Grant
    due: float
    ends: float


class KeptGrants:
    """Grants by the fingerprint of the credential that they were obtained with; in memory only, for all threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._grants: dict[str, _Kept] = {}

    def find(self, key: str, now: float) -> _Kept | None:
        """The grant of that credential, unless it is due for renewal."""
        with self._lock:
            kept = self._grants.get(key)
        return kept if kept is not None and kept.due > now else None

    def keep(self, key: str, kept: _Kept, now: float) -> None:
        """Remembers a grant, and forgets those that are over."""
        with self._lock:
            self._grants = {name: one for name, one in self._grants.items() if one.ends > now} | {key: kept}


PROCESS_GRANTS = KeptGrants()
"""Connectors are opened anew for each cycle; a token lasts longer than that."""


class Authorisation:
    """The credential of one connector, for all its threads. `read` reads its secrets anew from where they are kept.

    `place` is what besides the secrets decides what is obtained: an address. `remedy` is what people do when the
    tracker does not accept it. No repr, message or log shows a secret.
    """

    def __init__(
        self,
        name: str,
        read: Callable[[], Credential],
        sign_in: SignIn,
        *,
        place: str = "",
        remedy: str = "check account and token, they may have expired",
        kept: KeptGrants = PROCESS_GRANTS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.remedy = remedy
        self._name = name
        self._read = read
        self._sign_in = sign_in
        self._place = place
        self._kept = kept
        self._monotonic = monotonic
        self._lock = Lock()
        self._current: _Kept | None = None
        self._refusal: tuple[str, LpmSyncError] | None = None
        self._has_asked_again = False

    def start(self, deadline: Deadline) -> None:
        """Begins a budget for obtaining, shared with the requests that need it."""
        self._sign_in.start(deadline)

    def close(self) -> None:
        """Ends all waiting."""
        self._sign_in.close()

    @property
    def seconds_left(self) -> float | None:
        """How long what is in use is still good for, at most; None where that is not known."""
        with self._lock:
            current = self._current
        if current is None or current.grant.seconds is None:
            return None
        return max(0.0, current.ends - self._monotonic())

    def header(self) -> str:
        """What to send now, renewed shortly before it ends.

        Raises what `SignIn.obtain` does; a token that still holds is used on while no new one can be had.
        """
        with self._lock:
            if self._current is None or self._current.due <= self._monotonic():
                self._current = self._renewed_in_time()
            return self._current.grant.header

    def after_refusal(self, refused: str) -> str | None:
        """What to send instead of a header that was refused: the secrets are read anew from their place.

        None where that comes to the same, so that there is nothing to repeat. What costs a sign-in is asked for again
        once only: then this tracker stops for this cycle.
        """
        with self._lock:
            if self._current is not None and self._current.grant.header != refused:
                return self._current.grant.header  # another thread was faster
            if self._current is not None and self._current.grant.seconds is not None:
                if self._has_asked_again:
                    return None
                self._has_asked_again = True
            try:
                renewed = self._obtained(is_anew=True)
            except ConfigurationError as error:
                raise UnauthorisedError(
                    f"{self._name}: the credential is not accepted, and no other stands there: {error}"
                ) from None
            if renewed.grant.header == refused:
                return None
            self._current = renewed
            return renewed.grant.header

    def _renewed_in_time(self) -> _Kept:
        now = self._monotonic()
        try:
            return self._obtained(is_anew=False)
        except UnavailableError:
            if self._current is None or self._current.ends <= now:
                raise
            return replace(self._current, due=min(now + PATIENCE, self._current.ends))

    def _obtained(self, *, is_anew: bool) -> _Kept:
        secrets = self._read().secrets
        key = self._fingerprint(secrets)
        kept = None if is_anew else self._kept.find(key, self._monotonic())
        if kept is not None:
            return kept
        if self._refusal is not None and self._refusal[0] == key:
            raise self._refusal[1]  # asking again and again with what was refused locks accounts out
        try:
            grant = self._sign_in.obtain(secrets)
        except UnauthorisedError as error:
            self._refusal = (key, error)
            raise
        kept = self._timed(grant)
        if grant.seconds is not None:
            self._kept.keep(key, kept, self._monotonic())
        return kept

    def _timed(self, grant: Grant) -> _Kept:
        if grant.seconds is None:
            return _Kept(grant=grant, due=float("inf"), ends=float("inf"))
        ends = self._monotonic() + grant.seconds
        return _Kept(grant=grant, due=ends - min(LONGEST_MARGIN, grant.seconds / 4), ends=ends)

    def _fingerprint(self, secrets: Mapping[str, str]) -> str:
        """Which credential this is, told without holding it."""
        digest = hashlib.blake2b(repr((self._name, self._place, sorted(secrets.items()))).encode(), digest_size=32)
        return digest.hexdigest()
