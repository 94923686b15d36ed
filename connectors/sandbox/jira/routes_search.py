"""Search: pages by token on Cloud, by `startAt` on Data Center; and the bulk reads that follow it on Cloud."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from connectors.sandbox.jira import jql
from connectors.sandbox.jira.call import BAD_PAYLOAD, Answer, Call, Endpoint, page_of
from connectors.sandbox.jira.errors import RefusalError
from connectors.sandbox.jira.issue_views import in_order
from connectors.sandbox.jira.matching import Matcher, arrange, comes_after
from connectors.sandbox.jira.model import Behaviour, Issue, Json

GONE = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline "
    "is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)
UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."


@dataclass(slots=True)
class Request:
    """What a search by token asks for, from the query or from the body."""

    jql: str
    token: str
    size: int
    fields: list[str]
    expand: list[str]
    properties: list[str]
    reconciled: list[str]

    @property
    def wants_ids_only(self) -> bool:
        """Whether pages of ids are enough, which may be long."""
        return set(self.fields) <= {"id", "key"} and not self.expand and not self.properties


def search_by_query(call: Call) -> Answer:
    """`GET /search/jql`."""
    request = Request(
        jql=call.query.get("jql", ""),
        token=call.query.get("nextPageToken", ""),
        size=call.number("maxResults", 50),
        fields=call.listed("fields") or ["id"],
        expand=call.listed("expand"),
        properties=call.listed("properties"),
        reconciled=call.listed("reconcileIssues"),
    )
    return _search(call, request)


def search_by_body(call: Call) -> Answer:
    """`POST /search/jql`: `SearchAndReconcileRequestBean` in the specification allows no other names."""
    body = call.known_json(
        "jql",
        "nextPageToken",
        "maxResults",
        "fields",
        "expand",
        "properties",
        "fieldsByKeys",
        "failFast",
        "reconcileIssues",
    )
    expand = body.get("expand") or ""
    size = body.get("maxResults", 50)
    if not isinstance(expand, str) or not isinstance(size, int):
        raise RefusalError(400, BAD_PAYLOAD)
    request = Request(
        jql=body.get("jql") or "",
        token=body.get("nextPageToken") or "",
        size=size,
        fields=[name for name in _strings(body, "fields") if name] or ["id"],
        expand=[name.strip() for name in expand.split(",") if name.strip()],
        properties=_strings(body, "properties"),
        reconciled=[str(one) for one in body.get("reconcileIssues") or []],
    )
    return _search(call, request)


def _search(call: Call, request: Request) -> Answer:
    """One page of what matches now, after the place that the token stands for.

    `trackers.md`, Search: the token is absent on the last page; a page may be short or empty and not be the last; some
    servers repeat a token for ever. All of that is switched by `store.behaviour`.
    """
    behaviour, cursors = call.store.behaviour, call.store.cursors
    if len(request.properties) > 5 or len(request.reconciled) > 50:
        raise RefusalError(400, BAD_PAYLOAD)
    cursor = cursors.find(request.token)
    if cursor is None:
        raise RefusalError(400, "The provided next page token is invalid or expired.")
    query, found = _matching(call, request.jql, request.reconciled)
    if cursor.after is not None:
        found = [issue for issue in found if comes_after(query, issue, cursor.after)]
    size = _page_size(behaviour, request)
    if cursor.blanks < behaviour.empty_pages:
        return _page(call, request, [], cursors.token(cursor.after, cursor.blanks + 1))
    shown = found[:size]
    following = cursors.token(shown[-1]) if len(found) > size else None
    if behaviour.repeat_token and request.token:
        following = request.token
    return _page(call, request, shown, following)


def _page_size(behaviour: Behaviour, request: Request) -> int:
    """About 100 issues with fields, 5000 with ids only: `trackers.md`, Search."""
    size = min(request.size, behaviour.id_page_cap if request.wants_ids_only else behaviour.page_cap)
    if size < 1:
        raise RefusalError(400, "The value of 'maxResults' must be at least 1.")
    return max(1, size // 2) if behaviour.short_pages else size


def _page(call: Call, request: Request, issues: list[Issue], token: str | None) -> Answer:
    body: Json = {"issues": _render(call, request, issues), "isLast": token is None}
    if token is not None:
        body["nextPageToken"] = token
    return Answer(body=body)


def _render(call: Call, request: Request, issues: list[Issue]) -> list[Json]:
    if request.wants_ids_only and "key" not in request.fields:
        return [{"id": issue.id} for issue in issues]
    fields = call.view.selected(request.fields, "id")
    shown = [issue for issue in issues if issue.id in call.store.issues]
    if not call.store.behaviour.shows_indexed:
        shown = [call.store.issues[issue.id] for issue in shown]
    return [call.view.issue(one, fields, expand=request.expand, properties=request.properties) for one in shown]


def _matching(call: Call, text: str, reconciled: list[str]) -> tuple[jql.Query, list[Issue]]:
    query = jql.parse(text)
    if query.condition is None and call.store.is_cloud:
        raise RefusalError(400, UNBOUNDED)
    matches = Matcher(call.store, call.account).predicate(query)
    store = call.store
    seen = store.index.issues(store.issues, store.clock.now(), reconciled)
    found = [issue for issue in seen if store.can_browse(call.account, issue) and matches(issue)]
    return query, arrange(query, found)


def count(call: Call) -> Answer:
    """`POST /search/approximate-count`: bounded JQL like search."""
    _, found = _matching(call, call.known_json("jql").get("jql") or "", [])
    return Answer(body={"count": len(found)})


def search_removed(_: Call) -> Answer:
    """`/search` on Cloud answers 410: `trackers.md`, Search."""
    raise RefusalError(410, GONE)


def search_server_by_query(call: Call) -> Answer:
    """`GET /search` on Data Center."""
    wanted = call.listed("fields") or ["*navigable"]
    return _search_server(call, call.query.get("jql", ""), wanted, call.listed("expand"), call.listed("properties"))


def search_server_by_body(call: Call) -> Answer:
    """`POST /search` on Data Center; its numbers stand in the body too, and `expand` is a list."""
    body = call.known_json("jql", "startAt", "maxResults", "fields", "expand", "validateQuery")
    numbers = {name: str(body[name]) for name in ("startAt", "maxResults") if name in body}
    call.query = type(call.query)({**dict(call.query), **numbers})
    expand = body.get("expand") or []
    return _search_server(call, body.get("jql") or "", _strings(body, "fields") or ["*navigable"], list(expand), [])


def _search_server(call: Call, text: str, wanted: list[str], expand: list[str], properties: list[str]) -> Answer:
    """`trackers.md`, Search: Data Center pages by `startAt` and tells the `total`."""
    _, found = _matching(call, text, [])
    shown, page = page_of(call, found, default=50, cap=call.store.behaviour.server_page_cap)
    fields = call.view.selected(wanted, "*navigable")
    issues = [call.view.issue(one, fields, expand=expand, properties=properties) for one in shown]
    return Answer(body={"expand": "schema,names", **page, "issues": issues})


def fetch_issues(call: Call) -> Answer:
    """`POST /issue/bulkfetch`: at most 100, sorted by id; what is not visible is silently missing."""
    body = call.known_json("issueIdsOrKeys", "fields", "expand", "properties", "fieldsByKeys")
    references = _strings(body, "issueIdsOrKeys")
    if not 1 <= len(references) <= 100:
        raise RefusalError(400, "The number of issue IDs or keys must be between 1 and 100.")
    fields = call.view.selected(_strings(body, "fields") or ["*navigable"], "*navigable")
    expand, properties = _strings(body, "expand"), _strings(body, "properties")
    issues = [call.view.issue(one, fields, expand=expand, properties=properties) for one in _found(call, references)]
    return Answer(body={"issueErrors": [], "issues": issues})


def fetch_changelogs(call: Call) -> Answer:
    """`POST /changelog/bulkfetch`: at most 1000 issues, optionally of 10 fields, oldest first, paged by token."""
    body = call.known_json("issueIdsOrKeys", "fieldIds", "maxResults", "nextPageToken")
    references, wanted = _strings(body, "issueIdsOrKeys"), set(_strings(body, "fieldIds"))
    if not 1 <= len(references) <= 1000 or len(wanted) > 10:
        raise RefusalError(400, "Between 1 and 1000 issue IDs or keys and at most 10 field IDs are allowed.")
    rows = [(issue, history) for issue in _found(call, references) for history in in_order(issue.histories)]
    if wanted:
        rows = [(issue, one) for issue, one in rows if any(item.field_id in wanted for item in one.items)]
    token = body.get("nextPageToken") or "0"
    if not isinstance(token, str) or not token.isdigit():
        raise RefusalError(400, BAD_PAYLOAD)
    start = int(token)
    size = min(max(int(body.get("maxResults") or 1000), 1), 10_000, call.store.behaviour.list_page_cap)
    logs: dict[str, list[Json]] = {}
    for issue, history in rows[start : start + size]:
        logs.setdefault(issue.id, []).append(call.view.history(history))
    answer: Json = {"issueChangeLogs": [{"issueId": key, "changeHistories": value} for key, value in logs.items()]}
    if start + size < len(rows):
        answer["nextPageToken"] = str(start + size)
    return Answer(body=answer)


def _found(call: Call, references: list[str]) -> list[Issue]:
    found = {issue.id: issue for reference in references if (issue := call.find_issue(reference)) is not None}
    return sorted(found.values(), key=lambda issue: int(issue.id))


def _strings(body: Json, name: str) -> list[str]:
    values: Any = body.get(name) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise RefusalError(400, BAD_PAYLOAD)
    return values


ENDPOINTS = (
    Endpoint("GET", "/search/jql", search_by_query, ("Cloud",)),
    Endpoint("POST", "/search/jql", search_by_body, ("Cloud",)),
    Endpoint("POST", "/search/approximate-count", count, ("Cloud",)),
    Endpoint("GET", "/search", search_removed, ("Cloud",)),
    Endpoint("POST", "/search", search_removed, ("Cloud",)),
    Endpoint("GET", "/search", search_server_by_query, ("Server",)),
    Endpoint("POST", "/search", search_server_by_body, ("Server",)),
    Endpoint("POST", "/issue/bulkfetch", fetch_issues, ("Cloud",)),
    Endpoint("POST", "/changelog/bulkfetch", fetch_changelogs, ("Cloud",)),
)
