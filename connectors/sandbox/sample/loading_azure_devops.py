"""Puts the Azure DevOps part of the sample into an embedded organisation."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any

from connectors.sandbox.azure_devops.model import StateCategory
from connectors.sandbox.azure_devops.store import AzureDevOpsStore
from connectors.sandbox.sample.features import AREAS, TEAMS
from connectors.sandbox.sample.fields import AZURE_DEVOPS_FIELDS
from connectors.sandbox.sample.model import FieldContent, PlannedItem
from connectors.sandbox.sample.people import EVERYBODY
from connectors.sandbox.sample.timeline import Timeline

PROJECT = "Platform"
EPIC_STATES: dict[str, StateCategory] = {
    "New": "Proposed",
    "Reviewing": "Proposed",
    "Analyzing": "InProgress",
    "Ready": "InProgress",
    "Active": "InProgress",
    "Resolved": "Resolved",
    "Closed": "Completed",
    "Removed": "Removed",
}
_KINDS = {"text": "html", "line": "string", "number": "double", "date": "dateTime", "option": "string"}


def define_azure_devops(store: AzureDevOpsStore, timeline: Timeline) -> None:
    """The project with its states, areas, iterations and fields, and the people of the sample."""
    store.add_project(PROJECT)
    store.add_work_item_type(PROJECT, "Epic", EPIC_STATES)
    for person in EVERYBODY:
        store.add_identity(person.name, unique_name=person.mail)
    for stream, area in AREAS.items():
        for team in TEAMS[stream]:
            store.add_area(PROJECT, f"{area}\\{team}")
    store.add_area(PROJECT, "Incubator")
    for interval in timeline.intervals:
        store.add_iteration(PROJECT, interval.id, start=_midnight(interval.start), finish=_midnight(interval.end))
    for field in AZURE_DEVOPS_FIELDS.values():
        if not field.is_builtin:
            store.add_field(field.field, field.label, _KINDS[field.kind])


def load_azure_devops(store: AzureDevOpsStore, items: Iterable[PlannedItem]) -> dict[str, int]:
    """Creates the items, parents before children, and returns their numbers by their names in the sample."""
    loaded: dict[str, int] = {}
    for item in items:
        number = store.create_work_item(
            PROJECT,
            item.type,
            item.title,
            state=None if item.moved else item.status,
            area_path=f"{PROJECT}\\{item.place}" if item.place else PROJECT,
            iteration_path=f"{PROJECT}\\{item.interval}" if item.interval else PROJECT,
            tags=item.labels,
            assigned_to=item.owner,
            description=f"<div>{item.description}</div>",
            parent=loaded[item.parent] if item.parent else None,
            fields={AZURE_DEVOPS_FIELDS[name].field: _value(name, content) for name, content in item.fields.items()},
            created=item.created,
            actor=item.owner or EVERYBODY[0].name,
        )
        if item.moved:
            store.set_state(number, item.status, actor=item.owner, at=item.moved)
        for comment in item.comments:
            store.add_comment(number, comment.author, f"<div>{comment.text}</div>", at=comment.written)
        loaded[item.name] = number
    return loaded


def _value(name: str, content: FieldContent) -> Any:
    """A field's content as Azure DevOps keeps it: a day is midnight UTC, a long text is HTML."""
    if isinstance(content, date):
        return _midnight(content)
    if AZURE_DEVOPS_FIELDS[name].kind == "text":
        return f"<div>{content}</div>"
    return content


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)
