"""Checks that an answer is one: JSON, whole, and of the shape that was asked for."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

import msgspec

from lpm_sync.errors import LpmSyncError, UnauthorisedError, UnavailableError, UnclearError

Shape = TypeVar("Shape")

NOT_DECODED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for what is not JSON, or of another shape."""

AGAIN = "if it stays so, look at what stands between here and there"
ADDRESS = "check the address"
SIGN_ON = "check the address: a sign-on may stand before the tracker"
LOGIN = re.compile(rb"type=[\"']?password|\b(sign|log)[ -]?(in|on)\b", re.IGNORECASE)
LOGIN_ADDRESS = re.compile(r"(sign|log)[-_]?(in|on)\b", re.IGNORECASE)


class Decoding(ABC, Generic[Shape]):
    """Makes a shape of a body in a way of its own, where naming the shape is not enough."""

    @abstractmethod
    def decode(self, body: bytes) -> Shape:
        """Raises one of `NOT_DECODED` for what is not JSON, or of another shape."""


@dataclass(slots=True)
class _Expected:
    """How the answer to a request is going to be decoded, and what it was when it was checked."""

    shape: object
    body: bytes | None = None
    value: Any = None


_expected: ContextVar[_Expected | None] = ContextVar("expected", default=None)


@contextmanager
def expecting(shape: object) -> Iterator[None]:
    """Lets an answer that is asked for in the block be checked by decoding it as `decode` will be asked to.

    Then large answers are gone through once. What is no such shape is checked all the same.
    """
    token = _expected.set(_Expected(shape))
    try:
        yield
    finally:
        _expected.reset(token)


class UnconfirmedError(UnclearError):
    """A write was answered, but not as such a write is: only a look tells whether it stands."""


def content_error(method: str, status: int, headers: Mapping[str, str], body: bytes, where: str) -> LpmSyncError | None:
    """Why an answer with a status below 300 is none: a login page, other HTML, nothing, or JSON that does not parse.

    Writes may be answered with nothing; whoever expects more of them decodes it. The errors are UnauthorisedError
    (nothing was done) and UnavailableError (for a write: something may have been).
    """
    kind = headers.get("Content-Type", "").lower()
    if status == 203:  # Azure DevOps, for a credential that it does not know
        return UnauthorisedError(f"{where}: 203: answered as to a stranger")
    if "html" in kind or body[:200].lstrip()[:1] == b"<":
        if LOGIN.search(body[:100_000]):
            return UnauthorisedError(f"{where}: answered with a login page", remedy=SIGN_ON)
        return UnavailableError(f"{where}: answered with a web page instead of data", remedy=ADDRESS)
    if not body:
        is_wanted = method in ("GET", "POST") and status == 200
        return UnavailableError(f"{where}: answered with nothing", remedy=AGAIN) if is_wanted else None
    if not _is_json(body):
        return UnavailableError(f"{where}: the answer is not whole, or not JSON", remedy=AGAIN)
    return None


def redirect_error(status: int, headers: Mapping[str, str], where: str) -> LpmSyncError:
    """A redirect is never followed: the credential stays, and what answers elsewhere is not the tracker."""
    target = headers.get("Location", "")
    if LOGIN_ADDRESS.search(target):
        return UnauthorisedError(f"{where}: {status}: sent to a login page", remedy=SIGN_ON)
    host = re.sub(r"^([a-z]+://)?(?:[^/?#@]*@)?([^/?#]*).*$", r"\1\2", target, flags=re.IGNORECASE | re.DOTALL)
    place = host if host.isprintable() and host else "another path"
    return UnavailableError(f"{where}: {status}: redirected to {place[:100]}, which is not followed", remedy=ADDRESS)


def decode(
    body: bytes,
    shape: type[Shape] | Decoding[Shape],
    where: str,
    *,
    is_write: bool = False,
    reading: Callable[[Callable[[bytes], Shape], bytes], Shape] = lambda decode, content: decode(content),
) -> Shape:
    """The body as `shape` (a msgspec struct, any type that msgspec decodes, or a `Decoding`).

    Raises UnavailableError where it is something else (`null`, `[]`, an error body with 200, a missing field), for a
    write UnconfirmedError: an answer that cannot be read says nothing about what was done. `reading` may look at the
    bytes in more ways than one, with the decoding that it is given.
    """
    expected = _expected.get()
    if expected is not None and expected.body is body and expected.shape is shape:
        checked: Shape = expected.value
        return checked
    try:
        return reading(lambda content: _decode(content, shape), body)
    except NOT_DECODED as error:
        kind = UnconfirmedError if is_write else UnavailableError
        raise kind(f"{where}: the answer is not what was asked for ({error})", remedy=ADDRESS) from None


def _is_json(body: bytes) -> bool:
    expected = _expected.get()
    if expected is not None:
        with suppress(*NOT_DECODED):
            expected.value, expected.body = _decode(body, expected.shape), body
            return True
    try:
        _decoder(msgspec.Raw).decode(body)
    except NOT_DECODED:
        return False
    return True


def _decode(body: bytes, shape: Any) -> Any:
    return shape.decode(body) if isinstance(shape, Decoding) else _decoder(shape).decode(body)


@lru_cache(maxsize=256)
def _decoder(shape: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape)
