"""The part of a JSON Patch that adds and removes relations."""

from __future__ import annotations

import re
from typing import Any

from connectors.sandbox.azure_devops import errors, links
from connectors.sandbox.azure_devops.model import Link, ResourceLink, WorkItem
from connectors.sandbox.azure_devops.process import RESOURCE_RELATIONS
from connectors.sandbox.azure_devops.records import Records

ITEM_URL = re.compile(r"/_apis/wit/workItems/(\d+)/?$", re.IGNORECASE)
NEW_ITEM = 0  # stands for the number of an item that is being created


class RelationPatch:
    """Relations of one item as a patch leaves them.

    A removal names a position in the list as it was read, counted again after each removal (recording 114 removes 1 and
    then 0); so positions are removed in descending order (trackers.md, "Link changes").
    """

    def __init__(self, store: Records, item: WorkItem | None) -> None:
        self._store = store
        self._here = item.id if item else NEW_ITEM
        existing = [link for link in store.links.of(item.id) if self._is_visible(link)] if item else []
        self._entries: list[Link | ResourceLink] = [*existing, *(item.resources if item else ())]
        self.added: dict[Link, str | None] = {}
        self.removed: list[Link] = []
        self._elsewhere: list[ResourceLink] = []
        self.resources_changed = False

    @property
    def resources(self) -> tuple[ResourceLink, ...]:
        """The hyperlinks and artifact links that remain."""
        return tuple(entry for entry in self._entries if isinstance(entry, ResourceLink))

    def apply(self, operation: str, position: str, value: Any) -> None:
        """Carries out `add` at `-`, or `remove` at a position."""
        if operation == "add" and position == "-":
            self._add(value)
        elif operation == "remove" and position.isdecimal():
            self._remove(int(position))
        else:
            raise errors.bad_patch(f"The operation {operation} is not supported for path /relations/{position}.")

    def _is_visible(self, link: Link) -> bool:
        return self._store.visible(links.relation(link, self._here)[2]) is not None

    def _add(self, value: Any) -> None:
        if (
            not isinstance(value, dict)
            or not isinstance(value.get("rel"), str)
            or not isinstance(value.get("url"), str)
        ):
            raise errors.bad_patch("The relation must have a 'rel' and a 'url'.")
        comment = (value.get("attributes") or {}).get("comment")
        if value["rel"] in RESOURCE_RELATIONS:
            self._add_resource(ResourceLink(rel=value["rel"], url=value["url"], comment=comment))
        elif links.is_remote(value["rel"]):
            self._add_elsewhere(ResourceLink(rel=value["rel"], url=value["url"], comment=comment))
        else:
            self._add_link(value["rel"], value["url"], comment)

    def _add_resource(self, resource: ResourceLink) -> None:
        if any((known.rel, known.url) == (resource.rel, resource.url) for known in self.resources):
            raise errors.link_exists()
        self._entries.append(resource)
        self.resources_changed = True

    def _add_elsewhere(self, remote: ResourceLink) -> None:
        """The number in its address is one of another organisation (trackers.md, "Dependencies"): it stays as given."""
        known = (*self._store.elsewhere.get(self._here, ()), *self._elsewhere)
        if any((one.rel, one.url) == (remote.rel, remote.url) for one in known):
            raise errors.link_exists()
        self._elsewhere.append(remote)

    def _add_link(self, rel: str, url: str, comment: str | None) -> None:
        found = ITEM_URL.search(url)
        if found is None:
            raise errors.bad_patch(f"The relation url '{url}' does not name a work item.")
        there = int(found[1])
        link = links.edge(rel, self._here, there)
        if link is None:
            raise errors.bad_argument(f"VS402343: Relation type {rel} does not exist.", "ArgumentException")
        if self._store.visible(there) is None:
            raise errors.link_target_not_found(there)
        label = links.relation(link, self._here)[1]
        self._store.links.check(link, label, self.added, self.removed)
        if link in self.removed:
            self.removed.remove(link)
        else:
            self.added[link] = comment
        self._entries.append(link)

    def _remove(self, position: int) -> None:
        if position >= len(self._entries):
            raise errors.bad_patch(f"Index out of range for path /relations/{position}.")
        entry = self._entries.pop(position)
        if isinstance(entry, ResourceLink):
            self.resources_changed = True
        elif entry in self.added:
            del self.added[entry]
        else:
            self.removed.append(entry)

    def commit(self, identifier: int) -> None:
        """Writes the edges; hyperlinks are written with the revision."""
        for link in self.removed:
            self._store.remove_link(link)
        for link, comment in self.added.items():
            source = identifier if link.source == NEW_ITEM else link.source
            target = identifier if link.target == NEW_ITEM else link.target
            self._store.add_link(Link(type=link.type, source=source, target=target), comment=comment)
        for remote in self._elsewhere:
            self._store.link_elsewhere(identifier, remote.rel, remote.url, comment=remote.comment)
