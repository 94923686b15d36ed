"""Signs in to Microsoft Entra through the `azure-identity` package, for tokens that Azure DevOps takes."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import requests

from connectors.azure_devops.entra_errors import sign_in_error
from connectors.http import CarefulAdapter, Deadline, RetryPolicy, check_address, origin, translate
from connectors.http.authorisation import Grant, bearer
from lpm_sync.errors import ConfigurationError, LpmSyncError
from lpm_sync.ports import Connection

SCOPE = "499b84ac-1321-427f-aa17-267ca6975798/.default"  # Azure DevOps, for every organisation
AUTHORITY = "https://login.microsoftonline.com"
CERTIFICATE_FORM = (
    "put the certificate and its private RSA key into that one file, in PEM form (-----BEGIN …) or as PKCS12 (.pfx)"
)
LENT_CONNECT_SECONDS = 2  # the endpoints that lend an identity are on this machine, or one hop away
LENT_READ_SECONDS = 10

Make = Callable[[Mapping[str, str], "EntraTransport"], Any]
"""Makes a credential of the package, which comes with types that its own parts do not keep."""


class EntraTransport:
    """What the package sends with: our careful transport, which only the authority is reached with."""

    def __init__(self, connection: Connection, *, retries: RetryPolicy | None = None) -> None:
        """Raises ConfigurationError for an option `authority` that cannot be used."""
        allowed = connection.options.get("allowed_hosts", "").split()
        self.authority = check_address(connection.options.get("authority", AUTHORITY), allowed_hosts=allowed)
        if not self.authority.startswith("https://"):
            raise ConfigurationError(f"{connection.name}: options.authority: Entra is reached over https only")
        self.adapter = CarefulAdapter(
            name=f"{connection.name}: signing in",
            origins=(origin(self.authority),),
            request_timeout=connection.request_timeout,
            reads=re.compile(""),  # a token that was asked for twice does no harm
            translate=_passing,
            retries=retries,
            largest_body=1024 * 1024,
        )
        self.session = requests.Session()
        self.session.auth = _unsigned
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, self.adapter)

    @property
    def options(self) -> dict[str, Any]:
        """How the package is told to send: to this authority, over this session, without retries of its own.

        Without instance discovery: it would ask Microsoft's public cloud whether the configured authority is one.
        """
        from azure.core.pipeline.transport import RequestsTransport  # noqa: PLC0415 heavy, and only for Entra

        transport = RequestsTransport(session=self.session, session_owner=False)
        return {
            "authority": self.authority,
            "disable_instance_discovery": True,
            "transport": transport,
            "retry_total": 0,
        }


class EntraSignIn:
    """One way to sign in; the package is imported, and its credential made anew, whenever a token is obtained."""

    def __init__(self, connection: Connection, make: Make, *, retries: RetryPolicy | None = None) -> None:
        """Talks to nobody yet."""
        self._name = connection.name
        self._make = make
        self._transport = EntraTransport(connection, retries=retries)
        self._credentials = connection.credentials
        self.authority = self._transport.authority

    def start(self, deadline: Deadline) -> None:
        self._transport.adapter.start(deadline)

    def close(self) -> None:
        self._transport.adapter.interrupt()
        self._transport.session.close()

    def obtain(self, secrets: Mapping[str, str]) -> Grant:
        """Asks for a token; the errors are those of `SignIn`."""
        _quieten()
        from azure.core.exceptions import AzureError  # noqa: PLC0415 heavy, and only for Entra

        try:
            token = self._make(secrets, self._transport).get_token(SCOPE)
        except (LpmSyncError, AzureError) as error:
            places = ", ".join(self._credentials.place(name) for name in secrets)
            raise sign_in_error(error, self._name, self._transport.authority, places) from None
        except (ValueError, TypeError, OSError) as error:
            raise self._unusable(secrets, type(error).__name__) from None
        return Grant(header=bearer(token.token), seconds=max(0.0, token.expires_on - time.time()))

    def _unusable(self, secrets: Mapping[str, str], kind: str) -> ConfigurationError:
        """What the package cannot use of a file or a tenant; its own words could quote what is in them."""
        place = self._credentials.place
        if (path := secrets.get("certificate_file")) is not None:
            fault = f"{self._name}: {place('certificate_file')}: {path} is no certificate that can be used ({kind})"
            password = place("certificate_password")
            return ConfigurationError(fault, remedy=f"{CERTIFICATE_FORM}; one with a password needs {password} too")
        places = ", ".join(map(place, secrets)) or "`credential` in trackers.yaml"
        return ConfigurationError(f"{self._name}: the credential cannot be used ({kind})", remedy=f"check {places}")


def client_secret(secrets: Mapping[str, str], transport: EntraTransport) -> Any:
    """An application with a secret."""
    from azure.identity import ClientSecretCredential  # noqa: PLC0415 heavy, and only for Entra

    names = ("tenant_id", "client_id", "client_secret")
    return ClientSecretCredential(*(secrets[name] for name in names), **transport.options)


def certificate(secrets: Mapping[str, str], transport: EntraTransport) -> Any:
    """An application with a certificate: a file in PEM or PKCS12 form, with its private key."""
    from azure.identity import CertificateCredential  # noqa: PLC0415 heavy, and only for Entra

    names = ("tenant_id", "client_id", "certificate_file")
    password = secrets.get("certificate_password")
    return CertificateCredential(*(secrets[name] for name in names), password=password, **transport.options)


def workload_identity(secrets: Mapping[str, str], transport: EntraTransport) -> Any:
    """An application that trusts tokens of our platform; what is not given stands in variables of that platform."""
    from azure.identity import WorkloadIdentityCredential  # noqa: PLC0415 heavy, and only for Entra

    return WorkloadIdentityCredential(
        tenant_id=secrets.get("tenant_id"),
        client_id=secrets.get("client_id"),
        token_file_path=secrets.get("federated_token_file"),
        **transport.options,
    )


def managed_identity(secrets: Mapping[str, str], transport: EntraTransport) -> Any:
    """The identity of the machine, or with `client_id` one that was assigned to it.

    Who lends it is found out by the package, at link-local addresses that our transport does not go to. No proxy stands
    between, and there is one retry: the next cycle asks again.
    """
    from azure.identity import ManagedIdentityCredential  # noqa: PLC0415 heavy, and only for Entra

    return ManagedIdentityCredential(
        client_id=secrets.get("client_id"),
        connection_timeout=LENT_CONNECT_SECONDS,
        read_timeout=LENT_READ_SECONDS,
        retry_total=1,
        retry_status=1,
        use_env_settings=False,
    )


def _passing(status: int, headers: Mapping[str, str], body: bytes, where: str) -> LpmSyncError | None:
    """A refusal is for the package to read; what may go better the next time is for our transport."""
    return None if status < 500 and status not in (408, 425, 429) else translate(status, headers, b"", where)


def _unsigned(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps requests from looking for a password of the host in somebody's .netrc."""
    return request


@lru_cache(maxsize=1)
def _quieten() -> None:
    """What the package has to say of a failure we say ourselves; its words repeat those of the server."""
    for name in ("azure.identity", "azure.core", "msal"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
