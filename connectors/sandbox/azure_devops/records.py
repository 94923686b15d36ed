"""Work items, their revisions and their links, as they are written down.

One sequence numbers revisions and link changes alike, so that both reporting feeds have an order
(azure-devops-wit-7.1.swagger.json: "continuationToken acts as a waterMark").
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.sandbox.azure_devops import transitions
from connectors.sandbox.azure_devops.behaviour import Behaviour
from connectors.sandbox.azure_devops.catalogue import Catalogue, Person
from connectors.sandbox.azure_devops.links import LinkGraph, edge
from connectors.sandbox.azure_devops.model import (
    Comment,
    Identity,
    Link,
    LinkEvent,
    ResourceLink,
    Revision,
    State,
    WorkItem,
)
from connectors.sandbox.clock import MovableClock


class Records(Catalogue):
    """The items of one organisation; the callers hold its lock."""

    def __init__(self, clock: MovableClock, *, organization: str, account: Person, token: str) -> None:
        super().__init__(clock, organization=organization)
        self.account = self.identity(account)
        self.token = token
        self.behaviour = Behaviour()
        self.items: dict[int, WorkItem] = {}
        self.links = LinkGraph()
        self.elsewhere: dict[int, list[ResourceLink]] = {}  # links to items of other organisations
        self.link_events: list[LinkEvent] = []
        self.revisions: list[tuple[WorkItem, Revision]] = []  # in the order of their watermarks
        self.next_id = 1
        self.next_comment = 1
        self._watermark = 0

    @property
    def watermark(self) -> int:
        """The number of the last revision or link change of the organisation."""
        return self._watermark

    def work_item(self, identifier: int) -> WorkItem:
        """The item, deleted and hidden ones too; raises KeyError."""
        return self.items[identifier]

    def visible(self, identifier: int) -> WorkItem | None:
        """The item if the account can read it."""
        item = self.items.get(identifier)
        return item if item is not None and self.is_visible(item) else None

    def is_visible(self, item: WorkItem) -> bool:
        """Whether it is neither deleted nor in a hidden project."""
        return not item.deleted and not self.project(item.project_id).hidden

    def parent_of(self, identifier: int) -> int | None:
        """The number of the parent."""
        return self.links.parent(identifier)

    def insert(
        self,
        project: str,
        type_name: str,
        values: Mapping[str, Any],
        state: State,
        *,
        at: datetime | None = None,
        actor: Person | None = None,
        resources: tuple[ResourceLink, ...] = (),
    ) -> WorkItem:
        """Creates an item from its field values; entering the first state writes no more than its date."""
        home = self.project(project)
        kind = home.types[type_name.casefold()]
        moment, author = self.stamp(at, actor)
        entered = transitions.entering(state, moment, author) if state != kind.states[0] else {}
        start: dict[str, Any] = {
            "System.TeamProject": home.name,
            "System.CreatedDate": moment,
            "System.CreatedBy": author,
            "System.CommentCount": 0,
            "System.State": state.name,
            "System.Reason": state.reason,
            "Microsoft.VSTS.Common.StateChangeDate": moment,
            **kind.defaults,
            **entered,
            **values,
        }
        item = WorkItem(id=self.next_id, project_id=home.id, revisions=[])
        self.items[item.id] = item
        self.next_id += 1
        self.revise(item, start, at=moment, actor=author, resources=resources)
        return item

    def revise(
        self,
        item: WorkItem,
        changes: Mapping[str, Any],
        *,
        at: datetime | None = None,
        actor: Person | None = None,
        resources: tuple[ResourceLink, ...] | None = None,
        comment: Comment | None = None,
    ) -> Revision:
        """Adds one revision; a change to None clears a field."""
        moment, author = self.stamp(at, actor)
        before = item.revisions[-1] if item.revisions else None
        if resources is None:
            resources = before.resources if before else ()
        self._watermark += 1
        revision = Revision(
            number=before.number + 1 if before else 1,
            fields=revised_fields(before.fields if before else {}, changes, moment, author),
            resources=resources,
            changed=moment,
            actor=author,
            watermark=self._watermark,
            comment_id=comment.id if comment else None,
            comment_version=comment.version if comment else None,
        )
        item.revisions.append(revision)
        self.revisions.append((item, revision))
        return revision

    def attach_comment(self, item: WorkItem, text: str, comment_format: str, at: datetime, author: Identity) -> Comment:
        """Puts a comment on an item; the revision that it is follows separately."""
        comment = Comment(
            id=self.next_comment,
            text=text,
            format=comment_format,
            created=at,
            author=author,
            modified=at,
            modified_by=author,
        )
        self.next_comment += 1
        item.comments.append(comment)
        return comment

    def add_link(
        self, link: Link, *, actor: Person | None = None, at: datetime | None = None, comment: str | None = None
    ) -> None:
        """Adds an edge without touching revisions; twice is once."""
        with self.lock:
            if link in self.links:
                return
            self.links.add(link, comment)
            self._record_link(link, True, at, actor, comment)

    def remove_link(self, link: Link, *, actor: Person | None = None, at: datetime | None = None) -> None:
        """Removes an edge without touching revisions; raises KeyError where there is none."""
        with self.lock:
            comment = self.links.comment(link)
            self.links.remove(link)
            self._record_link(link, False, at, actor, comment)

    def link_elsewhere(
        self, identifier: int, rel: str, url: str, *, actor: Person | None = None, comment: str | None = None
    ) -> None:
        """Links an item to one of another organisation, from this end alone (trackers.md, "Dependencies").

        workItemRelationTypes.json calls the remote types work item links: like those, they make no revision. The other
        end has a number of its own organisation, which means nothing here: it is told as 0.
        """
        with self.lock:
            link = edge(rel, identifier, 0)
            if link is None:
                raise KeyError(rel)
            self.elsewhere.setdefault(identifier, []).append(ResourceLink(rel=rel, url=url, comment=comment))
            self._record_link(link, True, None, actor, comment)

    def _record_link(
        self, link: Link, active: bool, at: datetime | None, actor: Person | None, comment: str | None
    ) -> None:
        moment, person = self.stamp(at, actor)
        self._watermark += 1
        event = LinkEvent(watermark=self._watermark, link=link, active=active, at=moment, actor=person, comment=comment)
        self.link_events.append(event)

    def stamp(self, at: datetime | None, actor: Person | None) -> tuple[datetime, Identity]:
        return at or self.clock.tick(), self.account if actor is None else self.identity(actor)


def revised_fields(
    before: Mapping[str, Any], changes: Mapping[str, Any], at: datetime, author: Identity
) -> dict[str, Any]:
    """The fields after a change. System.History belongs to one revision only; what is empty is not there."""
    merged = {**before, "System.History": None, **changes, "System.ChangedDate": at, "System.ChangedBy": author}
    return {name: value for name, value in merged.items() if value is not None and value != ""}


def renamed_fields(fields: Mapping[str, Any], project: str) -> dict[str, Any]:
    """The fields of an item whose project is called otherwise now: all its paths begin with that name."""
    paths = {name: fields[name].split("\\", 1)[1:] for name in ("System.AreaPath", "System.IterationPath")}
    told = {name: "\\".join((project, *rest)) for name, rest in paths.items()}
    return {**fields, "System.TeamProject": project, **told}


def comment_changes(item: WorkItem, comment: Comment) -> dict[str, Any]:
    """What a comment changes in its item: the recordings carry System.CommentCount in every answer."""
    count = sum(not other.deleted for other in item.comments)
    return {"System.CommentCount": count, "System.History": None if comment.deleted else comment.text}
