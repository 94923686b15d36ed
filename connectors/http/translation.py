"""Translates an error answer into one of our errors: place, what the server says, remedy; no secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from lpm_sync.errors import (
    ConflictError,
    ForbiddenError,
    LpmSyncError,
    RefusedError,
    UnauthorisedError,
    UnavailableError,
)

LONGEST_REASON = 300
NOT_OFFERED = 501  # what a server does not know at all it carried out neither in part, nor will tomorrow


class NotOfferedError(RefusedError):
    """The server does not have such a request at all: that says nothing of what was asked for."""


def translate(status: int, headers: Mapping[str, str], body: bytes, where: str) -> LpmSyncError | None:
    """The error that an answer with `status` of 400 or more means; never None.

    401 (and 403 where the login itself was denied): UnauthorisedError, to which whoever signed in adds the remedy.
    408, 425, 429 and 5xx: UnavailableError.
    409, 412 and 422: ConflictError. 403 otherwise: ForbiddenError. 405 and 501: NotOfferedError.
    All others: RefusedError.
    """
    said = reason(body)
    says = f": {said}" if said else ""
    if status == 401 or (status == 403 and "X-Authentication-Denied-Reason" in headers):
        return UnauthorisedError(f"{where}: {status}: the credential is not accepted{says}")
    if status in (405, NOT_OFFERED):
        return NotOfferedError(f"{where}: {status}: this server does not offer that{says}")
    if status in (408, 425, 429) or status >= 500:
        what = "too many requests" if status == 429 else "the server fails"
        return UnavailableError(f"{where}: {status}: {what}{says}; it is tried again in the next cycle")
    if status in (409, 412, 422):
        return ConflictError(f"{where}: {status}: changed meanwhile{says}; it is read and decided again")
    if status == 403:
        return ForbiddenError(f"{where}: 403: not permitted{says}", remedy="grant the account this permission")
    if status in (404, 410):
        remedy = "check its name, or grant the account the right to see it"
        return RefusedError(f"{where}: {status}: not there, or hidden from the account{says}", remedy=remedy)
    return RefusedError(f"{where}: {status}: refused{says}")


def reason(body: bytes) -> str:
    """What an error body of Jira or Azure DevOps says, on one line; empty where it is not such a body."""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    if not isinstance(document, dict):
        return ""
    texts = [*_texts(document.get("errorMessages")), *_field_texts(document.get("errors"))]
    texts += _texts(document.get("message")) or _texts(document.get("errorMessage"))
    return one_line("; ".join(texts))


def one_line(text: str, longest: int = LONGEST_REASON) -> str:
    """The text on one line of at most `longest` characters, with everything unprintable replaced by blanks."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text[: longest * 4]).split())
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"


def _texts(value: Any) -> list[str]:  # whatever JSON holds there
    if isinstance(value, str):
        return [value]
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def _field_texts(value: Any) -> list[str]:  # whatever JSON holds there
    if not isinstance(value, dict):
        return _texts(value)
    return [f"{name}: {text}" for name, text in value.items() if isinstance(text, str)]
