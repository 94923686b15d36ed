"""The kinds of credential that Azure DevOps takes, and who signs in with them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors.azure_devops import entra
from connectors.azure_devops.permissions import READ_AND_WRITE
from connectors.http import RetryPolicy
from connectors.http.authorisation import Authorisation, WrittenSignIn, basic
from connectors.http.credentials import Credential, CredentialKind, read_credential, reread_credential
from lpm_sync.core.examination import Check
from lpm_sync.errors import ConfigurationError
from lpm_sync.ports import Connection

APPLICATION = ("tenant_id", "client_id")
PAT = CredentialKind(name="pat", title="personal access token", needs=("token",))
CLIENT_SECRET = CredentialKind(
    name="client-secret", title="Entra application with a client secret", needs=(*APPLICATION, "client_secret")
)
CERTIFICATE = CredentialKind(
    name="certificate",
    title="Entra application with a certificate",
    needs=(*APPLICATION, "certificate_file"),
    may_have=("certificate_password",),
)
WORKLOAD_IDENTITY = CredentialKind(
    name="workload-identity",
    title="Entra application with a workload identity",
    needs=(*APPLICATION, "federated_token_file"),
    is_lent=True,
)
MANAGED_IDENTITY = CredentialKind(
    name="managed-identity", title="managed identity of this machine", may_have=("client_id",), is_lent=True
)
KINDS = (PAT, CLIENT_SECRET, CERTIFICATE, WORKLOAD_IDENTITY, MANAGED_IDENTITY)
NEW_TOKEN = (
    f"make a new personal access token in this organisation, with {READ_AND_WRITE}, and set it as {{}}: the one "
    "that is there is wrong, expired, revoked, or of another organisation"
)
IN_ORGANISATION = (
    "the application is known to Entra, and not to this organisation: add it to its users, with an access level, and "
    "connect the organisation to its tenant; an Azure DevOps Server takes personal access tokens only"
)
MAKERS = {
    CLIENT_SECRET.name: entra.client_secret,
    CERTIFICATE.name: entra.certificate,
    WORKLOAD_IDENTITY.name: entra.workload_identity,
    MANAGED_IDENTITY.name: entra.managed_identity,
}


class AzureDevOpsCredential:
    """The credential of a connection: its kind, and the authorisation of its requests."""

    def __init__(self, connection: Connection, *, retries: RetryPolicy | None = None) -> None:
        """Talks to nobody yet. Raises ConfigurationError for secrets that make no credential, and files that are not
        there."""
        self._connection = connection
        self.kind = read_credential(connection, KINDS).kind
        self._read()
        sign_in = None
        if self.kind is not PAT:
            sign_in = entra.EntraSignIn(connection, MAKERS[self.kind.name], retries=retries)
        place = f"{self.kind.name} {sign_in.authority if sign_in else connection.url}"
        pat = WrittenSignIn(write=_write)
        remedy = IN_ORGANISATION if sign_in else NEW_TOKEN.format(connection.credentials.place("token"))
        self.authorisation = Authorisation(connection.name, self._read, sign_in or pat, place=place, remedy=remedy)

    def check(self, now: datetime) -> Check:
        """For people who examine the tracker: the kind, and until when its parts last, as far as that is known."""
        told = [self.kind.title]
        if self.kind is CERTIFICATE and (end := _certificate_end(self._read().secrets)) is not None:
            told.append(f"it lasts until {_shown(end)}")
        seconds = self.authorisation.seconds_left
        if seconds is not None:
            told.append(f"its access token lasts until {_shown(now + timedelta(seconds=seconds))}")
        return Check(subject="credential", note="; ".join(told))

    def _read(self) -> Credential:
        credential = reread_credential(self._connection, KINDS, self.kind)
        for name in ("certificate_file", "federated_token_file"):
            path = credential.secrets.get(name)
            if path is not None and not (Path(path).is_file() and os.access(path, os.R_OK)):
                place = self._connection.credentials.place(name)
                raise ConfigurationError(
                    f"{self._connection.name}: {place}: {path} is no file that can be read",
                    remedy="check the path, and whether the account that lpm-sync runs under may read it",
                )
        return credential


def _write(secrets: Mapping[str, str]) -> str:
    """A personal access token is a password without a user (trackers.md, Limits and credentials)."""
    return basic("", secrets["token"])


def _certificate_end(secrets: Mapping[str, str]) -> datetime | None:
    """When the certificate ends; None where the file does not show it."""
    from cryptography import x509  # noqa: PLC0415 heavy, and only for a certificate
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12  # noqa: PLC0415

    password = secrets.get("certificate_password", "").encode() or None
    try:
        content = Path(secrets["certificate_file"]).read_bytes()
        if b"-----BEGIN" in content:
            return x509.load_pem_x509_certificate(content).not_valid_after_utc
        named = load_pkcs12(content, password).cert
    except (OSError, ValueError):
        return None
    return named.certificate.not_valid_after_utc if named is not None else None


def _shown(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
