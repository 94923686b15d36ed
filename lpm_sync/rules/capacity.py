"""Guardrail 2: effort by work category."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field

from lpm_sync.core.finding import Reading, Status, Verdict
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.value_stream import Period, ValueStream
from lpm_sync.core.work_item import UNCATEGORISED, Level, WorkItem
from lpm_sync.rules.base import PASSED, Example, StreamRule
from lpm_sync.rules.example import THIS_INTERVAL, feature, portfolio_of, stream
from lpm_sync.rules.wording import number_text, percent_of

_NO_CAPACITY = Verdict.skipped("no capacity is allocated to work categories")
_NO_INTERVAL = Verdict.skipped("the day lies in no planning interval")
_NO_EFFORT = Verdict.skipped("no feature of the planning interval has an estimate")


class CapacityAllocation(StreamRule):
    """The shares of effort per work category in the current planning interval keep to the split agreed for it.

    Effort is the sum of the estimates of the stream's features that are planned for the interval, open or done. What is
    uncategorised is always shown, and counts in the whole.
    """

    code: ClassVar[str] = "GRD201"
    reads: ClassVar[tuple[str, ...]] = ("planning_interval", "estimate", "work_category")
    counts: ClassVar[tuple[Level, ...]] = (Level.FEATURE,)
    title: ClassVar[str] = "Capacity away from its allocation"
    family: ClassVar[str] = "guardrails"
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            name="nothing is left for enablers",
            given=lambda: portfolio_of(*_by_category(business_feature=100), streams=(_SPLIT,)),
            subject="payments",
            expect=Status.FAILED,
            fix="enabler",
        ),
        Example(
            name="within ten points of the split",
            given=lambda: portfolio_of(*_by_category(business_feature=70, enabler=30), streams=(_SPLIT,)),
            subject="payments",
            expect=Status.PASSED,
        ),
        Example(
            name="effort without a category is taken from all the others",
            given=lambda: portfolio_of(
                *_by_category(business_feature=30, enabler=20, uncategorised=50), streams=(_SPLIT,)
            ),
            subject="payments",
            expect=Status.FAILED,
            fix="give 50 % of the effort a work category",
        ),
    )

    tolerance: Annotated[Decimal, Field(ge=0, le=100)] = Decimal(10)
    """Percentage points that a share may lie away from its allocation."""

    def check(self, stream: ValueStream, portfolio: Portfolio) -> Verdict:
        allocated = _capacity(stream, portfolio)
        if not allocated:
            return _NO_CAPACITY
        interval = portfolio.definition.current_interval(portfolio.today)
        if interval is None:
            return _NO_INTERVAL
        shares = _effort_shares(stream, interval, portfolio)
        if not shares:
            return _NO_EFFORT
        away = [name for name, target in allocated.items() if abs(shares.get(name, 0) - target) > self.tolerance]
        if not away:
            return PASSED
        return Verdict.failed(
            *self.read(stream, portfolio),
            threshold=f"within {number_text(self.tolerance)} points of the split for {interval.id}",
            fix=_capacity_fix(away, allocated, shares),
        )

    def read(self, stream: ValueStream, portfolio: Portfolio) -> tuple[Reading, ...]:
        interval = portfolio.definition.current_interval(portfolio.today)
        if interval is None:
            return ()
        allocated = _capacity(stream, portfolio)
        shares = _effort_shares(stream, interval, portfolio)
        source = f"estimates of features in {interval.id}"
        return tuple(
            Reading(name=name, shown=_share_text(shares.get(name, 0), allocated.get(name)), source=source)
            for name in (*portfolio.definition.work_categories, UNCATEGORISED)
        )


def _share_text(share: int, allocated: Decimal | None) -> str:
    return f"{share} %" if allocated is None else f"{share} %, allocated {number_text(allocated)} %"


def _capacity(stream: ValueStream, portfolio: Portfolio) -> Mapping[str, Decimal]:
    return portfolio.definition.capacity if stream.capacity is None else stream.capacity


def _effort_shares(stream: ValueStream, interval: Period, portfolio: Portfolio) -> dict[str, int]:
    """Whole percents of the estimates by work category; empty where nothing is estimated."""
    effort: defaultdict[str, Decimal] = defaultdict(Decimal)
    for item in portfolio.members.get(stream.id, ()):
        if item.planning_interval == interval.id and item.estimate and item.level is Level.FEATURE:
            effort[item.work_category] += item.estimate
    whole = sum(effort.values(), Decimal(0))
    return {category: percent_of(amount, whole) for category, amount in effort.items()}


def _capacity_fix(away: Sequence[str], allocated: Mapping[str, Decimal], shares: Mapping[str, int]) -> str:
    moves = []
    for name in away:
        gap = allocated[name] - shares.get(name, 0)
        moves.append(f"plan {number_text(abs(gap))} % {'more' if gap > 0 else 'less'} {name}")
    if uncategorised := shares.get(UNCATEGORISED):
        moves.append(f"give {uncategorised} % of the effort a work category")
    return "; ".join(moves)


_SPLIT: ValueStream = stream("payments", "PAY", capacity={"business_feature": Decimal(70), "enabler": Decimal(30)})


def _by_category(**efforts: int) -> list[WorkItem]:
    return [
        feature(f"PAY-{n}", work_category=category, estimate=effort, planning_interval=THIS_INTERVAL.id)
        for n, (category, effort) in enumerate(efforts.items())
    ]
