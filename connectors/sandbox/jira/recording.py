"""Loads issues as a real Jira answered them, so that the embedded one can answer them again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from connectors.sandbox.jira.documents import body_of
from connectors.sandbox.jira.issues import IssueStore
from connectors.sandbox.jira.model import (
    Account,
    ChangeItem,
    Comment,
    Field,
    History,
    Issue,
    IssueType,
    Json,
    Link,
    LinkType,
    Project,
    Status,
    StatusCategory,
)

# Kept as state of their own; every other field is kept as it was recorded.
_MODELLED = """summary issuetype project status created updated creator reporter assignee parent description labels
    issuelinks comment subtasks statuscategorychangedate"""
MODELLED = frozenset(_MODELLED.split())


def load(store: IssueStore, lines: Iterable[str | bytes]) -> list[Issue]:
    """Takes in all records first and then joins parents and links, which may point to issues that were not recorded."""
    records = [msgspec.json.decode(line) for line in lines if line.strip()]
    issues = [_load_issue(store, record) for record in records]
    for issue, record in zip(issues, records, strict=True):
        _join(store, issue, record["fields"])
    return issues


def _load_issue(store: IssueStore, record: Json) -> Issue:
    fields = record["fields"]
    created = _time(fields["created"])
    issue = Issue(
        id=record["id"],
        key=record["key"],
        project=_project(store, fields["project"]),
        type=_type(store, fields["issuetype"]),
        summary=fields["summary"],
        status=_status(store, fields["status"]),
        created=created,
        updated=_time(fields["updated"]),
        category_changed=_time(fields.get("statuscategorychangedate") or fields["created"]),
        creator=_account(store, fields.get("creator")),
        reporter=_account(store, fields.get("reporter")),
        assignee=_account(store, fields.get("assignee")),
        description=body_of(fields["description"]) if fields.get("description") is not None else None,
        labels=list(fields.get("labels") or []),
        fields={name: value for name, value in fields.items() if name not in MODELLED},
        comments=[_comment(store, one) for one in (fields.get("comment") or {}).get("comments", [])],
        histories=[_history(store, one) for one in record.get("changelog", {}).get("histories", [])],
    )
    for name, value in issue.fields.items():
        field = _define_field(store, name)
        if field.is_rich_text and value is not None:
            issue.fields[name] = body_of(value)
    store.reserve_id("issue", issue.id)
    issue.project.last_number = max(issue.project.last_number, int(issue.key.rpartition("-")[2]))
    store.insert(issue)
    return issue


def _join(store: IssueStore, issue: Issue, fields: Json) -> None:
    parent = fields.get("parent")
    if parent:
        issue.parent_id = _end(store, parent)
    subtasks = [child for child in fields.get("subtasks") or [] if not _is_subtask(store, child["id"])]
    if subtasks:
        issue.fields["subtasks"] = subtasks
    for link in fields.get("issuelinks") or []:
        if link["id"] in store.links:
            continue
        if "inwardIssue" in link:
            ends = _end(store, link["inwardIssue"]), issue.id
        else:
            ends = issue.id, _end(store, link["outwardIssue"])
        store.reserve_id("link", link["id"])
        store.insert_link(Link(link["id"], _link_type(store, link["type"]), *ends))


def _is_subtask(store: IssueStore, issue_id: str) -> bool:
    """Whether it is found among the children anyhow; what was not recorded or contradicts itself is kept as it was."""
    return issue_id in store.issues and store.issues[issue_id].type.level < 0


def _end(store: IssueStore, short: Json) -> str:
    if short["id"] not in store.issues:
        store.absent_issues[short["id"]] = short
    return str(short["id"])


def _project(store: IssueStore, wire: Json) -> Project:
    return store.add_project(wire["key"], wire["name"], id=wire["id"])


def _type(store: IssueStore, wire: Json) -> IssueType:
    """The name is kept as the issue shows it: the same type was recorded under two names."""
    known = store.types.get(wire["id"])
    if known is not None and known.name == wire["name"]:
        return known
    level = wire.get("hierarchyLevel", -1 if wire.get("subtask") else int(wire["name"] == "Epic"))
    if known is not None:
        return IssueType(wire["id"], wire["name"], level, wire.get("description", ""))
    return store.add_issue_type(wire["name"], level, id=wire["id"], description=wire.get("description", ""))


def _status(store: IssueStore, wire: Json) -> Status:
    """The category is kept as the issue shows it: its key may contradict its id and other issues (`realdata`)."""
    shown = wire["statusCategory"]
    category = StatusCategory(shown["id"], shown["key"], shown["name"], shown["colorName"])
    known = store.statuses.get(wire["id"])
    if known is not None and known.category == category:
        return known
    status = Status(wire["id"], wire["name"], category, wire.get("description", ""))
    store.reserve_id("status", status.id)
    return store.statuses.setdefault(status.id, status) if known is None else status


def _link_type(store: IssueStore, wire: Json) -> LinkType:
    known = store.link_types.get(wire["id"])
    return known or store.add_link_type(wire["name"], wire["inward"], wire["outward"], id=wire["id"])


def _account(store: IssueStore, wire: Json | None) -> Account | None:
    if not wire:
        return None
    identity = wire.get("accountId") or wire.get("key") or wire.get("name") or ""
    try:
        return store.account(identity)
    except KeyError:
        account = Account(
            wire.get("displayName", ""),
            account_id=wire.get("accountId", ""),
            name=wire.get("name", ""),
            key=wire.get("key", ""),
            email=wire.get("emailAddress", ""),
            time_zone=wire.get("timeZone", "UTC"),
            active=wire.get("active", True),
            account_type=wire.get("accountType", "atlassian"),
        )
        return store.add_account(account)


def _comment(store: IssueStore, wire: Json) -> Comment:
    store.reserve_id("comment", wire["id"])
    author, updater = _account(store, wire.get("author")), _account(store, wire.get("updateAuthor"))
    created, updated = _time(wire["created"]), _time(wire["updated"])
    return Comment(wire["id"], author, body_of(wire["body"]), created, updated, updater)


def _history(store: IssueStore, wire: Json) -> History:
    store.reserve_id("history", wire["id"])
    items = [_change(item) for item in wire["items"]]
    return History(wire["id"], _account(store, wire.get("author")), _time(wire["created"]), items)


def _change(wire: Json) -> ChangeItem:
    return ChangeItem(
        wire["field"],
        wire["fieldtype"],
        wire.get("fieldId"),
        wire.get("from"),
        wire.get("fromString"),
        wire.get("to"),
        wire.get("toString"),
    )


def _define_field(store: IssueStore, name: str) -> Field:
    if name not in store.fields:
        if name.startswith("customfield_"):
            return store.add_field(name, "any", id=name)
        store.fields[name] = Field(name, name, "any")
    return store.fields[name]


def _time(text: Any) -> datetime:
    return datetime.fromisoformat(text)
