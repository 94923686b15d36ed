"""A cycle writes no more than its trackers take; what is over that is told, and comes in a later one."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from lpm_sync.core.change import AddLabel, Result
from lpm_sync.core.work_item import Ref
from lpm_sync.errors import UnsafePlanError
from lpm_sync.pipeline.cycle import CycleReport, ExitStatus, apply_plan
from lpm_sync.pipeline.writing import Write, write_plan
from lpm_sync.testing.in_memory import InMemoryTracker
from tests.pipeline.conftest import Office

SCOPE = "scope: {projects: [PORT, PAY]}\n"
WAITING = "put off to a later cycle"


def limit(office: Office, budget: str) -> None:
    office.amend("trackers.yaml", SCOPE, f"{SCOPE}    write_budget: {{{budget}}}\n")


def unready(office: Office, count: int) -> list[Ref]:
    """Features each of which asks for a label and a card."""
    return [office.jira.create_item(project="PAY", type="Feature", title=f"Feature {n}") for n in range(count)]


def told_to_wait(report: CycleReport) -> list[str]:
    return [trouble for trouble in report.troubles if WAITING in trouble]


def test_what_a_cycle_may_not_write_comes_in_the_next_ones_item_by_item(office: Office) -> None:
    limit(office, "cycle: 5")
    refs = unready(office, 5)
    shown = office.decide()
    report = office.cycle()
    assert (report.planned, report.written, report.exit_status) == (4, 4, ExitStatus.PARTIAL)
    assert [item.ref for item in shown.plan.items] == refs[:2]
    assert [one.name for one in shown.put_off] == [f"jira:{office.jira.view(ref).key}" for ref in refs[2:]]
    [told] = told_to_wait(report)
    assert told.startswith("3 items (jira:PAY-")
    assert "write_budget.cycle of jira" in told
    for _ in range(2):
        assert all(bool(office.jira.labels(ref)) == bool(office.our_comments(ref)) for ref in refs)
        report = office.cycle()
    assert report.exit_status is ExitStatus.DONE
    assert all(office.jira.labels(ref) and office.our_comments(ref) for ref in refs)
    assert office.plan().is_empty


def test_an_hour_is_remembered_over_restarts_and_passes(office: Office) -> None:
    limit(office, "hour: 4")
    unready(office, 4)
    assert office.cycle().written == 4
    assert office.cycle().written == 0
    office.pass_days(1 / 24)
    office.pass_days(1 / 24)
    report = office.cycle()
    assert (report.written, report.exit_status) == (4, ExitStatus.DONE)


def test_an_echo_ends_when_the_item_had_its_day_and_goes_on_the_next(office: Office) -> None:
    """An automation undoes what we write, and we undo that."""
    limit(office, "item_a_day: 5")
    ref, other = unready(office, 2)
    reports = []
    for turn in range(7):
        office.jira.items[ref] = replace(office.jira.items[ref], fields=[{}, {"benefit_hypothesis": "less"}][turn % 2])
        reports.append(office.cycle())
    assert sum(report.written for report in reports) <= 5 + 2  # the other item's label and card
    assert office.our_comments(other)
    waiting = [told for report in reports for told in told_to_wait(report)]
    assert waiting[-1].startswith(f"jira:{office.jira.view(ref).key}: put off")
    assert "look for what keeps undoing them" in waiting[-1]
    office.jira.items[ref] = replace(office.jira.items[ref], fields={})
    assert office.cycle().written == 0
    office.pass_days(1.5)
    assert office.cycle().exit_status is ExitStatus.DONE
    assert office.plan().is_empty


def test_a_plan_that_changes_too_much_is_refused_although_a_cycle_would_write_little_of_it(office: Office) -> None:
    limit(office, "cycle: 2")
    office.amend("policy.yaml", "max_changes: 1000", "max_changes: 3")
    unready(office, 4)
    with pytest.raises(UnsafePlanError, match="changes 4 of 4 items"):
        office.cycle()
    assert office.writes == 0


def test_an_old_plan_keeps_within_the_budget_of_today(office: Office) -> None:
    unready(office, 3)
    plan = office.plan()
    limit(office, "cycle: 2")
    report = apply_plan(office.workplace, plan, skip_moved=False)
    assert (report.planned, report.written, report.exit_status) == (6, 2, ExitStatus.PARTIAL)
    assert told_to_wait(report)[0].startswith("2 items (")


def test_a_tracker_for_which_it_is_late_is_left_for_the_next_cycle(office: Office) -> None:
    refs = unready(office, 20)
    intended: list[Write] = []

    def record(write: Write):
        intended.append(write)
        return lambda outcomes: None

    outcomes = write_plan(
        office.plan(),
        {"jira": InMemoryTracker(office.jira)},
        record,
        should_stop=lambda: False,
        progress=lambda count: None,
        is_late=lambda tracker: office.writes > 0,
    )
    begun = {write.ref for write in intended}
    assert 0 < len(begun) < len(refs)
    late = [one for one in outcomes if "the time that writing may take" in one.detail]
    assert {one.result for one in late} == {Result.FAILED}
    assert all(isinstance(one.change, AddLabel) or not office.our_comments(*(set(refs) - begun)) for one in late)
