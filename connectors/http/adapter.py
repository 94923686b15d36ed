"""The transport adapter that all connectors mount on the sessions of their client packages."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from requests import exceptions as requests_errors
from requests.adapters import HTTPAdapter
from urllib3 import Retry
from urllib3.exceptions import HTTPError

from connectors.http.addresses import origin
from connectors.http.answers import UnconfirmedError, content_error, redirect_error
from connectors.http.attempts import Failure, connection_failure, with_pause
from connectors.http.bodies import LARGEST_BODY, read_body, secrets_of, without_secrets
from connectors.http.deadline import Deadline
from connectors.http.pace import Asked, Pace, Stay
from connectors.http.pauses import Pauses, Reach
from connectors.http.rates import Rate
from connectors.http.retries import TRANSIENT_STATUSES, RetryPolicy, retry_after_seconds
from connectors.http.sockets import SecureTimedPool, TimedPool, request_deadline
from connectors.http.translation import NOT_OFFERED
from connectors.http.translation import translate as default_translate
from lpm_sync import __version__
from lpm_sync.errors import LpmSyncError, UnauthorisedError, UnavailableError, UnclearError

Translate = Callable[[int, Mapping[str, str], bytes, str], LpmSyncError | None]
Content = Callable[[str, int, Mapping[str, str], bytes, str], LpmSyncError | None]
USER_AGENT = f"lpm-sync/{__version__}"
READ_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
AT_ONCE = 8  # requests under way at a time, to one tracker
TOO_MUCH = frozenset({429, 503})


def _whole_endpoint(_: Mapping[str, str]) -> Reach:
    return Reach.ENDPOINT


class CarefulAdapter(HTTPAdapter):
    """Sends the requests of one connector; the package's docstring says what it holds.

    `name` opens each message. `origins` are all the places that a request may go to. `reads` matches paths of POSTs
    that only read. `request_timeout` is in seconds, for one attempt from the connection to the last byte. `place`
    stands in messages instead of the path, where the path is itself a secret; `content` judges answers with a status
    below 300. `at_once` bounds the requests that are under way, `rates` the writes by endpoint or item, and `pauses`
    are those that an earlier connector left. One adapter serves all sessions and threads of a connector.
    """

    def __init__(  # noqa: PLR0913 the last three exist for tests, the others are what trackers differ in
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
        at_once: int = AT_ONCE,
        rates: Sequence[Rate] = (),
        pauses: Pauses | None = None,
        wait: Callable[[float], object] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._origins = frozenset(map(origin, origins))
        self._request_timeout = request_timeout
        self._reads = reads
        self._translate = translate
        self._retries = retries or RetryPolicy()
        self._largest_body = largest_body
        self._place = place
        self._content = content
        self._monotonic = monotonic
        self._pace = Pace(
            at_once=at_once,
            pauses=pauses or Pauses(monotonic=monotonic),
            rates=rates,
            reach=reach,
            patience=self._retries.patience,
            wait=wait,
            monotonic=monotonic,
        )
        super().__init__(pool_connections=4, pool_maxsize=at_once, max_retries=0, pool_block=True)

    def start(self, deadline: Deadline) -> None:
        """Sets the budget of this thread's requests until its next start, and of threads that never started one."""
        self._pace.start(deadline)

    def interrupt(self) -> None:
        """Ends all waiting at once, now and later: requests that would have to wait raise UnavailableError."""
        self._pace.interrupt()

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
        asked = Asked(method=method, path=path, is_read=is_read, where=where)
        attempt, rest = 1, 0.0
        while True:
            # The time of the request begins in its place: waiting for others is not its own slowness.
            with self._pace.stay(asked, rest) as stay:
                found = self._attempt(request, where, verify=verify, cert=cert, proxies=proxies)
                rest = self._note(stay, found, attempt)
            if isinstance(found, Response):
                return found
            is_repeatable = found.is_transient and (is_read or not found.may_stand)
            # Where nobody asked for the rest, what failed is told, and not that there is no time for it.
            is_over = found.told is None and not self._pace.has_time_for(rest)
            if not is_repeatable or attempt >= self._retries.attempts or is_over:
                raise self._final(found, is_read)
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

    def _note(self, stay: Stay, found: Response | Failure, attempt: int) -> float:
        """Tells what became of a request; returns the seconds after which it may be tried again."""
        if isinstance(found, Response):
            stay.answered(found.headers, told=retry_after_seconds(found.headers))
            return 0.0
        backoff = self._retries.backoff(attempt)
        if found.headers is None:
            stay.unanswered(is_late=found.is_late)
        else:
            # Who refuses without saying for how long is left alone for a while all the same, by all.
            told = backoff if found.told is None and found.is_too_much else found.told
            stay.answered(found.headers, told=told, is_refused=found.is_too_much)
        return max(backoff, found.told or 0.0)

    def _attempt(self, request: PreparedRequest, where: str, **options: Any) -> Response | Failure:
        if self._pace.is_interrupted:
            return Failure(error=UnavailableError(f"{where}: not sent: it was closed meanwhile"), may_stand=False)
        remaining = self._pace.remaining()
        left = self._request_timeout if remaining is None else remaining
        if left <= 0:
            error = UnavailableError(f"{where}: not sent, the time of this cycle is over; the next one goes on")
            return Failure(error=error, may_stand=False)
        # Something (msrest does) may have put its own retries in: they would repeat writes.
        self.max_retries = Retry(0, read=False)
        deadline = Deadline(min(left, self._request_timeout), monotonic=self._monotonic)
        token = request_deadline.set(deadline)
        try:
            response = super().send(request, stream=True, timeout=deadline.remaining(), **options)
            failure = self._received(request, response, where)
        except (requests_errors.RequestException, HTTPError, OSError) as error:
            return connection_failure(error, where, origin(request.url or ""))
        finally:
            request_deadline.reset(token)
        return response if failure is None else with_pause(failure, response.headers)

    def _received(self, request: PreparedRequest, response: Response, where: str) -> Failure | None:
        """What is wrong with an answer whose headers came."""
        try:
            body = read_body(response, where, largest=self._largest_body)
        except UnavailableError as error:
            return Failure(error=error, may_stand=True)
        except (requests_errors.RequestException, HTTPError, OSError) as error:
            return connection_failure(error, where, origin(request.url or ""))
        return self._judge(request, response, body, where)

    def _judge(self, request: PreparedRequest, response: Response, body: bytes, where: str) -> Failure | None:
        """What is wrong with an answer that came whole."""
        status, headers = response.status_code, response.headers
        if 300 <= status < 400:
            return Failure(error=redirect_error(status, headers, where), may_stand=False)
        if status >= 400:
            error = self._translate(status, headers, without_secrets(body, secrets_of(request)), where)
            if error is None:
                return None
            return Failure(
                error=error,
                may_stand=(status >= 500 and status != NOT_OFFERED) or status == 408,
                is_transient=status in TRANSIENT_STATUSES,
                headers=headers,
                is_too_much=status in TOO_MUCH,
            )
        content = self._content(request.method or "GET", status, headers, body, where)
        if content is None:
            return None
        is_stranger = isinstance(content, UnauthorisedError)
        return Failure(
            error=content, may_stand=not is_stranger, is_transient=not is_stranger, is_answered=not is_stranger
        )

    def _final(self, failure: Failure, is_read: bool) -> LpmSyncError:
        if is_read or not failure.may_stand:
            return failure.error
        kind = UnconfirmedError if failure.is_answered else UnclearError
        return kind(f"{failure.error}; whether it was done is not known")
