"""What could not be told in this cycle, and whether a card of ours speaks of it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import WorkItem
from lpm_sync.planning.escalation import EscalationPlan

_NAME = re.compile(r"[A-Za-z0-9_-]+:[\w.-]*\w")  # `jira:PAY-12`; an address has slashes after its colon


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """Items that could not be told, by display name. Of the trackers in `stale` that is every one not in `told`."""

    names: Collection[str]
    stale: Collection[str]
    told: Collection[str]

    def is_named_on(self, item: WorkItem) -> bool:
        """Whether a comment of ours on the item speaks of something that could not be told."""
        return bool(self.names or self.stale) and any(map(self._includes, names_on(item)))

    def _includes(self, name: str) -> bool:
        return name in self.names or (name.partition(":")[0] in self.stale and name not in self.told)


def untold(portfolio: Portfolio, escalations: EscalationPlan) -> Untold:
    """What is in quarantine, what stands below something unknown, and what a stale tracker did not deliver."""
    in_quarantine = {aside.key for aside in portfolio.quarantined.values()}
    return Untold(
        names=in_quarantine | escalations.passed_over,
        stale=portfolio.stale,
        told={item.key for item in portfolio.items.values() if not item.is_stale} if portfolio.stale else (),
    )


def names_on(item: WorkItem) -> frozenset[str]:
    """The display names of items that our comments on the item speak of."""
    return frozenset(name for comment in item.source.own_comments for name in _NAME.findall(comment.text))
