"""The embedded Azure DevOps as a web application: credentials, versions and limits before the resources.

trackers.md, "Limits and credentials": a PAT is basic authentication with an empty user; a bad credential answers 203
with HTML on GET and POST and 401 on PATCH; `Retry-After` may come on a 200; `X-RateLimit-Cost` tells the price.
"""

from __future__ import annotations

import base64
import re
from binascii import Error as EncodingError
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from connectors.sandbox.azure_devops import (
    errors,
    routes_comments,
    routes_definitions,
    routes_items,
    routes_queries,
    routes_structure,
)
from connectors.sandbox.azure_devops.model import Project
from connectors.sandbox.azure_devops.releases import Release
from connectors.sandbox.azure_devops.routing import Call, Route, answer
from connectors.sandbox.azure_devops.store import AzureDevOpsStore
from connectors.sandbox.faults import Application, Receive, Scope, Send

ROUTES: tuple[Route, ...] = (
    *routes_definitions.ROUTES,
    *routes_structure.ROUTES,
    *routes_comments.ROUTES,
    *routes_queries.ROUTES,
    *routes_items.ROUTES,
)
VERSION = re.compile(r"(\d+\.\d+)(-preview(?:\.(\d+))?)?$")
SIGN_IN_PAGE = "<!DOCTYPE html><html><head><title>Azure DevOps Services | Sign In</title></head><body></body></html>"
READING_POSTS = re.compile(r"/(wiql|workitemsbatch|workitemrevisions)$", re.IGNORECASE)


def azure_devops_application(store: AzureDevOpsStore) -> Application:
    """The web application of one organisation, below `/{organization}`."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        content = await request.body()
        with store.lock:
            response = _respond(store, request, content)
        await response(scope, receive, send)

    return application


def _respond(store: AzureDevOpsStore, request: Request, content: bytes) -> Response:
    try:
        response = _dispatch(store, request, content)
    except errors.ServiceError as error:
        retry = {"Retry-After": store.behaviour.retry_after} if error.status == 429 else {}
        response = answer(error.body(), error.status, retry)
    response.headers["X-TFS-ProcessId"] = store.identifier("process")
    _add_limits(store, response)
    return response


def _add_limits(store: AzureDevOpsStore, response: Response) -> None:
    if store.behaviour.warn_with_retry_after:
        response.headers["Retry-After"] = store.behaviour.retry_after
    if store.behaviour.rate_limit_headers:
        response.headers["X-RateLimit-Resource"] = "Core"
        response.headers["X-RateLimit-Delay"] = "0.000"
        response.headers["X-RateLimit-Limit"] = "200"
        response.headers["X-RateLimit-Remaining"] = "120"
        response.headers["X-RateLimit-Reset"] = str(int(store.clock.now().timestamp()) + 300)
        response.headers["X-RateLimit-Cost"] = "1"


def _dispatch(store: AzureDevOpsStore, request: Request, content: bytes) -> Response:
    """OPTIONS is answered to anyone; all else needs the credential, then a version, then a resource."""
    path = _raw_path(request)
    organization, _, rest = path.strip("/").partition("/")
    if organization.casefold() != store.organization.casefold():
        return Response("The resource cannot be found.", status_code=404, media_type="text/plain")
    if request.method != "OPTIONS" and not _is_authorised(store, request.headers.get("authorization", "")):
        return _refuse_credential(request.method)
    if store.behaviour.throttled_requests > 0 and request.method != "OPTIONS":
        store.behaviour.throttled_requests -= 1
        raise errors.throttled()
    route, parts = _find_route(request.method, rest)
    if route is None:
        return Response("The controller for path was not found.", status_code=404, media_type="text/plain")
    version = _version(request, route, store.behaviour.release)
    if not store.behaviour.may_write and request.method not in ("GET", "OPTIONS") and not READING_POSTS.search(rest):
        raise errors.permission_denied("TF237111: The current user does not have permissions to save work items.")
    call = Call(
        store=store,
        root=f"{request.url.scheme}://{request.url.netloc}/{store.organization}",
        path=parts,
        query=dict(request.query_params),
        headers=request.headers,
        content=content,
        project=_project(store, parts),
        version=version,
    )
    return route.handler(call)


def _raw_path(request: Request) -> str:
    """The path before its escapes are undone, so that `%2F` stays part of a name."""
    raw = request.scope.get("raw_path")
    return raw.decode("latin-1").split("?")[0] if isinstance(raw, bytes) else request.url.path


def _find_route(method: str, path: str) -> tuple[Route | None, dict[str, str]]:
    text = path.rstrip("/").replace("%24", "$")
    for route in ROUTES:
        parts = route.match(method, text)
        if parts is not None:
            return route, parts
    return None, {}


def _project(store: AzureDevOpsStore, parts: Mapping[str, str]) -> Project | None:
    name = parts.get("project")
    if name is None:
        return None
    for project in store.projects():
        if name.casefold() in (project.id, project.name.casefold()):
            return project
    raise errors.project_not_found(name)


def _is_authorised(store: AzureDevOpsStore, header: str) -> bool:
    """A PAT as the password of basic authentication, whatever the user, or a bearer token."""
    scheme, _, credential = header.partition(" ")
    if scheme.casefold() == "bearer":
        return credential == store.token
    if scheme.casefold() != "basic":
        return False
    try:
        text = base64.b64decode(credential, validate=True).decode()
    except (EncodingError, UnicodeDecodeError):
        return False
    return text.partition(":")[2] == store.token


def _refuse_credential(method: str) -> Response:
    if method in ("GET", "POST"):
        return Response(SIGN_IN_PAGE, status_code=203, media_type="text/html; charset=utf-8")
    return Response(status_code=401, headers={"WWW-Authenticate": 'Basic realm="https://app.vssps.visualstudio.com/"'})


def _version(request: Request, route: Route, release: Release) -> str:
    """The version in the query or in Accept (the package sends it there).

    It may be absent where a released resource is read. A resource in preview wants it, with its `-preview`, and so does
    every resource in a version that the server has not released yet (`VssInvalidPreviewVersionException`).
    """
    text = request.query_params.get("api-version")
    if text is None:
        found = re.search(r"api-version=([^;,\s]+)", request.headers.get("accept", ""))
        text = found[1] if found else ""
    if not text:
        if route.is_preview or request.method not in ("GET", "OPTIONS"):
            raise errors.version_missing(request.method)
        return ""
    parsed = VERSION.match(text)
    if parsed is None or float(parsed[1]) > float(release.newest):
        raise errors.version_out_of_range(text, release.newest)
    if parsed[2] is None and (route.is_preview or float(parsed[1]) > float(release.released)):
        raise errors.version_not_preview(text)
    if route.is_preview and int(parsed[3] or 0) > release.comments:  # the comments: no other has come that far
        raise errors.version_out_of_range(text, f"{release.newest}-preview.{release.comments}")
    return text
