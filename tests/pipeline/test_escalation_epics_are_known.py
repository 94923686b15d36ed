"""An escalation epic is known by any mark that people left on it, and never becomes work or a second epic."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from lpm_sync.core.work_item import Ref
from lpm_sync.pipeline.cycle import ExitStatus, run_cycle
from tests.pipeline.conftest import Office
from tests.pipeline.jira_office import HastyWorkplace, Site, open_workplace

READY = {"benefit_hypothesis": "fewer calls", "estimate": Decimal(5)}
ESCALATION = "lpm:escalation"


@pytest.fixture
def blocked(office: Office) -> tuple[Ref, Ref]:
    """A blocker and what it has long blocked, under no epic; its escalation epic stands."""
    jira = office.jira
    blocker, waiting = (
        jira.create_item(project="PAY", type="Feature", title=title, fields=READY) for title in ("Ledger", "Refunds")
    )
    jira.link(blocker=blocker, blocked=waiting)
    office.cycle()
    office.pass_days(9)
    office.cycle()
    return blocker, waiting


def epic_of(office: Office, blocker: Ref) -> Ref:
    [epic] = office.jira.items_labelled(f"lpm:blocker-jira-{blocker.id}")
    return epic


@pytest.mark.parametrize("loses_state", [False, True])
@pytest.mark.parametrize("removed", ["escalation", "blocker", "both"])
def test_whichever_labels_people_remove_it_stays_the_one_epic_with_its_one_card(
    office: Office, blocked: tuple[Ref, Ref], removed: str, loses_state: bool
) -> None:
    blocker, waiting = blocked
    epic = epic_of(office, blocker)
    marks = {"escalation": [ESCALATION], "blocker": [f"lpm:blocker-jira-{blocker.id}"]}
    gone = marks.get(removed, [label for labels in marks.values() for label in labels])
    for label in gone:
        office.jira.remove_label(epic, label)
    if loses_state:
        office.lose_state()
    office.cycle()
    assert office.plan().is_empty
    assert len(office.jira.items) == 3
    [card] = office.our_comments(epic)
    assert f"A person removed the label {gone[0]}" in card
    assert not office.jira.labels(epic) & {*gone, "lpm:unmapped", "lpm:not-ready"}
    office.jira.unlink(blocker=blocker, blocked=waiting)
    office.cycle()
    assert office.jira.status(epic) == "Done"
    assert len(office.our_comments(epic)) == 1


def test_a_label_of_it_comes_back_after_the_cool_down(office: Office, blocked: tuple[Ref, Ref]) -> None:
    epic = epic_of(office, blocked[0])
    office.jira.remove_label(epic, ESCALATION)
    office.cycle()
    office.pass_days(14)
    office.cycle()
    assert ESCALATION in office.jira.labels(epic)
    assert office.plan().is_empty


def test_without_card_and_labels_the_state_still_knows_it(office: Office, blocked: tuple[Ref, Ref]) -> None:
    epic = epic_of(office, blocked[0])
    office.jira.threads[epic].clear()
    for label in office.jira.labels(epic):
        office.jira.remove_label(epic, label)
    office.cycle()
    assert len(office.jira.items) == 3
    assert office.jira.labels(epic) == {ESCALATION, f"lpm:blocker-jira-{blocked[0].id}"}
    assert office.plan().is_empty


@pytest.fixture
def site() -> Iterator[Site]:
    opened = Site()
    yield opened
    opened.close()


@pytest.mark.parametrize("loses_state", [False, True])
def test_it_is_read_and_closed_although_the_query_of_the_scope_leaves_it_out(
    site: Site, tmp_path: Path, loses_state: bool
) -> None:
    workplace = open_workplace(tmp_path, HastyWorkplace, jira=site.server.url)
    trackers = tmp_path / "trackers.yaml"
    trackers.write_text(trackers.read_text().replace("[PORT, PAY]}", "[PORT, PAY], query: labels = ours}"))
    for issue in list(site.store.issues):
        site.store.add_label(issue, "ours")
    run_cycle(workplace)
    assert site.escalations() == ["To Do"]
    if loses_state:
        workplace.settings.state.unlink()
    report = run_cycle(workplace)
    assert (report.planned, report.moved, report.exit_status) == (0, 0, ExitStatus.DONE)
    [link] = [one for one in site.store.links_by_issue[site.blocked] if one.type.name == "Blocks"]
    site.store.unlink(link)
    report = run_cycle(workplace)
    assert (report.moved, report.exit_status, site.escalations()) == (0, ExitStatus.DONE, ["Done"])
