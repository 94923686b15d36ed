"""What a rule cannot know it does not say."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from lpm_sync.core.finding import Mode, Status, Subject, Verdict
from lpm_sync.core.portfolio import Approval, Portfolio
from lpm_sync.core.work_item import Progress, Stage
from lpm_sync.rules.base import GovernedRule, Rule
from lpm_sync.rules.dependency import BlockedTooLong, DependencyCircle, LateForNeededBy
from lpm_sync.rules.evaluate import explain
from lpm_sync.rules.example import aside, epic, feature, portfolio_of, stream
from lpm_sync.rules.initiative import UnapprovedInitiative
from lpm_sync.rules.ledger import BrokenDownAbove, ForecastMissing
from lpm_sync.rules.mapping import Unmapped
from lpm_sync.rules.readiness import Dependencies

_INITIATIVE = UnapprovedInitiative.model_validate({"threshold": 100})


def _verdict(rule: Rule, portfolio: Portfolio, key: str) -> Verdict:
    governed = [GovernedRule(rule=rule, mode=Mode.COMMENT)]
    ((_, verdict),) = explain(portfolio, governed, Subject(kind="item", id=f"jira:{key}"))
    return verdict


@pytest.mark.parametrize("rule", [BlockedTooLong(), LateForNeededBy(), Dependencies()])
@pytest.mark.parametrize(
    "unknown",
    [
        {"quarantined": (aside("ado:1"),)},
        {"stale": frozenset({"ado"})},
    ],
    ids=["in quarantine", "of a tracker that was never read"],
)
def test_a_dependency_rule_holds_while_the_blocker_is_unknown(rule: Rule, unknown: dict[str, Any]) -> None:
    portfolio = portfolio_of(
        feature("PAY-2", blocked_by=["ado:1"], needed_by=date(2026, 1, 1)),
        **unknown,
    )

    assert _verdict(rule, portfolio, "PAY-2").status is Status.ERROR


def test_a_circle_with_a_stale_member_is_held() -> None:
    portfolio = portfolio_of(
        feature("PAY-2", blocked_by=["ado:1"]), feature("ado:1", blocked_by=["PAY-2"], is_stale=True)
    )

    assert _verdict(DependencyCircle(), portfolio, "PAY-2").status is Status.ERROR


@pytest.mark.parametrize("rule", [_INITIATIVE, BrokenDownAbove(), ForecastMissing()])
def test_a_sum_with_an_unknown_part_is_held(rule: Rule) -> None:
    portfolio = portfolio_of(
        epic("PORT-1"),
        feature("PAY-2", parent="PORT-1", forecast=500),
        quarantined=(aside("PAY-3", parent="PAY-2"),),
    )

    assert _verdict(rule, portfolio, "PORT-1").status is Status.ERROR


@pytest.mark.parametrize("rule", [_INITIATIVE, Unmapped()])
def test_what_depends_on_an_unknown_parent_is_held(rule: Rule) -> None:
    portfolio = portfolio_of(
        feature("WEB-2", parent="PORT-1", forecast=500),
        streams=(stream("payments", "PAY"),),
        quarantined=(aside("PORT-1"),),
    )

    assert _verdict(rule, portfolio, "WEB-2").status is Status.ERROR


def test_a_parent_outside_the_scope_is_no_reason_to_hold() -> None:
    portfolio = portfolio_of(feature("WEB-2", parent="ELSE-1", forecast=500), streams=(stream("payments", "PAY"),))

    assert _verdict(Unmapped(), portfolio, "WEB-2").status is Status.FAILED


@pytest.mark.parametrize(
    ("approval", "values", "is_approved"),
    [
        (Approval(), {"stage": Stage.IMPLEMENTING_MVP}, True),
        (Approval(stages=()), {"stage": Stage.IMPLEMENTING_MVP}, False),
        (Approval(), {"labels": frozenset({"LPM:Approved"})}, True),
        (Approval(label=None), {"labels": frozenset({"lpm:approved"})}, False),
        (Approval(field="decision", values=("Go",)), {"fields": {"decision": "go"}}, True),
        (Approval(field="decision", values=("Go",)), {"fields": {"decision": "No go"}}, False),
        (Approval(field="decision", values=("Go",)), {}, False),
    ],
)
def test_an_approval_is_a_stage_a_label_or_a_field(
    approval: Approval, values: dict[str, Any], is_approved: bool
) -> None:
    portfolio = portfolio_of(
        epic("PORT-1", **values), feature("PAY-2", parent="PORT-1", forecast=500), approval=approval
    )

    for key in ("PORT-1", "PAY-2"):
        expected = Status.PASSED if is_approved else Status.FAILED
        assert _verdict(_INITIATIVE, portfolio, key).status is expected


def test_the_finding_says_whether_a_team_has_the_initiative_already() -> None:
    portfolio = portfolio_of(
        epic("PORT-1", forecast=500),
        epic("PORT-2", forecast=500),
        feature("PAY-3", parent="PORT-2", team="Ledger", progress=Progress.DOING),
    )

    shown = [_verdict(_INITIATIVE, portfolio, key).readings[-1].shown for key in ("PORT-1", "PORT-2")]
    assert shown == ["none yet", "Ledger (not begun)"]


def test_a_blockers_own_delay_does_not_name_the_others() -> None:
    portfolio = portfolio_of(
        feature("PAY-2", blocked_by=["PAY-3", "PAY-4"]),
        feature("PAY-3"),
        feature("PAY-4"),
        blocked_since={("PAY-3", "PAY-2"): date(2026, 10, 1), ("PAY-4", "PAY-2"): date(2026, 11, 9)},
    )

    verdict = _verdict(BlockedTooLong(), portfolio, "PAY-2")

    assert [str(ref) for ref in verdict.blockers] == ["jira:PAY-3"]
    assert verdict.since == date(2026, 10, 1)
    assert len(verdict.readings) == 1
