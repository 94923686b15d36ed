"""What became of one attempt to send a request, where it did not succeed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from requests import exceptions as requests_errors
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError

from connectors.http.answers import AGAIN
from connectors.http.retries import retry_after_seconds
from lpm_sync.errors import LpmSyncError, UnavailableError

NETWORK = "check the address and the network: name server, proxy (HTTPS_PROXY, NO_PROXY), firewall"
UNTRUSTED = "check the address, or put the authority that signed it into the file that REQUESTS_CA_BUNDLE names"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One attempt that failed: what to raise in the end, and what is known of its effect.

    `may_stand`: the server may have carried the request out. `is_transient`: it may go better the next time.
    `told` are the seconds of `Retry-After`, with the `headers` that it came in, None where no answer came.
    `is_too_much`: this is too much for the server, for now; `is_late`: it did not answer in time; `is_answered`: it did
    with success, and with something that is no such answer.
    """

    error: LpmSyncError
    may_stand: bool
    is_transient: bool = False
    told: float | None = None
    headers: Mapping[str, str] | None = None
    is_too_much: bool = False
    is_late: bool = False
    is_answered: bool = False


def with_pause(failure: Failure, headers: Mapping[str, str]) -> Failure:
    """The failure with the pause that the server asked for in that answer, whatever else is wrong with it."""
    told = retry_after_seconds(headers)
    if told is None:
        return failure
    if isinstance(failure.error, UnavailableError) and failure.error.retry_after is None:
        failure.error.retry_after = told
    return replace(failure, told=told, headers=headers)


def connection_failure(error: Exception, where: str, server: str) -> Failure:
    """A request to that server (scheme, host and port) that got no answer.

    The text of the library is not shown: it can quote the whole address.
    """
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        untrusted = UnavailableError(f"{where}: the certificate of the server is not trusted", remedy=UNTRUSTED)
        return Failure(error=untrusted, may_stand=False)
    cause, is_late = _cause(error), _is_timeout(error)
    if isinstance(cause, NameResolutionError):
        message, remedy = f"{where}: the name of {server} is not known", NETWORK
    elif is_late:
        message, remedy = f"{where}: no whole answer in time", AGAIN
    else:
        message, remedy = f"{where}: the connection broke off before all of the answer came", AGAIN
    may_stand = not _never_left(error)
    if not may_stand and not is_late and not isinstance(cause, NameResolutionError):
        message, remedy = f"{where}: {server} cannot be reached", NETWORK
    broken = UnavailableError(message, remedy=remedy)
    return Failure(error=broken, may_stand=may_stand, is_transient=True, is_late=is_late)


def _never_left(error: Exception) -> bool:
    """Whether not even a connection came about."""
    return isinstance(error, requests_errors.ConnectTimeout) or isinstance(_cause(error), NewConnectionError)


def _is_timeout(error: Exception) -> bool:
    return isinstance(error, (requests_errors.Timeout, TimeoutError)) or "Timeout" in type(_cause(error)).__name__


def _cause(error: Exception) -> BaseException:
    """The error of urllib3 or the system under one of requests."""
    inner: BaseException = error
    while inner.args and isinstance(inner.args[0], BaseException):
        inner = inner.args[0]
    if isinstance(inner, MaxRetryError) and inner.reason is not None:
        return inner.reason
    return next((part for part in inner.args[1:] if isinstance(part, OSError)), inner)
