"""Signs in to Jira as an OAuth 2.0 client: a service account's id and secret become an access token."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec
import requests

from connectors.http import CarefulAdapter, Deadline, RetryPolicy, check_address, decode, origin
from connectors.http.authorisation import Grant, bearer
from connectors.http.translation import translate
from lpm_sync.errors import ConfigurationError, LpmSyncError, RefusedError, UnauthorisedError, UnavailableError
from lpm_sync.ports import Connection

TOKEN_ENDPOINT = "https://auth.atlassian.com/oauth/token"  # noqa: S105 an address; Atlassian, service accounts
ASSUMED_LIFETIME = 600.0  # seconds, where the server does not say (RFC 6749, 5.1 only recommends it)
REFUSALS = frozenset({"access_denied", "invalid_client", "invalid_grant", "invalid_request", "invalid_scope"})
REFUSALS |= {"unauthorized_client", "unsupported_grant_type"}  # the errors of RFC 6749, 5.2


class Token(msgspec.Struct):
    """A successful answer (RFC 6749, 5.1). Some servers write the number as text."""

    access_token: str
    token_type: str
    expires_in: float | str | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.token_type}, {self.expires_in})"


class _Refusal(msgspec.Struct):
    error: str = ""


class OAuthSignIn:
    """The client credentials grant (RFC 6749, 4.4). Its endpoint gets the client's id and secret, and nothing else.

    The option `oauth_endpoint` is its address, `oauth_scope` the scopes to ask for, between blanks: Atlassian's cloud
    gives those of the credential without being asked, Data Center (`/rest/oauth2/latest/token`) wants them named.
    """

    def __init__(self, connection: Connection, *, retries: RetryPolicy | None = None) -> None:
        """Talks to nobody yet. Raises ConfigurationError for an address that cannot be used."""
        self._name = f"{connection.name}: signing in"
        allowed = connection.options.get("allowed_hosts", "").split()
        self.endpoint = check_address(connection.options.get("oauth_endpoint", TOKEN_ENDPOINT), allowed_hosts=allowed)
        self._out_of_reach = (
            f"let this machine reach {self.endpoint} through proxy and firewall, or correct options.oauth_endpoint in "
            "trackers.yaml"
        )
        self._scope = connection.options.get("oauth_scope", "")
        self._places = " and ".join(map(connection.credentials.place, ("client_id", "client_secret")))
        self._adapter = CarefulAdapter(
            name=self._name,
            origins=(origin(self.endpoint),),
            request_timeout=connection.request_timeout,
            reads=re.compile(""),  # a token that was asked for twice does no harm
            translate=self._translate,
            retries=retries,
            largest_body=1024 * 1024,
        )
        self._session = requests.Session()
        self._session.auth = _unsigned
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, self._adapter)

    def start(self, deadline: Deadline) -> None:
        self._adapter.start(deadline)

    def close(self) -> None:
        self._adapter.interrupt()
        self._session.close()

    def obtain(self, secrets: Mapping[str, str]) -> Grant:
        """Asks for an access token; the errors are those of `SignIn`."""
        form = {name: secrets[name] for name in ("client_id", "client_secret")} | {"grant_type": "client_credentials"}
        if self._scope:
            form["scope"] = self._scope
        try:
            response = self._session.post(self.endpoint, data=form, headers={"Accept": "application/json"})
        except requests.RequestException as error:
            raise UnavailableError(f"{self._name}: the request could not be made ({type(error).__name__})") from None
        except RefusedError as error:
            raise UnavailableError(error.fault, remedy="check options.oauth_endpoint in trackers.yaml") from None
        except UnavailableError as error:
            remedy = self._out_of_reach if error.remedy else ""  # one that fails by itself was reached
            raise UnavailableError(error.fault, remedy=remedy, retry_after=error.retry_after) from None
        return _grant(decode(response.content, Token, self._name), self._name)

    def _translate(self, status: int, headers: Mapping[str, str], body: bytes, where: str) -> LpmSyncError | None:
        """A refusal, of which only the code is told: the rest of it could repeat the secret."""
        code = _code(body)
        if status in (401, 403) or code in REFUSALS:
            says = f": {code}" if code else ""
            return UnauthorisedError(
                f"{where}: {status}{says}: the client is not accepted",
                remedy=f"check {self._places}, or create a new credential for the service account",
            )
        return translate(status, headers, b"", where)


def _unsigned(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps requests from looking for a password of the host in somebody's .netrc."""
    return request


def _code(body: bytes) -> str:
    try:
        code = msgspec.json.decode(body, type=_Refusal).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    return code if code in REFUSALS else ""


def _grant(token: Token, name: str) -> Grant:
    text = token.access_token
    is_sendable = text.isascii() and text.isprintable() and text.strip() == text != ""
    if token.token_type.casefold() != "bearer" or not is_sendable:
        raise ConfigurationError(f"{name}: the answer holds no bearer token; check options.oauth_endpoint")
    return Grant(header=bearer(text), seconds=_seconds(token.expires_in))


def _seconds(told: float | str | None) -> float:
    try:
        seconds = float(told if told is not None else ASSUMED_LIFETIME)
    except ValueError:
        return ASSUMED_LIFETIME
    return seconds if 0 <= seconds < float("inf") else ASSUMED_LIFETIME
