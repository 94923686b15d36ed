"""Completes issues as they come and hands them on, so that a reading of everything can go on where it was stopped."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from types import TracebackType

from connectors.jira.bulk import Came
from connectors.jira.issues import FoundIssue, HandedIssue
from connectors.jira.position import CLOCK_TRUST, OVERLAP, digest_of
from connectors.jira.reading import Kept, Reader
from lpm_sync.core.work_item import Ref, SourceItem
from lpm_sync.ports import Parts

RECENT = CLOCK_TRUST + OVERLAP + timedelta(minutes=2)
"""How long before a reading the next one may look for changes: those issues it has to know again."""

ORPHANS_AT_ONCE = 500  # that wait for a parent whose id is not known yet: a few questions for all of them


@dataclass(slots=True)
class Keeper:
    """Hands whole items on to `parts`; `begun` is the server's time at which the reading began.

    Of a handed issue only its stamp stays in memory, and a digest where it was changed lately. One that cannot be read,
    does not matter, or is out of scope is not handed on.
    """

    reader: Reader
    parts: Parts
    begun: datetime
    handed: dict[str, HandedIssue] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    _expected: int = 0
    _orphans: dict[Ref, tuple[SourceItem, str]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _pool: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        client = self.reader.client
        self._pool = ThreadPoolExecutor(max_workers=client.at_once, thread_name_prefix=client.name)

    def __enter__(self) -> Keeper:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def expect(self, count: int) -> None:
        """Says how many issues there are at most; those of one project are not all of them."""
        if count > self._expected:
            self._expected = count
            self.parts.expect(count)

    def take(self, issues: Iterable[Came]) -> dict[str, Kept]:
        """What stays in memory of the issues of a page, by id."""
        found = self.reader.take(issues)
        self.reader.keys.update((one.key, one.id) for one in found.values() if one.key is not None)
        asking = [one for one in found.values() if isinstance(one, FoundIssue) and not one.is_complete]
        found |= zip((one.id for one in asking), self._pool.map(self.reader.completed, asking), strict=True)
        with self._lock:
            found |= self._hand(one for one in found.values() if isinstance(one, FoundIssue))
        if len(self._orphans) >= ORPHANS_AT_ONCE:
            self.finish()
        return found

    def finish(self) -> None:
        """Hands on what waits for its parent still."""
        with self._lock:
            waiting, self._orphans = self._orphans, {}
        items = self.reader.with_parents(
            [item for item, _ in waiting.values()], {ref: key for ref, (_, key) in waiting.items()}
        )
        self._keep(items)

    def _hand(self, issues: Iterable[FoundIssue]) -> dict[str, HandedIssue]:
        """Of two copies, as an issue that moves has them in two projects, the later one holds."""
        handed: dict[str, HandedIssue] = {}
        whole: list[SourceItem] = []
        for one in issues:
            if one.key is None or one.stamp is None or not isinstance(one.item, SourceItem):
                continue
            if not self.reader.is_in_scope(one.item):
                continue
            before = self.handed.get(one.id)
            handed[one.id] = HandedIssue(
                id=one.id, key=one.key, stamp=one.stamp, project=one.project, kind=one.item.type
            )
            if before is not None and before.stamp.time > one.stamp.time:
                continue
            if self._orphans:
                self._orphans.pop(one.item.ref, None)
            if one.parent_key and one.item.parent is None:
                self._orphans[one.item.ref] = one.item, one.parent_key
            else:
                whole.append(one.item)
        self.handed |= handed
        self._keep(whole)
        return handed

    def _keep(self, items: list[SourceItem]) -> None:
        recently = self.begun - RECENT
        self.digests |= {item.ref.id: digest_of(item) for item in items if item.updated >= recently}
        self.parts.keep(items)
