"""Errors that mean something special in Azure DevOps, told from their key and their text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import msgspec

from connectors import http
from connectors.azure_devops.permissions import READ_AND_WRITE, TAGGING, permission_for
from lpm_sync.errors import ForbiddenError, LpmSyncError, RefusedError, UnauthorisedError, UnavailableError


class AlreadyExistsError(RefusedError):
    """What was to be made stands already: 400 with `AlreadyExists` in its `typeKey`."""


class BadRequestError(RefusedError):
    """What was sent does not fit the interface, or breaks a rule: 400, and nothing was done."""


class TooManyResultsError(RefusedError):
    """A query found more than the server gives at once: VS402337."""


class _Refusal(msgspec.Struct):
    typeKey: str = ""  # noqa: N815 the name on the wire
    message: str = ""


def translate(status: int, headers: Mapping[str, str], body: bytes, where: str) -> LpmSyncError | None:
    """The error of `connectors.http`, refined by what Azure DevOps says in its body."""
    error = http.translate(status, headers, body, where)
    if not isinstance(error, RefusedError):
        return error
    refusal = _refusal(body)
    if "AlreadyExists" in refusal.typeKey:
        return AlreadyExistsError(str(error))
    if "VS402337" in refusal.message:
        return TooManyResultsError(str(error))
    if "TF401289" in refusal.message:
        remedy = f"grant {TAGGING} in the project to the account: the tag is new"
        return ForbiddenError(error.fault, remedy=remedy)
    if isinstance(error, ForbiddenError) and (permission := permission_for(where)) is not None:
        return ForbiddenError(error.fault, remedy=f"{error.remedy}: {permission}")
    return BadRequestError(error.fault, remedy=error.remedy) if status == 400 else error


@contextmanager
def discovering() -> Iterator[None]:
    """Around what is asked before anything else: a refusal there concerns the organisation, and no item of it."""
    try:
        yield
    except ForbiddenError as error:
        remedy = f"grant the account access to the organisation, and {READ_AND_WRITE} to its token"
        raise UnauthorisedError(error.fault, remedy=remedy) from None
    except RefusedError as error:
        remedy = "check `url` in trackers.yaml: it is the address of the organisation, or of a collection"
        raise UnavailableError(f"{error.fault}: no Azure DevOps answers at this address", remedy=remedy) from None


def _refusal(body: bytes) -> _Refusal:
    try:
        return msgspec.json.decode(body, type=_Refusal)
    except msgspec.DecodeError:
        return _Refusal()
