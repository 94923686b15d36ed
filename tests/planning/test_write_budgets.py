"""What is over a budget waits whole, what is within it goes, and nothing waits for ever."""

from __future__ import annotations

from dataclasses import replace

from lpm_sync.core.change import AddLabel
from lpm_sync.core.governance import WriteBudget
from lpm_sync.core.plan import Plan
from lpm_sync.planning.budgets import Spent, within_budgets
from lpm_sync.rules.example import ref_of
from tests.planning.conftest import plan_of

AMPLE = WriteBudget(item_a_day=100, cycle=100, hour=100)


def plan_with(*counts: int, opened: int = 0) -> Plan:
    """A plan with so many changes on each of its items."""
    plan = plan_of(len(counts), opened=opened)
    items = (
        replace(item, changes=tuple(AddLabel(label=f"lpm:{n}", because=("TST101",)) for n in range(count)))
        for item, count in zip(plan.items, counts, strict=True)
    )
    return replace(plan, items=tuple(items))


def kept(plan: Plan, budget: WriteBudget, spent: Spent | None = None) -> list[str]:
    allowed, put_off = within_budgets(plan, {"jira": budget}, spent or Spent())
    names = [*(item.key for item in allowed.items), *(one.title for one in allowed.escalations)]
    assert sorted([*names, *(one.name for one in put_off)]) == sorted(
        [*(item.key for item in plan.items), *(one.title for one in plan.escalations)]
    )
    assert set(allowed.items) <= set(plan.items)
    return names


def test_a_cycle_takes_whole_items_up_to_its_budget() -> None:
    assert kept(plan_with(2, 2, 2, 1), replace(AMPLE, cycle=5)) == ["jira:PAY-0", "jira:PAY-1", "jira:PAY-3"]


def test_an_hour_counts_what_was_written_before() -> None:
    spent = Spent(on_trackers={"jira": 97, "ado": 1000})
    assert kept(plan_with(2, 2), AMPLE, spent) == ["jira:PAY-0"]


def test_an_item_that_had_its_day_waits_and_the_others_do_not() -> None:
    spent = Spent(on_items={ref_of("PAY-0"): 99, ref_of("PAY-1"): 98})
    assert kept(plan_with(2, 2, 2), AMPLE, spent) == ["jira:PAY-1", "jira:PAY-2"]


def test_an_item_that_alone_is_larger_than_every_budget_goes_first_thing() -> None:
    small = WriteBudget(item_a_day=2, cycle=2, hour=2)
    assert kept(plan_with(30, 1), small) == ["jira:PAY-0"]


def test_an_escalation_goes_before_items_and_is_counted_at_its_blocker() -> None:
    plan = plan_with(1, opened=2)
    assert kept(plan, replace(AMPLE, cycle=2)) == ["Escalation 0", "Escalation 1"]
    spent = Spent(on_items={plan.escalations[0].blocker: 100})
    assert kept(plan, AMPLE, spent) == ["jira:PAY-0", "Escalation 1"]


def test_a_tracker_without_a_budget_takes_everything() -> None:
    plan = plan_with(500)
    assert within_budgets(plan, {}, Spent()) == (plan, ())
