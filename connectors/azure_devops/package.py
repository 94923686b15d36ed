"""The package `azure-devops` as session and discovery of one organisation, with none of its habits."""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any
from urllib.parse import quote

from requests import PreparedRequest, Response, Session

from connectors.azure_devops.locations import SAME_EVERYWHERE, Location, Locations
from connectors.http import CarefulAdapter
from connectors.http.authorised import AuthorisedAdapter
from connectors.http.environment import settle

CACHE_VARIABLE = "AZURE_DEVOPS_CACHE_DIR"
PATCH_TYPE = "application/json-patch+json"

_environment = Lock()


class Opened:
    """The package's client of one organisation. Safe to use from several threads.

    It is the client that those for one area derive from: they ask first where their area lies (`ResourceAreas`), and
    would go there, while here everything is asked at the address that is configured. The location table is asked for
    when it is first needed, unless it was `remembered`. Raises what the transport raises, ValueError, and the `error`
    of the package.
    """

    def __init__(self, address: str, adapter: CarefulAdapter, remembered: Locations | None) -> None:
        self._client = package().client(base_url=address, creds=_Credentials(adapter))
        self._locations: dict[str, Location | None] = {}
        self._discovering = Lock()
        _settle(self._client, address)
        known = self._client._locations_cache  # of all clients in this process, by address
        if remembered is not None:
            known.setdefault(self._client.normalized_url, remembered.rows)
        self._is_told = self._client.normalized_url not in known  # by the server itself, when the first one asks

    def location(self, identifier: str) -> Location | None:
        """Where a resource is, and in which versions; None where this server does not have it."""
        with self._discovering:
            if self._client.normalized_url not in self._client._locations_cache:
                self._ask()
        if identifier not in self._locations:
            found = self._client._get_organization_resource_location(identifier)
            self._locations[identifier] = None if found is None else Location.of(found)
        return self._locations[identifier]

    def doubt(self) -> None:
        """Asks for the location table, once, if the one that is used was told to somebody before."""
        with self._discovering:
            if not self._is_told:
                package().cache[self._client.normalized_url] = None
                self._client._locations.pop(self._client.normalized_url, None)
                self._ask()
                self._locations.clear()
                self._is_told = True

    def _ask(self) -> None:
        """Lets the package know the table, with what a server may leave out of it; what it knew holds until then."""
        address = self._client.normalized_url
        rows = self._client._get_resource_locations(address, all_host_types=False)
        told = {row.id for row in rows}
        left_out = (row for row in SAME_EVERYWHERE if row.id not in told)
        self._client._locations_cache[address] = (*rows, *left_out)

    def send(
        self,
        method: str,
        identifier: str,
        version: str,
        *,
        route: Mapping[str, str],
        query: Mapping[str, str],
        body: Any,
    ) -> bytes:
        """The body of the answer to one request; a list goes as JSON Patch."""
        response = self._client._send(
            http_method=method,
            location_id=identifier,
            version=version,
            route_values={name: quote(value, safe="") for name, value in route.items()},
            query_parameters={name: quote(value, safe="") for name, value in query.items()},
            content=body,
            media_type=PATCH_TYPE if isinstance(body, list) else "application/json",
        )
        # msrest lets the answer and its wrapping hold each other: the body would stay until garbage is looked for.
        vars(response).pop("_universal_http_response", None)
        return bytes(response.content)


class JsonAdapter(AuthorisedAdapter):
    """As its parent; the package takes an answer for JSON by what it is called, and here it was proved to be JSON."""

    def send(self, request: PreparedRequest, *arguments: Any, **options: Any) -> Response:
        response = super().send(request, *arguments, **options)
        if response.content:
            response.headers["Content-Type"] = "application/json"
        return response


def _settle(client: Any, address: str) -> None:
    """Takes proxies and certificates from the environment once, which else is looked through with each request."""
    session = Session()
    settle(session, address)
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
        session = package().authentication().signed_session(session)
        for scheme in ("http://", "https://"):
            if session.adapters.get(scheme) is not self._adapter:
                session.mount(scheme, self._adapter)
        return session


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """The parts of the package that are used; it comes without types."""

    client: Any
    cache: Any  # location tables by address, which it keeps for twelve hours
    authentication: Any
    error: type[Exception]


@lru_cache(maxsize=1)
def package() -> Package:
    """Imports the package, which makes a cache folder where the environment says: a temporary one, for this process.

    Its debug log has whole bodies in it, so it is kept above that level.
    """
    folder = tempfile.mkdtemp(prefix="lpm-sync-azure-devops-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with _environment_variable(CACHE_VARIABLE, folder):
        # Here and not above: these read the environment, and write to the disk.
        from azure.devops.client import OPTIONS_FILE_CACHE  # noqa: PLC0415 reads the environment
        from azure.devops.client import Client as PackageClient  # noqa: PLC0415 reads the environment
        from msrest.authentication import Authentication  # noqa: PLC0415 reads the environment
        from msrest.exceptions import ClientException  # noqa: PLC0415 reads the environment
        from msrest.universal_http.requests import ClientRetryPolicy  # noqa: PLC0415 reads the environment
    # The package looks a thousand statuses up in this list for each of its clients: in a set that takes no time.
    ClientRetryPolicy.safe_codes = frozenset(ClientRetryPolicy.safe_codes)  # type: ignore[assignment]  # a list by its type
    logging.getLogger("azure.devops").setLevel(logging.INFO)
    return Package(client=PackageClient, cache=OPTIONS_FILE_CACHE, authentication=Authentication, error=ClientException)


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
