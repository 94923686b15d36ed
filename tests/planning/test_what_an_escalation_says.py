"""What the section about a blocker says: the limits that are past, and the money that waits."""

from __future__ import annotations

from lpm_sync.planning.escalation import plan_escalations
from lpm_sync.rules.example import epic, feature, portfolio_of, ref_of
from tests.planning.conftest import blocked, evaluation


def test_each_blocked_item_keeps_the_limit_of_each_rule() -> None:
    items = epic("PORT-1"), feature("PAY-3"), *(feature(key, parent="PORT-1") for key in ("PAY-1", "PAY-2"))
    outcome = evaluation(
        blocked("PAY-1", by="PAY-3", threshold="needed by 17 November 2026"),
        blocked("PAY-2", by="PAY-3", threshold="needed by 9 October 2026"),
    )
    [escalation] = plan_escalations(portfolio_of(*items), outcome).by_epic[ref_of("PORT-1")]
    assert [[limit.text for limit in one.limits] for one in escalation.section.blocked] == [
        ["needed by 17 November 2026"],
        ["needed by 9 October 2026"],
    ]


def test_the_forecasts_of_what_is_blocked_are_at_stake_and_none_is_counted_twice() -> None:
    items = (
        *(epic("PORT-1", forecast=900_000), feature("PAY-1", parent="PORT-1", forecast=1_234_500)),
        *(feature("PAY-2", parent="PAY-1", forecast=1_000_000), feature("PAY-4", parent="PORT-1"), feature("PAY-3")),
    )

    def at_stake(*keys: str) -> str:
        outcome = evaluation(*(blocked(key, by="PAY-3") for key in keys))
        [escalation] = plan_escalations(portfolio_of(*items), outcome).by_epic[ref_of("PORT-1")]
        return escalation.section.at_stake

    assert at_stake("PAY-1", "PAY-2") == "about 1,200,000 EUR of forecasts"
    assert at_stake("PAY-2", "PAY-4") == "about 1,000,000 EUR of forecasts, and 1 without one"
    assert at_stake("PAY-4") == ""
