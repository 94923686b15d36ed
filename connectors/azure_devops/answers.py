"""Errors that mean something special in Azure DevOps, told from their key and their text."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from connectors import http
from lpm_sync.errors import LpmSyncError, RefusedError


class AlreadyExistsError(RefusedError):
    """What was to be made stands already: 400 with `AlreadyExists` in its `typeKey`."""


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
        return RefusedError(f'{error}; the tag is new: grant "Create tag definition" in the project to the account')
    return error


def _refusal(body: bytes) -> _Refusal:
    try:
        return msgspec.json.decode(body, type=_Refusal)
    except msgspec.DecodeError:
        return _Refusal()
