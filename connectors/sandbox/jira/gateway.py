"""Atlassian's gateway before an embedded Jira Cloud: access tokens of OAuth 2.0 clients, and scoped tokens.

trackers.md, Credentials: scoped and service account tokens are taken at `api.atlassian.com/ex/jira/{cloudId}` only.
RFC 6749, 4.4 and 5: an id and a secret become a bearer token with a lifetime, and a refusal has a code.
"""

from __future__ import annotations

import base64
from datetime import timedelta
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connectors.sandbox.faults import Application, Receive, Scope, Send
from connectors.sandbox.jira.store import JiraStore

CLOUD_ID = "11223344-a1b2-3b33-c444-def123456789"
ROOT = f"/ex/jira/{CLOUD_ID}"


class JiraGateway:
    """An ASGI application for what stands at `auth.atlassian.com`, at `api.atlassian.com` and below `/_edge` of a site.

    `client` is the id and the secret of a service account; `scoped_token` one that is taken with the bot's e-mail
    address, or alone. What passes is handed to the site as the store's bot.
    """

    def __init__(self, store: JiraStore, site: Application, *, client: tuple[str, str], scoped_token: str = "") -> None:
        self._store = store
        self._site = site
        self.client = client
        self.scoped_token = scoped_token
        self.lifetime: float | str = 3600
        self.issued = 0
        self._tokens: dict[str, Any] = {}  # the instant at which each ends, by the site's clock
        self._lock = Lock()

    def revoke(self) -> None:
        """Takes back every access token."""
        with self._lock:
            self._tokens.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        path = request.url.path
        if path == "/oauth/token":
            response: Response = self._token(request, await request.body())
        elif path == "/_edge/tenant_info":
            response = JSONResponse({"cloudId": CLOUD_ID})
        elif path.startswith(f"{ROOT}/"):
            if self._is_authorised(request.headers.get("authorization", "")):
                await self._site(self._passed_on(scope), receive, send)
                return
            response = JSONResponse({"code": 401, "message": "Unauthorized"}, 401)
        else:
            response = JSONResponse({"code": 404, "message": "Not Found"}, 404)
        await response(scope, receive, send)

    def _token(self, request: Request, body: bytes) -> Response:
        is_json = "json" in request.headers.get("content-type", "")
        form = msgspec.json.decode(body) if is_json else dict(parse_qsl(body.decode()))
        if request.method != "POST" or form.get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        if (form.get("client_id"), form.get("client_secret")) != self.client:
            described = f"the secret {form.get('client_secret')} is wrong"  # servers do repeat what they were sent
            return JSONResponse({"error": "invalid_client", "error_description": described}, 401)
        with self._lock:
            self.issued += 1
            token = f"{self._store.bot.token}-access-{self.issued}"
            self._tokens[token] = self._store.clock.now() + timedelta(seconds=float(self.lifetime))
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": self.lifetime})

    def _is_authorised(self, header: str) -> bool:
        scheme, _, credential = header.partition(" ")
        if scheme == "Basic" and self.scoped_token:
            return base64.b64decode(credential).decode() == f"{self._store.bot.email}:{self.scoped_token}"
        with self._lock:
            ends = self._tokens.get(credential)
        is_access = ends is not None and self._store.clock.now() < ends
        return scheme == "Bearer" and (is_access or bool(self.scoped_token and credential == self.scoped_token))

    def _passed_on(self, scope: Scope) -> Scope:
        """The request as the site gets it: from its bot, without the gateway's part of the path."""
        bot = self._store.bot
        basic = base64.b64encode(f"{bot.email}:{bot.token}".encode())
        kept = [(name, value) for name, value in scope["headers"] if name != b"authorization"]
        raw = scope.get("raw_path", scope["path"].encode())
        return {
            **scope,
            "path": scope["path"].removeprefix(ROOT),
            "raw_path": raw.removeprefix(ROOT.encode()),
            "headers": [*kept, (b"authorization", b"Basic " + basic)],
        }
