"""The kinds of credential that Jira takes, and who signs in with them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from connectors.http import RetryPolicy
from connectors.http.authorisation import Authorisation, SignIn, WrittenSignIn, basic, bearer
from connectors.http.credentials import CredentialKind, read_credential, reread_credential
from connectors.jira.oauth import TOKEN_ENDPOINT, OAuthSignIn
from lpm_sync.core.examination import Check
from lpm_sync.errors import ConfigurationError
from lpm_sync.ports import Connection

BASIC = CredentialKind(name="basic", title="account's e-mail address with its API token", needs=("email", "token"))
BEARER = CredentialKind(name="bearer", title="personal access token, or token of a service account", needs=("token",))
OAUTH = CredentialKind(
    name="oauth", title="OAuth 2.0 client of a service account", needs=("client_id", "client_secret")
)
KINDS = (BASIC, BEARER, OAUTH)
CLOUD_SITES = ".atlassian.net"
GATEWAY = "api.atlassian.com"
SCOPES = "read:jira-work, write:jira-work and read:jira-user"


class JiraCredential:
    """The credential of a connection: its kind, and the authorisation of its requests."""

    def __init__(self, connection: Connection, *, retries: RetryPolicy | None = None) -> None:
        """Talks to nobody yet. Raises ConfigurationError for secrets that make no credential."""
        self.kind = read_credential(connection, KINDS).kind
        _check_place(connection, self.kind)
        oauth = OAuthSignIn(connection, retries=retries) if self.kind is OAUTH else None
        self.authorisation = Authorisation(
            connection.name,
            partial(reread_credential, connection, KINDS, self.kind),
            oauth or _written(self.kind),
            place=oauth.endpoint if oauth else connection.url,
            remedy=_remedy(connection, self.kind),
        )

    def check(self, now: datetime) -> Check:
        """For people who examine the tracker: the kind, and until when its access token lasts, where it has one."""
        seconds = self.authorisation.seconds_left
        until = "" if seconds is None else f"; its access token lasts until {_shown(now + timedelta(seconds=seconds))}"
        return Check(subject="credential", note=f"{self.kind.title}{until}")


def _check_place(connection: Connection, kind: CredentialKind) -> None:
    host = urlsplit(connection.url).hostname or ""
    is_atlassian = connection.options.get("oauth_endpoint", TOKEN_ENDPOINT) == TOKEN_ENDPOINT
    if kind is OAUTH and is_atlassian and host.endswith(CLOUD_SITES):
        raise ConfigurationError(
            f"{connection.name}: {host} takes no token of an OAuth 2.0 client: in trackers.yaml set `url` to "
            f"https://api.atlassian.com/ex/jira and `site_url` to https://{host}"
        )


def _remedy(connection: Connection, kind: CredentialKind) -> str:
    """What people do where Jira does not accept that kind: each place takes its own (trackers.md, Credentials)."""
    host = urlsplit(connection.url).hostname or ""
    email, token = map(connection.credentials.place, ("email", "token"))
    if kind is OAUTH:
        return f"give the service account access to this site, and its credential the scopes {SCOPES}"
    if kind is BASIC:
        pair = f"check {email} and {token}: an account of this site, and an API token of it that has not expired"
        if host == GATEWAY:
            return f"{pair}, with the scopes {SCOPES}"
        if host.endswith(CLOUD_SITES):
            return f"{pair} and has no scopes: those with scopes are taken at https://{GATEWAY}/ex/jira only"
        return (
            f"a Jira Data Center takes a personal access token, and no e-mail address with it: unset {email}, and set "
            f"{token} to one of the account; or, where this is Jira Cloud, {pair}"
        )
    if host == GATEWAY:
        return f"check {token}: a token of a service account of this site, not expired, with the scopes {SCOPES}"
    cloud = f"set {email} too: a Jira Cloud takes the API token of an account with its e-mail address"
    if host.endswith(CLOUD_SITES):
        return f"{cloud}; a token of a service account is taken at https://{GATEWAY}/ex/jira only"
    return f"check {token}: a personal access token of the account, not expired; or, where this is Cloud, {cloud}"


def _written(kind: CredentialKind) -> SignIn:
    return WrittenSignIn(write=_write_basic if kind is BASIC else _write_bearer)


def _write_basic(secrets: Mapping[str, str]) -> str:
    return basic(secrets["email"], secrets["token"])


def _write_bearer(secrets: Mapping[str, str]) -> str:
    return bearer(secrets["token"])


def _shown(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
