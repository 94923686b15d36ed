"""The transport adapter that all connectors mount on the sessions of their client packages."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Mapping
from threading import BoundedSemaphore, Event
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from requests import exceptions as requests_errors
from requests.adapters import HTTPAdapter
from urllib3 import Retry
from urllib3.exceptions import HTTPError

from connectors.http.addresses import origin
from connectors.http.answers import content_error, redirect_error
from connectors.http.attempts import Failure, connection_failure
from connectors.http.bodies import LARGEST_BODY, read_body, secrets_of, without_secrets
from connectors.http.deadline import Deadline
from connectors.http.pauses import Pauses, Reach
from connectors.http.retries import TRANSIENT_STATUSES, RetryPolicy, retry_after_seconds
from connectors.http.sockets import SecureTimedPool, TimedPool, request_deadline
from connectors.http.translation import translate as default_translate
from lpm_sync import __version__
from lpm_sync.errors import LpmSyncError, UnauthorisedError, UnavailableError, UnclearError

Translate = Callable[[int, Mapping[str, str], bytes, str], LpmSyncError | None]
Content = Callable[[str, int, Mapping[str, str], bytes, str], LpmSyncError | None]
USER_AGENT = f"lpm-sync/{__version__}"
READ_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CONNECTIONS = 8  # at a time, to one tracker


def _whole_endpoint(_: Mapping[str, str]) -> Reach:
    return Reach.ENDPOINT


class CarefulAdapter(HTTPAdapter):
    """Sends the requests of one connector; the package's docstring says what it holds.

    `name` opens each message. `origins` are all the places that a request may go to. `reads` matches paths of POSTs
    that only read. `request_timeout` is in seconds, for one attempt from the connection to the last byte. `place`
    stands in messages instead of the path, where the path is itself a secret; `content` judges answers with a status
    below 300. One adapter serves all sessions and threads of a connector.
    """

    def __init__(  # noqa: PLR0913 the last four exist for tests, the others are what trackers differ in
        self,
        *,
        name: str,
        origins: Collection[str],
        request_timeout: float = 30.0,
        reads: re.Pattern[str] | None = None,
        translate: Translate = default_translate,
        reach: Callable[[Mapping[str, str]], Reach] = _whole_endpoint,
        retries: RetryPolicy | None = None,
        largest_body: int = LARGEST_BODY,
        place: str | None = None,
        content: Content = content_error,
        wait: Callable[[float], object] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._origins = frozenset(map(origin, origins))
        self._request_timeout = request_timeout
        self._reads = reads
        self._translate = translate
        self._reach = reach
        self._retries = retries or RetryPolicy()
        self._largest_body = largest_body
        self._place = place
        self._content = content
        self._interrupted = Event()
        self._wait = wait or self._interrupted.wait
        self._monotonic = monotonic
        self._pauses = Pauses(monotonic=monotonic)
        self._cycle: Deadline | None = None
        self._slots = BoundedSemaphore(CONNECTIONS)
        super().__init__(pool_connections=4, pool_maxsize=CONNECTIONS, max_retries=0, pool_block=True)

    def start(self, deadline: Deadline) -> None:
        """Sets the budget of all requests from now on, in every thread, until the next start."""
        self._cycle = deadline

    def interrupt(self) -> None:
        """Ends all waiting at once, now and later: requests that would have to wait raise UnavailableError."""
        self._interrupted.set()

    def send(  # the arguments are those of requests
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> Response:
        """Sends a request as often as it may be sent; raises the errors of `lpm_sync.errors` only."""
        path = urlsplit(request.url or "").path
        method = request.method or "GET"
        where = f"{self._name}: {method} {path if self._place is None else self._place}"
        self._check_origin(request, where)
        request.headers["User-Agent"] = USER_AGENT  # so that an administrator can tell whose requests these are
        is_read = method in READ_METHODS or bool(method == "POST" and self._reads and self._reads.search(path))
        self._pause(self._pauses.due(method, path), where)
        attempt = 1
        while True:
            with self._slots:  # before the time of the request begins: waiting for others is not its own slowness
                found = self._attempt(request, where, verify=verify, cert=cert, proxies=proxies)
            if isinstance(found, Response):
                self._heed(method, path, retry_after_seconds(found.headers), found.headers)
                return found
            self._heed(method, path, found.told, found.headers or {})
            is_repeatable = found.is_transient and (is_read or not found.may_stand)
            if not is_repeatable or attempt >= self._retries.attempts:
                raise self._final(found, is_read)
            backoff = self._retries.backoff(attempt)
            self._pause(max(backoff, found.told or 0.0, self._pauses.due(method, path)), where)
            attempt += 1

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As in requests, with connections that keep the deadline."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": TimedPool, "https": SecureTimedPool}

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """As in requests, with connections that keep the deadline."""
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = {"http": TimedPool, "https": SecureTimedPool}
        return manager

    def _check_origin(self, request: PreparedRequest, where: str) -> None:
        if origin(request.url or "") not in self._origins:
            raise UnavailableError(f"{where}: would have gone to another server than the configured one; not sent")

    def _heed(self, method: str, path: str, told: float | None, headers: Mapping[str, str]) -> None:
        if told:
            self._pauses.hold(method, path, told, self._reach(headers))

    def _pause(self, seconds: float, where: str) -> None:
        """Waits, unless that would take longer than there is time."""
        if seconds <= 0:
            return
        budget = self._cycle.remaining() if self._cycle else self._retries.patience
        if seconds > budget:
            raise UnavailableError(
                f"{where}: asks to wait {seconds:.0f} seconds, longer than this cycle may take; the next one goes on",
                retry_after=seconds,
            )
        self._wait(seconds)
        if self._interrupted.is_set():
            raise UnavailableError(f"{where}: stopped while waiting for the server")

    def _attempt(self, request: PreparedRequest, where: str, **options: Any) -> Response | Failure:
        if self._interrupted.is_set():
            return Failure(error=UnavailableError(f"{where}: not sent: it was closed meanwhile"), may_stand=False)
        left = self._cycle.remaining() if self._cycle else self._request_timeout
        if left <= 0:
            error = UnavailableError(f"{where}: not sent, the time of this cycle is over; the next one goes on")
            return Failure(error=error, may_stand=False)
        # Something (msrest does) may have put its own retries in: they would repeat writes.
        self.max_retries = Retry(0, read=False)
        deadline = Deadline(min(left, self._request_timeout), monotonic=self._monotonic)
        token = request_deadline.set(deadline)
        try:
            response = super().send(request, stream=True, timeout=deadline.remaining(), **options)
            body = read_body(response, where, largest=self._largest_body)
        except UnavailableError as error:
            return Failure(error=error, may_stand=True)
        except (requests_errors.RequestException, HTTPError, OSError) as error:
            return connection_failure(error, where)
        finally:
            request_deadline.reset(token)
        return self._judge(request, response, body, where) or response

    def _judge(self, request: PreparedRequest, response: Response, body: bytes, where: str) -> Failure | None:
        """What is wrong with an answer that came whole."""
        status, headers = response.status_code, response.headers
        if 300 <= status < 400:
            return Failure(error=redirect_error(status, headers, where), may_stand=False)
        if status >= 400:
            error = self._translate(status, headers, without_secrets(body, secrets_of(request)), where)
            if error is None:
                return None
            told = retry_after_seconds(headers)
            if isinstance(error, UnavailableError) and error.retry_after is None:
                error.retry_after = told
            return Failure(
                error=error,
                may_stand=status >= 500 or status == 408,
                is_transient=status in TRANSIENT_STATUSES,
                told=told,
                headers=headers,
            )
        content = self._content(request.method or "GET", status, headers, body, where)
        if content is None:
            return None
        is_stranger = isinstance(content, UnauthorisedError)
        return Failure(error=content, may_stand=not is_stranger, is_transient=not is_stranger)

    def _final(self, failure: Failure, is_read: bool) -> LpmSyncError:
        if is_read or not failure.may_stand:
            return failure.error
        return UnclearError(f"{failure.error}; whether it was done is not known")
