"""A plan at the limits passes, one above them needs its own digest, and every escalation counts."""

from __future__ import annotations

import pytest

from lpm_sync.core.governance import SafetyLimits
from lpm_sync.errors import UnsafePlanError
from lpm_sync.planning.safety import check_safety
from tests.planning.conftest import plan_of

TEN = SafetyLimits(max_changes=10, max_share=1.0)
A_TENTH = SafetyLimits(max_changes=1000, max_share=0.1)


@pytest.mark.parametrize("limits", [TEN, A_TENTH])
def test_a_plan_at_the_limit_passes_and_one_above_it_does_not(limits: SafetyLimits) -> None:
    check_safety(plan_of(10), limits)
    with pytest.raises(UnsafePlanError, match="changes 11 of 100 items"):
        check_safety(plan_of(11), limits)


def test_an_escalation_that_is_opened_counts_as_an_item() -> None:
    check_safety(plan_of(8, opened=2), TEN)
    with pytest.raises(UnsafePlanError):
        check_safety(plan_of(8, opened=3), TEN)


def test_only_its_own_digest_approves_a_plan() -> None:
    plan, other = plan_of(11), plan_of(12)
    with pytest.raises(UnsafePlanError, match=f"{other.digest} is of another plan") as refusal:
        check_safety(plan, TEN, other.digest)
    assert refusal.value.digest == plan.digest
    check_safety(plan, TEN, plan.digest)


def test_a_single_change_always_passes() -> None:
    check_safety(plan_of(1, in_scope=2), A_TENTH)
