"""A finding that stood is called resolved where its rule passes or its subject is done, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from lpm_sync.core.finding import WITHDRAWN, Ending, Mode, Subject
from lpm_sync.core.mapped_fields import MappedFields
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import Progress
from lpm_sync.rules.base import GovernedRule, Rule
from lpm_sync.rules.budget import SpendOverBudget
from lpm_sync.rules.dependency import BlockedTooLong
from lpm_sync.rules.evaluate import evaluate
from lpm_sync.rules.example import TODAY, feature, portfolio_of, stream
from lpm_sync.rules.readiness import BenefitHypothesis

RESOLVED = Ending(is_resolved=True)
ITEM = Subject(kind="item", id="jira:PAY-1")
STREAM = Subject(kind="stream", id="payments")


def ending(portfolio: Portfolio, *rules: Rule, subject: Subject = ITEM, code: str = "DOR001") -> Ending:
    governed = [GovernedRule(rule=rule, mode=Mode.ENFORCE) for rule in rules]
    outcome = evaluate(portfolio, governed, {(str(subject), code): TODAY})
    assert not outcome.findings
    return outcome.ending(subject, code)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"fields": {"benefit_hypothesis": "more calls answered"}}, RESOLVED),
        ({"progress": Progress.DONE}, RESOLVED),
        (
            {"progress": Progress.DOING},
            Ending(is_resolved=False, reason="its progress is not one that this rule asks about"),
        ),
        (
            {"labels": frozenset({"lpm:opt-out"})},
            Ending(is_resolved=False, reason="the item carries the label lpm:opt-out"),
        ),
    ],
)
def test_of_an_item(values: dict[str, Any], expected: Ending) -> None:
    assert ending(portfolio_of(feature("PAY-1", **values)), BenefitHypothesis()) == expected


def test_where_nobody_maps_the_field_or_nobody_asks_any_more_nothing_is_resolved() -> None:
    unmapped = MappedFields(by_tracker={"jira": frozenset()})
    reason = "jira maps no field to benefit_hypothesis"
    portfolio = portfolio_of(feature("PAY-1"), mapped=unmapped)
    assert ending(portfolio, BenefitHypothesis()) == Ending(is_resolved=False, reason=reason)
    assert ending(portfolio) == WITHDRAWN
    assert ending(portfolio_of(feature("PAY-1")), BenefitHypothesis.model_validate({"levels": ["story"]})).reason


def test_what_is_blocked_by_nothing_any_more_is_resolved() -> None:
    assert ending(portfolio_of(feature("PAY-1")), BlockedTooLong(), code="DEP101") == RESOLVED


def test_of_a_stream() -> None:
    funded = portfolio_of(streams=(stream("payments", "PAY", budget=100),))
    assert ending(funded, SpendOverBudget(), subject=STREAM, code="BUD101") == RESOLVED
    unfunded = portfolio_of(streams=(stream("payments", "PAY"),))
    assert not ending(unfunded, SpendOverBudget(), subject=STREAM, code="BUD101").is_resolved
    assert ending(portfolio_of(), SpendOverBudget(), subject=STREAM, code="BUD101") == WITHDRAWN
