"""Setting one field of an issue, and how that stands in the changelog."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.jira.documents import body_of, text_of
from connectors.sandbox.jira.model import Account, Body, ChangeItem, Field, Issue


def assign(issue: Issue, field: Field, value: Any, *, is_cloud: bool) -> ChangeItem | None:
    """Sets a field and answers the changelog entry, or None where nothing changed."""
    match field.id:
        case "summary":
            return _assign_summary(issue, value)
        case "description":
            return _assign_description(issue, value)
        case "labels":
            return _assign_labels(issue, value)
        case "assignee" | "reporter":
            return _assign_account(issue, field.id, value, is_cloud=is_cloud)
        case "parent":
            return _assign_parent(issue, value, _name_of_parent(issue, is_cloud=is_cloud))
        case "issuetype":
            before, issue.type = issue.type, value
            item = ChangeItem("issuetype", "jira", "issuetype", before.id, before.name, value.id, value.name)
            return None if before is value else item
    return _assign_other(issue, field, value)


def _assign_summary(issue: Issue, value: str) -> ChangeItem | None:
    before, issue.summary = issue.summary, value
    return None if before == value else ChangeItem("summary", "jira", "summary", None, before, None, value)


def _assign_description(issue: Issue, value: Any) -> ChangeItem | None:
    before, after = issue.description, body_of(value) if value is not None else None
    if before == after:
        return None
    issue.description = after
    return ChangeItem("description", "jira", "description", None, text_of(before), None, text_of(after))


def _assign_labels(issue: Issue, value: list[str]) -> ChangeItem | None:
    before, after = issue.labels, sorted(set(value))
    if before == after:
        return None
    issue.labels = after
    return ChangeItem("labels", "jira", "labels", "", " ".join(before), "", " ".join(after))


def _assign_account(issue: Issue, name: str, value: Account | None, *, is_cloud: bool) -> ChangeItem | None:
    before: Account | None = getattr(issue, name)
    if before is value:
        return None
    setattr(issue, name, value)
    old, new = _identity(before, is_cloud=is_cloud), _identity(value, is_cloud=is_cloud)
    return ChangeItem(name, "jira", name, old[0], old[1], new[0], new[1])


def _identity(account: Account | None, *, is_cloud: bool) -> tuple[str | None, str | None]:
    if account is None:
        return None, None
    return account.account_id if is_cloud else account.key, account.display_name


def _name_of_parent(issue: Issue, *, is_cloud: bool) -> str:
    """The name under which a new parent stands in the changelog; `issues_cloud_agile_epics.jsonl`."""
    if issue.type.level < 0:
        return "Parent"
    if is_cloud:
        return "IssueParentAssociation"
    return "Epic Link" if issue.type.level == 0 else "Parent Link"


def _assign_parent(issue: Issue, value: Issue | None, name: str) -> ChangeItem | None:
    before, after = issue.parent_id, value.id if value is not None else None
    if before == after:
        return None
    issue.parent_id = after
    field_type = "jira" if name in ("Parent", "IssueParentAssociation") else "custom"
    return ChangeItem(name, field_type, None, before, None, after, value.key if value is not None else None)


def _assign_other(issue: Issue, field: Field, value: Any) -> ChangeItem | None:
    before = issue.fields.get(field.id)
    if field.is_rich_text and value is not None:
        value = body_of(value)
    if before == value:
        return None
    issue.fields[field.id] = value
    field_type = "custom" if field.custom else "jira"
    old, new = _reference(before), _reference(value)
    return ChangeItem(
        field.name if field.custom else field.id, field_type, field.id, old, _text(before), new, _text(value)
    )


def _reference(value: Any) -> str | None:
    return str(value["id"]) if isinstance(value, dict) and "id" in value else None


def _text(value: Any) -> str | None:
    """What a person would read for the value."""
    match value:
        case None:
            return None
        case Body():
            return text_of(value)
        case dict():
            return str(next((value[key] for key in ("name", "value", "displayName", "key") if key in value), value))
        case list():
            return " ".join(_text(one) or "" for one in value)
        case float() if value.is_integer():
            return str(int(value))
    return str(value)
