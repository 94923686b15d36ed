"""Where the interface of a Jira is reached: at its site, or at Atlassian's gateway below the id of the site."""

from __future__ import annotations

import re
from collections.abc import Mapping
from threading import Lock
from urllib.parse import urlsplit

import msgspec
import requests

from connectors.http import CarefulAdapter, Deadline, RetryPolicy, check_address, decode, origin, translate
from lpm_sync.errors import ConfigurationError, LpmSyncError, RefusedError, UnavailableError
from lpm_sync.ports import Connection

ROOT = "/ex/jira"  # https://api.atlassian.com/ex/jira/{cloudId}; Atlassian, OAuth 2.0 and scoped tokens
TENANT = "/_edge/tenant_info"  # at the site, for everyone; Atlassian, "Retrieve my Atlassian site's cloud id"
CLOUD_ID = re.compile(r"[A-Za-z0-9-]{1,100}")


class Tenant(msgspec.Struct):
    """What a site says of itself."""

    cloud_id: str = msgspec.field(name="cloudId")


class ApiAddress:
    """The address of the interface. Where `url` ends with `/ex/jira` the id of the site belongs behind it.

    It is the option `cloud_id`, or else asked of the site, once, without any credential.
    """

    def __init__(self, connection: Connection, *, retries: RetryPolicy | None = None) -> None:
        """Talks to nobody yet. Raises ConfigurationError for addresses that cannot be used or do not go together."""
        allowed = connection.options.get("allowed_hosts", "").split()
        self._name = connection.name
        self.configured = check_address(connection.url, allowed_hosts=allowed)
        self._site = check_address(connection.site_url, allowed_hosts=allowed)
        self._lock = Lock()
        self._known = self._without_asking(connection.options.get("cloud_id", ""))
        self._adapter = CarefulAdapter(
            name=f"{connection.name}: the id of the site",
            origins=(origin(self._site),),
            request_timeout=connection.request_timeout,
            translate=_translate,
            retries=retries,
            largest_body=1024 * 1024,
        )

    def start(self, deadline: Deadline) -> None:
        """Begins a budget for asking."""
        self._adapter.start(deadline)

    def close(self) -> None:
        """Ends all waiting."""
        self._adapter.interrupt()

    def find(self) -> str:
        """The address, without a trailing slash. Raises UnavailableError where the site does not tell its id."""
        with self._lock:
            if not self._known:
                self._known = f"{self.configured}/{self._asked()}"
            return self._known

    def _without_asking(self, cloud_id: str) -> str:
        if not urlsplit(self.configured).path.endswith(ROOT):
            return self.configured
        if cloud_id:
            if not CLOUD_ID.fullmatch(cloud_id):
                raise ConfigurationError(f"{self._name}: options.cloud_id is not the id of a site: letters, digits, -")
            return f"{self.configured}/{cloud_id}"
        if self._site == self.configured:
            raise ConfigurationError(
                f"{self._name}: {self.configured} is the gateway to all sites: set `site_url` to the address that "
                "people open, or write the id of the site behind it"
            )
        return ""

    def _asked(self) -> str:
        place = f"{self._name}: {self._site}{TENANT}"
        remedy = "check `site_url`, or set options.cloud_id in trackers.yaml"
        with requests.Session() as session:
            session.auth = lambda request: request  # nothing of .netrc either: this is asked as a stranger
            for scheme in ("https://", "http://"):
                session.mount(scheme, self._adapter)
            try:
                tenant = decode(session.get(f"{self._site}{TENANT}").content, Tenant, place)
            except (RefusedError, requests.RequestException) as error:
                raise UnavailableError(f"{place}: tells no id ({type(error).__name__})", remedy=remedy) from None
        if not CLOUD_ID.fullmatch(tenant.cloud_id):
            raise UnavailableError(f"{place}: what it tells is no id", remedy=remedy)
        return tenant.cloud_id


def _translate(status: int, headers: Mapping[str, str], body: bytes, where: str) -> LpmSyncError | None:
    """A refusal to a stranger says nothing of our credential."""
    if status in (401, 403):
        return RefusedError(f"{where}: {status}: tells nothing to strangers")
    return translate(status, headers, body, where)
