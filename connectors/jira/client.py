"""Talks to one Jira: the `jira` package for session, credentials and discovery, raw answers for everything else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import msgspec
from jira import JIRA
from jira.exceptions import JIRAError
from requests import RequestException, Response

from connectors.http import (
    Deadline,
    Decoding,
    Pauses,
    Rate,
    Reach,
    RetryPolicy,
    decode,
    expecting,
    origin,
    translate,
)
from connectors.http.answers import UnconfirmedError, content_error
from connectors.http.authorised import AuthorisedAdapter
from connectors.http.environment import settle
from connectors.jira import wire
from connectors.jira.credentials import JiraCredential
from connectors.jira.easing import leniently
from connectors.jira.gateway import ApiAddress
from connectors.jira.permissions import permission_for
from lpm_sync.errors import (
    ConflictError,
    ForbiddenError,
    LpmSyncError,
    RefusedError,
    UnauthorisedError,
    UnavailableError,
)
from lpm_sync.ports import Connection

Shape = TypeVar("Shape")
Argument = TypeVar("Argument")
Result = TypeVar("Result")

MOST_APART = timedelta(minutes=5)  # its own time, and the date of an answer that a server before it may have set
WRITES = ("PUT", "POST", "DELETE")
RATES = (  # trackers.md, Limits: an issue takes 20 writes in 2 s and 100 in 30 s, an endpoint 50 or 100 a second
    Rate(most=20, seconds=2.0, reach=Reach.ITEM, methods=WRITES),
    Rate(most=100, seconds=30.0, reach=Reach.ITEM, methods=WRITES),
    Rate(most=50, seconds=1.0, reach=Reach.ENDPOINT, methods=("PUT", "DELETE")),
    Rate(most=100, seconds=1.0, reach=Reach.ENDPOINT, methods=("POST",)),
)
READS = re.compile(r"/rest/api/[23]/(search|search/jql|search/approximate-count|(issue|changelog)/bulkfetch)$")
Parameters = Mapping[str, str | int | Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Which Jira this is, who we are on it, and what time it is there (None where it does not say).

    `time_zone` is that of our profile there, in which queries are read. `called` is what people call the account.
    `dates_answers`: the date of an answer is its time too, as far as is known.
    """

    is_cloud: bool
    account: str
    identities: frozenset[str]
    server_time: datetime | None
    time_zone: str | None = None
    called: str = ""
    dates_answers: bool = True


class JiraClient:
    """One session, shared by all threads. Every method raises the errors of `lpm_sync.errors` only."""

    def __init__(
        self,
        connection: Connection,
        *,
        retries: RetryPolicy | None = None,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        """Connects to nothing yet. Raises ConfigurationError for an address or a credential that cannot be used.

        The option `allowed_hosts` names hosts, between blanks, that are taken although their address looks wrong.
        """
        self._name = connection.name
        self.misnamed = connection.misnamed
        self._address = ApiAddress(connection, retries=retries)
        self._timeout = connection.request_timeout
        self.at_once = connection.requests_at_once
        self.credential = JiraCredential(connection, retries=retries)
        self._adapter = AuthorisedAdapter(
            self.credential.authorisation,
            name=connection.name,
            origins=(origin(self._address.configured),),
            request_timeout=connection.request_timeout,
            reads=READS,
            translate=_translate,
            content=_content,
            reach=_reach,
            at_once=connection.requests_at_once,
            rates=RATES,
            pauses=Pauses(connection.pauses, server=origin(self._address.configured)),
            retries=retries,
            wait=wait,
        )
        self._opened: JIRA | None = None
        self._version = ""

    @property
    def name(self) -> str:
        """The configured name, which opens every message."""
        return self._name

    @property
    def is_cloud(self) -> bool:
        """Whether rich text goes as documents, and searches page by token. Asks the server where that is not known."""
        if not self._version:
            self.discover()
        return self._version == "3"

    def start(self, seconds: float) -> None:
        """Begins a budget for all requests that follow."""
        deadline = Deadline(seconds)
        self._adapter.start(deadline)
        self._address.start(deadline)

    def discover(self) -> Site:
        """Asks which Jira this is and who we are.

        Raises UnauthorisedError where it does not know us or lets us ask nothing, UnavailableError where no Jira is.
        """
        try:
            about = self._server_info()
            kind = about.deployment_type
            site = self._by_version() if kind is None else self.recognise(is_cloud=kind == "Cloud")
        except ForbiddenError as error:
            remedy = "grant the account access to this Jira, and its token the scopes that it lacks"
            raise UnauthorisedError(error.fault, remedy=remedy) from None
        except RefusedError as error:
            remedy = "check `url` in trackers.yaml"
            raise UnavailableError(f"{error.fault}: no Jira answers at this address", remedy=remedy) from None
        own = _instant(about.server_time)
        if own is None or site.server_time is None:
            return replace(site, server_time=own or site.server_time)
        return replace(site, server_time=own, dates_answers=abs(own - site.server_time) <= MOST_APART)

    def _by_version(self) -> Site:
        """A Jira that does not say which it is: only Cloud has version 3 (trackers.md, Search)."""
        try:
            return self.recognise(is_cloud=True)
        except ForbiddenError:
            raise
        except RefusedError:
            return self.recognise(is_cloud=False)

    def _server_info(self) -> wire.ServerInfo:
        """What it tells of itself; nothing where it does not offer that.

        Data Center has no version 3, and what is built after Cloud's published interface has no other.
        """
        what = "which Jira this is"
        try:
            return self._discovered(self._package.server_info, wire.ServerInfo, what)
        except ForbiddenError:
            raise
        except RefusedError:
            self._opened = self._open("3")
            try:
                return self._discovered(self._package.server_info, wire.ServerInfo, what)
            except ForbiddenError:
                raise
            except RefusedError:
                self._opened = None
                return wire.ServerInfo()

    def recognise(self, *, is_cloud: bool) -> Site:
        """Asks who we are on a Jira of which we know what it is; the time is that of the answer, to the second.

        Raises UnauthorisedError where it does not know us, RefusedError where it is another kind of Jira.
        """
        version = "3" if is_cloud else "2"
        if version != self._version:
            self._opened = self._open(version)
            self._version = version
        try:
            response = self._send("GET", "myself")
        except RefusedError:
            self._opened, self._version = self._open("2"), ""  # every Jira answers this one
            raise
        myself = self._decoded(response.content, wire.Myself, f"{self._name}: who we are")
        if myself.shown is None:
            remedy = self.credential.authorisation.remedy
            raise UnauthorisedError(f"{self._name}: answered as to a stranger", remedy=remedy)
        return Site(
            is_cloud=is_cloud,
            account=myself.shown,
            identities=myself.identities,
            server_time=_date(response.headers.get("Date")),
            time_zone=myself.time_zone,
            called=myself.display_name or "",
        )

    def fields(self) -> list[wire.Field]:
        """All definitions of fields that the account may see."""
        return self._discovered(self._package.fields, list[wire.Field], "the fields")

    def get(self, path: str, shape: type[Shape], **parameters: str | int | Sequence[str]) -> Shape:
        """Reads `path` below `/rest/api/{version}/`."""
        return self._read("GET", path, shape, parameters=parameters)

    def query(self, path: str, payload: Mapping[str, Any], shape: type[Shape] | Decoding[Shape]) -> Shape:
        """Reads by a POST that changes nothing."""
        return self._read("POST", path, shape, payload=payload)

    def write(self, method: str, path: str, payload: Mapping[str, Any] | None = None) -> None:
        """Changes something that is answered with 201 or 204 and nothing else; UnconfirmedError on another answer."""
        status = self._send(method, path, payload=payload).status_code
        if status not in (201, 204):
            raise UnconfirmedError(
                f"{self._where(method, path)}: {status}: no answer to this change; it may stand or not"
            )

    def write_and_read(self, method: str, path: str, payload: Mapping[str, Any], shape: type[Shape]) -> Shape:
        """Changes something and reads what became of it. Raises UnconfirmedError where the answer cannot be read."""
        body = self._send(method, path, payload=payload).content
        return self._decoded(body, shape, self._where(method, path), is_write=True)

    def all(self, function: Callable[[Argument], Result], arguments: Iterable[Argument]) -> list[Result]:
        """Calls a function for each argument, a few at a time; results in the order of the arguments."""
        with ThreadPoolExecutor(max_workers=self.at_once, thread_name_prefix=self._name) as pool:
            return list(pool.map(function, arguments))

    def close(self) -> None:
        """Ends all waiting and lets go of the connections."""
        self._address.close()
        self._adapter.interrupt()
        if self._opened is not None:
            close: Callable[[], None] = self._opened.close
            close()

    def _discovered(self, call: Callable[[], Any], shape: type[Shape], what: str) -> Shape:
        """What the package found out, with nothing in it taken on trust."""
        return self._decoded(msgspec.json.encode(self._ask(call)), shape, f"{self._name}: {what}")

    def _decoded(
        self, body: bytes, shape: type[Shape] | Decoding[Shape], where: str, *, is_write: bool = False
    ) -> Shape:
        return decode(body, shape, where, is_write=is_write, reading=leniently)

    @property
    def _package(self) -> JIRA:
        """Opened late: the address may have to be asked for. Every Jira answers version 2."""
        if self._opened is None:
            self._opened = self._open("2")
        return self._opened

    def _open(self, version: str) -> JIRA:
        # Its own retries repeat writes, and its own discovery would go out before the adapter is mounted. That one also
        # puts the credential on: the package would hold it for as long as it lives.
        package = JIRA(
            options={"server": self._address.find(), "rest_api_version": version},
            get_server_info=False,
            max_retries=0,
            timeout=self._timeout,
            logging=False,
        )
        session = package._session
        for scheme in ("https://", "http://"):
            session.mount(scheme, self._adapter)
        settle(session, self._address.find())
        return package

    def _read(self, method: str, path: str, shape: type[Shape] | Decoding[Shape], **content: Any) -> Shape:
        try:
            with expecting(shape):
                return self._decoded(self._send(method, path, **content).content, shape, self._where(method, path))
        except ConflictError as error:  # means nothing on a read
            raise UnavailableError(error.fault, remedy=error.remedy) from None

    def _send(
        self,
        method: str,
        path: str,
        *,
        parameters: Parameters | None = None,
        payload: Mapping[str, Any] | None = None,
    ) -> Response:
        is_cloud = self.is_cloud
        url = f"{self._address.find()}/rest/api/{'3' if is_cloud else '2'}/{path}"
        data = None if payload is None else msgspec.json.encode(payload)
        response: Response = self._ask(self._package._session.request, method, url, params=parameters, data=data)
        return response

    def _ask(self, call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Calls the package; its own errors never show: their text holds headers, body or address."""
        try:
            return call(*arguments, **options)
        except (JIRAError, RequestException) as error:
            kind = type(error).__name__
            raise UnavailableError(f"{self._name}: the request could not be made or answered ({kind})") from None

    def _where(self, method: str, path: str) -> str:
        return f"{self._name}: {method} {path}"


def is_stranger(headers: Mapping[str, str]) -> bool:
    """Whether an answer was given to nobody in particular: wrong credentials can answer 200 (trackers.md)."""
    reasons = headers.get("X-Seraph-LoginReason", "")
    return "FAILED" in reasons or "DENIED" in reasons or headers.get("X-AUSERNAME") == "anonymous"


def _content(method: str, status: int, headers: Mapping[str, str], body: bytes, where: str) -> LpmSyncError | None:
    if is_stranger(headers):
        return UnauthorisedError(f"{where}: answered as to a stranger")
    return content_error(method, status, headers, body, where)


def _translate(status: int, headers: Mapping[str, str], body: bytes, where: str) -> LpmSyncError | None:
    if is_stranger(headers) and status < 500 and status != 429:
        return UnauthorisedError(f"{where}: {status}: answered as to a stranger")
    error = translate(status, headers, body, where)
    if isinstance(error, ForbiddenError) and (permission := permission_for(where)) is not None:
        return ForbiddenError(error.fault, remedy=f"{error.remedy}: {permission}")
    return error


def _reach(headers: Mapping[str, str]) -> Reach:
    """`RateLimit-Reason` tells what is used up (trackers.md, Limits)."""
    reason = headers.get("RateLimit-Reason", "")
    if reason.startswith("jira-quota"):
        return Reach.EVERYTHING
    return Reach.ITEM if reason == "jira-per-issue-on-write" else Reach.ENDPOINT


def _date(text: str | None) -> datetime | None:
    """A `Date` header; those are in UTC, whatever zone they write."""
    try:
        return parsedate_to_datetime(text or "").replace(tzinfo=UTC)
    except ValueError:
        return None


def _instant(text: str | None) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else None
