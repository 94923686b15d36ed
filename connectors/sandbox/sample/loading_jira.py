"""Puts the Jira part of the sample into an embedded Jira."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from connectors.sandbox.jira import TEXT_AREA, Account, Issue, JiraStore
from connectors.sandbox.sample.fields import JIRA_FIELDS, JIRA_REFERENCE
from connectors.sandbox.sample.model import FieldContent, PlannedItem
from connectors.sandbox.sample.people import EVERYBODY

PROJECTS = {"PORT": "Portfolio", "PAY": "Payments", "MOB": "Mobile banking"}

# Beside the statuses that every Jira has; categories as Jira's own workflows have them.
EPIC_STATUSES = {
    "Funnel": "new",
    "Reviewing": "indeterminate",
    "Analyzing": "indeterminate",
    "Ready": "new",
    "Persevere": "indeterminate",
    "Cancelled": "done",
}
_KINDS = {"text": "string", "line": "string", "number": "number", "date": "date", "option": "option"}


def define_jira(store: JiraStore) -> None:
    """Projects, people, statuses and fields of the sample."""
    for key, name in PROJECTS.items():
        store.add_project(key, name)
    for person in EVERYBODY:
        store.add_account(
            Account(
                person.name,
                account_id=person.jira_account(is_cloud=True),
                name=person.user,
                email=person.mail,
                time_zone="Europe/Berlin",
            )
        )
    for name, category in EPIC_STATUSES.items():
        store.add_status(name, category)
    for field in JIRA_FIELDS.values():
        if not field.is_builtin:
            store.add_field(field.field, _KINDS[field.kind], custom=TEXT_AREA if field.kind == "text" else "")
    store.add_field(JIRA_REFERENCE)


def load_jira(store: JiraStore, items: Iterable[PlannedItem]) -> dict[str, Issue]:
    """Creates the items, parents before children, and returns them by their names in the sample."""
    people = {account.display_name: account for account in store.accounts}
    loaded: dict[str, Issue] = {}
    for item in items:
        issue = store.create_issue(
            item.place,
            item.type,
            item.title,
            status=None if item.moved else item.status,
            parent=loaded[item.parent] if item.parent else None,
            labels=item.labels,
            assignee=people[item.owner] if item.owner else None,
            description=item.description or None,
            fields=_fields(item),
            created=item.created,
            actor=people[item.owner] if item.owner else None,
        )
        if item.moved:
            with store.backdate(item.moved):
                store.transition(issue, item.status)
        for comment in item.comments:
            with store.backdate(comment.written):
                store.add_comment(issue, comment.text, author=people[comment.author])
        loaded[item.name] = issue
    return loaded


def jira_value(name: str, content: FieldContent) -> Any:
    """A field's content as Jira keeps it."""
    if isinstance(content, date):
        return content.isoformat()
    return {"value": content} if JIRA_FIELDS[name].kind == "option" else content


def _fields(item: PlannedItem) -> dict[str, Any]:
    contents = {**item.fields, **({"planning_interval": item.interval} if item.interval else {})}
    return {JIRA_FIELDS[name].field: jira_value(name, content) for name, content in contents.items()}
