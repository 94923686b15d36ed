"""Links between issues, and from an issue to addresses elsewhere."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.jira.call import BAD_PAYLOAD, Answer, Call, Endpoint
from connectors.sandbox.jira.editing import comment_body
from connectors.sandbox.jira.errors import RefusalError, invalid
from connectors.sandbox.jira.model import Issue, Json, Link, LinkType, RemoteLink


def create_link(call: Call) -> Answer:
    """`POST /issueLink`: `inwardIssue` = A, `outwardIssue` = B is "A blocks B".

    `trackers.md`, Writing: a duplicate is a no-op with 201, an attached comment is not: it is added each time. It goes
    to the outward issue, as the specification says. 2000 links an issue, for ever: 413 past that.
    """
    payload = call.known_json("type", "inwardIssue", "outwardIssue", "comment")
    link_type = _wanted_type(call, payload.get("type"))
    first, second = _end(call, payload.get("inwardIssue")), _end(call, payload.get("outwardIssue"))
    account = call.require(second.project, "LINK_ISSUES", "link issues")
    if first is second:
        raise RefusalError(400, "You cannot link an issue to itself.")
    comment = payload.get("comment")
    body = comment_body(call, comment) if comment else None
    limit = call.store.limits.links_per_issue
    if call.store.is_cloud and any(len(call.store.links_by_issue.get(end.id, [])) >= limit for end in (first, second)):
        raise RefusalError(413, "The per-issue limit for issue links has been reached.")
    call.store.link(first, second, link_type, actor=account)
    if body is not None:
        call.store.add_comment(second, body, author=account)
    return Answer(201)


def _wanted_type(call: Call, wire: Any) -> LinkType:
    for name in ("id", "name"):
        reference = wire.get(name) if isinstance(wire, dict) else None
        if reference:
            try:
                return call.store.link_type(str(reference))
            except KeyError:
                raise RefusalError(404, f"No issue link type with {name} '{reference}' found.") from None
    raise RefusalError(400, BAD_PAYLOAD)


def _end(call: Call, wire: Any) -> Issue:
    reference = wire.get("id") or wire.get("key") if isinstance(wire, dict) else None
    if not reference:
        raise RefusalError(400, BAD_PAYLOAD)
    return call.visible_issue(str(reference))


def read_link(call: Call) -> Answer:
    """`GET /issueLink/{linkId}`: here, and only here, both ends are present."""
    return Answer(body=call.view.whole_link(_link(call)))


def delete_link(call: Call) -> Answer:
    """`DELETE /issueLink/{linkId}`."""
    link = _link(call)
    issues = [call.store.issues[one] for one in (link.outward_id, link.inward_id) if one in call.store.issues]
    account = call.require(issues[0].project, "LINK_ISSUES", "link issues")
    call.store.unlink(link, actor=account)
    return Answer(204)


def _link(call: Call) -> Link:
    link = call.store.links.get(call.path["link"])
    if link is None or not (call.view.is_shown(link.inward_id) and call.view.is_shown(link.outward_id)):
        raise RefusalError(404, f"No issue link with id '{call.path['link']}' exists.")
    return link


def read_remote_links(call: Call) -> Answer:
    """`GET /issue/{issueIdOrKey}/remotelink`: all as a list, or the one with that `globalId`."""
    issue, wanted = call.issue(), call.query.get("globalId")
    if wanted is None:
        return Answer(body=[call.view.remote_link(issue, link) for link in issue.remote_links])
    found = next((link for link in issue.remote_links if link.global_id == wanted), None)
    if found is None:
        raise RefusalError(404, f"The remote issue link with global id '{wanted}' does not exist.")
    return Answer(body=call.view.remote_link(issue, found))


def write_remote_link(call: Call) -> Answer:
    """`POST /issue/{issueIdOrKey}/remotelink`: `globalId` makes it an upsert, 201 when new and 200 when replaced."""
    issue = call.issue()
    account = call.require(issue.project, "LINK_ISSUES", "link issues")
    payload = call.json()
    linked = payload.get("object")
    missing = [name for name in ("title", "url") if not isinstance(linked, dict) or not linked.get(name)]
    if missing or not isinstance(linked, dict):
        raise invalid(**{name: f"'{name}' is required." for name in missing})
    link, is_new = call.store.put_remote_link(
        issue,
        linked,
        global_id=payload.get("globalId"),
        application=payload.get("application") or {},
        relationship=payload.get("relationship"),
        actor=account,
    )
    address: Json = {"id": link.id, "self": f"{call.view.root}/issue/{issue.key}/remotelink/{link.id}"}
    return Answer(201 if is_new else 200, address)


def delete_remote_link(call: Call) -> Answer:
    """`DELETE /issue/{issueIdOrKey}/remotelink/{linkId}`, or by `globalId` without an id."""
    issue = call.issue()
    account = call.require(issue.project, "LINK_ISSUES", "link issues")
    call.store.delete_remote_link(issue, _remote_link(call, issue), actor=account)
    return Answer(204)


def _remote_link(call: Call, issue: Issue) -> RemoteLink:
    number, wanted = call.path.get("link"), call.query.get("globalId")
    if number is None and wanted is None:
        raise RefusalError(400, "A global id is required.")
    for link in issue.remote_links:
        if str(link.id) == number or (number is None and link.global_id == wanted):
            return link
    raise RefusalError(404, f"The remote issue link '{number or wanted}' does not exist.")


ENDPOINTS = (
    Endpoint("POST", "/issueLink", create_link),
    Endpoint("GET", "/issueLink/{link}", read_link),
    Endpoint("DELETE", "/issueLink/{link}", delete_link),
    Endpoint("GET", "/issue/{issue}/remotelink", read_remote_links),
    Endpoint("POST", "/issue/{issue}/remotelink", write_remote_link),
    Endpoint("DELETE", "/issue/{issue}/remotelink", delete_remote_link),
    Endpoint("DELETE", "/issue/{issue}/remotelink/{link}", delete_remote_link),
)
