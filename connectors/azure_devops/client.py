"""The `azure-devops` package as connection, credentials and discovery; what it sends and gets stays raw bytes."""

from __future__ import annotations

import atexit
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import quote

from requests import Session

from connectors.azure_devops.answers import discovering, translate
from connectors.azure_devops.credentials import AzureDevOpsCredential
from connectors.azure_devops.versions import OLDEST_SERVER, MissingResourceError, fitting_version
from connectors.http import CarefulAdapter, Deadline, Pauses, RetryPolicy, check_address, decode, origin
from connectors.http.authorised import AuthorisedAdapter
from connectors.http.environment import settle
from lpm_sync.errors import ConflictError, RefusedError, UnavailableError
from lpm_sync.ports import Connection

THREADS = 2  # for each request at a time: while some make items of their answers, others have the connections
CACHE_VARIABLE = "AZURE_DEVOPS_CACHE_DIR"
PATCH_TYPE = "application/json-patch+json"
READING_POSTS = re.compile(r"/_apis/wit/(wiql|workitemsbatch)$", re.IGNORECASE)

Shape = TypeVar("Shape")
Argument = TypeVar("Argument")
Answer = TypeVar("Answer")

_environment = Lock()


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of the API: the identifier by which the package looks up its address, and the version known here."""

    name: str
    location: str
    version: str = "7.1"


CONNECTION_DATA = Resource("connectionData", "00d9565f-ed9c-4a06-9a50-00e7896ccab4", "7.1-preview.1")
FIELDS = Resource("fields", "b51fd764-e5c2-4b9b-aaf7-3395cf4bdd94")
TYPES = Resource("workitemtypes", "7c8d7a76-4a09-43e8-b5df-bd792f4ac6aa")
CATEGORIES = Resource("workitemtypecategories", "9b9f5734-36c8-415e-ba67-f83b45c31408")
QUERY = Resource("wiql", "1a9c53f7-f243-4447-b110-35ef023636e4")
BATCH = Resource("workitemsbatch", "908509b6-4248-4475-a1cd-829139ba419f")
ITEM = Resource("workitems", "72c7ddf8-2cdc-4f60-90cd-ab71c14a399b")
NEW_ITEM = Resource("workitems", "62d3d110-0047-428c-ad3c-4fe872c91c74")
UPDATES = Resource("updates", "6570bf97-d02c-4a91-8d93-3abe9895b1a9")
COMMENTS = Resource("comments", "608aac0a-32e1-4493-a863-b9cf4566d257", "7.1-preview.4")
LINKS = Resource("workitemlinks", "b5b5b6d0-0308-40a1-b3f4-b9bb3c66878f")
REVISIONS = Resource("workitemrevisions", "f828fe59-dd87-495d-a17c-7a8d6211ca6c")
PROJECTS = Resource("projects", "603fe2ac-9723-48b9-88ad-09305aa6c6e1")


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
        self._adapter = AuthorisedAdapter(
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
        self._credentials = _Credentials(self._adapter)
        self._opening = Lock()
        self._opened: _Opened | None = None
        self._threads = ThreadPoolExecutor(
            THREADS * connection.requests_at_once, thread_name_prefix=f"lpm-sync-{connection.name}"
        )

    def start(self, seconds: float) -> None:
        """Begins the time that everything up to the next start may take."""
        self._adapter.start(Deadline(seconds))

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
        return self.read_by(lambda content, where: decode(content, shape, where), resource, route, query, body)

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
        return decode(content, shape, self._where(resource, route), is_write=True)

    def delete(self, resource: Resource, *, route: Mapping[str, str]) -> None:
        """Deletes what `route` names."""
        self._send("DELETE", resource, route, None, None)

    def version_of(self, resource: Resource) -> str:
        """The version of a resource that is spoken here. Raises MissingResourceError, and what discovery raises."""
        opened = self._open()
        with self._translating(resource, None):
            version = opened.version_of(resource)
        if version is None:
            raise self._missing(resource)
        return version

    def in_parallel(self, function: Callable[[Argument], Answer], arguments: Iterable[Argument]) -> list[Answer]:
        """The answers in the order of the arguments; the first error cancels what has not begun, and is raised."""
        futures = [self._threads.submit(function, argument) for argument in arguments]
        try:
            return [future.result() for future in futures]
        finally:
            for future in futures:
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
        opened = self._open()
        with self._translating(resource, route):
            version = opened.version_of(resource)
            try:
                response = opened.client_for(resource)._send(
                    http_method=method,
                    location_id=resource.location,
                    version=version or resource.version,
                    route_values={name: quote(value, safe="") for name, value in (route or {}).items()},
                    query_parameters={name: quote(value, safe="") for name, value in (query or {}).items()},
                    content=body,
                    media_type=PATCH_TYPE if isinstance(body, list) else "application/json",
                )
            except (RefusedError, ValueError):  # the package looks one level above, too, and does not find it there
                if version is None:
                    raise self._missing(resource) from None
                raise
        return bytes(response.content)

    @contextmanager
    def _translating(self, resource: Resource, route: Mapping[str, str] | None) -> Iterator[None]:
        """The package's own words repeat bodies and headers: only the kind of its error is told."""
        try:
            yield
        except (_package().error, ValueError) as error:
            where = self._where(resource, route)
            raise UnavailableError(f"{where}: {type(error).__name__} in the package azure-devops") from None

    def _open(self) -> _Opened:
        """Discovery, once: the package finds out which resources there are and where."""
        with self._opening:
            if self._opened is None:
                package = _package()
                try:
                    with discovering():
                        connection = package.connection(base_url=self.url, creds=self._credentials)
                        self._opened = _Opened(
                            location=connection.clients_v7_1.get_location_client(),
                            tracking=connection.clients_v7_1.get_work_item_tracking_client(),
                        )
                        self._opened.settle(self.url)
                except (package.error, ValueError) as error:
                    message = f"{self._name}: discovery failed ({type(error).__name__})"
                    raise UnavailableError(message, remedy=f"check the address {self.url}") from None
            return self._opened

    def _missing(self, resource: Resource) -> MissingResourceError:
        where = self._where(resource, None)
        return MissingResourceError(f"{where}: this server does not have it", remedy=f"update it to {OLDEST_SERVER}")

    def _where(self, resource: Resource, route: Mapping[str, str] | None) -> str:
        return "/".join((f"{self._name}: {resource.name}", *(route or {}).values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """The clients of the package, after discovery."""

    location: Any  # LocationClient
    tracking: Any  # WorkItemTrackingClient

    def client_for(self, resource: Resource) -> Any:
        return self.location if resource in (CONNECTION_DATA, PROJECTS) else self.tracking

    def version_of(self, resource: Resource) -> str | None:
        """By the location table, which the package asks for once; None where the resource is not in it."""
        location = self.client_for(resource)._get_organization_resource_location(resource.location)
        return fitting_version(resource.version, location) if location is not None else None

    def settle(self, address: str) -> None:
        """Takes proxies and certificates from the environment once, which else is looked through with each request."""
        session = Session()
        settle(session, address)
        for client in (self.location, self.tracking):
            client.config.proxies.use_env_settings = False
            client.config.proxies.proxies = session.proxies
            client.config.connection.verify = session.verify


class _Credentials:
    """What the package asks before each request for a session that uses our transport, which puts the credential on.

    Every client that the package makes for itself (discovery does) gets the same transport in this way, so its own
    retries, time-outs and redirects never come into play.
    """

    def __init__(self, adapter: CarefulAdapter) -> None:
        self._adapter = adapter

    def signed_session(self, session: Any = None) -> Any:
        """The session, or a new one, as far as the package is to know it."""
        session = _package().authentication().signed_session(session)
        for scheme in ("http://", "https://"):
            if session.adapters.get(scheme) is not self._adapter:
                session.mount(scheme, self._adapter)
        return session


@dataclass(frozen=True, slots=True, kw_only=True)
class _Package:
    """The parts of the package that are used; it comes without types."""

    connection: Any
    authentication: Any
    error: type[Exception]


@lru_cache(maxsize=1)
def _package() -> _Package:
    """Imports the package, which makes a cache folder where the environment says: a temporary one, for this process.

    Its debug log has whole bodies in it, so it is kept above that level.
    """
    folder = tempfile.mkdtemp(prefix="lpm-sync-azure-devops-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with _environment_variable(CACHE_VARIABLE, folder):
        # Here and not above: the import reads the environment and writes to the disk.
        from azure.devops.connection import Connection as PackageConnection  # noqa: PLC0415
        from msrest.authentication import Authentication  # noqa: PLC0415
        from msrest.exceptions import ClientException  # noqa: PLC0415
        from msrest.universal_http.requests import ClientRetryPolicy  # noqa: PLC0415
    # The package looks a thousand statuses up in this list for each of its clients: in a set that takes no time.
    ClientRetryPolicy.safe_codes = frozenset(ClientRetryPolicy.safe_codes)  # type: ignore[assignment]
    logging.getLogger("azure.devops").setLevel(logging.INFO)
    return _Package(connection=PackageConnection, authentication=Authentication, error=ClientException)


@contextmanager
def _environment_variable(name: str, value: str) -> Iterator[None]:
    """Sets a variable for a while; two connectors that open at the same time wait for each other."""
    with _environment:
        before = os.environ.get(name)
        os.environ[name] = value
        try:
            yield
        finally:
            if before is None:
                del os.environ[name]
            else:
                os.environ[name] = before
