"""What could not be told in a cycle is neither resolved nor escalated nor taken away."""

from __future__ import annotations

from lpm_sync.core.change import CloseEscalation
from lpm_sync.core.finding import Subject
from lpm_sync.rules.example import aside, epic, feature, portfolio_of, ref_of, stream
from tests.planning.conftest import about, blocked, carded, changes_on, escalation_epic, evaluation, finding, planned

LABELLED = {"labels": frozenset(("lpm:not-ready",))}


def test_an_item_that_was_not_delivered_keeps_its_label_though_nothing_asks_for_it() -> None:
    stale, fresh = feature("PAY-1", is_stale=True, **LABELLED), feature("PAY-2", **LABELLED)
    plan = planned(portfolio_of(stale, fresh), evaluation(label="not-ready"))
    assert changes_on("PAY-1", plan) == ()
    assert changes_on("PAY-2", plan) != ()


def test_an_item_about_which_a_rule_could_not_tell_keeps_what_the_rule_asked_for() -> None:
    portfolio = portfolio_of(feature("PAY-1", **LABELLED))
    assert planned(portfolio, evaluation(held={about("PAY-1"): "crashed"}, label="not-ready")).is_empty


def test_an_epic_keeps_its_escalation_while_nobody_can_tell_about_the_blocked_item() -> None:
    blocker, waiting = feature("PAY-3"), feature("PAY-2", parent="PORT-1", blocked_by=["PAY-3"])
    first = planned(
        portfolio_of(epic("PORT-1"), waiting, blocker), evaluation(blocked("PAY-2", by="PAY-3"), escalates=True)
    )
    above = carded(epic("PORT-1"), changes_on("PORT-1", first))
    held = evaluation(held={about("PAY-2"): "crashed"}, escalates=True)
    assert planned(portfolio_of(above, waiting, blocker), held).is_empty
    told = planned(portfolio_of(above, waiting, blocker), evaluation(escalates=True))
    assert changes_on("PORT-1", told) != ()


def test_no_escalation_epic_is_opened_while_a_tracker_is_not_read_whole() -> None:
    items = feature("PAY-2", blocked_by=["PAY-3"]), feature("PAY-3")
    outcome = evaluation(blocked("PAY-2", by="PAY-3"), escalates=True)
    assert planned(portfolio_of(*items, stale=frozenset(("ado",))), outcome).escalations == ()
    assert len(planned(portfolio_of(*items), outcome).escalations) == 1


def test_no_escalation_epic_is_closed_while_a_tracker_is_not_read_whole() -> None:
    items = escalation_epic("PORT-9", blocker="PAY-3"), feature("PAY-3")
    assert planned(portfolio_of(*items, stale=frozenset(("ado",))), evaluation(escalates=True)).is_empty
    closed = changes_on("PORT-9", planned(portfolio_of(*items), evaluation(escalates=True)))
    assert any(isinstance(change, CloseEscalation) for change in closed)


def test_an_item_that_is_frozen_gets_nothing_new_either() -> None:
    stale = feature("PAY-1", is_stale=True)
    assert planned(portfolio_of(stale), evaluation(finding("PAY-1", label="not-ready"), label="not-ready")).is_empty


def test_an_epic_keeps_its_escalation_while_the_blocker_is_in_quarantine() -> None:
    blocker, waiting = feature("PAY-3"), feature("PAY-2", parent="PORT-1", blocked_by=["PAY-3"])
    first = planned(
        portfolio_of(epic("PORT-1"), waiting, blocker), evaluation(blocked("PAY-2", by="PAY-3"), escalates=True)
    )
    above = carded(epic("PORT-1"), changes_on("PORT-1", first))
    # No rule says a word about the waiting item: that its blocker is unknown is enough.
    plan = planned(portfolio_of(above, waiting, quarantined=(aside("PAY-3"),)), evaluation())
    assert changes_on("PORT-1", plan) == ()


def test_a_streams_finding_is_not_resolved_while_its_money_may_be_in_quarantine() -> None:
    streams = (stream("payments", "PORT", report_on=ref_of("PORT-1")),)
    over_budget = finding(Subject(kind="stream", id="payments"))
    first = planned(portfolio_of(epic("PORT-1"), streams=streams), evaluation(over_budget))
    reporting = carded(epic("PORT-1"), changes_on("PORT-1", first))
    part = portfolio_of(reporting, streams=streams, quarantined=(aside("PAY-3"),))
    assert planned(part, evaluation()).is_empty
    assert not planned(portfolio_of(reporting, streams=streams), evaluation()).is_empty
