"""The ledger: every unit of money counted once, over items, streams and what is unmapped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from lpm_sync.core.work_item import Ref

UNMAPPED = ""
"""The stream under which money of items that no stream, or more than one, claims is kept."""


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
    `max(own, Σ features)`; `over_broken_down` are epics with Σ features above their own forecast; `closes` tells
    whether Σ items = Σ streams + unmapped, to the cent.
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
