"""Assembles the indexed portfolio from what the trackers delivered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from lpm_sync.core.calendar import BusinessCalendar
from lpm_sync.core.claims import claims_of, perhaps_claimed
from lpm_sync.core.dependency import DependencyGraph
from lpm_sync.core.escalation_marker import EscalationMarks
from lpm_sync.core.ledger import build_ledger
from lpm_sync.core.mapped_fields import EVERYTHING, MappedFields
from lpm_sync.core.portfolio import Approval, Portfolio, Quarantined
from lpm_sync.core.value_stream import PortfolioDefinition, ValueStream
from lpm_sync.core.work_item import Edge, Ref, WorkItem

_BY_REF = attrgetter("source.ref.tracker", "source.ref.id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What one cycle gathered, before it is indexed.

    `foreign_edges` are the dependencies over trackers whose addresses were resolved. `blocked_since` and `first_seen`
    are about open edges; an open edge that has no entry is taken as first seen `now`. `stale` names the trackers that
    could not be read whole; `mapped` tells which values the trackers give at all.
    """

    now: datetime
    definition: PortfolioDefinition
    items: tuple[WorkItem, ...]
    quarantined: tuple[Quarantined, ...] = ()
    foreign_edges: frozenset[Edge] = frozenset()
    blocked_since: Mapping[Edge, datetime] = field(default_factory=dict)
    first_seen: frozenset[Edge] = frozenset()
    stale: frozenset[str] = frozenset()
    approval: Approval = field(default_factory=Approval)
    marks: EscalationMarks = field(default_factory=EscalationMarks)
    mapped: MappedFields = EVERYTHING


def assemble(gathered: Gathered) -> Portfolio:
    """The portfolio of one cycle. Escalation epics of ours stand aside, the open ones by their marker."""
    items = {item.source.ref: item for item in sorted(_governed(gathered), key=_BY_REF)}
    children = _children(items)
    claims = claims_of(items, gathered.definition.value_streams)
    members = _members(items, claims, gathered.definition.value_streams)
    definition, edges = gathered.definition, _open_edges(items.values(), gathered)
    return Portfolio(
        now=gathered.now,
        definition=definition,
        calendar=BusinessCalendar(timezone=definition.timezone, calendar=definition.calendar),
        items=items,
        children=children,
        claims=claims,
        members=members,
        dependencies=DependencyGraph.build(
            edges,
            {edge: gathered.blocked_since.get(edge, gathered.now) for edge in edges},
            {edge for edge in edges if edge in gathered.first_seen or edge not in gathered.blocked_since},
        ),
        ledger=build_ledger(items, children, claims),
        approval=gathered.approval,
        quarantined={aside.ref: aside for aside in gathered.quarantined},
        escalations=_escalations(gathered),
        stale=_stale(gathered),
        incomplete=_incomplete(items, gathered.quarantined),
        served=_served(members, definition.value_streams),
        mapped=gathered.mapped,
        perhaps_claimed=perhaps_claimed(items, claims, definition.value_streams, gathered.mapped),
    )


def open_edges(gathered: Gathered) -> frozenset[Edge]:
    """The dependencies whose both ends are still to be done, inside a tracker and over trackers.

    An end outside the portfolio (out of scope, of a type at no level, an escalation epic) ends the dependency. An end
    that is only unknown, in quarantine or in a tracker that could not be read, counts as open: rules then hold.
    """
    return _open_edges(_governed(gathered), gathered)


def _open_edges(items: Collection[WorkItem], gathered: Gathered) -> frozenset[Edge]:
    edges = gathered.foreign_edges.union(*(item.source.edges for item in items if item.source.edges))
    ends = {ref for edge in edges for ref in (edge.blocker, edge.blocked)}
    known = {item.source.ref: item for item in items if item.source.ref in ends}
    quarantined, stale = {aside.ref for aside in gathered.quarantined}, _stale(gathered)

    def is_open(ref: Ref) -> bool:
        item = known.get(ref)
        return item.is_open if item is not None else ref in quarantined or ref.tracker in stale

    return frozenset(edge for edge in edges if is_open(edge.blocker) and is_open(edge.blocked))


def _stale(gathered: Gathered) -> frozenset[str]:
    """The trackers that could not be read whole, and those of which any item is from the last snapshot.

    An item in quarantine makes no tracker stale: rules about the whole would be off for as long as one cannot be read.
    """
    quarantined = {aside.ref for aside in gathered.quarantined}
    stale = (item.source.ref for item in gathered.items if item.is_stale)
    return gathered.stale | {ref.tracker for ref in stale if ref not in quarantined}


def _governed(gathered: Gathered) -> list[WorkItem]:
    """All items but the escalation epics of ours."""
    marks = gathered.marks
    # Asked first whether it is ours at all, which hardly any is: a call for each item takes as long as the rest.
    return [item for item in gathered.items if not (item.source.is_ours and marks.is_escalation_epic(item.source))]


def _escalations(gathered: Gathered) -> dict[str, tuple[WorkItem, ...]]:
    """Oldest first, so that the same one of several is kept in every cycle."""
    found: defaultdict[str, list[WorkItem]] = defaultdict(list)
    ours = [item for item in gathered.items if item.source.is_ours]
    epics = [item for item in ours if gathered.marks.is_escalation_epic(item.source)]
    for item in sorted(epics, key=lambda item: (item.source.created, item.ref)):
        marker = gathered.marks.marker_of(item.source) if item.is_open else None
        if marker is not None:
            found[marker].append(item)
    return {marker: tuple(epics) for marker, epics in sorted(found.items())}


def _children(items: Mapping[Ref, WorkItem]) -> dict[Ref, tuple[Ref, ...]]:
    children: defaultdict[Ref, list[Ref]] = defaultdict(list)
    for ref, item in items.items():
        parent = item.source.parent
        if parent is not None:
            children[parent].append(ref)
    return {parent: tuple(below) for parent, below in children.items() if parent in items}


def _members(
    items: Mapping[Ref, WorkItem], claims: Mapping[Ref, tuple[str, ...]], streams: tuple[ValueStream, ...]
) -> dict[str, tuple[WorkItem, ...]]:
    members: dict[str, list[WorkItem]] = {stream.id: [] for stream in streams}
    for ref, claimed in claims.items():
        if len(claimed) == 1:
            members[claimed[0]].append(items[ref])
    return {stream: tuple(claimed) for stream, claimed in members.items()}


def _incomplete(items: Mapping[Ref, WorkItem], quarantined: Iterable[Quarantined]) -> frozenset[Ref]:
    """Every item above one that is stale or in quarantine."""
    stale = (item.parent for item in items.values() if item.is_stale)
    incomplete: set[Ref] = set()
    for parent in (*stale, *(aside.parent for aside in quarantined)):
        above = parent
        while above is not None and above in items and above not in incomplete:
            incomplete.add(above)
            above = items[above].parent
    return frozenset(incomplete)


def _served(
    members: Mapping[str, tuple[WorkItem, ...]], streams: tuple[ValueStream, ...]
) -> dict[str, tuple[str, ...]]:
    """Teams as they are first spelled, the portfolio office before the trackers."""
    names: dict[str, str] = {}
    served: defaultdict[str, set[str]] = defaultdict(set)

    def note(team: str, stream: str) -> None:
        served[names.setdefault(team.casefold(), team)].add(stream)

    for stream in streams:
        for team in stream.teams:
            note(team, stream.id)
    for identifier, claimed in members.items():
        for team in dict.fromkeys(item.team for item in claimed if item.team and item.is_open):
            note(team, identifier)
    return {team: tuple(sorted(identifiers)) for team, identifiers in sorted(served.items())}
