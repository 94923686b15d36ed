"""The state of the embedded Azure DevOps, and the way to it behind the back of its HTTP surface.

    store = AzureDevOpsStore(clock, organization="contoso", account="LPM Sync", token="secret")
    store.add_project("Payments")                                # types of the Agile process; or types=BASIC
    store.add_work_item_type("Payments", "Epic", {"Funnel": "Proposed", "Doing": "InProgress", "Done": "Completed"})
    store.add_field("Custom.Budget", "Budget", "double")
    store.add_area("Payments", "Cards")                          # Payments\\Cards
    epic = store.create_work_item("Payments", "Epic", "Card vault", tags=["Q4"], fields={"Custom.Budget": 600000})
    feature = store.create_work_item("Payments", "Feature", "Tokens", parent=epic, actor="Ada Lovelace")
    store.set_state(feature, "Active", actor="Ada Lovelace")
    store.link(predecessor=feature, successor=other)             # "other is blocked by feature"
    comment = store.add_comment(feature, "Ada Lovelace", "Ready soon.")
    store.work_item(feature).state                               # the item as it stands; .fields .tags .comments .rev
    store.behaviour.may_create_tags = False                      # misbehaviour and restrictions

Items are named by their number. An actor is a display name or an Identity and is the account where none is given. Every
change is stamped with `clock.tick()`, or with `at`/`created` to tell a story of the past. Nothing is validated here:
what a broken tracker could hold can be put into it. The rules of the service stand in `patch`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.sandbox.azure_devops import tags as tag_rules
from connectors.sandbox.azure_devops import transitions
from connectors.sandbox.azure_devops.catalogue import Person
from connectors.sandbox.azure_devops.links import DEPENDENCY, HIERARCHY
from connectors.sandbox.azure_devops.model import Comment, Identity, Link, ResourceLink, WorkItem
from connectors.sandbox.azure_devops.records import Records, comment_changes, renamed_fields


class AzureDevOpsStore(Records):
    """One organisation with everything in it."""

    def comments_of(self, identifier: int) -> list[Comment]:
        """The comments that are not deleted, oldest first."""
        return [comment for comment in self.items[identifier].comments if not comment.deleted]

    def predecessors_of(self, identifier: int) -> list[int]:
        """The numbers of the items that block this one."""
        return sorted(
            link.source for link in self.links.of(identifier) if link.type == DEPENDENCY and link.target == identifier
        )

    def create_work_item(  # noqa: PLR0913 (each is a field of the item, given by name)
        self,
        project: str,
        type_name: str,
        title: str,
        *,
        state: str | None = None,
        area_path: str | None = None,
        iteration_path: str | None = None,
        tags: Iterable[str] = (),
        assigned_to: Person | None = None,
        description: str | None = None,
        parent: int | None = None,
        fields: Mapping[str, Any] | None = None,
        created: datetime | None = None,
        actor: Person | None = None,
    ) -> int:
        """Creates an item and returns its number. `area_path` and `iteration_path` start with the project's name."""
        with self.lock:
            home = self.project(project)
            kind = home.types[type_name.casefold()]
            first = kind.state(state) if state else kind.states[0]
            if first is None:
                raise KeyError(state)
            values: dict[str, Any] = {
                "System.WorkItemType": kind.name,
                "System.Title": title,
                "System.AreaPath": area_path or home.name,
                "System.IterationPath": iteration_path or home.name,
                "System.Tags": tag_rules.join(tag_rules.register(home, tags)),
                "System.AssignedTo": None if assigned_to is None else self.identity(assigned_to),
                "System.Description": description,
                **(fields or {}),
            }
            item = self.insert(project, type_name, values, first, at=created, actor=actor)
            if parent is not None:
                self.add_link(Link(type=HIERARCHY, source=parent, target=item.id), at=created, actor=actor)
            return item.id

    def edit(
        self, identifier: int, fields: Mapping[str, Any], *, actor: Person | None = None, at: datetime | None = None
    ) -> None:
        """Sets fields by reference name, None to clear; a person in an identity field is an Identity."""
        with self.lock:
            self.revise(self.items[identifier], fields, at=at, actor=actor)

    def set_state(
        self, identifier: int, state: str, *, actor: Person | None = None, at: datetime | None = None
    ) -> None:
        """Enters a state of the item's type, with the dates that the server writes."""
        with self.lock:
            item = self.items[identifier]
            found = self.project(item.project_id).types[item.type_name.casefold()].state(state)
            if found is None:
                raise KeyError(state)
            moment, author = self.stamp(at, actor)
            self.revise(item, transitions.entering(found, moment, author), at=moment, actor=author)

    def assign(self, identifier: int, person: Person | None, *, actor: Person | None = None) -> None:
        """Assigns the item to a person, or to nobody."""
        self.edit(identifier, {"System.AssignedTo": None if person is None else self.identity(person)}, actor=actor)

    def add_tag(self, identifier: int, tag: str, *, actor: Person | None = None) -> None:
        """Adds a tag."""
        with self.lock:
            self._set_tags(identifier, [*self.items[identifier].tags, tag], actor)

    def remove_tag(self, identifier: int, tag: str, *, actor: Person | None = None) -> None:
        """Removes a tag, whatever its case."""
        with self.lock:
            kept = [name for name in self.items[identifier].tags if name.casefold() != tag.casefold()]
            self._set_tags(identifier, kept, actor)

    def _set_tags(self, identifier: int, names: Iterable[str], actor: Person | None) -> None:
        item = self.items[identifier]
        known = tag_rules.register(self.project(item.project_id), tag_rules.split(";".join(names)))
        self.revise(item, {"System.Tags": tag_rules.join(known)}, actor=actor)

    def add_comment(
        self,
        identifier: int,
        author: Person,
        text: str,
        *,
        comment_format: str = "html",
        at: datetime | None = None,
    ) -> int:
        """Adds a comment and returns its number. A comment is a revision (trackers.md, "Comments")."""
        with self.lock:
            item = self.items[identifier]
            moment, person = self.stamp(at, author)
            comment = self.attach_comment(item, text, comment_format, moment, person)
            self._revise_for(item, comment, moment, person)
            return comment.id

    def edit_comment(self, identifier: int, comment: int, text: str, *, actor: Person | None = None) -> None:
        """Writes another text into a comment, which is a revision too."""
        with self.lock:
            item, found = self._find_comment(identifier, comment)
            moment, person = self.stamp(None, actor)
            found.text, found.modified, found.modified_by = text, moment, person
            found.version += 1
            self._revise_for(item, found, moment, person)

    def delete_comment(self, identifier: int, comment: int, *, actor: Person | None = None) -> None:
        """Deletes a comment, which is a revision too."""
        with self.lock:
            item, found = self._find_comment(identifier, comment)
            moment, person = self.stamp(None, actor)
            found.deleted, found.modified, found.modified_by = True, moment, person
            found.version += 1
            self._revise_for(item, found, moment, person)

    def _find_comment(self, identifier: int, comment: int) -> tuple[WorkItem, Comment]:
        item = self.items[identifier]
        found = next((c for c in item.comments if c.id == comment and not c.deleted), None)
        if found is None:
            raise KeyError(comment)
        return item, found

    def _revise_for(self, item: WorkItem, comment: Comment, at: datetime, actor: Identity) -> None:
        self.revise(item, comment_changes(item, comment), at=at, actor=actor, comment=comment)

    def link(
        self, predecessor: int, successor: int, *, actor: Person | None = None, at: datetime | None = None
    ) -> None:
        """Makes `successor` depend on `predecessor`: the predecessor blocks the successor."""
        self.add_link(Link(type=DEPENDENCY, source=predecessor, target=successor), actor=actor, at=at)

    def unlink(
        self, predecessor: int, successor: int, *, actor: Person | None = None, at: datetime | None = None
    ) -> None:
        """Removes such a dependency."""
        self.remove_link(Link(type=DEPENDENCY, source=predecessor, target=successor), actor=actor, at=at)

    def set_parent(
        self, identifier: int, parent: int | None, *, actor: Person | None = None, at: datetime | None = None
    ) -> None:
        """Moves an item below another parent, or below none."""
        with self.lock:
            before = self.links.parent(identifier)
            if before is not None:
                self.remove_link(Link(type=HIERARCHY, source=before, target=identifier), actor=actor, at=at)
            if parent is not None:
                self.add_link(Link(type=HIERARCHY, source=parent, target=identifier), actor=actor, at=at)

    def add_hyperlink(
        self, identifier: int, url: str, *, comment: str | None = None, actor: Person | None = None
    ) -> None:
        """Adds a hyperlink, which makes a revision (trackers.md: "Hyperlinks do make a revision")."""
        with self.lock:
            item = self.items[identifier]
            hyperlink = ResourceLink(rel="Hyperlink", url=url, comment=comment)
            self.revise(item, {}, actor=actor, resources=(*item.resources, hyperlink))

    def delete_work_item(self, identifier: int, *, actor: Person | None = None) -> None:
        """Moves an item to the recycle bin, which is a revision (recording 8), and its links out of sight."""
        with self.lock:
            item = self.items[identifier]
            self.revise(item, {"System.IsDeleted": True}, actor=actor)
            item.deleted = True
            for link in self.links.of(identifier):
                self.remove_link(link, actor=actor)

    def destroy(self, identifier: int) -> None:
        """Removes an item for good, with its revisions and comments."""
        with self.lock:
            for link in self.links.of(identifier):
                self.remove_link(link)
            item = self.items.pop(identifier)
            self.revisions = [pair for pair in self.revisions if pair[0] is not item]

    def rename_project(self, project: str, name: str) -> None:
        """Calls a project otherwise. Its items, and their pasts, are in it under the new name without a revision.

        Learn, "Rename a project": work items, queries and paths follow; that none of them is revised is believed.
        """
        with self.lock:
            renamed = self.project(project)
            for item in (one for one in self.items.values() if one.project_id == renamed.id):
                told = {one.number: replace(one, fields=renamed_fields(one.fields, name)) for one in item.revisions}
                item.revisions = list(told.values())
                self.revisions = [(one, told[old.number] if one is item else old) for one, old in self.revisions]
            renamed.name = name

    def move(self, identifier: int, project: str, *, actor: Person | None = None) -> None:
        """Moves an item to another project, where it keeps its number; raises KeyError where its type is not known."""
        with self.lock:
            item, home = self.items[identifier], self.project(project)
            if item.type_name.casefold() not in home.types:
                raise KeyError(item.type_name)
            item.project_id = home.id
            self.revise(
                item,
                {
                    "System.TeamProject": home.name,
                    "System.AreaPath": home.name,
                    "System.IterationPath": home.name,
                    "System.Tags": tag_rules.join(tag_rules.register(home, item.tags)),
                },
                actor=actor,
            )
