"""One write to a scratch item that is read back and taken back again, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lpm_sync.core.examination import Check
from lpm_sync.errors import LpmSyncError, RefusedError, UnauthorisedError

WRONG_DIRECTION = "the first item was to block the second, and that is not how it reads: the direction is wrong"


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
    """Writes, reads back, takes back. Raises UnauthorisedError where nothing could be written for it."""
    try:
        standing = rehearsal.standing()
    except UnauthorisedError:
        raise
    except LpmSyncError as error:
        return Check(subject=rehearsal.subject, fault=str(error), remedy=rehearsal.remedy)
    if standing is not None:
        return Check(subject=rehearsal.subject, fault=standing, remedy="name a scratch item that is free of it")
    try:
        rehearsal.write()
    except UnauthorisedError:
        raise
    except RefusedError as error:  # nothing stands
        return Check(subject=rehearsal.subject, fault=str(error), remedy=rehearsal.remedy)
    except LpmSyncError as error:  # it may stand
        fault: str | None = str(error)
    else:
        fault = _read_back(rehearsal)
    left = _taken_back(rehearsal)
    if left is not None:
        both = f"{fault}; {left}" if fault else left
        return Check(subject=rehearsal.subject, fault=both, remedy=f"remove it by hand; {rehearsal.remedy}")
    if fault is not None:
        return Check(subject=rehearsal.subject, fault=fault, remedy=rehearsal.remedy)
    return Check(subject=rehearsal.subject, note="written, read back, taken back")


def _read_back(rehearsal: Rehearsal) -> str | None:
    try:
        return rehearsal.fault()
    except LpmSyncError as error:
        return f"it could not be read back: {error}"


def _taken_back(rehearsal: Rehearsal) -> str | None:
    """None, or what is left of it and why."""
    try:
        rehearsal.take_back()
        return None if rehearsal.is_gone() else "it was taken back and still stands"
    except LpmSyncError as error:
        return f"it could not be taken back: {error}"
