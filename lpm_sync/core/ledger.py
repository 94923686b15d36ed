"""The ledger: every unit of money counted once, over items, streams and what is unmapped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, partial
from operator import attrgetter

from msgspec import Struct

from lpm_sync.core.work_item import Horizon, Ref, WorkItem

UNMAPPED = ""
"""The stream under which money of items that no stream, or more than one, claims is kept."""

_NOTHING = Decimal(0)
_FORECAST: Callable[[Entry], Decimal] = attrgetter("forecast")
_SPEND: Callable[[Entry], Decimal] = attrgetter("spend")


class Entry(Struct, frozen=True, kw_only=True, gc=False):
    """One item's own share: what it adds to its stream, in the portfolio's currency. Zero where nothing is measured.

    `target_date` and `horizon` are the item's, else those of the nearest item above it that has one.
    """

    item: WorkItem
    stream: str  # id, or UNMAPPED
    forecast: Decimal
    spend: Decimal
    target_date: date | None
    horizon: Horizon | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Shares by item, and their sums by stream. `compared` is what an item's threshold is compared with.

    A feature's forecast belongs to its stream; an epic adds `max(0, own - Σ features)`; the threshold compares
    `max(own, Σ features)`. An item without any forecast, its own or below, stands in neither `compared` nor
    `broken_down`: not measured yet is not zero. `by_stream` holds the entries with any money in them. `closes` tells
    whether Σ items = Σ streams + unmapped, to the cent.
    """

    entries: Mapping[Ref, Entry]
    compared: Mapping[Ref, Decimal]
    broken_down: Mapping[Ref, Decimal]  # Σ of the children's forecasts, where any child has one
    by_stream: Mapping[str, tuple[Entry, ...]]
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
    by_stream: defaultdict[str, list[Entry]] = defaultdict(list)
    above = cache(partial(_nearest, items))  # many items stand below one
    for ref, item, counted_below in _from_the_leaves_up(items, children):
        own = share = item.implementation_cost_forecast
        if measured := [compared[child] for child in counted_below if child in compared]:
            below = broken_down[ref] = sum(measured, _NOTHING)
            compared[ref] = below if own is None else max(own, below)
            share = None if own is None else max(_NOTHING, own - below)
        elif own is not None:
            compared[ref] = own
        claimed = claims.get(ref, ())
        due_above, horizon_above = above(item.source.parent)
        entry = entries[ref] = Entry(
            item=item,
            stream=claimed[0] if len(claimed) == 1 else UNMAPPED,
            forecast=share or _NOTHING,
            spend=item.actual_spend or _NOTHING,
            target_date=due_above if item.target_date is None else item.target_date,
            horizon=horizon_above if item.horizon is None else item.horizon,
        )
        if share or item.actual_spend:
            by_stream[entry.stream].append(entry)
    return Ledger(
        entries=entries,
        compared=compared,
        broken_down=broken_down,
        by_stream={stream: tuple(found) for stream, found in by_stream.items()},
        forecast_by_stream={stream: sum(map(_FORECAST, found), _NOTHING) for stream, found in by_stream.items()},
        spend_by_stream={stream: sum(map(_SPEND, found), _NOTHING) for stream, found in by_stream.items()},
    )


def _nearest(items: Mapping[Ref, WorkItem], ref: Ref | None) -> tuple[date | None, Horizon | None]:
    """The target date and the horizon of the item, each else that of the nearest item above it that has one."""
    target_date, horizon, seen = None, None, set[Ref]()
    while ref is not None and ref in items and ref not in seen and (target_date is None or horizon is None):
        seen.add(ref)
        item = items[ref]
        target_date = item.target_date if target_date is None else target_date
        horizon = item.horizon if horizon is None else horizon
        ref = item.source.parent
    return target_date, horizon


def _from_the_leaves_up(
    items: Mapping[Ref, WorkItem], children: Mapping[Ref, tuple[Ref, ...]]
) -> Iterator[tuple[Ref, WorkItem, tuple[Ref, ...]]]:
    """Every item after its children, with those that it counts.

    What is left at the end stands in a circle of parents: those count their other children only, not each other.
    """
    yield from ((ref, item, ()) for ref, item in items.items() if ref not in children)
    waiting = {ref: sum(child in children for child in below) for ref, below in children.items()}
    ready = [ref for ref, count in waiting.items() if not count]
    while ready:
        ref = ready.pop()
        del waiting[ref]
        yield ref, items[ref], children[ref]
        above = items[ref].parent
        if above in waiting:
            waiting[above] -= 1
            if not waiting[above]:
                ready.append(above)
    for ref in waiting:
        yield ref, items[ref], tuple(child for child in children[ref] if child not in waiting)
