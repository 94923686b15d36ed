"""What left a card is called resolved only where it was seen to be; else the card says where it went, or stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lpm_sync.core.change import PutCard
from lpm_sync.core.document import plain_text
from lpm_sync.core.finding import Ending, Evaluation, Mode, Subject
from lpm_sync.core.work_item import WorkItem
from lpm_sync.rules.example import aside, epic, feature, portfolio_of, ref_of, stream
from tests.planning.conftest import CODE, about, carded, changes_on, evaluation, finding, planned

WHOLE = Subject(kind="portfolio", id="Northwind")
STREAM = Subject(kind="stream", id="payments")
FAILING = evaluation(finding(WHOLE))
PLACES = epic("PORT-1"), epic("PORT-6")


def reports_on(key: str | None, *, is_lost: bool = False) -> dict[str, Any]:
    place = None if key is None else ref_of(key)
    return {"definition": {"report_on": place, "is_report_on_lost": is_lost}}


def told_on(key: str, items: tuple[WorkItem, ...], outcome: Evaluation, **setting: Any) -> str | None:
    """What the card on that item is to say; None where nothing of it changes."""
    changes = changes_on(key, planned(portfolio_of(*items, **setting), outcome))
    return next((plain_text(one.card.document) for one in changes if isinstance(one, PutCard)), None)


def reporting() -> tuple[WorkItem, ...]:
    """PORT-1 after the finding about the portfolio was written on it, and PORT-6."""
    plan = planned(portfolio_of(*PLACES, **reports_on("PORT-1")), FAILING)
    return carded(PLACES[0], changes_on("PORT-1", plan)), PLACES[1]


def test_a_finding_that_is_reported_elsewhere_now_is_not_resolved() -> None:
    moved = told_on("PORT-1", reporting(), FAILING, **reports_on("PORT-6"))
    assert moved == f"lpm-sync\nNow reported on jira:PORT-6: {CODE} (portfolio).\nNo findings stand here now."
    nowhere = told_on("PORT-1", reporting(), FAILING, **reports_on(None))
    assert nowhere == f"lpm-sync\nNo longer reported here: {CODE} (portfolio).\nNo findings stand here now."
    quarantined = reports_on("PORT-6") | {"quarantined": (aside("PAY-9"),)}
    assert told_on("PORT-1", reporting(), FAILING, **quarantined) == moved


def test_while_its_place_is_lost_or_its_rule_cannot_tell_the_old_card_stays() -> None:
    lost = reports_on(None, is_lost=True)
    assert told_on("PORT-1", reporting(), FAILING, **lost) is None
    assert told_on("PORT-1", reporting(), evaluation(), **lost) is None
    in_quarantine = reports_on("PORT-7") | {"quarantined": (aside("PORT-7"),)}
    assert told_on("PORT-1", reporting(), FAILING, **in_quarantine) is None
    held = evaluation(held={WHOLE: "it crashed"})
    assert told_on("PORT-1", reporting(), held, **reports_on("PORT-6")) is None


def test_an_escalated_finding_stays_on_its_card_while_its_streams_place_is_lost() -> None:
    lasting = evaluation(finding("PAY-5", escalate_after=0), escalates=True)
    streams = (stream("payments", "PAY", report_on=ref_of("PORT-1")),)
    plan = planned(portfolio_of(*PLACES, feature("PAY-5"), streams=streams), lasting)
    shown = carded(PLACES[0], changes_on("PORT-1", plan))
    lost = (replace(streams[0], report_on=None, is_report_on_lost=True),)
    setting = reports_on("PORT-6") | {"streams": lost}
    after = planned(portfolio_of(shown, PLACES[1], feature("PAY-5"), **setting), lasting)
    assert [item.key for item in after.items] == ["jira:PAY-5"]


def test_what_is_gone_is_resolved_only_where_it_was_seen_to_be() -> None:
    item = carded(
        feature("PAY-1"), changes_on("PAY-1", planned(portfolio_of(feature("PAY-1")), evaluation(finding("PAY-1"))))
    )
    for ending, said in (
        (Ending(is_resolved=True), f"Resolved: {CODE}.\nAll is well: no findings."),
        (Ending(is_resolved=False, reason="not asked"), f"No longer governed (not asked): {CODE}."),
        (None, f"No longer governed: {CODE}."),
    ):
        endings = {(about("PAY-1"), CODE): ending} if ending else {}
        told = told_on("PAY-1", (item,), replace(evaluation(), endings=endings))
        assert told is not None
        assert said in told
    observed = evaluation(finding("PAY-1", mode=Mode.OBSERVE))
    assert f"No longer governed: {CODE}." in str(told_on("PAY-1", (item,), observed))


def test_a_finding_of_a_stream_that_is_defined_no_more_is_no_longer_governed() -> None:
    streams = (stream("payments", "PAY", report_on=ref_of("PORT-1")),)
    plan = planned(portfolio_of(*PLACES, streams=streams), evaluation(finding(STREAM)))
    shown = carded(PLACES[0], changes_on("PORT-1", plan))
    assert f"No longer governed: {CODE} (payments)." in str(told_on("PORT-1", (shown, PLACES[1]), evaluation()))
