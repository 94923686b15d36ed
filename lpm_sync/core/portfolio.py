"""The indexed portfolio that rules read: items, hierarchy, streams, dependencies, money, calendar, in one value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from lpm_sync.core.calendar import BusinessCalendar
from lpm_sync.core.dependency import DependencyGraph
from lpm_sync.core.ledger import Ledger
from lpm_sync.core.mapped_fields import EVERYTHING, MappedFields
from lpm_sync.core.value_stream import PortfolioDefinition, ValueStream
from lpm_sync.core.work_item import Level, Ref, WorkItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """An item that is set aside, and why; nothing is concluded from how it is now and nothing is written to it.

    Where it is known how it stood before, it stands so among the items, as stale.
    """

    ref: Ref
    key: str
    reason: str
    parent: Ref | None = None  # where it could be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What counts as a portfolio approval: one of these stages or later, a label, or a field with one of the values."""

    stages: tuple[str, ...] = ("ready", "implementing-mvp", "implementing-persevere", "done")
    label: str | None = "lpm:approved"
    former_labels: tuple[str, ...] = ()  # what it was called before the prefix changed
    field: str | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """Everything that a rule may read. Look-ups are constant time; no rule walks all items for each item.

    `items` stand in the order of their refs.
    `claims` holds the ids of the value streams that claim an item (none, one, or more than one). `stale` names the
    trackers whose last snapshot stands in for a failed reading. Escalation epics are not among `items`; those of
    ours that are open stand in `escalations`, by the marker (without prefix) of their blocker. `incomplete` are items
    with something stale or in quarantine below them: sums over their children say nothing. `served` tells which streams
    a team serves: those that name it, and those that alone claim an open item of it. `mapped` tells which values the
    trackers give at all. `perhaps_claimed` are items that no stream claims, with the streams that would claim them by a
    value that their tracker does not give.
    """

    now: datetime
    definition: PortfolioDefinition
    calendar: BusinessCalendar
    items: Mapping[Ref, WorkItem]
    children: Mapping[Ref, tuple[Ref, ...]]
    claims: Mapping[Ref, tuple[str, ...]]
    members: Mapping[str, tuple[WorkItem, ...]]  # by the one stream that claims them
    dependencies: DependencyGraph
    ledger: Ledger
    approval: Approval
    quarantined: Mapping[Ref, Quarantined] = field(default_factory=dict)
    escalations: Mapping[str, tuple[WorkItem, ...]] = field(default_factory=dict)
    stale: frozenset[str] = frozenset()
    incomplete: frozenset[Ref] = frozenset()
    served: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mapped: MappedFields = EVERYTHING
    perhaps_claimed: Mapping[Ref, tuple[str, ...]] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The portfolio's local date."""
        return self.calendar.day(self.now)

    def stream_of(self, ref: Ref) -> ValueStream | None:
        """The one value stream that claims the item; None where none or several do."""
        claims = self.claims.get(ref, ())
        return self.stream(claims[0]) if len(claims) == 1 else None

    def stream(self, identifier: str) -> ValueStream:
        """The stream with that id; raises KeyError where there is none."""
        for stream in self.definition.value_streams:
            if stream.id == identifier:
                return stream
        raise KeyError(identifier)

    def ancestors(self, ref: Ref) -> Iterator[WorkItem]:
        """Parents from the nearest up; ends at the edge of the scope, and at a circle."""
        seen = {ref}
        item = self.items.get(ref)
        while item is not None and item.parent is not None and item.parent not in seen:
            seen.add(item.parent)
            item = self.items.get(item.parent)
            if item is not None:
                yield item

    def portfolio_epic_above(self, ref: Ref) -> WorkItem | None:
        """The nearest portfolio epic: the item itself where it is one, else the first among its ancestors."""
        item = self.items.get(ref)
        if item is not None and item.level is Level.PORTFOLIO_EPIC:
            return item
        return next((above for above in self.ancestors(ref) if above.level is Level.PORTFOLIO_EPIC), None)

    def child_items(self, ref: Ref) -> tuple[WorkItem, ...]:
        """Children in the portfolio; of those in quarantine, how they stood before."""
        return tuple(self.items[child] for child in self.children.get(ref, ()))
