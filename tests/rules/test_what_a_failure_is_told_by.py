"""What a failure says where there was something to choose: the day it counts from, the values it shows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from lpm_sync.core.finding import Status
from lpm_sync.rules.capacity import CapacityAllocation
from lpm_sync.rules.dependency import BlockedTooLong
from lpm_sync.rules.example import THIS_INTERVAL, feature, portfolio_of, ref_of, stream


def test_an_item_with_two_late_blockers_is_blocked_since_the_first_of_them() -> None:
    portfolio = portfolio_of(
        feature("PAY-2", blocked_by=["PAY-3", "PAY-4"]),
        feature("PAY-3"),
        feature("PAY-4"),
        blocked_since={("PAY-3", "PAY-2"): date(2026, 10, 26), ("PAY-4", "PAY-2"): date(2026, 10, 12)},
    )
    verdict = BlockedTooLong(limit=5).check(portfolio.items[ref_of("PAY-2")], portfolio)
    assert verdict.status is Status.FAILED
    assert len(verdict.blockers) == 2
    assert verdict.since == date(2026, 10, 12)


def test_effort_without_a_category_is_always_shown() -> None:
    split = stream("payments", "PAY", capacity={"business_feature": Decimal(70), "enabler": Decimal(30)})
    categorised = feature("PAY-1", work_category="business_feature", estimate=10, planning_interval=THIS_INTERVAL.id)
    without = feature("PAY-2", estimate=10, planning_interval=THIS_INTERVAL.id)
    for items, share in (((categorised,), "0 %"), ((categorised, without), "50 %")):
        verdict = CapacityAllocation().check(split, portfolio_of(*items, streams=(split,)))
        shown = {reading.name: reading.shown for reading in verdict.readings}
        assert verdict.status is Status.FAILED
        assert shown["uncategorised"] == share
