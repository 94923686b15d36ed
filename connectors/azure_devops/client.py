"""One organisation: what is asked of it, and what that means where it fails; what is sent and got stays raw bytes."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from threading import Lock
from typing import Any, TypeVar

from connectors.azure_devops.answers import AlreadyExistsError, TooManyResultsError, discovering, translate
from connectors.azure_devops.credentials import AzureDevOpsCredential
from connectors.azure_devops.easing import leniently
from connectors.azure_devops.locations import CONNECTION_DATA_ID, PROJECTS_ID, Location, Locations
from connectors.azure_devops.package import JsonAdapter, Opened, package
from connectors.azure_devops.versions import OLDEST_SERVER, MissingResourceError, fitting_version
from connectors.http import Deadline, Pauses, RetryPolicy, check_address, decode, origin
from lpm_sync.errors import ConflictError, ForbiddenError, RefusedError, UnavailableError
from lpm_sync.ports import Connection

THREADS = 2  # for each request at a time: while some make items of their answers, others have the connections
READING_POSTS = re.compile(r"/_apis/wit/(wiql|workitemsbatch)$", re.IGNORECASE)

Shape = TypeVar("Shape")
Argument = TypeVar("Argument")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of the API: the identifier by which the package looks up its address, and the version known here."""

    name: str
    location: str
    version: str = "7.1"


CONNECTION_DATA = Resource("connectionData", CONNECTION_DATA_ID, "7.1-preview.1")
FIELDS = Resource("fields", "b51fd764-e5c2-4b9b-aaf7-3395cf4bdd94")
TYPES = Resource("workitemtypes", "7c8d7a76-4a09-43e8-b5df-bd792f4ac6aa")
STATES = Resource("states", "7c9d7a76-4a09-43e8-b5df-bd792f4ac6aa")
CATEGORIES = Resource("workitemtypecategories", "9b9f5734-36c8-415e-ba67-f83b45c31408")
QUERY = Resource("wiql", "1a9c53f7-f243-4447-b110-35ef023636e4")
BATCH = Resource("workitemsbatch", "908509b6-4248-4475-a1cd-829139ba419f")
ITEM = Resource("workitems", "72c7ddf8-2cdc-4f60-90cd-ab71c14a399b")
NEW_ITEM = Resource("workitems", "62d3d110-0047-428c-ad3c-4fe872c91c74")
UPDATES = Resource("updates", "6570bf97-d02c-4a91-8d93-3abe9895b1a9")
COMMENTS = Resource("comments", "608aac0a-32e1-4493-a863-b9cf4566d257", "7.1-preview.4")
LINKS = Resource("workitemlinks", "b5b5b6d0-0308-40a1-b3f4-b9bb3c66878f")
REVISIONS = Resource("workitemrevisions", "f828fe59-dd87-495d-a17c-7a8d6211ca6c")
PROJECTS = Resource("projects", PROJECTS_ID)
RESOURCES = (
    *(CONNECTION_DATA, FIELDS, TYPES, STATES, CATEGORIES, QUERY, BATCH, ITEM, NEW_ITEM, UPDATES, COMMENTS),
    *(LINKS, REVISIONS, PROJECTS),
)


class Client:
    """One organisation, reached with one credential. Safe to use from several threads.

    Every method raises the errors of `lpm_sync.errors` only. Nothing is sent before the first call.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        retries: RetryPolicy | None = None,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        allowed = connection.options.get("allowed_hosts", "").split()
        self._name = connection.name
        self.url = check_address(connection.url, allowed_hosts=allowed)
        self.credential = AzureDevOpsCredential(connection, retries=retries)
        self._adapter = JsonAdapter(
            self.credential.authorisation,
            name=connection.name,
            origins=(origin(self.url),),
            request_timeout=connection.request_timeout,
            reads=READING_POSTS,
            translate=translate,
            at_once=connection.requests_at_once,
            pauses=Pauses(connection.pauses, server=origin(self.url)),
            retries=retries,
            wait=wait,
        )
        self._opening = Lock()
        self._opened: Opened | None = None
        self._remembered: Locations | None = None
        self._at_most = THREADS * connection.requests_at_once
        self._threads = ThreadPoolExecutor(self._at_most, thread_name_prefix=f"lpm-sync-{connection.name}")

    def start(self, seconds: float) -> None:
        """Begins the time that everything up to the next start may take."""
        self._adapter.start(Deadline(seconds))

    def remember(self, locations: Locations | None) -> None:
        """Makes discovery unnecessary: what is given was told before. It is asked for anew where it proves wrong."""
        if locations is not None and locations.url == self.url:
            self._remembered = locations

    def doubt(self) -> None:
        """Makes discovery anew, unless this client made it itself. Raises what discovery raises."""
        opened = self._open()
        with discovering(), self._translating(CONNECTION_DATA, None):
            opened.doubt()

    def locations(self) -> Locations:
        """What discovery told, to be remembered; raises what discovery raises."""
        found = map(self._location, RESOURCES)
        return Locations(url=self.url, rows=tuple(one for one in found if one is not None))

    def read(
        self,
        resource: Resource,
        shape: type[Shape],
        *,
        route: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Shape:
        """What GET answers, or POST where there is a `body` (a query that only reads)."""
        return self.read_by(
            lambda content, where: decode(content, shape, where, reading=leniently), resource, route, query, body
        )

    def read_by(
        self,
        decoding: Callable[[bytes, str], Answer],
        resource: Resource,
        route: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Answer:
        """As `read`, with a decoding that takes the bytes of the answer, and the place for its messages."""
        try:
            content = self._send("GET" if body is None else "POST", resource, route, query, body)
        except ConflictError as error:  # means nothing on a read
            raise UnavailableError(error.fault, remedy=error.remedy) from None
        return decoding(content, self._where(resource, route))

    def write(
        self,
        method: str,
        resource: Resource,
        shape: type[Shape],
        *,
        route: Mapping[str, str],
        query: Mapping[str, str] | None = None,
        body: Any,
    ) -> Shape:
        """Sends JSON, or a JSON Patch where `body` is a list; an answer that is none raises UnclearError."""
        content = self._send(method, resource, route, query, body)
        return decode(content, shape, self._where(resource, route), is_write=True, reading=leniently)

    def delete(self, resource: Resource, *, route: Mapping[str, str]) -> None:
        """Deletes what `route` names."""
        self._send("DELETE", resource, route, None, None)

    def version_of(self, resource: Resource) -> str:
        """The version of a resource that is spoken here. Raises MissingResourceError, and what discovery raises."""
        location = self._location(resource)
        if location is None:
            raise self._missing(resource)
        return fitting_version(resource.version, location)

    def in_parallel(self, function: Callable[[Argument], Answer], arguments: Iterable[Argument]) -> list[Answer]:
        """The answers in the order of the arguments; the first error cancels what has not begun, and is raised."""
        futures = [self._threads.submit(function, argument) for argument in arguments]
        try:
            return [future.result() for future in futures]
        finally:
            for future in futures:
                future.cancel()

    def converse(
        self,
        ask: Callable[[Argument], Answer],
        first: Iterable[Argument],
        then: Callable[[Argument, Answer], Iterable[Argument]],
    ) -> None:
        """Asks in parallel, and on from each answer, until nothing is left to be asked.

        `then` is called in this thread, with one answer after the other as they come; what it returns is asked before
        all that still waits, so that what was begun is soon done. The first error, of either, ends it and is raised.
        """
        waiting = deque(first)
        answered: SimpleQueue[tuple[Argument, Future[Answer]]] = SimpleQueue()
        under_way: set[Future[Answer]] = set()
        try:
            while waiting or under_way:
                while waiting and len(under_way) < self._at_most:
                    argument = waiting.popleft()
                    future = self._threads.submit(ask, argument)
                    under_way.add(future)
                    future.add_done_callback(partial(_tell, answered, argument))
                argument, future = answered.get()
                under_way.remove(future)
                waiting.extendleft(reversed(list(then(argument, future.result()))))
        finally:
            for future in under_way:
                future.cancel()

    def close(self) -> None:
        """Ends waiting and lets go of threads and connections."""
        self._adapter.interrupt()
        self._threads.shutdown(cancel_futures=True)
        self._adapter.close()

    def _send(
        self,
        method: str,
        resource: Resource,
        route: Mapping[str, str] | None,
        query: Mapping[str, str] | None,
        body: Any,
    ) -> bytes:
        location = self._location(resource)
        try:
            return self._send_to(location, method, resource, route or {}, query or {}, body)
        except (ForbiddenError, AlreadyExistsError, TooManyResultsError):
            raise
        except RefusedError:  # nothing was done: the place may be another one by now, or a version gone
            self.doubt()
            other = self._location(resource)
            if other == location:
                raise
        return self._send_to(other, method, resource, route or {}, query or {}, body)

    def _send_to(
        self,
        location: Location | None,
        method: str,
        resource: Resource,
        route: Mapping[str, str],
        query: Mapping[str, str],
        body: Any,
    ) -> bytes:
        version = resource.version if location is None else fitting_version(resource.version, location)
        with self._translating(resource, route):
            try:
                return self._open().send(method, resource.location, version, route=route, query=query, body=body)
            except (RefusedError, ValueError):  # the package looks one level above, too, and does not find it there
                if location is None:
                    raise self._missing(resource) from None
                raise

    def _location(self, resource: Resource) -> Location | None:
        """Where a resource is, and in which versions; None where this server does not have it."""
        opened = self._open()
        with self._translating(resource, None):
            return opened.location(resource.location)

    @contextmanager
    def _translating(self, resource: Resource, route: Mapping[str, str] | None) -> Iterator[None]:
        """The package's own words repeat bodies and headers: only the kind of its error is told."""
        try:
            yield
        except (package().error, ValueError) as error:
            where = self._where(resource, route)
            raise UnavailableError(f"{where}: {type(error).__name__} in the package azure-devops") from None

    def _open(self) -> Opened:
        """Discovery, once: the package finds out which resources there are and where."""
        with self._opening:
            if self._opened is None:
                try:
                    with discovering():
                        opened = Opened(self.url, self._adapter, self._remembered)
                        opened.location(CONNECTION_DATA.location)
                        self._opened = opened
                except (package().error, ValueError) as error:
                    message = f"{self._name}: discovery failed ({type(error).__name__})"
                    raise UnavailableError(message, remedy=f"check the address {self.url}") from None
            return self._opened

    def _missing(self, resource: Resource) -> MissingResourceError:
        where = self._where(resource, None)
        return MissingResourceError(f"{where}: this server does not have it", remedy=f"update it to {OLDEST_SERVER}")

    def _where(self, resource: Resource, route: Mapping[str, str] | None) -> str:
        return "/".join((f"{self._name}: {resource.name}", *(route or {}).values()))


def _tell(answered: SimpleQueue[tuple[Argument, Future[Answer]]], argument: Argument, future: Future[Answer]) -> None:
    answered.put((argument, future))
