"""How the tracker in memory is read: as a whole, or by the numbers that its changes have."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from lpm_sync.core.work_item import BrokenItem, Ref, SourceItem
from lpm_sync.ports import Parts, Previous, Pull
from lpm_sync.testing.in_memory_store import InMemoryStore

VERSION = 1  # of positions
PAGE = 50  # items


class InMemoryReading:
    """One reading. A position is the scope that it was made for, and for each project the last change that was read."""

    def __init__(self, store: InMemoryStore, projects: Collection[str] | None, account: str) -> None:
        self._store = store
        known = (*store.projects, *store.faults.projects)  # hidden ones are in scope all the same
        self._projects = sorted({project for project in known if projects is None or project in projects})
        self._account = account
        self._scope = [VERSION, account, self._projects, sorted(store.types)]

    def pull(self, previous: Previous | None, *, census: bool, parts: Parts | None) -> Pull:
        """As the port says. Deletions are told at once: the counter has seen them."""
        store, changes = self._store, self._store.look()
        for _ in self._projects:
            store.request()
        since = self._since(previous)
        failures = {project: why for project, why in store.faults.projects.items() if project in self._projects}
        visible = [item for item in store.items.values() if item.project in self._projects]
        visible = [item for item in visible if item.project not in failures]
        present = {item.ref for item in visible if item.type in store.types}
        missing = present - set(previous.keys.values()) if previous is not None and census else set()
        touched = [
            item for item in visible if changes.numbers[item.ref] > since.get(item.project, 0) or item.ref in missing
        ]
        read = [item for item in touched if item.ref in present]
        faults = store.faults.items
        delivered = {} if previous is not None and previous.is_unfinished else since
        position = self._position(dict.fromkeys(self._projects, changes.last) | _of(delivered, failures))
        items = [store.view(item.ref) for item in read if item.ref not in faults]
        keeping = None if since and previous and not previous.is_unfinished else parts
        if keeping is not None:
            if not since:
                keeping.begin(position)
            keeping.expect(len(present))
            self._keep(items, keeping)
        return Pull(
            tracker=store.name,
            account=self._account,
            server_time=store.clock.now(),
            items=() if keeping is not None else tuple(items),
            broken=tuple(_broken(item, faults[item.ref]) for item in read if item.ref in faults),
            failures=failures,
            ignored_types=Counter(item.type for item in touched if item.type not in store.types),
            position=position,
            is_delta=bool(since),
            gone=self._gone(since) if since else frozenset(),
            present=frozenset(present) if census or keeping is not None else None,
        )

    def _keep(self, items: Sequence[SourceItem], parts: Parts) -> None:
        """Page by page, each by a request of its own."""
        for start in range(0, len(items), PAGE):
            self._store.request()
            parts.keep(items[start : start + PAGE])

    def _since(self, previous: Previous | None) -> dict[str, int]:
        """The last change that was read, by project; nothing where the position was made for something else."""
        try:
            position = json.loads(previous.position) if previous is not None else {}
        except ValueError:
            return {}
        return dict(position["since"]) if isinstance(position, dict) and position.get("scope") == self._scope else {}

    def _position(self, since: Mapping[str, int]) -> str:
        return json.dumps({"scope": self._scope, "since": since})

    def _gone(self, since: Mapping[str, int]) -> frozenset[Ref]:
        """What was deleted, or changed into something that is not in scope, after the oldest place of the position."""
        store, oldest = self._store, min(since.values())
        deleted = {ref for ref, (_, number) in store.changes.departed.items() if number > oldest}
        left = {
            ref
            for ref, item in store.items.items()
            if store.changes.numbers[ref] > oldest
            and (item.project not in self._projects or item.type not in store.types)
        }
        return frozenset(deleted | left)


def _of(since: Mapping[str, int], failures: Collection[str]) -> dict[str, int]:
    """The places of the projects that failed: they do not move, and one never read stands at the beginning."""
    return {project: since.get(project, 0) for project in failures}


def _broken(item: SourceItem, reason: str) -> BrokenItem:
    return BrokenItem(ref=item.ref, key=item.key, project=item.project, reason=reason)
