"""What of a plan cannot be written, since its tracker takes no cards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from lpm_sync.core.change import Change, PutCard
from lpm_sync.core.plan import Plan

INSTEAD = "or keep every rule in policy.yaml in mode observe or digest: what they find stands in the digest then"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwritable:
    """An item, or an escalation that is not opened; `name` is its key or title, `reason` is for people."""

    name: str
    reason: str


def without_cards(plan: Plan, reasons: Mapping[str, str]) -> tuple[Plan, tuple[Unwritable, ...]]:
    """The plan without what asks for a card in one of those trackers, and that with the tracker's reason.

    An item goes with all its changes or not at all: a label without the card that explains it is a riddle.
    """
    left: list[Unwritable] = []

    def may_go(name: str, tracker: str, changes: Iterable[Change]) -> bool:
        is_left = tracker in reasons and any(isinstance(change, PutCard) for change in changes)
        if is_left:
            left.append(Unwritable(name=name, reason=reasons[tracker]))
        return not is_left

    items = tuple(item for item in plan.items if may_go(item.key, item.ref.tracker, item.changes))
    escalations = tuple(one for one in plan.escalations if may_go(one.title, one.tracker, one.follow_up))
    return replace(plan, items=items, escalations=escalations), tuple(left)
