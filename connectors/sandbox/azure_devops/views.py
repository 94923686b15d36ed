"""Work items and what belongs to them as the service writes them in JSON.

Keys, URL shapes, the fields of a plain and of an expanded answer and the spelling of times follow the recordings in
realdata/azure-devops/interactions.json (0, 3, 11, 31, 103, 104).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from connectors.sandbox.azure_devops.catalogue import find_node
from connectors.sandbox.azure_devops.links import label_of, relation
from connectors.sandbox.azure_devops.model import Identity, ResourceLink, Revision, WorkItem
from connectors.sandbox.azure_devops.process import RESOURCE_RELATIONS
from connectors.sandbox.azure_devops.records import Records

END_OF_TIME = "9999-01-01T00:00:00Z"


def format_time(moment: datetime) -> str:
    """A time in UTC with up to milliseconds, without trailing zeros: `2022-03-11T11:01:11.41Z` (recording 5)."""
    utc = moment.astimezone(UTC)
    milliseconds = f"{utc.microsecond // 1000:03d}".rstrip("0")
    return utc.strftime("%Y-%m-%dT%H:%M:%S") + (f".{milliseconds}" if milliseconds else "") + "Z"


@dataclass(frozen=True, slots=True)
class Views:
    """Writes what a store holds, with addresses below `root`: scheme, host and organisation."""

    store: Records
    root: str

    def identity(self, who: Identity) -> dict[str, Any]:
        """An IdentityRef (recording 0)."""
        avatar = f"{self.root}/_apis/GraphProfile/MemberAvatars/{who.descriptor}"
        return {
            "displayName": who.display_name,
            "url": f"{self.root}/_apis/Identities/{who.id}",
            "_links": {"avatar": {"href": avatar}},
            "id": who.id,
            "uniqueName": who.unique_name,
            "imageUrl": avatar,
            "descriptor": who.descriptor,
        }

    def value(self, value: Any) -> Any:
        """A field value as JSON."""
        if isinstance(value, Identity):
            return self.identity(value)
        if isinstance(value, datetime):
            return format_time(value)
        return value

    def fields(self, item: WorkItem, revision: Revision, *, expanded: bool) -> dict[str, Any]:
        """The field values of a revision: plain ones (recording 0), or all that the server computes (recording 11)."""
        known = self.store.fields
        given = {name: value for name, value in revision.fields.items() if name.casefold() in known}
        given.pop("System.IsDeleted", None)
        values = {**self.computed(item, revision), **given} if expanded else given
        parent = self.store.links.parent(item.id)
        if parent is not None and revision is item.revisions[-1] and self.store.visible(parent):
            values = {**values, "System.Parent": parent}
        return {name: self.value(value) for name, value in values.items()}

    def computed(self, item: WorkItem, revision: Revision) -> dict[str, Any]:
        """The fields that no one sets."""
        project = self.store.project(item.project_id)
        area_path = str(revision.fields.get("System.AreaPath"))
        iteration_path = str(revision.fields.get("System.IterationPath"))
        area, iteration = find_node(project.areas, area_path), find_node(project.iterations, iteration_path)
        following = item.revisions[revision.number] if revision.number < len(item.revisions) else None
        return {
            "System.Id": item.id,
            "System.AreaId": area.id if area else 0,
            "System.NodeName": area_path.rpartition("\\")[2],
            "System.AreaLevel1": area_path.partition("\\")[0],
            "System.Rev": revision.number,
            "System.AuthorizedDate": revision.changed,
            "System.RevisedDate": following.changed if following else END_OF_TIME,
            "System.IterationId": iteration.id if iteration else 0,
            "System.IterationLevel1": iteration_path.partition("\\")[0],
            "System.AuthorizedAs": revision.actor,
            "System.PersonId": int(revision.actor.id[:7], 16),
            "System.Watermark": revision.watermark,
        }

    def selected(self, item: WorkItem, revision: Revision, names: Iterable[str]) -> dict[str, Any]:
        """The requested fields, those without a value left out (recordings 3 and 31)."""
        everything = self.fields(item, revision, expanded=True)
        wanted = [field.reference_name for name in names if (field := self.store.field(name))]
        return {name: everything[name] for name in wanted if name in everything}

    def relations(self, item: WorkItem, resources: Iterable[ResourceLink]) -> list[dict[str, Any]]:
        """Links to visible items, hyperlinks and artifact links (recording 103), links to other organisations."""
        written = []
        for link in self.store.links.of(item.id):
            rel, label, other = relation(link, item.id)
            end = self.store.visible(other)
            if end is None:
                continue
            attributes: dict[str, Any] = {"isLocked": False, "name": label}
            if comment := self.store.links.comment(link):
                attributes["comment"] = comment
            written.append({"rel": rel, "url": self.item_url(end), "attributes": attributes})
        elsewhere = self.store.elsewhere.get(item.id, ())
        return written + [self.resource(item, resource) for resource in (*resources, *elsewhere)]

    def resource(self, item: WorkItem, resource: ResourceLink) -> dict[str, Any]:
        """A hyperlink, an artifact link, or a link to an item of another organisation."""
        attributes: dict[str, Any] = {"name": RESOURCE_RELATIONS.get(resource.rel) or label_of(resource.rel)}
        first = next((r for r in item.revisions if resource in r.resources), None)
        if first is not None:
            written = format_time(first.changed)
            attributes |= {
                "authorizedDate": written,
                "id": first.watermark,
                "resourceCreatedDate": written,
                "resourceModifiedDate": written,
                "revisedDate": END_OF_TIME,
            }
        if resource.comment is not None:
            attributes["comment"] = resource.comment
        return {"rel": resource.rel, "url": resource.url, "attributes": attributes}

    def work_item(
        self, item: WorkItem, *, expand: str = "none", links: bool = True, revision: Revision | None = None
    ) -> dict[str, Any]:
        """A work item; `expand` is one of none, relations, fields, links, all in small letters.

        Relations of a past revision are its hyperlinks only: links between items have no revision.
        """
        shown = revision or item.revisions[-1]
        answer: dict[str, Any] = {
            "id": item.id,
            "rev": shown.number,
            "fields": self.fields(item, shown, expanded=expand in ("all", "fields")),
            "multilineFieldsFormat": dict(item.multiline_formats),
        }
        if expand in ("all", "relations"):
            is_current = shown is item.revisions[-1]
            resources = [self.resource(item, resource) for resource in shown.resources]
            found = self.relations(item, shown.resources) if is_current else resources
            if found:
                answer["relations"] = found
        if shown.comment_id is not None:
            answer["commentVersionRef"] = {
                "commentId": shown.comment_id,
                "version": shown.comment_version,
                "url": f"{self.item_url(item)}/comments/{shown.comment_id}/versions/{shown.comment_version}",
            }
        if links or expand in ("all", "links"):
            answer["_links"] = self.reference_links(item)
        answer["url"] = self.item_url(item)
        return answer

    def work_item_with(self, item: WorkItem, names: Iterable[str], revision: Revision | None = None) -> dict[str, Any]:
        """A work item with the requested fields only; its address has no project (recordings 3 and 31)."""
        shown = revision or item.revisions[-1]
        return {
            "id": item.id,
            "rev": shown.number,
            "fields": self.selected(item, shown, names),
            "url": f"{self.root}/_apis/wit/workItems/{item.id}",
        }

    def reference_links(self, item: WorkItem) -> dict[str, Any]:
        """The `_links` of a work item (recording 0)."""
        url = self.item_url(item)
        base = f"{self.root}/{item.project_id}"
        addresses: Mapping[str, str] = {
            "self": url,
            "workItemUpdates": f"{url}/updates",
            "workItemRevisions": f"{url}/revisions",
            "workItemComments": f"{url}/comments",
            "html": f"{base}/_workitems/edit/{item.id}",
            "workItemType": f"{base}/_apis/wit/workItemTypes/{quote(item.type_name)}",
            "fields": f"{base}/_apis/wit/fields",
        }
        return {name: {"href": address} for name, address in addresses.items()}

    def item_url(self, item: WorkItem) -> str:
        """The address of an item below its project (recording 0)."""
        return f"{self.root}/{item.project_id}/_apis/wit/workItems/{item.id}"
