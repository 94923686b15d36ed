"""A finding that nobody else holds up is shown where its stream reports, else where the portfolio does, or nowhere."""

from __future__ import annotations

from typing import Any

from lpm_sync.core.document import plain_text
from lpm_sync.core.finding import Evaluation
from lpm_sync.core.work_item import WorkItem
from lpm_sync.rules.example import aside, epic, feature, portfolio_of, ref_of, stream
from tests.planning.conftest import about, blocked, carded, changes_on, evaluation, finding, planned

STREAMS = (stream("payments", "PAY", report_on=ref_of("PORT-1")), stream("mobile", "MOB"))
PLACES = epic("PORT-1"), epic("PORT-2")
LASTING = evaluation(finding("PAY-5", escalate_after=0), escalates=True)


def escalated_on(*items: WorkItem, outcome: Evaluation = LASTING, **values: Any) -> list[str]:
    """The items whose cards are to show an escalated finding."""
    setting = {"streams": STREAMS, "definition": {"report_on": ref_of("PORT-2")}, **values}
    plan = planned(portfolio_of(*items, **setting), outcome)
    return [
        item.key
        for item in plan.items
        for change in item.changes
        if "Escalated finding" in plain_text(change.card.document)
    ]


def test_where_its_value_stream_reports() -> None:
    assert escalated_on(*PLACES, feature("PAY-5")) == ["jira:PORT-1"]


def test_where_the_portfolio_reports_when_its_stream_names_no_place_or_it_has_no_stream() -> None:
    for key in ("MOB-5", "WEB-5"):
        outcome = evaluation(finding(key, escalate_after=0), escalates=True)
        assert escalated_on(*PLACES, feature(key), outcome=outcome) == ["jira:PORT-2"]


def test_nowhere_when_nothing_reports_and_not_twice_on_the_item_that_does() -> None:
    assert escalated_on(*PLACES, feature("PAY-5"), streams=(), definition={}) == []
    own = evaluation(finding("PORT-2", escalate_after=0), escalates=True)
    assert escalated_on(*PLACES, outcome=own) == []


def test_nowhere_while_the_place_of_its_stream_is_in_quarantine() -> None:
    assert escalated_on(epic("PORT-2"), feature("PAY-5"), quarantined=(aside("PORT-1"),)) == []


def test_what_is_escalated_stays_while_the_item_or_what_stands_above_it_is_unknown() -> None:
    setting: dict[str, Any] = {"streams": STREAMS, "definition": {"report_on": ref_of("PORT-2")}}
    below = feature("PAY-5", parent="PAY-4")
    told = planned(portfolio_of(*PLACES, feature("PAY-4"), below, **setting), LASTING)
    reporting = carded(epic("PORT-1"), changes_on("PORT-1", told))
    held = evaluation(held={about("PAY-5"): "crashed"}, escalates=True)
    for outcome, items, more in (
        (held, (feature("PAY-4"), below), {}),
        (evaluation(escalates=True), (feature("PAY-4"),), {"quarantined": (aside("PAY-5"),)}),
        (LASTING, (below,), {"quarantined": (aside("PAY-4"),)}),
        (evaluation(escalates=True), (feature("PAY-4"),), {"stale": frozenset(("jira",))}),
    ):
        plan = planned(portfolio_of(reporting, epic("PORT-2"), *items, **setting, **more), outcome)
        assert [item.key for item in plan.items if item.ref in (ref_of("PORT-1"), ref_of("PORT-2"))] == []
    gone = planned(portfolio_of(reporting, epic("PORT-2"), feature("PAY-4"), **setting), evaluation(escalates=True))
    assert changes_on("PORT-1", gone) != ()


def test_a_blocked_item_below_an_unknown_parent_gets_no_escalation_epic_of_its_own() -> None:
    items = feature("PAY-2", parent="PORT-7", blocked_by=["PAY-3"]), feature("PAY-3")
    outcome = evaluation(blocked("PAY-2", by="PAY-3"), escalates=True)
    assert planned(portfolio_of(*items, quarantined=(aside("PORT-7"),)), outcome).escalations == ()
    assert len(planned(portfolio_of(*items), outcome).escalations) == 1
