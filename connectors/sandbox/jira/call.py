"""One request as an endpoint sees it, and its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from starlette.datastructures import QueryParams

from connectors.sandbox.jira.errors import RefusalError, issue_not_found
from connectors.sandbox.jira.issue_views import IssueView
from connectors.sandbox.jira.model import Account, Deployment, Issue, Json, Project
from connectors.sandbox.jira.store import JiraStore

BAD_PAYLOAD = "Invalid request payload. Refer to the REST API documentation and try again."


@dataclass(slots=True)
class Answer:
    """Status, body and headers; None is no body at all."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Call:
    """A request with the account that it was made for; None is a client that is not signed in."""

    store: JiraStore
    view: IssueView
    account: Account | None
    path: dict[str, str]
    query: QueryParams
    raw: bytes

    @property
    def is_version_3(self) -> bool:
        """Whether rich text goes as documents."""
        return self.view.version == "3"

    def json(self) -> Json:
        """The body as an object; anything else is a 400."""
        try:
            body = msgspec.json.decode(self.raw)
        except msgspec.DecodeError:
            raise RefusalError(400, BAD_PAYLOAD) from None
        if not isinstance(body, dict):
            raise RefusalError(400, BAD_PAYLOAD)
        return body

    def known_json(self, *names: str) -> Json:
        """The body of an endpoint whose schema allows no other names (`additionalProperties: false`)."""
        body = self.json()
        if set(body) - set(names):
            raise RefusalError(400, BAD_PAYLOAD)
        return body

    def number(self, name: str, default: int) -> int:
        """A number from the query."""
        text = self.query.get(name, "")
        if text and not text.lstrip("-").isdigit():
            raise RefusalError(400, f"The value '{text}' of '{name}' is not a number.")
        return int(text) if text else default

    def listed(self, name: str) -> list[str]:
        """A list from the query: separated by commas, repeated, or both."""
        return [one.strip() for text in self.query.getlist(name) for one in text.split(",") if one.strip()]

    def issue(self) -> Issue:
        """The issue in the path; missing and not permitted are one 404."""
        return self.visible_issue(self.path["issue"])

    def visible_issue(self, reference: str) -> Issue:
        """The issue with that id or key, where the account may see it."""
        issue = self.find_issue(reference)
        if issue is None:
            raise issue_not_found()
        return issue

    def find_issue(self, reference: str) -> Issue | None:
        """The same, with None instead of a refusal."""
        try:
            issue = self.store.issue(reference)
        except KeyError:
            return None
        return issue if self.store.can_browse(self.account, issue) else None

    def require(self, project: Project, permission: str, doing: str, *, status: int = 403) -> Account:
        """The account, where it may do that in the project."""
        if self.account is None:
            raise RefusalError(401, "You are not authenticated. Authentication required to perform this operation.")
        if not self.store.has_permission(self.account, project, permission):
            raise RefusalError(status, f"You do not have permission to {doing} in this project.")
        return self.account


Handler = Callable[[Call], Answer]


@dataclass(slots=True, frozen=True)
class Endpoint:
    """A method and path below `/rest/api/{version}` with the function that answers it."""

    method: str
    path: str
    handler: Handler
    deployments: tuple[Deployment, ...] = ("Cloud", "Server")


def page_of(call: Call, found: list[Any], *, default: int, cap: int) -> tuple[list[Any], Json]:
    """One page by `startAt` and `maxResults`, with the numbers that describe it."""
    start = max(call.number("startAt", 0), 0)
    size = min(max(call.number("maxResults", default), 0), cap, call.store.behaviour.list_page_cap)
    return found[start : start + size], {"startAt": start, "maxResults": size, "total": len(found)}


def values_page(call: Call, found: list[Any], render: Callable[[Any], Json], *, default: int, cap: int) -> Answer:
    """A page in the form of Cloud's `PageBean`."""
    shown, page = page_of(call, found, default=default, cap=cap)
    is_last = page["startAt"] + len(shown) >= page["total"]
    return Answer(body=page | {"isLast": is_last, "values": [render(one) for one in shown]})
