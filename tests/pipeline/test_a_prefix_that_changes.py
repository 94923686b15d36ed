"""Another label prefix renames what lpm-sync wrote, or is refused; it doubles nothing and blames nobody."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lpm_sync.core.work_item import Ref
from lpm_sync.errors import ConfigurationError
from tests.pipeline.conftest import Office

NEW = 'label_prefix: "gov:"\n'
NAMED = NEW + 'previous_label_prefixes: ["lpm:"]\n'


@pytest.fixture
def refs(office: Office) -> tuple[Ref, Ref, Ref]:
    """A blocker and what it blocks, with an escalation epic; an unready feature, and one that people took out."""
    jira, ready = office.jira, {"benefit_hypothesis": "fewer calls", "estimate": Decimal(5)}
    blocker, waiting = (
        jira.create_item(project="PAY", type="Feature", title=title, fields=ready) for title in ("Ledger", "Refunds")
    )
    jira.link(blocker=blocker, blocked=waiting)
    unready = jira.create_item(project="PAY", type="Feature", title="Vouchers")
    jira.add_label(jira.create_item(project="PAY", type="Feature", title="Ideas"), "lpm:opt-out")
    office.cycle()
    office.pass_days(9)
    office.cycle()
    return blocker, waiting, unready


def change_prefix(office: Office, text: str) -> None:
    office.configure("policy.yaml", text + (office.folder / "policy.yaml").read_text())


@pytest.mark.parametrize("loses_state", [False, True])
def test_a_prefix_that_is_new_and_names_no_previous_one_is_refused(
    office: Office, refs: tuple[Ref, Ref, Ref], loses_state: bool
) -> None:
    before = office.everything()
    change_prefix(office, NEW)
    if loses_state:
        office.lose_state()
    for act in (office.cycle, office.plan):
        with pytest.raises(ConfigurationError, match=r'previous_label_prefixes: \["lpm:"\]'):
            act()
    assert office.everything() == before


@pytest.mark.parametrize("loses_state", [False, True])
def test_labels_of_a_previous_prefix_are_renamed_and_nothing_is_doubled(
    office: Office, refs: tuple[Ref, Ref, Ref], loses_state: bool
) -> None:
    blocker, _, unready = refs
    change_prefix(office, NAMED)
    if loses_state:
        office.lose_state()
    office.cycle()
    labels = {label for ref in office.jira.items for label in office.jira.labels(ref)}
    assert {label for label in labels if label.startswith("lpm:")} == {"lpm:opt-out"}
    assert office.jira.labels(unready) == {"gov:not-ready"}
    [epic] = office.jira.items_labelled("gov:escalation")
    assert office.jira.labels(epic) == {"gov:escalation", f"gov:blocker-jira-{blocker.id}"}
    assert len(office.jira.items) == 5
    assert not any("A person removed" in text for text in office.our_comments())
    assert office.plan().is_empty


def test_a_label_that_a_person_removed_before_stays_away(office: Office, refs: tuple[Ref, Ref, Ref]) -> None:
    office.jira.remove_label(refs[2], "lpm:not-ready")
    office.cycle()
    change_prefix(office, NAMED)
    office.cycle()
    assert office.jira.labels(refs[2]) == frozenset()
    assert "A person removed the label gov:not-ready" in office.our_comments(refs[2])[0]


def test_an_approval_under_the_previous_prefix_counts(office: Office) -> None:
    significant = {"benefit_hypothesis": "less churn", "implementation_cost_forecast": Decimal(600_000)}
    epic = office.jira.create_item(
        project="PORT", type="Epic", title="Cards", status="Analyzing", fields=significant, labels=["lpm:approved"]
    )
    change_prefix(office, NAMED)
    office.cycle()
    assert office.our_comments(epic) == []
    assert office.jira.labels(epic) == {"lpm:approved"}
