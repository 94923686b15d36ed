"""The history of a work item, one update after the other.

A change of links is an update of its own, whose `rev` is that of the revision before it, while `id` goes on counting:
links do not make revisions (trackers.md, "Link changes"). Shapes: WorkItemUpdate, WorkItemRelationUpdates and
WorkItemFieldUpdate in azure-devops-wit-7.1.overlay.schema.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.azure_devops.links import relation
from connectors.sandbox.azure_devops.model import Identity, LinkEvent, Revision, WorkItem
from connectors.sandbox.azure_devops.views import END_OF_TIME, Views, format_time


def updates_of(views: Views, item: WorkItem) -> list[dict[str, Any]]:
    """All updates of an item, oldest first."""
    events = [event for event in views.store.link_events if event.link.has_end(item.id)]
    entries: list[Revision | LinkEvent] = [*item.revisions, *events]
    happened = sorted(entries, key=lambda entry: entry.watermark)
    updates: list[dict[str, Any]] = []
    before: Revision | None = None
    for number, entry in enumerate(happened, start=1):
        if isinstance(entry, Revision):
            update, author, moment = _revision(views, item, before, entry), entry.actor, entry.changed
            before = entry
        else:
            update, author, moment = _link_change(views, item, entry), entry.actor, entry.at
        if updates:
            updates[-1]["revisedDate"] = format_time(moment)
        updates.append(
            {
                "id": number,
                "workItemId": item.id,
                "rev": before.number if before else 1,
                "revisedBy": _author(views, author),
                "revisedDate": END_OF_TIME,
                **update,
                "url": f"{views.item_url(item)}/updates/{number}",
            }
        )
    return updates


def _author(views: Views, who: Identity) -> dict[str, Any]:
    return {**views.identity(who), "name": str(who)}


def _revision(views: Views, item: WorkItem, before: Revision | None, after: Revision) -> dict[str, Any]:
    old = {**_computed(item, before), **before.fields} if before else {}
    new = {**_computed(item, after), **after.fields}
    changes: dict[str, Any] = {}
    for name in dict.fromkeys([*new, *old]):
        if old.get(name) == new.get(name):
            continue
        change = {"oldValue": old.get(name), "newValue": new.get(name)}
        changes[name] = {key: views.value(value) for key, value in change.items() if value is not None}
    update: dict[str, Any] = {"fields": changes}
    earlier = before.resources if before else ()
    added = [views.resource(item, resource) for resource in after.resources if resource not in earlier]
    removed = [views.resource(item, resource) for resource in earlier if resource not in after.resources]
    if added or removed:
        update["relations"] = _without_empty({"added": added, "removed": removed})
    return update


def _computed(item: WorkItem, revision: Revision) -> dict[str, Any]:
    return {"System.Id": item.id, "System.Rev": revision.number, "System.Watermark": revision.watermark}


def _link_change(views: Views, item: WorkItem, event: LinkEvent) -> dict[str, Any]:
    rel, label, other = relation(event.link, item.id)
    end = views.store.items.get(other)
    url = views.item_url(end) if end else f"{views.root}/_apis/wit/workItems/{other}"
    written = {"rel": rel, "url": url, "attributes": {"isLocked": False, "name": label}}
    return {"relations": {"added" if event.active else "removed": [written]}}


def _without_empty(lists: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    return {name: values for name, values in lists.items() if values}
