"""Safety limits: a plan that would change too much needs its digest as approval."""

from __future__ import annotations

from lpm_sync.core.governance import SafetyLimits
from lpm_sync.core.plan import Plan
from lpm_sync.errors import UnsafePlanError

APPROVAL = "Read it with: lpm-sync plan; approve it with: lpm-sync run"
"""How a plan is approved that a cycle made; the digest follows."""


def check_safety(
    plan: Plan,
    limits: SafetyLimits,
    approved_digest: str | None = None,
    *,
    put_off: int = 0,
    approval: str = APPROVAL,
) -> None:
    """Raises UnsafePlanError where the plan changes more items than the limits allow and `approved_digest` is not its
    digest; `approval` names the command in hand. A plan that opens escalation epics counts each as an item. So do the
    items that were `put_off`: what would change too much is no safer for being written bit by bit."""
    changed = len(plan.items) + len(plan.escalations) + put_off
    allowed = min(limits.max_changes, int(limits.max_share * plan.items_in_scope))
    if changed <= max(allowed, 1) or approved_digest == plan.digest:
        return
    mismatch = "" if approved_digest is None else f"the approved digest {approved_digest} is of another plan; "
    raise UnsafePlanError(
        f"{mismatch}the plan changes {changed} of {plan.items_in_scope} items in scope; the limits allow {allowed} "
        f"(max_changes {limits.max_changes}, max_share {limits.max_share:.0%}). Nothing was written. "
        f"{approval} --approve {plan.digest}; or raise `safety` in policy.yaml.",
        digest=plan.digest,
    )
