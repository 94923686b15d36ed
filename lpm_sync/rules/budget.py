"""Budgets: what a value stream spends and forecasts against what it was allocated."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import ClassVar

from lpm_sync.core.figures import day_text
from lpm_sync.core.finding import Reading, Status, Verdict
from lpm_sync.core.ledger import Entry
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.value_stream import Budget, Period, ValueStream
from lpm_sync.rules.base import PASSED, Example, StreamRule
from lpm_sync.rules.example import epic, feature, portfolio_of, stream
from lpm_sync.rules.wording import amount_text, rounded_up

_NO_BUDGET = Verdict.skipped("no budget of the value stream covers the day")


def current_budget(stream: ValueStream, portfolio: Portfolio) -> Budget | None:
    """The budget whose period contains the portfolio's day."""
    return next((budget for budget in stream.budgets if budget.period.contains(portfolio.today)), None)


def entries_in(stream: ValueStream, period: Period, portfolio: Portfolio) -> Iterator[Entry]:
    """The stream's shares of money that fall into the period: by target date, open or done.

    An open item without a target date, its own or above it, falls into the period that runs: its money can be
    spent now. One that is done and has none falls into no period.
    """
    for entry in portfolio.ledger.by_stream.get(stream.id, ()):
        day = entry.target_date
        if period.contains(day) if day else entry.item.is_open:
            yield entry


class _BudgetRule(StreamRule):
    """Common to the rules that compare a sum with the budget of the current period."""

    family: ClassVar[str] = "budget"

    def check(self, stream: ValueStream, portfolio: Portfolio) -> Verdict:
        budget = current_budget(stream, portfolio)
        if budget is None:
            return _NO_BUDGET
        total = self._total(stream, budget.period, portfolio)
        if total <= budget.amount:
            return PASSED
        above = rounded_up(total, _step(budget)) - budget.amount
        return Verdict.failed(
            *self.read(stream, portfolio),
            threshold=f"{amount_text(budget.amount, portfolio)} for {budget.period.id}",
            fix=self._fix(amount_text(above, portfolio), budget.period),
        )

    def read(self, stream: ValueStream, portfolio: Portfolio) -> tuple[Reading, ...]:
        budget = current_budget(stream, portfolio)
        if budget is None:
            return ()
        step = _step(budget)
        total = rounded_up(self._total(stream, budget.period, portfolio), step)
        return (
            Reading(
                name=f"{self._measure()} {budget.period.id}",
                shown=amount_text(total, portfolio),
                source=f"items of {stream.id}, rounded up to {amount_text(step, portfolio)}",
            ),
            Reading(
                name="budget",
                shown=amount_text(budget.amount, portfolio),
                source="value_streams.yaml",
            ),
        )

    @abstractmethod
    def _measure(self) -> str: ...

    @abstractmethod
    def _total(self, stream: ValueStream, period: Period, portfolio: Portfolio) -> Decimal: ...

    @abstractmethod
    def _fix(self, above: str, period: Period) -> str: ...


class SpendOverBudget(_BudgetRule):
    """The value stream has spent more than its budget for the current period."""

    code: ClassVar[str] = "BUD101"
    reads: ClassVar[tuple[str, ...]] = ("actual_spend", "target_date")
    title: ClassVar[str] = "Spend above the budget"
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            name="epics and features have spent more than the budget",
            given=lambda: portfolio_of(
                epic("PAY-1", spend=60_000), feature("PAY-2", parent="PAY-1", spend=50_000), streams=(_FUNDED,)
            ),
            subject="payments",
            expect=Status.FAILED,
            fix="10,000 EUR",
        ),
        Example(
            name="what was due in another period counts there",
            given=lambda: portfolio_of(
                epic("PAY-1", spend=60_000),
                feature("PAY-2", spend=50_000, target_date=date(2026, 6, 30)),
                streams=(_FUNDED,),
            ),
            subject="payments",
            expect=Status.PASSED,
        ),
    )

    def _measure(self) -> str:
        return "spend in"

    def _total(self, stream: ValueStream, period: Period, portfolio: Portfolio) -> Decimal:
        return sum((entry.spend for entry in entries_in(stream, period, portfolio)), Decimal(0))

    def _fix(self, above: str, period: Period) -> str:
        return f"stop or move work, or have the portfolio allocate {above} more for {period.id}"


class ForecastOverBudget(_BudgetRule):
    """The forecasts that fall into the current period come to more than its budget."""

    code: ClassVar[str] = "BUD102"
    reads: ClassVar[tuple[str, ...]] = ("implementation_cost_forecast", "target_date")
    title: ClassVar[str] = "Forecast above the budget"
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            name="an epic's rest and its features come to more than the budget",
            given=lambda: portfolio_of(
                epic("PAY-1", forecast=120_000, target_date=date(2026, 12, 1)),
                feature("PAY-2", parent="PAY-1", forecast=50_000),
                streams=(_FUNDED,),
            ),
            subject="payments",
            expect=Status.FAILED,
            fix="20,000 EUR",
        ),
        Example(
            name="a forecast for next year waits for next year's budget",
            given=lambda: portfolio_of(
                epic("PAY-1", forecast=120_000, target_date=date(2027, 3, 1)), streams=(_FUNDED,)
            ),
            subject="payments",
            expect=Status.PASSED,
        ),
    )

    def _measure(self) -> str:
        return "forecast for"

    def _total(self, stream: ValueStream, period: Period, portfolio: Portfolio) -> Decimal:
        return sum((entry.forecast for entry in entries_in(stream, period, portfolio)), Decimal(0))

    def _fix(self, above: str, period: Period) -> str:
        return f"defer {above} of forecasts past {day_text(period.end)}, or have the portfolio allocate as much more"


def _step(budget: Budget) -> Decimal:
    """What a sum is rounded to, so that its card is not rewritten with every cent: a thousandth of the budget or less,
    as a power of ten."""
    return max(Decimal("0.01"), Decimal(1).scaleb(budget.amount.adjusted() - 3)) if budget.amount else Decimal("0.01")


_FUNDED: ValueStream = stream("payments", "PAY", budget=100_000)
