"""The ledger: every unit of money counted once, over items, streams and what is unmapped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from lpm_sync.core.work_item import Ref, WorkItem

UNMAPPED = ""
"""The stream under which money of items that no stream, or more than one, claims is kept."""

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item's own share: what it adds to its stream, in the portfolio's currency. Zero where nothing is measured."""

    stream: str  # id, or UNMAPPED
    forecast: Decimal
    spend: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Shares by item, and their sums by stream. `compared` is what an item's threshold is compared with.

    A feature's forecast belongs to its stream; an epic adds `max(0, own - Σ features)`; the threshold compares
    `max(own, Σ features)`. An item without any forecast, its own or below, stands in neither `compared` nor
    `broken_down`: not measured yet is not zero. `closes` tells whether Σ items = Σ streams + unmapped, to the cent.
    """

    entries: Mapping[Ref, Entry]
    compared: Mapping[Ref, Decimal]
    broken_down: Mapping[Ref, Decimal]  # Σ of the children's forecasts, where any child has one
    forecast_by_stream: Mapping[str, Decimal]
    spend_by_stream: Mapping[str, Decimal]

    @property
    def closes(self) -> bool:
        forecast = sum((entry.forecast for entry in self.entries.values()), Decimal(0))
        spend = sum((entry.spend for entry in self.entries.values()), Decimal(0))
        by_stream = sum(self.forecast_by_stream.values(), Decimal(0)), sum(self.spend_by_stream.values(), Decimal(0))
        return (forecast, spend) == by_stream


def build_ledger(
    items: Mapping[Ref, WorkItem], children: Mapping[Ref, tuple[Ref, ...]], claims: Mapping[Ref, tuple[str, ...]]
) -> Ledger:
    """Counts all money once, from the leaves up, over hierarchies of any depth.

    A child counts with what it is compared with, so that over a whole tree the shares come to what its root is compared
    with. Spend is never rolled up: the field holds what was spent on that very item, an epic's beside its features'.
    Items that are done keep their place, or what they cost would fall back to their epic.
    """
    compared: dict[Ref, Decimal] = {}
    broken_down: dict[Ref, Decimal] = {}
    entries: dict[Ref, Entry] = {}
    forecasts: defaultdict[str, Decimal] = defaultdict(Decimal)
    spends: defaultdict[str, Decimal] = defaultdict(Decimal)
    for ref, counted_below in _from_the_leaves_up(items, children):
        item = items[ref]
        own, below = item.implementation_cost_forecast, None
        if counted_below:
            measured = [compared[child] for child in counted_below if child in compared]
            if measured:
                below = broken_down[ref] = sum(measured, _NOTHING)
        if own is not None or below is not None:
            compared[ref] = max(own or _NOTHING, below or _NOTHING)
        share = max(_NOTHING, own - below) if own and below else own or _NOTHING
        spend = item.actual_spend or _NOTHING
        claimed = claims.get(ref, ())
        stream = claimed[0] if len(claimed) == 1 else UNMAPPED
        entries[ref] = Entry(stream=stream, forecast=share, spend=spend)
        forecasts[stream] += share
        spends[stream] += spend
    return Ledger(
        entries=entries,
        compared=compared,
        broken_down=broken_down,
        forecast_by_stream=dict(forecasts),
        spend_by_stream=dict(spends),
    )


def _from_the_leaves_up(
    items: Mapping[Ref, WorkItem], children: Mapping[Ref, tuple[Ref, ...]]
) -> Iterator[tuple[Ref, tuple[Ref, ...]]]:
    """Every item after its children, with those that it counts.

    What is left at the end stands in a circle of parents: those count their other children only, not each other.
    """
    yield from ((ref, ()) for ref in items if ref not in children)
    waiting = {ref: sum(child in children for child in below) for ref, below in children.items()}
    ready = [ref for ref, count in waiting.items() if not count]
    while ready:
        ref = ready.pop()
        del waiting[ref]
        yield ref, children[ref]
        above = items[ref].parent
        if above in waiting:
            waiting[above] -= 1
            if not waiting[above]:
                ready.append(above)
    for ref in waiting:
        yield ref, tuple(child for child in children[ref] if child not in waiting)
