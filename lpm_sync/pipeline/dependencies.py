"""The open dependencies of one cycle: those over trackers, and since when each of all blocks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lpm_sync.core.assembly import Gathered
from lpm_sync.core.card import find_cards
from lpm_sync.core.dependency import blocked_since
from lpm_sync.core.timeline import Timeline
from lpm_sync.core.work_item import Direction, Edge, ForeignLink, Ref, SourceItem, WorkItem
from lpm_sync.errors import ChangedError, ConfigurationError, UnauthorisedError, UnavailableError
from lpm_sync.pipeline.delivering import Withheld, withheld
from lpm_sync.pipeline.sources import Source
from lpm_sync.pipeline.timelines import timelines_of
from lpm_sync.ports import Tracker
from lpm_sync.rules.dependency import BlockedTooLong
from lpm_sync.state.store import State

MARGIN = timedelta(minutes=5)
"""How much younger than the state a card may seem: a tracker tells its time to the second, and a reading takes time.

One that truly is younger tells nothing that is not known: what it has dated since, the state has dated.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedEdges:
    """Since when each edge blocks. `first_seen` are those that count from the first sight of them, as no tracker tells
    when they were made; `recalled` are first sights that a card tells and the state does not know."""

    since: Mapping[Edge, datetime]
    first_seen: frozenset[Edge]
    recalled: Mapping[Edge, datetime]


def foreign_edges(
    sources: Collection[Source], trackers: Mapping[str, Tracker], sites: Mapping[str, str]
) -> Iterator[Edge]:
    """Dependencies over trackers: each foreign address is offered to every tracker, then looked up as it stands.

    `sites` are where people open the trackers. An address there that is not known, of a tracker that did not deliver
    all, leads to something unknown of it; any other leads out of the portfolio.
    """
    items = [item for source in sources for item in (*source.items, *source.stale_items, *source.unread)]
    linked = [item for item in items if item.foreign_links]
    by_url = {item.url: item.ref for item in items} if linked else {}
    stale = {source.tracker: sites[source.tracker].rstrip("/") + "/" for source in sources if source.is_stale}
    for item in linked:
        for link in item.foreign_links:
            other = _ref_of(link, trackers) or by_url.get(link.url) or _unknown(link, stale)
            if other is not None and other != item.ref:
                yield Edge(other, item.ref) if link.direction is Direction.BLOCKED_BY else Edge(item.ref, other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Histories:
    """The timelines of both ends of open dependencies; `fresh` are those that were asked for in this cycle.

    `failed` names the trackers that would not tell, with the reason; `items` are the ends as they stand.
    """

    timelines: Mapping[Ref, Timeline]
    fresh: Mapping[Ref, Timeline] = field(default_factory=dict)
    failed: Mapping[str, Withheld] = field(default_factory=dict)
    items: tuple[SourceItem, ...] = ()


def read_histories(
    edges: Iterable[Edge], trackers: Mapping[str, Tracker], sources: Collection[Source], state: State
) -> Histories:
    """The timelines of both ends of every open dependency, from the state where nothing happened to the item since.

    What was delivered now is asked for again: on Azure DevOps a link may have gone and come back, and the item looks
    the same; and after a whole reading other links or fields may be known than before.
    """
    answering = {source.tracker for source in sources if source.error is None}
    ends = {ref for edge in edges for ref in (edge.blocker, edge.blocked) if ref.tracker in answering}
    standing = (item for source in sources for item in (*source.items, *source.unread)) if ends else ()
    items = tuple(item for item in standing if item.ref in ends)
    delivered = {item.ref for source in sources if source.pull is not None for item in source.pull.items}
    known = state.timelines.up_to_date(item for item in items if item.ref not in delivered)
    fresh: dict[Ref, Timeline] = {}
    failed: dict[str, Withheld] = {}
    asked = ends - known.keys()
    for name in sorted({ref.tracker for ref in asked}):
        try:
            fresh.update(timelines_of({ref for ref in asked if ref.tracker == name}, trackers[name], state.timelines))
        except (ChangedError, ConfigurationError, UnauthorisedError, UnavailableError) as error:
            failed[name] = withheld(name, error, state.pauses)
    return Histories(timelines={**known, **fresh}, fresh=fresh, failed=failed, items=items)


def date_edges(
    edges: Collection[Edge],
    histories: Mapping[Ref, Timeline],
    gathered: Gathered,
    state: State,
    sources: Collection[Source],
) -> DatedEdges:
    """Dates every edge by its tracker, else by the state, else by the card on what it blocks, else by this cycle."""
    made = {edge: _made(edge, histories) for edge in edges}
    known = state.edges.first_seen()
    zone = ZoneInfo(gathered.definition.timezone)

    def since(edge: Edge, first_seen: datetime) -> datetime:
        blocker = histories.get(edge.blocker)
        return blocked_since(made[edge], blocker.last_status_change if blocker else None, first_seen)[0]

    forgotten = frozenset(edge for edge in edges if made[edge] is None and edge not in known)
    dated = {edge: since(edge, known.get(edge, gathered.now)) for edge in edges if edge not in forgotten}
    days = {(edge.blocked, instant.astimezone(zone).date()) for edge, instant in dated.items()}
    ahead = {one.tracker: one.pull.server_time - gathered.now for one in sources if one.pull is not None}
    latest = state.created + MARGIN
    youngest = defaultdict(lambda: latest, {tracker: latest + skew for tracker, skew in ahead.items()})
    recalled = {
        edge: datetime.combine(day, time.min, zone)
        for edge, day in _days_on_cards(forgotten, gathered.items, youngest).items()
        if (edge.blocked, day) not in days
    }
    return DatedEdges(
        since={**dated, **{edge: since(edge, recalled.get(edge, gathered.now)) for edge in forgotten}},
        first_seen=frozenset(edge for edge in edges if made[edge] is None),
        recalled=recalled,
    )


def _ref_of(link: ForeignLink, trackers: Mapping[str, Tracker]) -> Ref | None:
    return next((ref for tracker in trackers.values() if (ref := tracker.ref_for_url(link.url)) is not None), None)


def _unknown(link: ForeignLink, stale: Mapping[str, str]) -> Ref | None:
    return next((Ref(tracker, link.url) for tracker, site in stale.items() if link.url.startswith(site)), None)


def _made(edge: Edge, histories: Mapping[Ref, Timeline]) -> datetime | None:
    """When the link was made; either end can tell."""
    for one, other in ((edge.blocked, edge.blocker), (edge.blocker, edge.blocked)):
        made = histories[one].link_created.get(other) if one in histories else None
        if made is not None:
            return made
    return None


def _days_on_cards(
    edges: Collection[Edge], items: Iterable[WorkItem], youngest: Mapping[str, datetime]
) -> dict[Edge, date]:
    """The day since which the blocked item's card calls it blocked, where the card is no younger than the state.

    `youngest` says by tracker how young a card may be, in the time of that tracker, which dates its cards.
    """
    by_blocked: defaultdict[Ref, list[Edge]] = defaultdict(list)
    for edge in edges:
        by_blocked[edge.blocked].append(edge)
    days: dict[Edge, date] = {}
    for item in items if by_blocked else ():
        for comment, footer in find_cards(item.source)[:1] if item.ref in by_blocked else ():
            day = dict(footer.findings).get(BlockedTooLong.code)
            if day is not None and comment.updated <= youngest[item.ref.tracker]:
                days.update(dict.fromkeys(by_blocked[item.ref], day))
    return days
