"""Who a request is made for."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from connectors.sandbox.jira.errors import RefusalError
from connectors.sandbox.jira.model import Account
from connectors.sandbox.jira.store import JiraStore

UNAUTHENTICATED = "Client must be authenticated to access this resource."


@dataclass(slots=True, frozen=True)
class Access:
    """The account, or None for a client that is not signed in, and the headers that tell it so."""

    account: Account | None
    headers: dict[str, str]


def identify(store: JiraStore, authorization: str) -> Access:
    """Looks at the credentials: e-mail and API token on Cloud, a bearer token on Data Center.

    `trackers.md`, Credentials: bad ones can answer 200 as anonymous, told only by `X-Seraph-LoginReason:
    AUTHENTICATED_FAILED`. Data Center refuses a bad token, and so does Cloud with `refuse_bad_credentials`.
    """
    if not authorization:
        return Access(None, {"X-AUSERNAME": "anonymous"} if not store.is_cloud else {})
    account = _cloud_account(store, authorization) if store.is_cloud else _server_account(store, authorization)
    if account is None:
        failed = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}
        if not store.is_cloud or store.behaviour.refuse_bad_credentials:
            raise RefusalError(401, UNAUTHENTICATED, headers=failed)
        return Access(None, failed)
    named = {"X-AACCOUNTID": account.account_id} if store.is_cloud else {"X-AUSERNAME": account.name}
    return Access(account, {"X-Seraph-LoginReason": "OK", **named})


def _cloud_account(store: JiraStore, authorization: str) -> Account | None:
    scheme, _, encoded = authorization.partition(" ")
    try:
        email, _, token = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    if scheme.lower() != "basic":
        return None
    return next((one for one in _signing_in(store) if one.email == email and one.token == token), None)


def _server_account(store: JiraStore, authorization: str) -> Account | None:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        return None
    return next((one for one in _signing_in(store) if one.token == token), None)


def _signing_in(store: JiraStore) -> list[Account]:
    return [account for account in store.accounts if account.token and account.active]
