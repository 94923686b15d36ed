"""Which labels are set and taken away, whatever their spelling, and which are left to people."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpm_sync.core.calendar import BusinessCalendar
from lpm_sync.core.card import LabelMemory
from lpm_sync.core.change import AddLabel, RemoveLabel
from lpm_sync.core.finding import Governed, Mode
from lpm_sync.core.governance import Governance
from lpm_sync.planning.labels import decide_labels
from lpm_sync.rules.example import feature, portfolio_of
from tests.planning.conftest import CODE, carded, changes_on, evaluation, finding, planned

CALENDAR = BusinessCalendar(timezone="Europe/Berlin", calendar="DE")
NAMES = st.frozensets(st.sampled_from(["blocked", "not-ready", "over-budget"]))
DAYS = st.dates(date(2026, 11, 2), date(2026, 12, 31))
MEMORIES = st.builds(
    LabelMemory,
    name=st.sampled_from(["blocked", "not-ready", "over-budget"]),
    turns=st.integers(0, 4),
    removed_on=st.none() | DAYS,
)


@given(desired=NAMES, present=NAMES, remembered=st.lists(MEMORIES, unique_by=lambda memory: memory.name), today=DAYS)
def test_what_was_decided_and_done_is_decided_no_more(desired, present, remembered, today) -> None:
    def decide(present, remembered):
        return decide_labels(
            desired=desired,
            present=present,
            remembered=remembered,
            today=today,
            calendar=CALENDAR,
            governance=Governance(),
        )

    first = decide(present, remembered)
    second = decide((present | {*first.add}) - {*first.remove}, first.memory)
    assert (second.add, second.remove, second.memory) == ((), (), first.memory)
    assert {*first.add} <= desired - present
    assert {*first.remove} == present - desired
    assert {memory.name for memory in first.memory} == desired


def labelled(*labels: str, wanted: bool) -> list[object]:
    """What happens to the labels of an item with those, where a rule wants `lpm:not-ready` or does not."""
    item = feature("PAY-1", labels=frozenset(labels))
    findings = [finding("PAY-1", label="not-ready")] if wanted else []
    changes = changes_on("PAY-1", planned(portfolio_of(item), evaluation(*findings, label="not-ready")))
    return [change for change in changes if isinstance(change, AddLabel | RemoveLabel)]


@pytest.mark.parametrize("label", ["urgent", "lpm", "LPM-team", "lpm:approved", "lpm:opt-out", "LPM:Approved"])
def test_a_label_that_is_not_ours_is_left_where_it_is(label: str) -> None:
    assert labelled(label, wanted=False) == []


def test_a_label_under_our_prefix_that_no_rule_sets_goes_in_every_spelling() -> None:
    gone = labelled("lpm:Of-Old", "LPM:of-old", wanted=False)
    assert [(change.label, change.because) for change in gone] == [
        ("LPM:of-old", ("no rule asks for it",)),
        ("lpm:Of-Old", ("no rule asks for it",)),
    ]


def test_a_label_goes_because_of_the_rules_whose_findings_stood_on_the_card() -> None:
    """Another rule that sets it, and that never failed here, is no reason."""
    item = feature("PAY-1", labels=frozenset({"lpm:not-ready"}))
    outcome = evaluation(finding("PAY-1", label="not-ready"), label="not-ready")
    item = carded(item, changes_on("PAY-1", planned(portfolio_of(item), outcome)))
    other = Governed(code="TST102", title="Other", mode=Mode.ENFORCE, label="not-ready")
    cleared = evaluation(label="not-ready")
    changes = changes_on("PAY-1", planned(portfolio_of(item), replace(cleared, governed=(*cleared.governed, other))))
    assert [one.because for one in changes if isinstance(one, RemoveLabel)] == [(CODE,)]


def test_a_label_that_is_wanted_is_there_in_any_spelling() -> None:
    assert labelled("LPM:Not-Ready", wanted=True) == []
    assert [change.label for change in labelled("urgent", wanted=True)] == ["lpm:not-ready"]


def test_a_removal_is_counted_once_however_many_cycles_see_it() -> None:
    outcome = evaluation(finding("PAY-1", label="not-ready"), label="not-ready")
    item = feature("PAY-1")
    item = carded(item, changes_on("PAY-1", planned(portfolio_of(item), outcome)))  # and the label was taken away
    seen = changes_on("PAY-1", planned(portfolio_of(item), outcome))
    assert seen[-1].card.footer.endswith("labels not-ready=1=2026-11-10")
    assert planned(portfolio_of(carded(item, seen)), outcome).is_empty
