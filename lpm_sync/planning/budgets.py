"""Write budgets: what a tracker and an item take, and what of a plan waits for a later cycle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from lpm_sync.core.governance import WriteBudget
from lpm_sync.core.plan import Plan
from lpm_sync.core.work_item import Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Changes that were made, or may have been, before this plan: by item in 24 hours, by tracker in 60 minutes."""

    on_items: Mapping[Ref, int] = field(default_factory=dict)
    on_trackers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOff:
    """An item, or the opening of an escalation, that waits; `name` is its key or title, `reason` is for people."""

    name: str
    reason: str


def within_budgets(plan: Plan, budgets: Mapping[str, WriteBudget], spent: Spent) -> tuple[Plan, tuple[PutOff, ...]]:
    """What of the plan may be written now, in its order, and what has to wait.

    An item goes with all its changes or not at all. One that alone is larger than a budget goes when nothing of that
    budget is spent, so that nothing waits for ever. A tracker without a budget takes everything.
    """
    meters = {name: _Meter(name, budget, spent) for name, budget in budgets.items()}
    put_off: list[PutOff] = []

    def may_go(name: str, tracker: str, ref: Ref, on_item: int, count: int) -> bool:
        reason = meters[tracker].take(ref, on_item, count) if tracker in meters else None
        if reason is not None:
            put_off.append(PutOff(name=name, reason=reason))
        return reason is None

    escalations = tuple(
        one for one in plan.escalations if may_go(one.title, one.tracker, one.blocker, 1, 1 + len(one.follow_up))
    )
    items = tuple(
        item
        for item in plan.items
        if may_go(item.key, item.ref.tracker, item.ref, len(item.changes), len(item.changes))
    )
    return replace(plan, items=items, escalations=escalations), tuple(put_off)


class _Meter:
    """What is left of the budget of one tracker."""

    def __init__(self, tracker: str, budget: WriteBudget, spent: Spent) -> None:
        self._tracker = tracker
        self._budget = budget
        self._on_items = spent.on_items
        self._hour = spent.on_trackers.get(tracker, 0)
        self._cycle = 0

    def take(self, ref: Ref, on_item: int, count: int) -> str | None:
        """Spends so many changes, `on_item` of them on that item; or says why not, and spends nothing."""
        if _is_over(self._on_items.get(ref, 0), on_item, self._budget.item_a_day):
            return (
                f"it had its {self._budget.item_a_day} changes of 24 hours (write_budget.item_a_day of "
                f"{self._tracker}): look for what keeps undoing them"
            )
        if _is_over(self._cycle, count, self._budget.cycle):
            return f"{self._budget.cycle} changes are made in a cycle (write_budget.cycle of {self._tracker})"
        if _is_over(self._hour, count, self._budget.hour):
            return f"{self._budget.hour} changes are made in an hour (write_budget.hour of {self._tracker})"
        self._cycle += count
        self._hour += count
        return None


def _is_over(spent: int, more: int, most: int) -> bool:
    return spent > 0 and spent + more > most
