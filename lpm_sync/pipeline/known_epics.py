"""Looks for open escalation epics that the state knows and no reading brought: a query may leave out what is ours."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from lpm_sync.core.work_item import Ref, SourceItem
from lpm_sync.errors import LpmSyncError, RefusedError
from lpm_sync.pipeline.delivering import withheld
from lpm_sync.pipeline.sources import Source, put_aside
from lpm_sync.pipeline.vocabulary_checks import is_in_projects
from lpm_sync.policy.configuration import Configuration
from lpm_sync.ports import Tracker
from lpm_sync.state.store import State


def with_known_epics(
    sources: Collection[Source], trackers: Mapping[str, Tracker], configuration: Configuration, state: State
) -> tuple[Source, ...]:
    """The sources, and in them each of those epics that still stands in one of the projects.

    A source of which that cannot be told is put aside: its epic must not pass for gone.
    """
    known = frozenset(one.ref for one in state.escalations.open())

    def completed(source: Source) -> Source:
        missing = _missing(source, known)
        if source.is_stale or not missing:
            return source
        try:
            found = tuple(_found(missing, trackers[source.tracker], configuration))
        except LpmSyncError as error:
            return put_aside(source, withheld(source.tracker, error, state.pauses))
        return replace(source, items=(*source.items, *found))

    return tuple(map(completed, sources))


def _missing(source: Source, known: Collection[Ref]) -> list[Ref]:
    wanted = {ref for ref in known if ref.tracker == source.tracker}
    if not wanted:
        return []
    wanted.difference_update(one.ref for one in source.broken)
    return sorted(wanted.difference(item.ref for item in source.items))


def _found(missing: Collection[Ref], tracker: Tracker, configuration: Configuration) -> Iterator[SourceItem]:
    for ref in missing:
        try:
            item = tracker.find(ref.id)
        except RefusedError:
            continue  # it is there and cannot be read: as little as any other item that cannot be
        if item is not None and is_in_projects(configuration, item):
            yield item
