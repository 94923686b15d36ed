"""Digests once a slot, escalations with their history, dependencies with their first day, cycles with their end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lpm_sync.core.work_item import Edge, Ref
from lpm_sync.state.digests import DigestStatus
from lpm_sync.state.store import State

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
A, B, C = (Ref("jira", n) for n in "123")


def test_a_slot_is_claimed_once_a_chat(state: State) -> None:
    assert state.digests.claim("2026-11-02", "slack", NOW)
    assert not state.digests.claim("2026-11-02", "slack", LATER)
    assert state.digests.claim("2026-11-02", "teams", NOW)
    assert state.digests.claim("2026-11-09", "slack", NOW)


def test_a_process_that_dies_while_posting_does_not_post_again(state_path: Path) -> None:
    with State.open(state_path, at=NOW) as state:
        state.digests.claim("2026-11-02", "slack", NOW)
    with State.open(state_path, at=NOW) as state:
        assert state.digests.status("2026-11-02", "slack") is DigestStatus.POSTING
        assert not state.digests.claim("2026-11-02", "slack", LATER)


def test_what_became_of_a_digest_is_kept(state: State) -> None:
    assert state.digests.status("2026-11-02", "slack") is None
    state.digests.claim("2026-11-02", "slack", NOW)
    state.digests.settle("2026-11-02", "slack", DigestStatus.PERHAPS, LATER, detail="the answer was lost")
    assert state.digests.status("2026-11-02", "slack") is DigestStatus.PERHAPS
    assert not state.digests.claim("2026-11-02", "slack", LATER)


def test_a_refused_slot_is_claimed_again_once(state: State) -> None:
    state.digests.claim("2026-11-02", "slack", NOW)
    state.digests.settle("2026-11-02", "slack", DigestStatus.REFUSED, NOW, detail="410")
    assert state.digests.claim("2026-11-02", "slack", LATER)
    assert not state.digests.claim("2026-11-02", "slack", LATER)


def test_a_slot_that_certainly_nobody_got_can_be_given_back(state: State) -> None:
    state.digests.claim("2026-11-02", "slack", NOW)
    state.digests.release("2026-11-02", "slack")
    assert state.digests.claim("2026-11-02", "slack", LATER)


def test_an_escalation_is_open_until_it_is_closed(state: State) -> None:
    state.escalations.record_opened("lpm:m1", A, NOW)
    state.escalations.record_opened("lpm:m1", A, LATER)
    [escalation] = state.escalations.open()
    assert (escalation.marker, escalation.ref, escalation.opened) == ("lpm:m1", A, NOW)
    state.escalations.record_closed(A, LATER)
    assert state.escalations.open() == ()
    assert [closed.ref for closed in state.escalations.closed_between(NOW, LATER + timedelta(seconds=1))] == [A]
    assert [opened.ref for opened in state.escalations.opened_between(NOW, LATER)] == [A]
    state.escalations.record_opened("lpm:m1", B, LATER)
    assert [opened.ref for opened in state.escalations.open()] == [B]


def test_an_edge_counts_from_the_first_cycle_that_saw_it(state: State) -> None:
    first = state.edges.record({Edge(A, B)}, is_judged=lambda _: True, at=NOW)
    second = state.edges.record({Edge(A, B), Edge(B, C)}, is_judged=lambda _: True, at=LATER)
    assert first == {Edge(A, B): NOW}
    assert second == {Edge(A, B): NOW, Edge(B, C): LATER}


def test_an_edge_that_came_back_counts_anew_but_not_one_that_could_not_be_seen(state: State) -> None:
    both = {Edge(A, B), Edge(B, C)}
    state.edges.record(both, is_judged=lambda _: True, at=NOW)
    state.edges.record(set(), is_judged=lambda edge: edge == Edge(A, B), at=NOW)
    assert state.edges.record(both, is_judged=lambda _: True, at=LATER) == {Edge(A, B): LATER, Edge(B, C): NOW}


def test_a_cycle_that_was_cut_off_has_no_end(state: State) -> None:
    first = state.cycles.record_start(NOW, "policy-1")
    state.cycles.record_finish(first, LATER, 4, {"pulled": 12, "written": 3})
    state.cycles.record_start(LATER, "policy-2")
    done, cut_off = state.cycles.last(5)
    assert (done.started, done.finished, done.exit_status) == (NOW, LATER, 4)
    assert done.counts == {"pulled": 12, "written": 3}
    assert (cut_off.policy_digest, cut_off.finished, cut_off.exit_status) == ("policy-2", None, None)
    assert state.cycles.last() == (cut_off,)


def test_an_instant_without_a_zone_is_a_mistake(state: State) -> None:
    with pytest.raises(ValueError, match="without a zone"):
        state.cycles.record_start(datetime(2026, 11, 2), "policy")  # noqa: DTZ001 that is what it refuses
