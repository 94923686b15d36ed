"""An escalation epic is known by any mark that people left on it, and never becomes work or a second epic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from lpm_sync.core.work_item import Ref
from lpm_sync.pipeline.cycle import ExitStatus, plan_cycle, run_cycle
from lpm_sync.pipeline.workplace import Workplace
from tests.pipeline.conftest import Office
from tests.pipeline.jira_office import START, HastyWorkplace, Site, StandingClock, open_workplace

READY = {"benefit_hypothesis": "fewer calls", "estimate": Decimal(5)}
ESCALATION = "lpm:escalation"
ISSUES = 5  # of a site, with its escalation epic


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


def leave_out_escalations(site: Site, folder: Path) -> Workplace:
    """A workplace whose scope has a query that fits all issues but those that we create."""
    workplace = open_workplace(folder, HastyWorkplace, jira=site.server.url)
    trackers = folder / "trackers.yaml"
    trackers.write_text(trackers.read_text().replace("[PORT, PAY]}", "[PORT, PAY], query: labels = ours}"))
    for issue in list(site.store.issues):
        site.store.add_label(issue, "ours")
    return workplace


def unblock(site: Site) -> None:
    [link] = [one for one in site.store.links_by_issue[site.blocked] if one.type.name == "Blocks"]
    site.store.unlink(link)


@pytest.mark.parametrize("loses_state", [False, True])
def test_it_is_read_and_closed_although_the_query_of_the_scope_leaves_it_out(
    site: Site, tmp_path: Path, loses_state: bool
) -> None:
    workplace = leave_out_escalations(site, tmp_path)
    run_cycle(workplace)
    assert site.escalations() == ["To Do"]
    if loses_state:
        workplace.settings.state.unlink()
    report = run_cycle(workplace)
    assert (report.planned, report.moved, report.exit_status) == (0, 0, ExitStatus.DONE)
    unblock(site)
    report = run_cycle(workplace)
    assert (report.moved, report.exit_status, site.escalations()) == (0, ExitStatus.DONE, ["Done"])


def test_it_is_found_by_its_id_where_a_query_leaves_it_out_and_people_removed_its_labels(
    site: Site, tmp_path: Path
) -> None:
    workplace = leave_out_escalations(site, tmp_path)
    run_cycle(workplace)
    [epic] = [issue for issue in site.store.issues.values() if ESCALATION in issue.labels]
    for label in list(epic.labels):
        site.store.remove_label(epic.id, label)
    for days in range(1, 4):  # a census each night
        site.store.clock.move_to(START + timedelta(days=days))
        workplace = replace(workplace, clock=StandingClock(site.store.clock.now()))
        run_cycle(workplace)
    assert len(site.store.issues) == ISSUES
    assert (len(site.cards(epic.id)), epic.labels) == (1, [])
    assert plan_cycle(workplace)[1].plan.is_empty
    unblock(site)
    run_cycle(workplace)
    assert epic.status.name == "Done"
