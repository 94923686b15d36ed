"""No write without an intent on the disk, and every intent keeps its outcome: the audit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lpm_sync.core.change import (
    AddLabel,
    AddLink,
    Card,
    Change,
    CloseEscalation,
    OpenEscalation,
    Outcome,
    PutCard,
    RemoveCard,
    RemoveLabel,
    Result,
)
from lpm_sync.core.document import BulletList, Document, Heading, Span, paragraph
from lpm_sync.core.work_item import Ref
from lpm_sync.errors import StateError
from lpm_sync.state.intents import Authority
from lpm_sync.state.store import State

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
REF = Ref("jira", "7")
AUTHORITY = Authority(account="bot", plan_digest="0123456789abcdef", policy_digest="fedcba9876543210")
BECAUSE = ("DOR001", "GRD301")
DOCUMENT = Document(
    blocks=(
        Heading(text="Zeile <1>"),
        paragraph("💶 & “quotes”"),
        BulletList(items=((Span(text="strong", is_strong=True), Span(text="link", href="https://a.example")),)),
    )
)
NOT_READY = AddLabel(label="lpm:not-ready", because=BECAUSE)
LINK = AddLink(target=Ref("ado", "4"), target_url="https://ado.example/4", target_title="Four", because=BECAUSE)
CHANGES: tuple[Change, ...] = (
    NOT_READY,
    RemoveLabel(label="lpm:old", because=BECAUSE),
    PutCard(
        card=Card(document=DOCUMENT, footer="the footer"), card_id="c0", comment_id=None, before="", because=BECAUSE
    ),
    RemoveCard(comment_id="12", because=BECAUSE),
    LINK,
    CloseEscalation(status="Done", because=BECAUSE),
    OpenEscalation(
        tracker="ado",
        project="Platform",
        type="Epic",
        title="Blocked",
        labels=("lpm:escalation", "lpm:m1"),
        marker="lpm:m1",
        blocker=REF,
        document=DOCUMENT,
        because=BECAUSE,
        follow_up=(LINK,),
    ),
)


def test_an_intent_keeps_who_what_when_and_why(state: State) -> None:
    ids = state.intents.record(REF, CHANGES, AUTHORITY, NOW)
    intents = state.intents.unfinished()
    assert tuple(intent.id for intent in intents) == ids
    assert tuple(intent.change for intent in intents) == CHANGES
    assert {intent.authority for intent in intents} == {AUTHORITY}
    assert {intent.created for intent in intents} == {NOW}
    assert [intent.tracker for intent in intents] == ["jira"] * 6 + ["ado"]
    assert intents[0].change.because == BECAUSE


def test_an_intent_without_an_outcome_is_found_after_the_process_died(state_path: Path) -> None:
    with State.open(state_path, at=NOW) as state:
        state.intents.record(REF, (NOT_READY,), AUTHORITY, NOW)
    with State.open(state_path, at=NOW) as state:
        assert [intent.change for intent in state.intents.unfinished()] == [NOT_READY]


def test_an_outcome_finishes_its_intent_and_both_stay_as_the_audit(state: State) -> None:
    ids = state.intents.record(REF, CHANGES[:2], AUTHORITY, NOW)
    later = NOW + timedelta(seconds=3)
    outcomes = (
        Outcome(change=CHANGES[0], result=Result.WRITTEN),
        Outcome(change=CHANGES[1], result=Result.REFUSED, detail="403: may not edit"),
    )
    state.intents.record_outcomes(ids, outcomes, later)
    assert state.intents.unfinished() == ()
    audit = state.intents.about(REF)
    assert [(intent.result, intent.detail, intent.finished) for intent in audit] == [
        (Result.WRITTEN, "", later),
        (Result.REFUSED, "403: may not edit", later),
    ]
    assert state.intents.between(NOW, later) == audit
    assert state.intents.between(later, later + timedelta(days=1)) == ()


def test_what_a_change_created_is_kept(state: State) -> None:
    ids = state.intents.record(REF, CHANGES[-1:], AUTHORITY, NOW)
    created = Ref("ado", "99")
    state.intents.record_outcomes(ids, (Outcome(change=CHANGES[-1], result=Result.WRITTEN, created=created),), NOW)
    assert state.intents.about(REF)[0].made == created


def test_outcomes_that_do_not_fit_their_intents_are_a_mistake(state: State) -> None:
    ids = state.intents.record(REF, CHANGES[:2], AUTHORITY, NOW)
    with pytest.raises(ValueError, match="zip"):
        state.intents.record_outcomes(ids, (Outcome(change=CHANGES[0], result=Result.WRITTEN),), NOW)
    assert len(state.intents.unfinished()) == 2


def test_a_refused_change_is_known_until_it_is_tried_otherwise(state: State) -> None:
    assert state.intents.refusal_of(REF, NOT_READY) is None
    _attempt(state, REF, NOT_READY, Result.REFUSED)
    refusal = state.intents.refusal_of(REF, NOT_READY)
    assert refusal is not None
    assert refusal.detail == "because"
    assert state.intents.refusal_of(Ref("jira", "8"), NOT_READY) is None
    assert state.intents.refusal_of(REF, AddLabel(label="lpm:other", because=BECAUSE)) is None
    _attempt(state, REF, NOT_READY, Result.WRITTEN)
    assert state.intents.refusal_of(REF, NOT_READY) is None


def test_a_full_disk_refuses_the_intent_and_goes_on_when_there_is_room(state: State) -> None:
    state.intents.record(REF, (NOT_READY,), AUTHORITY, NOW)
    many = [AddLabel(label=f"lpm:{'x' * 500}-{n}", because=BECAUSE) for n in range(2000)]
    [(pages,)] = state.intents._database.rows("PRAGMA page_count")
    state.intents._database.rows(f"PRAGMA max_page_count = {pages + 5}")  # SQLite then behaves as on a full disk
    with pytest.raises(StateError, match="the disk is full: make room"):
        state.intents.record(REF, many, AUTHORITY, NOW)
    assert [intent.change for intent in state.intents.unfinished()] == [NOT_READY]
    state.intents._database.rows("PRAGMA max_page_count = 1000000")
    assert len(state.intents.record(REF, many, AUTHORITY, NOW)) == 2000


def _attempt(state: State, ref: Ref, change: Change, result: Result) -> None:
    ids = state.intents.record(ref, (change,), AUTHORITY, NOW)
    state.intents.record_outcomes(ids, (Outcome(change=change, result=result, detail="because"),), NOW)


def test_what_may_stand_is_counted_by_item_and_tracker_and_what_cannot_is_not(state: State) -> None:
    other = Ref("ado", "7")
    for result in Result:
        _attempt(state, REF, NOT_READY, result)
    state.intents.record(REF, (NOT_READY,), AUTHORITY, NOW)  # cut off: it may stand
    _attempt(state, other, NOT_READY, Result.WRITTEN)
    assert state.intents.made_by_item(NOW) == {REF: 3, other: 1}
    assert state.intents.made_by_tracker(NOW) == {"jira": 3, "ado": 1}
    assert state.intents.made_by_item(NOW + timedelta(microseconds=1)) == {}
