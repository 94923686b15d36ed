"""Comments on work items, in preview as 7.1-preview.4.

Paths `…/workItems/{workItemId}/comments` and `…/comments/{commentId}` of azure-devops-wit-7.1.swagger.json; trackers.md
("Comments"): `?format=markdown`, and a comment is a revision. The service cleans the HTML that it is given, so what
comes back need not be what was sent: here comments and scripts in HTML are taken out. Before preview.4 a comment has no
format, and a parameter that a resource does not know is passed over.
"""

from __future__ import annotations

import html
import re
from typing import Any

from starlette.responses import Response

from connectors.sandbox.azure_devops import errors
from connectors.sandbox.azure_devops.model import Comment, WorkItem
from connectors.sandbox.azure_devops.routing import Call, Route, answer
from connectors.sandbox.azure_devops.views import format_time

FORMATS = ("markdown", "html")
UNWANTED = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)


def write_comment(call: Call, item: WorkItem, comment: Comment) -> dict[str, Any]:
    """A comment as JSON; `renderedText` where `$expand` asks for it."""
    written: dict[str, Any] = {
        "workItemId": item.id,
        "id": comment.id,
        "version": comment.version,
        "text": comment.text,
        "createdBy": call.views.identity(comment.author),
        "createdDate": format_time(comment.created),
        "modifiedBy": call.views.identity(comment.modified_by),
        "modifiedDate": format_time(comment.modified),
        "url": f"{call.views.item_url(item)}/comments/{comment.id}",
    }
    if call.store.behaviour.release.knows_formats:
        written["format"] = comment.format
    if comment.deleted:
        written["isDeleted"] = True
    if call.query.get("$expand", "").casefold() in ("renderedtext", "renderedtextonly", "all"):
        is_markdown = comment.format == "markdown"
        written["renderedText"] = f"<p>{html.escape(comment.text)}</p>" if is_markdown else comment.text
    return written


def get_comments(call: Call) -> Response:
    """A page of comments, newest first unless `order=asc`, with `$top`, `continuationToken` and `ids`."""
    item = call.item()
    shown = [comment for comment in item.comments if not comment.deleted or call.flag("includeDeleted")]
    if wanted := call.names("ids"):
        shown = [comment for comment in shown if str(comment.id) in wanted]
    if call.query.get("order", "desc").casefold() != "asc":
        shown.reverse()
    start = _start(call)
    behaviour = call.store.behaviour
    size = min(call.number("$top") or behaviour.comments_page_size, behaviour.largest_page)
    page = shown[start : start + size]
    body: dict[str, Any] = {
        "totalCount": len(shown),
        "count": len(page),
        "comments": [write_comment(call, item, comment) for comment in page],
        "url": f"{call.views.item_url(item)}/comments",
    }
    if start + size < len(shown):
        token = f"comments-{start + size}"
        body["continuationToken"] = token
        body["nextPage"] = f"{call.views.item_url(item)}/comments?$top={size}&continuationToken={token}"
    return answer(body)


def _start(call: Call) -> int:
    token = call.query.get("continuationToken")
    if token is None:
        return 0
    found = re.fullmatch(r"comments-(\d+)", token)
    if found is None:
        raise errors.bad_argument("The continuation token is not valid.")
    return int(found[1])


def get_comment(call: Call) -> Response:
    """One comment."""
    item = call.item()
    return answer(write_comment(call, item, _find(call, item)))


def add_comment(call: Call) -> Response:
    """Adds a comment of the account; 200 with the comment."""
    item = call.item()
    text, comment_format = _text(call), _format(call) or "html"
    number = call.store.add_comment(item.id, call.store.account, text, comment_format=comment_format)
    return answer(write_comment(call, item, next(c for c in item.comments if c.id == number)))


def update_comment(call: Call) -> Response:
    """Changes a comment of the account's own."""
    item = call.item()
    comment = _own(call, item)
    text = _text(call)
    if (comment_format := _format(call)) is not None:
        comment.format = comment_format
    call.store.edit_comment(item.id, comment.id, text)
    return answer(write_comment(call, item, comment))


def delete_comment(call: Call) -> Response:
    """Deletes a comment of the account's own; 204."""
    item = call.item()
    call.store.delete_comment(item.id, _own(call, item).id)
    return Response(status_code=204)


def _text(call: Call) -> str:
    text = call.json_object().get("text")
    if not isinstance(text, str) or not text.strip():
        raise errors.bad_argument("Comment text cannot be empty.", "ArgumentException")
    return text if _format(call) == "markdown" else UNWANTED.sub("", text)


def _format(call: Call) -> str | None:
    """The format that the query asks for; None where it names none, or one is not looked for."""
    chosen = call.query.get("format", "").casefold() or None
    behaviour = call.store.behaviour
    if chosen is None or not behaviour.release.knows_formats or behaviour.comment_formats == "passed over":
        return None
    if chosen not in FORMATS or behaviour.comment_formats == "refused":
        raise errors.bad_argument(f"The value '{chosen}' is not valid for CommentFormat.")
    return chosen


def _find(call: Call, item: WorkItem) -> Comment:
    number = int(call.path["comment"])
    found = next((c for c in item.comments if c.id == number), None)
    if found is None or (found.deleted and not call.flag("includeDeleted")):
        raise errors.comment_not_found(number)
    return found


def _own(call: Call, item: WorkItem) -> Comment:
    """A comment that the account may change: its own only."""
    comment = _find(call, item)
    if comment.author != call.store.account:
        raise errors.permission_denied("You do not have permissions to change the comment of another user.")
    return comment


LIST = "{project}/_apis/wit/workitems/{id}/comments"
ONE = LIST + "/{comment}"
ROUTES = (
    Route("GET", LIST, get_comments, is_preview=True),
    Route("POST", LIST, add_comment, is_preview=True),
    Route("GET", ONE, get_comment, is_preview=True),
    Route("PATCH", ONE, update_comment, is_preview=True),
    Route("DELETE", ONE, delete_comment, is_preview=True),
)
