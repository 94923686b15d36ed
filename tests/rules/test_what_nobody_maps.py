"""A value that no field is mapped to is unknown: no rule takes it for empty, and none counts it as zero."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from lpm_sync.core.finding import Mode, Status, Subject, Verdict
from lpm_sync.core.mapped_fields import MappedFields
from lpm_sync.core.portfolio import Approval, Portfolio
from lpm_sync.core.value_stream import Match
from lpm_sync.policy.tracker_checks import KNOWN_FIELDS
from lpm_sync.rules import BUILTIN_RULES
from lpm_sync.rules.base import Example, GovernedRule, Rule
from lpm_sync.rules.dependency import LateForNeededBy
from lpm_sync.rules.engagement import OwnerEngagement
from lpm_sync.rules.evaluate import evaluate, explain
from lpm_sync.rules.example import THIS_INTERVAL, epic, feature, portfolio_of, ref_of, stream
from lpm_sync.rules.initiative import UnapprovedInitiative
from lpm_sync.rules.mapping import SharedTeam, Unmapped
from lpm_sync.rules.readiness import BenefitHypothesis, Dependencies

EVERY_NAME = frozenset(KNOWN_FIELDS)
ANYWAY = {"DOR004", "DOR005"}  # a parent and an assignee are the trackers' own
PAYMENTS = stream("payments", "PAY", budget=100_000, capacity={"enabler": 100}, business_owners=("dana",))


def without(*names: str, tracker: str = "jira", **others: frozenset[str]) -> MappedFields:
    """That tracker maps all fields but these."""
    return MappedFields(by_tracker={tracker: EVERY_NAME - set(names), **others})


def asked(rule: Rule, portfolio: Portfolio, subject: str) -> Verdict:
    """What the rule says of `item:…`, `stream:…` or `portfolio:…`."""
    kind, _, identifier = subject.partition(":")
    about = Subject(kind=kind, id=str(ref_of(identifier)) if kind == "item" else identifier)  # type: ignore[arg-type]
    [(_, verdict)] = explain(portfolio, [GovernedRule(rule=rule, mode=Mode.ENFORCE)], about)
    return verdict


def failures_of(portfolio: Portfolio, *rules: Rule) -> set[str]:
    governed = [GovernedRule(rule=rule, mode=Mode.ENFORCE) for rule in rules]
    return {finding.code for finding in evaluate(portfolio, governed, {}).findings}


def unmapped_examples() -> list[Any]:
    """Each example of a failure, once for each field that its rule needs."""
    found = []
    for rule in BUILTIN_RULES:
        for example in rule.examples:
            if example.expect is Status.FAILED:
                made = rule(**example.settings)
                found += [pytest.param(made, example, name, id=f"{rule.code} {name}") for name in made.needs()]
    return found


@pytest.mark.parametrize(("rule", "example", "name"), unmapped_examples())
def test_a_rule_that_needs_a_field_which_nobody_maps_is_skipped_and_says_so(
    rule: Rule, example: Example, name: str
) -> None:
    given = example.given()
    kind = "item" if ":" in example.subject else "stream" if example.subject else "portfolio"
    subject = f"{kind}:{example.subject or given.definition.name}"
    assert asked(rule, given, subject).status is Status.FAILED
    unmapped = replace(given, mapped=without(name, ado=EVERY_NAME - {name}))
    verdict = asked(rule, unmapped, subject)
    assert verdict.status is Status.SKIPPED
    assert f"jira maps no field to {name}" in verdict.reason
    assert not failures_of(unmapped, rule)


def test_of_items_of_which_nothing_is_mapped_no_rule_says_that_anything_is_missing() -> None:
    settings: dict[str, dict[str, Any]] = {
        "GRD301": {"threshold": 1},
        "KAN101": {"wip": {"analyzing": 9}},
        "DOR001": {"starts_within": 20},
    }
    rules = [rule(**settings.get(rule.code, {})) for rule in BUILTIN_RULES]
    items = (
        epic("PAY-1"),
        feature("PAY-2", parent="PAY-1", owner="dana", blocked_by=["PAY-3"]),
        feature("PAY-3", parent="PAY-1", owner="dana", planning_interval=THIS_INTERVAL.id),
    )
    empty = portfolio_of(*items, streams=(PAYMENTS,))
    unmapped = portfolio_of(*items, streams=(PAYMENTS,), mapped=without(*EVERY_NAME))
    assert {"DOR001", "DOR002", "DOR003", "DOR006", "DOR007", "DOR008", "GRD401"} <= failures_of(empty, *rules)
    assert failures_of(unmapped, *rules) == {"DEP101"} & failures_of(empty, *rules)


def test_a_tracker_that_maps_the_field_is_asked_beside_one_that_does_not() -> None:
    portfolio = portfolio_of(feature("PAY-1"), feature("ado:2"), mapped=without("benefit_hypothesis", ado=EVERY_NAME))
    governed = [GovernedRule(rule=BenefitHypothesis(), mode=Mode.ENFORCE)]
    assert [finding.subject.id for finding in evaluate(portfolio, governed, {}).findings] == ["ado:2"]
    assert asked(BenefitHypothesis(), portfolio, "item:PAY-1") == Verdict.skipped(
        "jira maps no field to benefit_hypothesis"
    )


def test_a_sum_over_a_stream_is_not_measurable_where_one_of_its_trackers_maps_no_field() -> None:
    both = (stream("payments", "PAY", "2", budget=100),)
    items = epic("PAY-1", forecast=500), feature("ado:2", spend=1)
    [rule] = [made() for made in BUILTIN_RULES if made.code == "BUD102"]
    assert asked(rule, portfolio_of(*items, streams=both), "stream:payments").status is Status.FAILED
    lacking = portfolio_of(
        *items, streams=both, mapped=without("implementation_cost_forecast", tracker="ado", jira=EVERY_NAME)
    )
    assert asked(rule, lacking, "stream:payments").reason == "ado maps no field to implementation_cost_forecast"


def test_a_due_date_that_is_not_mapped_is_not_taken_for_none() -> None:
    items = feature("PAY-2", blocked_by=["ado:3"], needed_by=date(2026, 12, 1)), feature("ado:3")
    mapped = without("target_date", tracker="ado", jira=EVERY_NAME)
    rule = LateForNeededBy()
    assert asked(rule, portfolio_of(*items), "item:PAY-2").status is Status.PASSED
    assert "ado maps no field to target_date" in asked(rule, portfolio_of(*items, mapped=mapped), "item:PAY-2").reason
    passed = portfolio_of(*items, mapped=mapped, today=date(2026, 12, 2))
    verdict = asked(rule, passed, "item:PAY-2")
    assert verdict.status is Status.FAILED  # the day has passed, whenever the blocker is due
    assert [reading.shown for reading in verdict.readings][1] == "ado maps no field to target_date"


def test_a_producer_is_not_missing_where_nobody_maps_a_team() -> None:
    items = feature("PAY-2", blocked_by=["ado:3"], needed_by=date(2026, 12, 1)), feature("ado:3")
    mapped = without("team", tracker="ado", jira=EVERY_NAME)
    assert asked(Dependencies(), portfolio_of(*items), "item:PAY-2").status is Status.FAILED
    assert asked(Dependencies(), portfolio_of(*items, mapped=mapped), "item:PAY-2").status is Status.SKIPPED


def test_an_approval_by_a_field_that_is_not_mapped_is_neither_given_nor_missing() -> None:
    approval = Approval(field="gate", values=("open",))
    items = (feature("PAY-2", forecast=600), feature("PAY-3", forecast=600, labels=frozenset({"lpm:approved"})))
    rule = UnapprovedInitiative.model_validate({"threshold": 500})
    unmapped = portfolio_of(*items, approval=approval, mapped=without())
    assert asked(rule, portfolio_of(*items, approval=approval), "item:PAY-2").status is Status.FAILED
    assert asked(rule, unmapped, "item:PAY-2") == Verdict.skipped("jira maps no field to gate")
    assert asked(rule, unmapped, "item:PAY-3").status is Status.PASSED


def test_an_item_is_not_without_a_stream_that_may_claim_it_by_what_is_not_mapped() -> None:
    by_team = stream("payments", matches=(Match(project="PAY", team="Ledger"),), budget=100)
    items = feature("PAY-2"), feature("PAY-3", parent="PAY-2"), feature("MOB-1")
    known = portfolio_of(*items, streams=(by_team,))
    unknown = portfolio_of(*items, streams=(by_team,), mapped=without("team"))
    assert asked(Unmapped(), known, "item:PAY-2").status is Status.FAILED
    for key in ("PAY-2", "PAY-3"):
        assert asked(Unmapped(), unknown, f"item:{key}").reason.startswith("payments may claim it")
    assert asked(Unmapped(), unknown, "item:MOB-1").status is Status.FAILED  # of another project, whatever its team
    [rule] = [made() for made in BUILTIN_RULES if made.code == "BUD102"]
    assert asked(rule, known, "stream:payments").status is Status.PASSED
    assert asked(rule, unknown, "stream:payments").status is Status.SKIPPED


def test_what_is_missing_for_sure_is_told_and_what_is_not_mapped_left_open() -> None:
    planned = feature("PAY-1", planning_interval=THIS_INTERVAL.id)
    mapped = without("business_value_planned")
    rule = OwnerEngagement.model_validate({"evidence": ["business_owners", "planned_value"]})
    owned = portfolio_of(planned, streams=(PAYMENTS,), mapped=mapped)
    assert asked(rule, owned, "stream:payments").reason == "jira maps no field to business_value_planned"
    nobody = portfolio_of(planned, streams=(stream("payments", "PAY"),), mapped=mapped)
    assert [one.name for one in asked(rule, nobody, "stream:payments").readings] == ["business owners"]
    shared = (stream("payments", "PAY", teams=("Ledger",)), stream("mobile", "MOB"))
    items = feature("PAY-1"), feature("MOB-1")
    assert asked(SharedTeam(), portfolio_of(*items, streams=shared), "stream:payments").status is Status.PASSED
    lacking = portfolio_of(*items, streams=shared, mapped=without("team"))
    assert asked(SharedTeam(), lacking, "stream:payments").status is Status.SKIPPED
