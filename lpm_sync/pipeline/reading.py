"""Makes the portfolio of one cycle out of what the trackers delivered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from lpm_sync.core.assembly import Gathered, assemble, open_edges
from lpm_sync.core.dependency import blocked_since
from lpm_sync.core.normalise import normalise
from lpm_sync.core.portfolio import Portfolio, Quarantined
from lpm_sync.core.work_item import Direction, Edge, ForeignLink, Ref, SourceItem, WorkItem
from lpm_sync.errors import UnauthorisedError, UnavailableError
from lpm_sync.pipeline.sources import Source, pull_sources, put_aside
from lpm_sync.policy.configuration import Configuration
from lpm_sync.ports import History, Tracker
from lpm_sync.state.store import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The portfolio as it was read, and how completely.

    `edges` are the open dependencies; `pulled` counts the items at a configured level that were delivered now.
    """

    portfolio: Portfolio
    edges: frozenset[Edge]
    sources: tuple[Source, ...]
    pulled: int
    warnings: tuple[str, ...]


def read_portfolio(
    configuration: Configuration,
    trackers: Mapping[str, Tracker],
    state: State,
    now: datetime,
    *,
    accept_smaller: bool = False,
) -> Reading:
    """Pulls, normalises and indexes; records nothing.

    Raises ConfigurationError where a tracker refutes the configuration.
    """
    sources = pull_sources(trackers, state.snapshots, now, accept_smaller=accept_smaller)
    gathered = _gather(configuration, sources, trackers, now)
    histories, failed = _histories(open_edges(gathered), trackers, sources)
    if failed:
        sources = tuple(
            put_aside(source, failed[source.tracker]) if source.tracker in failed else source for source in sources
        )
        gathered = _gather(configuration, sources, trackers, now)
    edges = open_edges(gathered)
    first_seen = state.edges.first_seen()
    since = {edge: _blocked_since(edge, histories, first_seen.get(edge, now)) for edge in edges}
    gathered = replace(
        gathered,
        blocked_since={edge: instant for edge, (instant, _) in since.items()},
        first_seen=frozenset(edge for edge, (_, is_first_seen) in since.items() if is_first_seen),
    )
    return Reading(
        portfolio=assemble(gathered),
        edges=edges,
        sources=sources,
        pulled=sum(not item.is_stale for item in gathered.items),
        warnings=(*configuration.warnings, *configuration.unresolved(_resolver(sources))),
    )


def _gather(
    configuration: Configuration, sources: tuple[Source, ...], trackers: Mapping[str, Tracker], now: datetime
) -> Gathered:
    definition = configuration.definition(_resolver(sources))
    prefix = configuration.governance().label_prefix
    items: list[WorkItem] = []
    aside: list[Quarantined] = []
    for source in sources:
        vocabulary = configuration.vocabulary(source.tracker)
        aside.extend(
            Quarantined(ref=broken.ref, key=f"{source.tracker}:{broken.key}", reason=broken.reason)
            for broken in source.broken
        )
        for read, is_stale in ((source.items, False), (source.stale_items, True)):
            for item in read:
                found = normalise(item, vocabulary, definition, is_stale, prefix)
                if isinstance(found, WorkItem):
                    items.append(found)
                elif found is not None:
                    aside.append(found)
    return Gathered(
        now=now,
        definition=definition,
        items=tuple(items),
        quarantined=tuple(aside),
        foreign_edges=frozenset(_foreign_edges(sources, trackers)),
        stale=frozenset(source.tracker for source in sources if source.is_stale),
        approval=configuration.approval(),
        label_prefix=prefix,
    )


def _resolver(sources: Iterable[Source]) -> Callable[[str], Ref | None]:
    by_key = {
        f"{source.tracker}:{item.key}".casefold(): item.ref
        for source in sources
        for item in (*source.stale_items, *source.items)
    }
    return lambda key: by_key.get(key.casefold())


def _foreign_edges(sources: Iterable[Source], trackers: Mapping[str, Tracker]) -> Iterable[Edge]:
    """Dependencies over trackers: each foreign address is offered to every tracker, then looked up as it stands."""
    items = [item for source in sources for item in (*source.items, *source.stale_items)]
    by_url = {item.url: item.ref for item in items}
    for item in items:
        for link in item.foreign_links:
            other = _ref_of(link, trackers) or by_url.get(link.url)
            if other is not None and other != item.ref:
                yield _edge(item, other, link.direction)


def _ref_of(link: ForeignLink, trackers: Mapping[str, Tracker]) -> Ref | None:
    return next((ref for tracker in trackers.values() if (ref := tracker.ref_for_url(link.url)) is not None), None)


def _edge(item: SourceItem, other: Ref, direction: Direction) -> Edge:
    return Edge(other, item.ref) if direction is Direction.BLOCKED_BY else Edge(item.ref, other)


def _histories(
    edges: Iterable[Edge], trackers: Mapping[str, Tracker], sources: Iterable[Source]
) -> tuple[dict[Ref, History], dict[str, str]]:
    """Histories of both ends of every open dependency, and the trackers that would not tell, with the reason."""
    answering = {source.tracker for source in sources if source.error is None}
    ends = {ref for edge in edges for ref in (edge.blocker, edge.blocked) if ref.tracker in answering}
    histories: dict[Ref, History] = {}
    failed: dict[str, str] = {}
    for name in sorted({ref.tracker for ref in ends}):
        try:
            histories.update(trackers[name].history({ref for ref in ends if ref.tracker == name}))
        except (UnauthorisedError, UnavailableError) as error:
            failed[name] = str(error)
    return histories, failed


def _blocked_since(edge: Edge, histories: Mapping[Ref, History], first_seen: datetime) -> tuple[datetime, bool]:
    """Either end can tell when the link was made; the blocker alone when it moved."""
    blocker, blocked = histories.get(edge.blocker), histories.get(edge.blocked)
    made = (blocked and blocked.link_created.get(edge.blocker)) or (blocker and blocker.link_created.get(edge.blocked))
    return blocked_since(made or None, blocker.last_status_change if blocker else None, first_seen)
