"""`observe < digest < comment < enforce`: what each of them writes, and when it escalates."""

from __future__ import annotations

from datetime import date

import pytest

from lpm_sync.core.change import AddLabel, PutCard
from lpm_sync.core.finding import Mode
from lpm_sync.rules.example import epic, feature, portfolio_of
from tests.planning.conftest import blocked, changes_on, evaluation, finding, planned

# By portfolio: today is Tuesday, 10 November.
ITEMS = epic("PORT-1"), feature("PAY-2", parent="PORT-1", blocked_by=["PAY-3"]), feature("PAY-3")


@pytest.mark.parametrize(
    ("mode", "kinds"),
    [
        (Mode.OBSERVE, []),
        (Mode.DIGEST, []),
        (Mode.COMMENT, [PutCard]),
        (Mode.ENFORCE, [AddLabel, PutCard]),
    ],
)
def test_a_finding_shows_on_its_item_as_far_as_its_mode_goes(mode: Mode, kinds: list[type]) -> None:
    plan = planned(portfolio_of(*ITEMS), evaluation(finding("PAY-2", mode=mode, label="not-ready")))
    assert [type(change) for change in changes_on("PAY-2", plan)] == kinds


@pytest.mark.parametrize("mode", list(Mode))
def test_only_an_enforced_rule_escalates(mode: Mode) -> None:
    plan = planned(portfolio_of(*ITEMS), evaluation(blocked("PAY-2", by="PAY-3", mode=mode), escalates=True))
    assert bool(changes_on("PORT-1", plan)) is (mode is Mode.ENFORCE)


@pytest.mark.parametrize(("since", "is_due"), [(date(2026, 11, 3), False), (date(2026, 11, 2), True)])
def test_what_escalates_after_five_business_days_needs_more_than_five(since: date, is_due: bool) -> None:
    outcome = evaluation(blocked("PAY-2", by="PAY-3", escalate_after=5, since=since), escalates=True)
    assert bool(changes_on("PORT-1", planned(portfolio_of(*ITEMS), outcome))) is is_due
