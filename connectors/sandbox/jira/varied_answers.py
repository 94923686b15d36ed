"""How another Jira may answer: the same issues in other words, within the published contract."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.rewording import (
    Defaults,
    Json,
    everywhere,
    number,
    with_defaults,
    with_empties,
    with_extras,
    with_times,
)
from connectors.sandbox.variation import AS_IT_IS, Variation


def _nothing(*names: str) -> Mapping[str, Any]:
    return dict.fromkeys(names)


NULLS = (
    (frozenset(("id", "key", "fields")), _nothing("changelog", "names", "properties", "renderedFields", "operations")),
    (frozenset(("summary", "issuetype", "created")), _nothing("parent", "assignee", "description", "components")),
    (frozenset(("type", "inwardIssue")), _nothing("outwardIssue")),
    (frozenset(("type", "outwardIssue")), _nothing("inwardIssue")),
    (frozenset(("displayName", "active")), _nothing("accountId", "name", "key", "emailAddress", "locale")),
    (frozenset(("issues",)), _nothing("nextPageToken", "names", "schema")),
    (frozenset(("issueChangeLogs",)), _nothing("nextPageToken")),
    (frozenset(("field", "fieldtype")), _nothing("fieldId", "from", "fromString", "to", "toString")),
    (frozenset(("object", "id")), _nothing("globalId", "relationship", "application")),
    (frozenset(("clauseNames", "id")), _nothing("schema", "scope")),
    (frozenset(("type", "customId")), _nothing("items", "system", "configuration")),
    (frozenset(("subtask", "id")), _nothing("hierarchyLevel", "scope", "entityId", "description")),
    (frozenset(("body", "author")), _nothing("visibility", "renderedBody", "properties", "updateAuthor")),
    (frozenset(("projectTypeKey",)), _nothing("projectCategory", "lead", "description")),
)
EMPTIES: Defaults = (
    (frozenset(("summary", "issuetype", "created")), {"labels": [], "issuelinks": [], "components": []}),
    (frozenset(("issues",)), {"issueErrors": [], "warningMessages": []}),
    (frozenset(("body", "author")), {"properties": []}),
    (frozenset(("displayName", "active")), {"avatarUrls": {}}),
)
# Lists of which no order is promised; of a search, a changelog and comments it is.
UNORDERED = ("issueLinkTypes", "labels", "issuelinks", "components", "transitions", "issueTypes", "statuses", "items")
MAY_BE_LEFT_OUT = ("labels", "issuelinks", "components")
OWN_ADDRESSES = ("self", "avatarUrls", "iconUrl")
NAMED_FREELY = frozenset(("permissions",))  # each member is a permission, so none can be unknown
ANY_ORDER = re.compile(r"/(issue/bulkfetch|project/search|issue/createmeta/.*)$")
OTHERS = ("inwardIssue", "outwardIssue", "parent")
IDS = ("id", "issueId")
PAGING = frozenset(("isLast", "maxResults", "startAt"))


@dataclass(frozen=True, slots=True)
class JiraDialect:
    """The answers of a Jira, Cloud or Data Center."""

    is_cloud: bool

    def reworded(self, variation: Variation, address: str, content: Any) -> Any:
        """As `connectors.sandbox.varying.Dialect` says."""
        if variation.rich_text != AS_IT_IS:
            content = everywhere(content, _rewritten) if self.is_cloud else _with_returns(content)
        if variation.result_order != AS_IT_IS and (isinstance(content, list) or ANY_ORDER.search(address)):
            content = _turned(content)

        if variation.paging != AS_IT_IS and address.endswith("/changelog"):
            content = {name: value for name, value in content.items() if name != "total"}

        def change(found: Json) -> Json:
            return found if found.get("type") in ("doc", *_NODES) and "content" in found else _changed(variation, found)

        return with_times(variation, everywhere(content, change, NAMED_FREELY))


def _turned(content: Any) -> Any:
    """A list, or each list of a page, the other way round."""
    if isinstance(content, list):
        return content[::-1]
    return {name: value[::-1] if isinstance(value, list) else value for name, value in content.items()}


def _changed(variation: Variation, found: Json) -> Json:
    """One object of an answer."""
    if variation.named_by != AS_IT_IS:
        found = {k: _named_by(variation.named_by, k, v) for k, v in found.items()}
    if variation.issue_ids != AS_IT_IS:
        found = {k: int(v) if k in IDS and isinstance(v, str) and v.isdecimal() else v for k, v in found.items()}
    if variation.whole_numbers != AS_IT_IS:
        found = {k: number(variation, v) if k.startswith("customfield_") else v for k, v in found.items()}
    if variation.result_order != AS_IT_IS:
        found = {k: v[::-1] if k in UNORDERED and isinstance(v, list) else v for k, v in found.items()}
    if variation.empty_lists:
        found = with_defaults(found, EMPTIES)
    if variation.absent == "null":
        found = with_defaults(found, NULLS)
    if variation.absent == "missing":
        found = {k: v for k, v in found.items() if v is not None and (v != [] or k not in MAY_BE_LEFT_OUT)}
        found = {k: v for k, v in found.items() if k != "comment" or "issuetype" not in found}
    if variation.links != AS_IT_IS:
        found = _with_links(variation, found)
    if variation.paging != AS_IT_IS:
        left_out = PAGING | {"total"} if not found.keys().isdisjoint(("comments", "issues")) else PAGING
        found = {name: value for name, value in found.items() if name not in left_out}
    found = with_empties(variation, found)
    return with_extras(found) if variation.extra_members else found


def _named_by(name: str, member: str, value: Any) -> Any:
    """Another issue by one of its names; a type of link by its phrases, or by its name."""
    if name == "name":
        is_type = member == "type" and isinstance(value, dict) and "inward" in value
        return {"name": value["name"]} if is_type else value
    if member in OTHERS and isinstance(value, dict):
        return {k: v for k, v in value.items() if k == name}
    if member == "type" and isinstance(value, dict) and "inward" in value:
        return {k: v for k, v in value.items() if k not in ("id", "name")}
    return value


def _with_links(variation: Variation, found: Json) -> Json:
    if variation.links == "missing":
        return {name: value for name, value in found.items() if name not in OWN_ADDRESSES}
    return {k: re.sub(r"^https?://[^/]+", "", v) if k in OWN_ADDRESSES[:1] else v for k, v in found.items()}


_NODES = ("paragraph", "heading", "bulletList", "listItem", "text")


def _rewritten(node: Json) -> Json:
    """A node of a document as an editor keeps it: named, its text in two pieces, the same to whoever reads it."""
    children = node.get("content")
    if node.get("type") not in ("doc", *_NODES) or not isinstance(children, list):
        return node
    attributes = {"localId": "0"} if node["type"] in ("paragraph", "bulletList") else {}
    named = {"attrs": {**node.get("attrs", {}), **attributes}} if attributes else {}
    return {**node, **named, "content": [piece for child in children for piece in _pieces(child)]}


def _pieces(node: Json) -> list[Json]:
    text = str(node.get("text", ""))
    if node.get("type") != "text" or node.get("marks") or len(text) < 2:
        return [node]
    return [{**node, "text": part} for part in (text[: len(text) // 2], text[len(text) // 2 :])]


def _with_returns(content: Any) -> Any:
    """Texts with the line ends of Windows, as they come back from a form in a browser."""
    if isinstance(content, list):
        return [_with_returns(one) for one in content]
    if isinstance(content, dict):
        return {name: _with_returns(value) for name, value in content.items()}
    return content.replace("\n", "\r\n") if isinstance(content, str) else content
