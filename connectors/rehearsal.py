"""One write to a scratch item that is read back and taken back again, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from connectors.http.answers import UnconfirmedError
from lpm_sync.core.examination import Check
from lpm_sync.errors import LpmSyncError, RefusedError, UnauthorisedError, UnclearError

WRONG_DIRECTION = "the first item was to block the second, and that is not how it reads: the direction is wrong"

FREE = "name a scratch item that is free of it, or remove it by hand first"
BY_HAND = "remove it by hand"
LATE = "look at the scratch item in a while, and remove by hand what may have landed late"
AGAIN = "run doctor again; where it stays so, look at the tracker itself"
TRIES = 3  # of taking back


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What is written for a trial, and how it is judged and taken back.

    `standing` says why it must not be tried, None where it may be. `fault` reads the item again and says what is wrong
    with what stands there now. `take_back` removes whatever of it stands, and `is_gone` reads once more. All raise the
    errors of `lpm_sync.errors`.
    """

    subject: str
    remedy: str
    standing: Callable[[], str | None]
    write: Callable[[], object]
    fault: Callable[[], str | None]
    take_back: Callable[[], object]
    is_gone: Callable[[], bool]


def perform(rehearsal: Rehearsal) -> Check:
    """Writes, reads back, takes back. Raises UnauthorisedError where nothing could be written for it.

    It is taken back also where the program is interrupted in between, as far as that can be done then.
    """
    try:
        standing = rehearsal.standing()
    except UnauthorisedError:
        raise
    except LpmSyncError as error:
        return Check.failed(rehearsal.subject, error, _otherwise(rehearsal, error))
    if standing is not None:
        return Check(subject=rehearsal.subject, fault=standing, remedy=FREE)
    try:
        tried = _tried(rehearsal)
    except UnauthorisedError:  # nothing was written
        raise
    except BaseException:  # Ctrl-C too: what was written is taken back first
        _taken_back(rehearsal)
        raise
    left = _taken_back(rehearsal)
    if left is None:
        return tried
    both = "; ".join(filter(None, (tried.fault, left.fault)))
    return Check(subject=rehearsal.subject, fault=both, remedy=f"{BY_HAND}; {tried.remedy or left.remedy}")


def _tried(rehearsal: Rehearsal) -> Check:
    """What came of writing it, and of reading it back."""
    try:
        _sent(rehearsal.write)
    except UnauthorisedError:
        raise
    except LpmSyncError as error:
        return Check.failed(rehearsal.subject, error, _otherwise(rehearsal, error))
    try:
        fault = rehearsal.fault()
    except LpmSyncError as error:
        unread = f"it could not be read back: {error.fault}"
        return Check(subject=rehearsal.subject, fault=unread, remedy=error.remedy or _otherwise(rehearsal, error))
    if fault is not None:
        return Check(subject=rehearsal.subject, fault=fault, remedy=rehearsal.remedy)
    return Check(subject=rehearsal.subject, note="written, read back, taken back")


def _sent(write: Callable[[], object]) -> None:
    """Writes; an answer that confirms nothing is none that counts, as what stands is read anyway."""
    with suppress(UnconfirmedError):
        write()


def _otherwise(rehearsal: Rehearsal, error: LpmSyncError) -> str:
    """What to do about an error that does not say it: nothing is to be granted where nothing was refused."""
    if isinstance(error, RefusedError):
        return rehearsal.remedy
    return LATE if isinstance(error, UnclearError) else AGAIN


def _taken_back(rehearsal: Rehearsal) -> Check | None:
    """None, or what is left of it and why. Only what stands is removed, and what did not answer is asked again."""
    left: Check | None = None
    for _ in range(TRIES):
        try:
            if rehearsal.is_gone():
                return None
            _sent(rehearsal.take_back)
            if rehearsal.is_gone():
                return None
            fault, remedy = "it was taken back and still stands", AGAIN
        except LpmSyncError as error:
            fault, remedy = f"it could not be taken back: {error.fault}", error.remedy or _otherwise(rehearsal, error)
            if isinstance(error, RefusedError | UnauthorisedError):
                return Check(subject=rehearsal.subject, fault=fault, remedy=remedy)
        left = Check(subject=rehearsal.subject, fault=fault, remedy=remedy)
    return left
