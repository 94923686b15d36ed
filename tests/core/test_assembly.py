"""The portfolio is indexed so that rules find everything in constant time."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from lpm_sync.core.escalation_marker import marker_label, marker_name
from lpm_sync.core.value_stream import Match, ValueStream
from lpm_sync.core.work_item import Edge, Level, Progress, Ref, Stage
from lpm_sync.rules.example import aside, epic, feature, item, portfolio_of, ref_of, stream

_PAYMENTS = stream("payments", "PAY")
_MOBILE = stream("mobile", "MOB")


def _edges(*items: Any, **values: Any) -> set[Edge]:
    return set(portfolio_of(*items, **values).dependencies.blocked_since)


def _edge(blocker: str, blocked: str) -> Edge:
    return Edge(ref_of(blocker), ref_of(blocked))


@pytest.mark.parametrize(
    ("match", "values", "is_claimed"),
    [
        (Match(project="pay"), {}, True),
        (Match(project="PA"), {}, False),
        (Match(label="VS-Payments"), {"labels": frozenset({"vs-payments"})}, True),
        (Match(component="Refunds"), {"components": ("fees", "refunds")}, True),
        (Match(team="ledger"), {"team": "Ledger"}, True),
        (Match(field=("product", "Cards")), {"fields": {"product": "cards"}}, True),
        (Match(field=("product", "Cards")), {"fields": {"product": ("loans", "Cards")}}, True),
        (Match(field=("product", "Cards")), {"fields": {"line": "Cards"}}, False),
        (Match(area_path="Platform\\Payments"), {"area_path": "platform\\payments"}, True),
        (Match(area_path="Platform\\Payments"), {"area_path": "Platform\\Payments\\Refunds"}, True),
        (Match(area_path="Platform\\Payments"), {"area_path": "Platform\\PaymentsArchive"}, False),
        (Match(area_path="Platform\\Payments"), {"area_path": "Platform"}, False),
        (Match(project="PAY", team="Ledger"), {"team": "Ledger"}, True),
        (Match(project="PAY", team="Ledger"), {"team": "Apps"}, False),
        (Match(), {}, False),
    ],
)
def test_a_match_claims_what_fits_all_its_criteria(match: Match, values: dict[str, Any], is_claimed: bool) -> None:
    streams = (ValueStream(id="payments", name="Payments", matches=(match,)),)

    portfolio = portfolio_of(feature("PAY-1", **values), streams=streams)

    assert portfolio.claims == ({ref_of("PAY-1"): ("payments",)} if is_claimed else {})
    assert portfolio.members == {"payments": (portfolio.items[ref_of("PAY-1")],) if is_claimed else ()}


def test_an_item_inherits_all_claims_of_the_nearest_item_above_that_has_any() -> None:
    portfolio = portfolio_of(
        epic("PAY-1"),
        feature("WEB-2", parent="PAY-1"),
        item("WEB-3", Level.STORY, parent="WEB-2"),
        feature("MOB-4", parent="PAY-1"),
        item("WEB-5", Level.STORY, parent="MOB-4"),
        streams=(_PAYMENTS, _MOBILE),
    )

    claims = {ref.id: claimed for ref, claimed in portfolio.claims.items()}
    assert claims["WEB-3"] == ("payments",)
    assert claims["MOB-4"] == claims["WEB-5"] == ("mobile",)


def test_parents_in_a_circle_claim_nothing_and_end() -> None:
    portfolio = portfolio_of(feature("WEB-1", parent="WEB-2"), feature("WEB-2", parent="WEB-1"), streams=(_PAYMENTS,))

    assert portfolio.claims == {}


def test_a_doubly_claimed_item_is_a_member_of_no_stream() -> None:
    both = ValueStream(id="all", name="All", matches=(Match(project="PAY"),))

    portfolio = portfolio_of(feature("PAY-1"), streams=(_PAYMENTS, both))

    assert portfolio.claims[ref_of("PAY-1")] == ("payments", "all")
    assert portfolio.members == {"payments": (), "all": ()}


def test_escalation_epics_of_ours_stand_aside_and_count_in_nothing() -> None:
    marker = marker_label("lpm:", Ref("ado", "431"))
    labels = frozenset({"lpm:escalation", marker.upper()})
    ours = epic("PORT-9", forecast=100, labels=labels, is_ours=True)
    closed = epic("PORT-8", stage=Stage.DONE, labels=labels, is_ours=True)
    copied = epic("PORT-7", labels=labels)

    portfolio = portfolio_of(ours, closed, copied)

    assert set(portfolio.items) == {copied.ref}
    assert portfolio.escalations == {marker_name(Ref("ado", "431")): (ours,)}
    assert ours.ref not in portfolio.ledger.entries


def test_only_dependencies_with_two_open_ends_are_open() -> None:
    assert _edges(feature("A-1"), feature("A-2", blocked_by=["A-1"])) == {_edge("A-1", "A-2")}
    assert not _edges(feature("A-1", progress=Progress.DONE), feature("A-2", blocked_by=["A-1"]))
    assert not _edges(feature("A-1"), feature("A-2", blocked_by=["A-1"], progress=Progress.DONE))


def test_a_dependency_ends_at_the_edge_of_the_scope() -> None:
    assert not _edges(feature("A-2", blocked_by=["ELSEWHERE-1"]))


def test_a_dependency_on_what_is_only_unknown_stays() -> None:
    quarantined = _edges(feature("A-2", blocked_by=["A-1"]), quarantined=(aside("A-1"),))
    unread = _edges(feature("A-2", blocked_by=["ado:1"]), stale=frozenset({"ado"}))

    assert quarantined == {_edge("A-1", "A-2")}
    assert unread == {_edge("ado:1", "A-2")}


def test_an_edge_without_history_is_first_seen_now() -> None:
    portfolio = portfolio_of(feature("A-1"), feature("A-2", blocked_by=["A-1"]))

    assert portfolio.dependencies.blocked_since == {_edge("A-1", "A-2"): portfolio.now}
    assert portfolio.dependencies.first_seen == {_edge("A-1", "A-2")}


def test_an_edge_with_history_keeps_it() -> None:
    portfolio = portfolio_of(
        feature("A-1"), feature("A-2", blocked_by=["A-1"]), blocked_since={("A-1", "A-2"): date(2026, 11, 3)}
    )

    assert portfolio.calendar.day(portfolio.dependencies.blocked_since[_edge("A-1", "A-2")]) == date(2026, 11, 3)
    assert not portfolio.dependencies.first_seen


def test_everything_above_something_unknown_is_incomplete() -> None:
    portfolio = portfolio_of(
        epic("PORT-1"),
        feature("A-1", parent="PORT-1"),
        epic("PORT-2"),
        feature("A-2", parent="PORT-2", is_stale=True),
        epic("PORT-3"),
        quarantined=(aside("A-3", parent="A-1"),),
    )

    assert portfolio.incomplete == {ref_of(key) for key in ("PORT-1", "A-1", "PORT-2")}
    assert portfolio.stale == {"jira"}


def test_a_team_serves_the_streams_that_name_it_or_claim_its_open_work() -> None:
    portfolio = portfolio_of(
        feature("MOB-1", team="ledger"),
        feature("MOB-2", team="Apps", progress=Progress.DONE),
        streams=(stream("payments", "PAY", teams=("Ledger",)), _MOBILE),
    )

    assert portfolio.served == {"Ledger": ("mobile", "payments")}


def test_items_stand_in_the_order_of_their_refs_whatever_the_order_of_delivery() -> None:
    portfolio = portfolio_of(feature("PAY-2"), feature("ado:9"), feature("PAY-1"))

    assert [str(ref) for ref in portfolio.items] == ["ado:9", "jira:PAY-1", "jira:PAY-2"]
