"""Findings are kept from the cycle that first saw them to the one that no longer did."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpm_sync.core.finding import Subject
from lpm_sync.state.findings import FindingKey, Findings
from lpm_sync.state.store import State

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
ITEM = Subject(kind="item", id="jira:7")
STREAM = Subject(kind="stream", id="payments")
ALL = ("DOR001", "GRD101", "GRD301")


def _record(findings: Findings, found: dict[FindingKey, date], at: datetime) -> None:
    findings.record(found, ending_of=lambda _subject, _code: "resolved", at=at)


def test_a_finding_stands_since_the_date_it_was_given(state: State) -> None:
    _record(state.findings, {(ITEM, "DOR001"): date(2026, 10, 30), (STREAM, "GRD101"): date(2026, 11, 2)}, NOW)
    assert state.findings.since() == {(ITEM, "DOR001"): date(2026, 10, 30), (STREAM, "GRD101"): date(2026, 11, 2)}


def test_seen_again_it_keeps_the_instant_at_which_it_was_first_seen(state: State) -> None:
    found = {(ITEM, "DOR001"): date(2026, 11, 2)}
    _record(state.findings, found, NOW)
    _record(state.findings, found, NOW + DAY)
    [standing] = state.findings.standing()
    assert standing.first_seen == NOW
    assert standing.ended is None


def test_a_date_that_the_rule_corrects_is_taken_over(state: State) -> None:
    _record(state.findings, {(ITEM, "DOR001"): date(2026, 11, 2)}, NOW)
    _record(state.findings, {(ITEM, "DOR001"): date(2026, 11, 3)}, NOW + DAY)
    [standing] = state.findings.standing()
    assert (standing.since, standing.first_seen) == (date(2026, 11, 3), NOW)


def test_no_longer_found_it_is_resolved_and_stays_in_the_history(state: State) -> None:
    _record(state.findings, {(ITEM, "DOR001"): date(2026, 11, 2)}, NOW)
    _record(state.findings, {}, NOW + DAY)
    assert state.findings.since() == {}
    [past] = state.findings.history(ITEM)
    assert (past.ended, past.ending) == (NOW + DAY, "resolved")


def test_coming_back_it_begins_anew(state: State) -> None:
    for day, found in enumerate(({(ITEM, "DOR001"): date(2026, 11, 2)}, {}, {(ITEM, "DOR001"): date(2026, 11, 4)})):
        _record(state.findings, found, NOW + day * DAY)
    assert [(past.since, past.ended) for past in state.findings.history(ITEM)] == [
        (date(2026, 11, 2), NOW + DAY),
        (date(2026, 11, 4), None),
    ]


def test_what_could_not_be_judged_stands_on(state: State) -> None:
    found = {(ITEM, "DOR001"): date(2026, 11, 2), (ITEM, "GRD301"): date(2026, 11, 2)}
    _record(state.findings, found, NOW)
    state.findings.record({}, ending_of=lambda _subject, code: None if code == "DOR001" else "resolved", at=NOW + DAY)
    assert set(state.findings.since()) == {(ITEM, "DOR001")}


def test_a_rule_that_no_longer_governs_withdraws_and_does_not_resolve(state: State) -> None:
    _record(state.findings, {(ITEM, "DOR001"): date(2026, 11, 2)}, NOW)
    state.findings.record({}, ending_of=lambda _subject, _code: "withdrawn", at=NOW + DAY)
    [past] = state.findings.ended_between(NOW, NOW + 2 * DAY)
    assert past.ending == "withdrawn"


def test_a_week_is_asked_for_with_its_first_instant_and_without_its_last(state: State) -> None:
    _record(state.findings, {(ITEM, "DOR001"): date(2026, 11, 2)}, NOW)
    _record(state.findings, {(STREAM, "GRD101"): date(2026, 11, 9)}, NOW + 7 * DAY)
    findings = state.findings
    assert [new.code for new in findings.new_between(NOW, NOW + 7 * DAY)] == ["DOR001"]
    assert [new.code for new in findings.new_between(NOW + 7 * DAY, NOW + 14 * DAY)] == ["GRD101"]
    assert [past.code for past in findings.ended_between(NOW, NOW + 7 * DAY)] == []
    assert [past.code for past in findings.ended_between(NOW + 7 * DAY, NOW + 14 * DAY)] == ["DOR001"]


KEYS = st.tuples(st.sampled_from([ITEM, STREAM]), st.sampled_from(ALL))


@given(cycles=st.lists(st.frozensets(KEYS), max_size=6))
def test_what_stands_is_what_was_found_last_and_no_stretch_is_lost(
    tmp_path_factory: pytest.TempPathFactory, cycles: list[frozenset[FindingKey]]
) -> None:
    with State.open(tmp_path_factory.mktemp("example") / "state", at=NOW) as state:
        for day, found in enumerate(cycles):
            _record(state.findings, dict.fromkeys(found, date(2026, 11, 2)), NOW + day * DAY)
        assert set(state.findings.since()) == (set(cycles[-1]) if cycles else set())
        begun = sum(len(now - before) for before, now in zip([frozenset(), *cycles], cycles, strict=False))
        assert len(state.findings.new_between(NOW, NOW + 99 * DAY)) == begun
