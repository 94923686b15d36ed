"""What rules look up beyond the item itself: whether it is known, and what lies above and below it."""

from __future__ import annotations

from collections.abc import Iterable

from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import Ref, WorkItem
from lpm_sync.rules.wording import key_of


def unknown_among(refs: Iterable[Ref], portfolio: Portfolio) -> str:
    """Why the first of these items that is unknown is so; empty when all are known."""
    for ref in refs:
        item = portfolio.items.get(ref)
        if ref in portfolio.quarantined:
            return f"{key_of(ref, portfolio)} is in quarantine"
        if item is None or item.is_stale:
            return f"source {ref.tracker} is stale: {key_of(ref, portfolio)} is not known"
    return ""


def unknown_above(item: WorkItem, portfolio: Portfolio) -> str:
    """Why the chain of parents is not known to its end; empty when it is, or ends at the edge of the scope."""
    top = item
    for top in portfolio.ancestors(item.ref):
        if top.is_stale:
            return unknown_among((top.ref,), portfolio)
    parent = top.parent
    if parent is None or parent in portfolio.items:
        return ""
    is_unknown = parent in portfolio.quarantined or parent.tracker in portfolio.stale
    return unknown_among((parent,), portfolio) if is_unknown else ""


def unknown_below(item: WorkItem, portfolio: Portfolio) -> str:
    """Why sums over the items below say nothing; empty when all of those are known."""
    if not portfolio.incomplete or item.ref not in portfolio.incomplete:
        return ""
    return f"something below {item.key} is stale or in quarantine"


def field_source(item: WorkItem, field: str) -> str:
    """Where a value came from: `jira:PAY-12 field estimate`."""
    return f"{item.key} field {field}"
