"""The embedded Jira as an ASGI application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC
from email.utils import format_datetime

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.sandbox.faults import Application
from connectors.sandbox.jira import (
    routes_comment,
    routes_issue,
    routes_link,
    routes_screens,
    routes_search,
    routes_site,
)
from connectors.sandbox.jira.access import identify
from connectors.sandbox.jira.budgets import Budgets
from connectors.sandbox.jira.call import Answer, Call, Endpoint
from connectors.sandbox.jira.errors import RefusalError
from connectors.sandbox.jira.issue_views import IssueView
from connectors.sandbox.jira.store import JiraStore

# The order decides: `/issue/bulkfetch` stands before `/issue/{issue}`.
ENDPOINTS = (
    *routes_site.ENDPOINTS,
    *routes_search.ENDPOINTS,
    *routes_screens.ENDPOINTS,
    *routes_issue.ENDPOINTS,
    *routes_comment.ENDPOINTS,
    *routes_link.ENDPOINTS,
)


def jira_application(store: JiraStore) -> Application:
    """Serves the store: versions 2 and 3 on Cloud, version 2 alone on Data Center (`trackers.md`, Search)."""
    versions = ("2", "3") if store.is_cloud else ("2",)
    server = _Server(store)
    routes = [
        Route(f"/rest/api/{version}{endpoint.path}", server.endpoint(endpoint, version), methods=[endpoint.method])
        for version in versions
        for endpoint in ENDPOINTS
        if store.deployment in endpoint.deployments
    ]
    return Starlette(routes=routes, exception_handlers={404: _no_such_address})


class _Server:
    """Runs one request at a time under the lock of the store, like a database transaction."""

    def __init__(self, store: JiraStore) -> None:
        self._store = store
        self._budgets = Budgets()

    def endpoint(self, endpoint: Endpoint, version: str) -> Callable[[Request], Awaitable[Response]]:
        """The function that answers that endpoint in that version of the interface."""

        async def answer(request: Request) -> Response:
            body = await request.body()
            with self._store.lock:
                return self._answer(endpoint, version, request, body)

        return answer

    def _answer(self, endpoint: Endpoint, version: str, request: Request, body: bytes) -> Response:
        headers = {"Date": format_datetime(self._store.clock.now().astimezone(UTC), usegmt=True)}
        try:
            access = identify(self._store, request.headers.get("authorization", ""))
            headers |= access.headers
            base = f"{request.url.scheme}://{request.url.netloc}"
            view = IssueView(self._store, version, base, access.account)
            call = Call(self._store, view, access.account, dict(request.path_params), request.query_params, body)
            self._spend(endpoint, call)
            answer = endpoint.handler(call)
        except RefusalError as refusal:
            answer = _refused(refusal)
        return _response(answer, headers)

    def _spend(self, endpoint: Endpoint, call: Call) -> None:
        issue = call.find_issue(call.path["issue"]) if "issue" in call.path else None
        now = self._store.clock.now()
        self._budgets.spend(self._store.limits, now, method=endpoint.method, path=endpoint.path, issue=issue)


def _refused(refusal: RefusalError) -> Answer:
    return Answer(refusal.status, {"errorMessages": refusal.messages, "errors": refusal.errors}, refusal.headers)


def _response(answer: Answer, headers: Mapping[str, str]) -> Response:
    content = msgspec.json.encode(answer.body) if answer.body is not None else b""
    kind = {"Content-Type": "application/json;charset=UTF-8"} if answer.body is not None else {}
    return Response(content, answer.status, headers={**headers, **answer.headers, **kind})


async def _no_such_address(_request: Request, _error: Exception) -> Response:
    return _response(Answer(404, {"errorMessages": ["Not Found"], "errors": {}}), {})
