"""Comments of an issue."""

from __future__ import annotations

from connectors.sandbox.jira.call import BAD_PAYLOAD, Answer, Call, Endpoint, page_of
from connectors.sandbox.jira.editing import comment_body, read_properties, require_another_comment
from connectors.sandbox.jira.errors import RefusalError
from connectors.sandbox.jira.model import Account, Comment, Issue

ORDERS = {"created": False, "+created": False, "-created": True}


def read_comments(call: Call) -> Answer:
    """`GET /issue/{issueIdOrKey}/comment`: in pages, by `orderBy=created` or `-created`; on Data Center all at once."""
    issue, order = call.issue(), call.query.get("orderBy", "created")
    if order not in ORDERS:
        raise RefusalError(400, f"The value '{order}' is not valid for 'orderBy'.")
    comments = sorted(issue.comments, key=lambda one: (one.created, int(one.id)), reverse=ORDERS[order])
    default, cap = (100, 5000) if call.store.is_cloud else (1_048_576, 1_048_576)
    shown, page = page_of(call, comments, default=default, cap=cap)
    rendered = [call.view.comment(issue, one, with_properties=_wants_properties(call)) for one in shown]
    return Answer(body=page | {"comments": rendered})


def add_comment(call: Call) -> Answer:
    """`POST /issue/{issueIdOrKey}/comment`: body and hidden properties in one request; 5000 an issue, for ever.

    Data Center takes properties there from 10.3 on (trackers.md, Writing).
    """
    issue = call.issue()
    account = require_another_comment(call, issue)
    payload = call.json()
    if "properties" in payload and not call.store.behaviour.comment_properties:
        raise RefusalError(400, 'Unrecognized field "properties" (class CommentJsonBean), not marked as ignorable')
    body, properties = comment_body(call, payload), read_properties(payload)
    comment = call.store.add_comment(issue, body, author=account, properties=properties)
    return Answer(201, call.view.comment(issue, comment, with_properties=_wants_properties(call)))


def read_comment(call: Call) -> Answer:
    """`GET /issue/{issueIdOrKey}/comment/{id}`."""
    issue = call.issue()
    return Answer(body=call.view.comment(issue, _comment(call, issue), with_properties=_wants_properties(call)))


def edit_comment(call: Call) -> Answer:
    """`PUT /issue/{issueIdOrKey}/comment/{id}`: one's own; those of others are a 400 unless one is an administrator."""
    issue = call.issue()
    comment = _comment(call, issue)
    account = _owner(call, issue, comment, "EDIT_OWN_COMMENTS", "edit")
    payload = call.json()
    body, properties = comment_body(call, payload), read_properties(payload)
    call.store.edit_comment(issue, comment, body, author=account)
    comment.properties.update(properties)
    return Answer(200, call.view.comment(issue, comment, with_properties=_wants_properties(call)))


def delete_comment(call: Call) -> Answer:
    """`DELETE /issue/{issueIdOrKey}/comment/{id}`."""
    issue = call.issue()
    comment = _comment(call, issue)
    _owner(call, issue, comment, "DELETE_OWN_COMMENTS", "delete")
    call.store.delete_comment(issue, comment)
    return Answer(204)


def list_comments(call: Call) -> Answer:
    """`POST /comment/list`, Cloud: up to 1000 by id, over all issues; what is not visible is missing."""
    ids = call.known_json("ids").get("ids")
    if not isinstance(ids, list) or not 1 <= len(ids) <= 1000:
        raise RefusalError(400, BAD_PAYLOAD)
    wanted = {str(one) for one in ids}
    visible = (issue for issue in call.store.issues.values() if call.store.can_browse(call.account, issue))
    found = [(issue, comment) for issue in visible for comment in issue.comments if comment.id in wanted]
    values = [call.view.comment(issue, one, with_properties=_wants_properties(call)) for issue, one in found]
    page = {"startAt": 0, "maxResults": 1_048_576, "total": len(values), "isLast": True}
    return Answer(body=page | {"values": values})


def _wants_properties(call: Call) -> bool:
    return "properties" in call.listed("expand")


def _comment(call: Call, issue: Issue) -> Comment:
    try:
        return call.store.comment(issue, call.path["comment"])
    except KeyError:
        raise RefusalError(404, f"Can not find a comment for the id: {call.path['comment']}.") from None


def _owner(call: Call, issue: Issue, comment: Comment, permission: str, verb: str) -> Account:
    account = call.require(issue.project, permission, f"{verb} comments", status=400)
    if comment.author is not account and not account.is_admin:
        raise RefusalError(400, f"You do not have the permission to {verb} this comment.")
    return account


ENDPOINTS = (
    Endpoint("GET", "/issue/{issue}/comment", read_comments),
    Endpoint("POST", "/issue/{issue}/comment", add_comment),
    Endpoint("GET", "/issue/{issue}/comment/{comment}", read_comment),
    Endpoint("PUT", "/issue/{issue}/comment/{comment}", edit_comment),
    Endpoint("DELETE", "/issue/{issue}/comment/{comment}", delete_comment),
    Endpoint("POST", "/comment/list", list_comments, ("Cloud",)),
)
