"""Every rule's examples are what they say: they are the rule's documentation."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from lpm_sync.core.finding import Mode, Status, Subject
from lpm_sync.rules import BUILTIN_RULES
from lpm_sync.rules.base import Example, GovernedRule, ItemRule, Rule, StreamRule
from lpm_sync.rules.evaluate import evaluate, explain

_EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.code}-{example.name}") for rule in BUILTIN_RULES for example in rule.examples
]


def _subject(rule: type[Rule], example: Example, portfolio_name: str) -> Subject:
    if issubclass(rule, ItemRule):
        return Subject(kind="item", id=example.subject)
    if issubclass(rule, StreamRule):
        return Subject(kind="stream", id=example.subject)
    return Subject(kind="portfolio", id=portfolio_name)


@pytest.mark.parametrize(("rule", "example"), _EXAMPLES)
def test_the_rule_says_what_its_example_says(rule: type[Rule], example: Example) -> None:
    portfolio = example.given()
    governed = [GovernedRule(rule=rule(**example.settings), mode=Mode.COMMENT)]
    subject = _subject(rule, example, portfolio.definition.name)

    ((_, verdict),) = explain(portfolio, governed, subject)

    assert verdict.status is example.expect, verdict
    if example.expect is Status.FAILED:
        assert example.fix in verdict.fix
        assert verdict.readings
        assert verdict.threshold
    if example.expect is Status.PASSED:
        assert verdict.readings, "why it passed can be explained"
    found = [finding.subject for finding in evaluate(portfolio, governed, {}).findings]
    assert (subject in found) is (example.expect is Status.FAILED)


@pytest.mark.parametrize(("rule", "example"), _EXAMPLES)
def test_a_finding_says_the_same_on_the_days_that_follow(rule: type[Rule], example: Example) -> None:
    portfolio = example.given()
    governed = [GovernedRule(rule=rule(**example.settings), mode=Mode.COMMENT)]
    first = evaluate(portfolio, governed, {}).findings
    since = {(str(finding.subject), finding.code): finding.since for finding in first}

    for days in range(1, 8):
        later = replace(portfolio, now=portfolio.now + timedelta(days=days))
        assert set(first) <= set(evaluate(later, governed, since).findings)


@pytest.mark.parametrize("rule", BUILTIN_RULES, ids=lambda rule: rule.code)
def test_a_rule_shows_at_least_one_failure_and_one_pass(rule: type[Rule]) -> None:
    shown = {example.expect for example in rule.examples}

    assert {Status.FAILED, Status.PASSED} <= shown
    assert rule.__doc__


def test_codes_are_unique_and_of_one_form() -> None:
    codes = [rule.code for rule in BUILTIN_RULES]

    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[A-Z]{3}[0-9]{3}", code) for code in codes)
