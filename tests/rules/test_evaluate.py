"""The engine asks every rule once, keeps the crashed ones apart, and says the same in whatever order items come."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

import pytest

from lpm_sync.core.finding import Finding, Mode, Reading, Status, Subject, Verdict
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.value_stream import ValueStream
from lpm_sync.core.work_item import Level, Progress, WorkItem
from lpm_sync.rules import BUILTIN_RULES
from lpm_sync.rules.base import GovernedRule, ItemRule, PortfolioRule, Rule, StreamRule
from lpm_sync.rules.evaluate import evaluate, explain
from lpm_sync.rules.example import TODAY, epic, feature, item, portfolio_of, stream
from lpm_sync.rules.readiness import BenefitHypothesis, Owner

_SETTINGS: dict[str, dict[str, Any]] = {"GRD301": {"threshold": 500_000}, "KAN101": {"wip": {"analyzing": 2}}}


class _Crashing(ItemRule):
    """Crashes over every item, with a value in its message."""

    code: ClassVar[str] = "TST001"
    title: ClassVar[str] = "Crashes"
    family: ClassVar[str] = "test"

    def check(self, item: WorkItem, portfolio: Portfolio) -> Verdict:
        raise RuntimeError(f"secret {item.title}")


class _Silent(StreamRule):
    """Forgets its verdict."""

    code: ClassVar[str] = "TST002"
    title: ClassVar[str] = "Says nothing"
    family: ClassVar[str] = "test"

    def check(self, stream: ValueStream, portfolio: Portfolio) -> Verdict:
        return None  # type: ignore[return-value]


class _Dated(PortfolioRule):
    """Knows since when."""

    code: ClassVar[str] = "TST003"
    title: ClassVar[str] = "Dated"
    family: ClassVar[str] = "test"

    def check(self, portfolio: Portfolio) -> Verdict:
        return Verdict.failed(Reading(name="a", shown="b"), threshold="c", fix="d", since=date(2026, 11, 2))


def _governed(*rules: Rule, **policy: Any) -> list[GovernedRule]:
    return [GovernedRule(rule=rule, **{"mode": Mode.ENFORCE, **policy}) for rule in rules]


def _all_rules() -> list[GovernedRule]:
    return _governed(*(rule(**_SETTINGS.get(rule.code, {})) for rule in BUILTIN_RULES))


def _named(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    return [(str(finding.subject), finding.code) for finding in findings]


def test_a_failure_becomes_a_finding_under_its_policy() -> None:
    governed = _governed(Owner(), mode=Mode.COMMENT, label="no-owner", escalate_after=5)

    (finding,) = evaluate(portfolio_of(feature("PAY-1")), governed, {}).findings

    assert finding.subject == Subject(kind="item", id="jira:PAY-1")
    assert (finding.code, finding.mode, finding.label, finding.escalate_after) == (
        "DOR005",
        Mode.COMMENT,
        "no-owner",
        5,
    )
    assert finding.since == TODAY


def test_a_finding_keeps_the_day_on_which_it_was_first_seen() -> None:
    remembered = {("item:jira:PAY-1", "DOR005"): date(2026, 11, 4)}

    (finding,) = evaluate(portfolio_of(feature("PAY-1")), _governed(Owner()), remembered).findings

    assert finding.since == date(2026, 11, 4)


def test_a_rule_that_knows_since_when_is_believed() -> None:
    remembered = {("portfolio:Northwind", "TST003"): date(2026, 11, 4)}

    (finding,) = evaluate(portfolio_of(), _governed(_Dated()), remembered).findings

    assert finding.since == date(2026, 11, 2)


def test_a_crashed_rule_is_held_by_the_type_of_its_error_and_silences_no_other() -> None:
    portfolio = portfolio_of(feature("PAY-1"), streams=(stream("payments", "PAY"),))

    evaluation = evaluate(portfolio, _governed(_Crashing(), Owner(), _Silent()), {})

    assert _named(evaluation.findings) == [("item:jira:PAY-1", "DOR005")]
    assert evaluation.held == {
        Subject(kind="item", id="jira:PAY-1"): {"TST001": "the rule crashed (RuntimeError)"},
        Subject(kind="stream", id="payments"): {"TST002": "the rule crashed (TypeError)"},
    }


def test_of_a_stale_item_everything_is_held() -> None:
    portfolio = portfolio_of(feature("PAY-1", is_stale=True), feature("ado:2"))

    evaluation = evaluate(portfolio, _governed(Owner(), BenefitHypothesis(), _Dated()), {})

    assert _named(evaluation.findings) == [("item:ado:2", "DOR005"), ("item:ado:2", "DOR001")]
    assert {str(subject): set(codes) for subject, codes in evaluation.held.items()} == {
        "item:jira:PAY-1": {"DOR005", "DOR001"},
        "portfolio:Northwind": {"TST003"},
    }


@pytest.mark.parametrize(
    "values", [{"progress": Progress.DONE}, {"labels": frozenset({"LPM:opt-out"})}], ids=["done", "opted out"]
)
def test_items_that_are_done_or_opted_out_are_not_asked_about(values: dict[str, Any]) -> None:
    evaluation = evaluate(portfolio_of(feature("PAY-1", **values)), _governed(Owner(), _Crashing()), {})

    assert not evaluation.findings
    assert not evaluation.held


def test_the_opt_out_label_follows_the_configured_prefix() -> None:
    portfolio = portfolio_of(feature("PAY-1", labels=frozenset({"lpm:opt-out"})))

    assert evaluate(portfolio, _governed(Owner()), {}, opt_out=("gov:opt-out",)).findings


def test_a_rule_is_asked_at_its_levels_only() -> None:
    portfolio = portfolio_of(epic("PORT-1"), feature("PAY-2"), item("PAY-3", Level.STORY))

    evaluation = evaluate(portfolio, _governed(Owner(levels=(Level.STORY,))), {})

    assert _named(evaluation.findings) == [("item:jira:PAY-3", "DOR005")]


def test_the_order_of_delivery_changes_nothing() -> None:
    items = [
        epic("PORT-1"),
        *(feature(f"PAY-{n}", parent="PORT-1", blocked_by=[f"PAY-{n + 1}"], forecast=90_000) for n in range(8)),
        feature("ado:7", blocked_by=["PAY-1"]),
    ]
    streams = (stream("payments", "PAY"), stream("mobile", "MOB"))
    expected = evaluate(portfolio_of(*items, streams=streams), _all_rules(), {})

    for seed in range(5):
        shuffled = random.Random(seed).sample(items, len(items))
        assert evaluate(portfolio_of(*shuffled, streams=streams), _all_rules(), {}) == expected


def test_an_explanation_has_all_four_outcomes_with_the_values_of_what_passed() -> None:
    portfolio = portfolio_of(feature("PAY-1", owner="dana"), epic("PORT-1"))
    governed = _governed(Owner(), BenefitHypothesis(), Owner(levels=(Level.STORY,)), _Crashing(), _Dated())

    explained = explain(portfolio, governed, Subject(kind="item", id="jira:PAY-1"))

    assert [verdict.status for _, verdict in explained] == [
        Status.PASSED,
        Status.FAILED,
        Status.SKIPPED,
        Status.ERROR,
    ]
    assert explained[0][1].readings == (Reading(name="owner", shown="given", source="jira:PAY-1 assignee"),)
    assert explained[2][1].reason == "not asked about a feature"


@pytest.mark.parametrize(
    ("values", "status", "reason"),
    [
        ({"progress": Progress.DONE}, Status.SKIPPED, "done"),
        ({"labels": frozenset({"lpm:opt-out"})}, Status.SKIPPED, "lpm:opt-out"),
        ({"is_stale": True}, Status.ERROR, "stale"),
    ],
)
def test_an_explanation_says_why_a_rule_was_not_asked(values: dict[str, Any], status: Status, reason: str) -> None:
    portfolio = portfolio_of(feature("PAY-1", **values))

    ((_, verdict),) = explain(portfolio, _governed(Owner()), Subject(kind="item", id="jira:PAY-1"))

    assert verdict.status is status
    assert reason in verdict.reason


@pytest.mark.parametrize("kind", ["item", "stream"])
def test_what_the_portfolio_does_not_have_cannot_be_explained(kind: Any) -> None:
    with pytest.raises(KeyError):
        explain(portfolio_of(), _all_rules(), Subject(kind=kind, id="jira:PAY-1"))


def test_streams_and_portfolio_are_explained_too() -> None:
    portfolio = portfolio_of(streams=(stream("payments", "PAY", budget=1),))

    of_stream = explain(portfolio, _all_rules(), Subject(kind="stream", id="payments"))
    of_portfolio = explain(portfolio, _all_rules(), Subject(kind="portfolio", id="Northwind"))

    assert {asked.rule.code for asked, _ in of_stream} >= {"MAP103", "GRD101", "GRD201", "GRD401", "BUD101", "BUD102"}
    assert {asked.rule.code for asked, _ in of_portfolio} == {"GRD102", "BUD105", "KAN101"}
