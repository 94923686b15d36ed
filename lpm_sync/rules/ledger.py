"""Forecasts that do not add up, over a hierarchy or over the whole ledger."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import ClassVar

from lpm_sync.core.finding import Reading, Status, Verdict
from lpm_sync.core.ledger import UNMAPPED, Entry
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import Level, WorkItem
from lpm_sync.rules.base import PASSED, Example, ItemRule, PortfolioRule
from lpm_sync.rules.evidence import field_source, unknown_below
from lpm_sync.rules.example import epic, feature, portfolio_of
from lpm_sync.rules.wording import amount_text, keys_text, listed


class BrokenDownAbove(ItemRule):
    """The forecasts of the items below come to more than the item's own."""

    code: ClassVar[str] = "BUD103"
    reads: ClassVar[tuple[str, ...]] = ("implementation_cost_forecast",)
    title: ClassVar[str] = "Broken down above its own forecast"
    family: ClassVar[str] = "budget"
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            name="features of 350,000 below an epic of 300,000",
            given=lambda: portfolio_of(
                epic("PORT-1", forecast=300_000),
                feature("PAY-2", parent="PORT-1", forecast=200_000),
                feature("PAY-3", parent="PORT-1", forecast=150_000),
            ),
            subject="jira:PORT-1",
            expect=Status.FAILED,
            fix="350,000 EUR",
        ),
        Example(
            name="features of 350,000 below an epic of 600,000",
            given=lambda: portfolio_of(
                epic("PORT-1", forecast=600_000), feature("PAY-2", parent="PORT-1", forecast=350_000)
            ),
            subject="jira:PORT-1",
            expect=Status.PASSED,
        ),
    )

    def check(self, item: WorkItem, portfolio: Portfolio) -> Verdict:
        if unknown := unknown_below(item, portfolio):
            return Verdict.error(unknown)
        own, below = item.implementation_cost_forecast, portfolio.ledger.broken_down.get(item.ref)
        if own is None or below is None or below <= own:
            return PASSED
        return Verdict.failed(
            *self.read(item, portfolio),
            threshold=f"its own forecast, {amount_text(own, portfolio)}",
            fix=f"raise its forecast to {amount_text(below, portfolio)}, or bring those below it down",
        )

    def read(self, item: WorkItem, portfolio: Portfolio) -> tuple[Reading, ...]:
        return _forecasts(item, portfolio)


class ForecastMissing(ItemRule):
    """A portfolio epic without a forecast above features that have one."""

    code: ClassVar[str] = "BUD104"
    reads: ClassVar[tuple[str, ...]] = ("implementation_cost_forecast",)
    title: ClassVar[str] = "Forecast missing"
    family: ClassVar[str] = "budget"
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            name="features have forecasts, their epic has none",
            given=lambda: portfolio_of(epic("PORT-1"), feature("PAY-2", parent="PORT-1", forecast=200_000)),
            subject="jira:PORT-1",
            expect=Status.FAILED,
            fix="200,000 EUR",
        ),
        Example(
            name="nothing is forecast yet",
            given=lambda: portfolio_of(epic("PORT-1"), feature("PAY-2", parent="PORT-1")),
            subject="jira:PORT-1",
            expect=Status.PASSED,
        ),
    )

    levels: tuple[Level, ...] = (Level.PORTFOLIO_EPIC,)

    def check(self, item: WorkItem, portfolio: Portfolio) -> Verdict:
        if item.implementation_cost_forecast is not None:
            return PASSED
        if unknown := unknown_below(item, portfolio):
            return Verdict.error(unknown)
        below = portfolio.ledger.broken_down.get(item.ref)
        if below is None:
            return PASSED
        return Verdict.failed(
            *self.read(item, portfolio),
            threshold="an epic has a forecast before its features do",
            fix=f"forecast the epic; its features come to {amount_text(below, portfolio)}",
        )

    def read(self, item: WorkItem, portfolio: Portfolio) -> tuple[Reading, ...]:
        return _forecasts(item, portfolio)


class LedgerOpen(PortfolioRule):
    """The sums over items, and over streams with what is unmapped, differ: no figure of the ledger can be trusted."""

    code: ClassVar[str] = "BUD105"
    title: ClassVar[str] = "The ledger does not close"
    family: ClassVar[str] = "budget"
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            name="a stream's sum has lost what an item adds to it",
            given=lambda: _with_lost_sums(portfolio_of(epic("PAY-1", forecast=100))),
            expect=Status.FAILED,
            fix="jira:PAY-1",
        ),
        Example(
            name="every cent is counted once",
            given=lambda: portfolio_of(epic("PAY-1", forecast=100), epic("MOB-1", spend=7)),
            expect=Status.PASSED,
        ),
    )

    def check(self, portfolio: Portfolio) -> Verdict:
        if portfolio.ledger.closes:
            return PASSED
        ledger = portfolio.ledger
        streams = {entry.stream for entry in ledger.entries.values()} | set(ledger.forecast_by_stream)
        differing = {name for name in streams if _sums(name, portfolio) != _kept(name, portfolio)}
        items = [ref for ref, entry in ledger.entries.items() if entry.stream in differing and _is_counted(entry)]
        return Verdict.failed(
            *self.read(portfolio),
            threshold="the same to the cent",
            fix=f"report it with the items of {listed(sorted(name or 'no stream' for name in differing))}: "
            f"{keys_text(items, portfolio)}",
        )

    def read(self, portfolio: Portfolio) -> tuple[Reading, ...]:
        ledger = portfolio.ledger
        items = sum((entry.forecast + entry.spend for entry in ledger.entries.values()), Decimal(0))
        streams = sum((*ledger.forecast_by_stream.values(), *ledger.spend_by_stream.values()), Decimal(0))
        return (
            Reading(name="sum over items", shown=amount_text(items, portfolio), source="ledger"),
            Reading(
                name="sum over streams and unmapped",
                shown=amount_text(streams, portfolio),
                source="ledger",
            ),
        )


def _forecasts(item: WorkItem, portfolio: Portfolio) -> tuple[Reading, ...]:
    own, below = item.implementation_cost_forecast, portfolio.ledger.broken_down.get(item.ref)
    return (
        Reading(
            name="own forecast",
            shown="none" if own is None else amount_text(own, portfolio),
            source=field_source(item, "implementation_cost_forecast"),
        ),
        Reading(
            name="forecasts below it",
            shown="none" if below is None else amount_text(below, portfolio),
            source=f"sum of the items below {item.key}",
        ),
    )


def _sums(stream: str, portfolio: Portfolio) -> tuple[Decimal, Decimal]:
    entries = [entry for entry in portfolio.ledger.entries.values() if entry.stream == stream]
    return sum((entry.forecast for entry in entries), Decimal(0)), sum((entry.spend for entry in entries), Decimal(0))


def _kept(stream: str, portfolio: Portfolio) -> tuple[Decimal, Decimal]:
    ledger = portfolio.ledger
    return ledger.forecast_by_stream.get(stream, Decimal(0)), ledger.spend_by_stream.get(stream, Decimal(0))


def _is_counted(entry: Entry) -> bool:
    return bool(entry.forecast or entry.spend)


def _with_lost_sums(portfolio: Portfolio) -> Portfolio:
    return replace(portfolio, ledger=replace(portfolio.ledger, forecast_by_stream={UNMAPPED: Decimal(0)}))
