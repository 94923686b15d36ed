"""Makes the portfolio of one cycle out of what the trackers delivered."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from lpm_sync.core.assembly import Gathered, assemble, open_edges
from lpm_sync.core.escalation_marker import EscalationMarks
from lpm_sync.core.mapped_fields import MappedFields
from lpm_sync.core.normalise import Normaliser
from lpm_sync.core.portfolio import Portfolio, Quarantined
from lpm_sync.core.resolution import RENAMING, RENEW, renamed
from lpm_sync.core.work_item import Edge, Ref, SourceItem, WorkItem
from lpm_sync.errors import ConfigurationError
from lpm_sync.pipeline.dependencies import Histories, date_edges, foreign_edges, read_histories
from lpm_sync.pipeline.known_epics import with_known_epics
from lpm_sync.pipeline.sources import Source, pull_sources, put_aside
from lpm_sync.policy.configuration import Configuration
from lpm_sync.policy.mapped import claiming_lines, mapped_fields, unmapped_lines
from lpm_sync.ports import Tracker
from lpm_sync.state.store import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The portfolio as it was read, and how completely.

    `edges` are the open dependencies, with the `histories` of their ends; `recalled` tells when some of them were first
    seen, before there was this state; `pulled` counts the items at a configured level that may be acted on now.
    `standing_in` is how items in quarantine stood before they were there.
    `mistakes` in the configuration concern a part of it only: the rest is done.
    """

    portfolio: Portfolio
    edges: frozenset[Edge]
    recalled: Mapping[Edge, datetime]
    histories: Histories
    sources: tuple[Source, ...]
    pulled: int
    standing_in: tuple[SourceItem, ...]
    warnings: tuple[str, ...]
    mistakes: tuple[str, ...] = ()

    @property
    def is_blind(self) -> bool:
        """Whether no tracker could be read."""
        return all(source.error is not None for source in self.sources)

    @property
    def is_mistaken(self) -> bool:
        """Whether a tracker, or a place for findings, stands aside for a mistake in the configuration."""
        return bool(self.mistakes) or any(source.is_mistaken for source in self.sources)


def read_portfolio(
    configuration: Configuration,
    trackers: Mapping[str, Tracker],
    state: State,
    now: datetime,
    *,
    accept_smaller: bool = False,
    census: Collection[str] = (),
    should_stop: Callable[[], bool] = lambda: False,
) -> Reading:
    """Pulls, normalises and indexes; records nothing. Of the trackers in `census` one is taken before it is due.

    Raises ConfigurationError where a mistake in the configuration leaves no tracker to be read, StoppedError where it
    is asked to stop.
    """
    sources = pull_sources(
        trackers,
        state,
        now,
        accept_smaller=accept_smaller,
        census=census,
        pins=configuration.pins,
        should_stop=should_stop,
    )
    if sources and all(source.is_mistaken for source in sources):
        raise ConfigurationError("\n".join(str(source.error) for source in sources))
    sources = with_known_epics(sources, trackers, configuration, state)
    marks = _marks(configuration, state)
    gathered = _gather(configuration, sources, trackers, state, now, marks)
    edges = open_edges(gathered)
    histories = read_histories(edges, trackers, sources, state)
    if failed := histories.failed:
        sources = tuple(
            put_aside(source, failed[source.tracker]) if source.tracker in failed else source for source in sources
        )
        gathered = _gather(configuration, sources, trackers, state, now, marks)
        edges = open_edges(gathered)
    dated = date_edges(edges, histories.timelines, gathered, state, sources)
    gathered = replace(gathered, blocked_since=dated.since, first_seen=dated.first_seen)
    portfolio = assemble(gathered)
    return Reading(
        portfolio=portfolio,
        edges=edges,
        recalled=dated.recalled,
        histories=histories,
        sources=sources,
        pulled=sum(not item.is_stale for item in portfolio.items.values()),
        standing_in=tuple(item.source for item in gathered.items if item.ref in portfolio.quarantined),
        warnings=tuple(_warnings(configuration, sources, portfolio)),
        mistakes=configuration.lost_places(
            _resolver(sources), {source.tracker for source in sources if not source.is_stale}
        ),
    )


def _marks(configuration: Configuration, state: State) -> EscalationMarks:
    """What escalation epics are known by: labels, cards, and those of which the state knows that they are open."""
    remembered = {one.ref: one.marker for one in state.escalations.open()}
    return EscalationMarks(prefixes=configuration.governance().prefixes, remembered=remembered)


def _gather(
    configuration: Configuration,
    sources: tuple[Source, ...],
    trackers: Mapping[str, Tracker],
    state: State,
    now: datetime,
    marks: EscalationMarks,
) -> Gathered:
    definition = configuration.definition(_resolver(sources))
    items: list[WorkItem] = []
    aside: list[Quarantined] = []
    for source in sources:
        normaliser = Normaliser(configuration.vocabulary(source.tracker), definition, marks)
        unread = list(_set_aside(source))
        for read, is_stale in ((source.items, False), (source.stale_items, True)):
            for item in read:
                found = normaliser.item(item, is_stale=is_stale)
                if isinstance(found, WorkItem):
                    items.append(found)
                elif found is not None:
                    unread.append(found)
        items.extend(_standing_in(unread, normaliser, state))
        aside.extend(unread)
    return Gathered(
        now=now,
        definition=definition,
        items=tuple(items),
        quarantined=tuple(aside),
        foreign_edges=frozenset(foreign_edges(sources, trackers, _sites(configuration))),
        stale=frozenset(source.tracker for source in sources if source.is_stale),
        approval=configuration.approval(),
        marks=marks,
        mapped=_mapped(configuration, sources),
    )


def _standing_in(aside: Iterable[Quarantined], normaliser: Normaliser, state: State) -> Iterator[WorkItem]:
    """Items in quarantine as they stood last before: sums over many do not change because one cannot be read."""
    for one in aside:
        standings = (normaliser.item(standing, is_stale=True) for standing in state.snapshots.standings(one.ref))
        if (item := next((found for found in standings if isinstance(found, WorkItem)), None)) is not None:
            yield item


def _warnings(configuration: Configuration, sources: tuple[Source, ...], portfolio: Portfolio) -> Iterator[str]:
    """Remarks of the configuration; what a tracker does not give is told only of those that were read."""
    yield from configuration.warnings
    yield from (f"{one.tracker}: {one.line}; {RENEW}" for one in configuration.misfits())
    for source in sources:
        if source.pull is not None:
            lines = renamed(configuration.pins(source.tracker), source.pull.resolved)
            yield from (f"{source.tracker}: {line}; {RENAMING}" for line in lines.values())
            yield from unmapped_lines(configuration, source.tracker, portfolio.mapped)
            yield from claiming_lines(configuration, source.tracker, portfolio)
    yield from configuration.without_place()


def _mapped(configuration: Configuration, sources: Collection[Source]) -> MappedFields:
    """A tracker without items needs no iteration paths: there is nothing to tell about it."""
    items = {source.tracker: (*source.items, *source.stale_items) for source in sources}
    iterating = [name for name, found in items.items() if not found or any(item.iteration_path for item in found)]
    return mapped_fields(configuration.trackers_file.trackers, iterating)


def _sites(configuration: Configuration) -> dict[str, str]:
    """Where people open each tracker."""
    stanzas = {name: configuration.tracker(name) for name in configuration.trackers}
    return {name: stanza.site_url or stanza.url for name, stanza in stanzas.items()}


def _resolver(sources: Collection[Source]) -> Callable[[str], Ref | None]:
    """Finds items by the keys or ids that people write. Few are asked for, so the index is made when the first is."""

    @cache
    def by_key() -> dict[str, Ref]:
        known: list[tuple[str, Ref]] = []
        for source in sources:
            known.extend((name, broken.ref) for broken in source.broken for name in (broken.ref.id, broken.key))
            items = (*source.stale_items, *source.items)
            known.extend((item.ref.id, item.ref) for item in items)
            known.extend((item.key, item.ref) for item in items)  # what is a key of one and the id of another
        return {f"{ref.tracker}:{key}".casefold(): ref for key, ref in known}

    return lambda key: by_key().get(key.casefold())


def _set_aside(source: Source) -> Iterator[Quarantined]:
    """What could not be read, below the parent that it had when it could."""
    parents = {item.ref: item.parent for item in source.unread}
    for broken in source.broken:
        key = f"{source.tracker}:{broken.key}"
        yield Quarantined(ref=broken.ref, key=key, reason=broken.reason, parent=parents.get(broken.ref))
