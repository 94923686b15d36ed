"""What a cycle says and records about what did not go through, and what an old plan may still do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from threading import Event

import pytest
from msgspec import structs

from lpm_sync.core.change import Result
from lpm_sync.core.finding import Verdict
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import Direction, Ref, WorkItem
from lpm_sync.errors import StoppedError, UnsafePlanError
from lpm_sync.pipeline.cycle import Control, ExitStatus, apply_plan, run_cycle
from lpm_sync.policy.configuration import Configuration
from lpm_sync.ports import Parts, Previous, Pull, Tracker
from lpm_sync.rules import BUILTIN_RULES
from lpm_sync.rules.readiness import BenefitHypothesis
from lpm_sync.state.store import State
from lpm_sync.testing.in_memory import InMemoryTracker
from tests.pipeline.conftest import InMemoryWorkplace, Office

READY = {"benefit_hypothesis": "fewer calls", "estimate": Decimal(5)}


@pytest.fixture
def waiting(office: Office) -> Ref:
    """A feature that has waited too long, in another tracker than its blocker, below no epic."""
    blocker = office.jira.create_item(project="PAY", type="Feature", title="Ledger", fields=READY)
    waiting = office.ado.create_item(project="Platform", type="Feature", title="Data centre", fields=READY)
    office.ado.add_foreign_link(waiting, office.jira.view(blocker).url, Direction.BLOCKED_BY)
    office.jira.create_item(project="PORT", type="Epic", title="Laid aside", status="Done")
    office.refs.append(blocker)
    office.cycle()
    office.pass_days(9)
    return waiting


def test_a_cycle_whose_plan_is_refused_is_recorded_as_refused(office: Office) -> None:
    office.amend("policy.yaml", "max_changes: 1000", "max_changes: 1")
    for title in ("Refunds", "Payouts"):
        office.jira.create_item(project="PAY", type="Feature", title=title)
    with pytest.raises(UnsafePlanError):
        office.cycle()
    with office.workplace.state_to_read() as state:
        [cycle] = state.cycles.last()
    assert cycle.exit_status == ExitStatus.REFUSED
    assert (cycle.counts["planned"], cycle.counts["written"]) == (4, 0)


def test_a_cycle_that_is_asked_to_stop_begins_nothing_more_and_intends_nothing_more(office: Office) -> None:
    for number in range(20):
        office.jira.create_item(project="PAY", type="Feature", title=f"Feature {number}")
    report = office.cycle(Control(should_stop=lambda: office.writes > 0))
    assert 0 < report.written < report.planned
    assert (report.failed, report.written + report.not_begun) == (0, report.planned)
    assert any("asked to stop" in trouble for trouble in report.troubles)
    with office.workplace.state_to_read() as state:
        intended = [one for ref in office.jira.items for one in state.intents.about(ref)]
    assert len(intended) < report.planned
    office.cycle()
    assert office.plan().is_empty


class Crashing(BenefitHypothesis):
    """Crashes on every item."""

    def check(self, item: WorkItem, portfolio: Portfolio) -> Verdict:
        raise RuntimeError("out of order")


def test_a_rule_that_crashes_on_many_items_is_told_once(office: Office) -> None:
    for number in range(30):
        office.jira.create_item(project="PAY", type="Feature", title=f"Feature {number}")
    office.rules = (*(rule for rule in BUILTIN_RULES if rule is not BenefitHypothesis), Crashing)
    report = office.cycle()
    assert report.exit_status is ExitStatus.PARTIAL
    [trouble] = report.troubles
    assert trouble.startswith("DOR001 could not tell about jira:PAY-101, ")
    assert trouble.endswith("and 20 more: the rule crashed (RuntimeError)")


def test_an_escalation_of_an_old_plan_is_not_opened_once_the_blocker_is_done(office: Office, waiting: Ref) -> None:
    plan = office.plan()
    [opening] = plan.escalations
    office.jira.change_status(office.refs[0], "Done")
    writes = office.writes
    with pytest.raises(UnsafePlanError, match=opening.title):
        apply_plan(office.workplace, replace(plan, items=()), skip_moved=False)
    report = apply_plan(office.workplace, replace(plan, items=()), skip_moved=True)
    assert (report.moved, office.writes, report.exit_status) == (report.planned, writes, ExitStatus.PARTIAL)


def test_an_escalation_of_an_old_plan_is_opened_once_as_long_as_it_is_due(office: Office, waiting: Ref) -> None:
    plan = office.plan()
    office.pass_days(1)
    apply_plan(office.workplace, plan, skip_moved=False)
    assert office.plan().is_empty
    with pytest.raises(UnsafePlanError, match="have moved"):
        apply_plan(office.workplace, plan, skip_moved=False)
    assert len(office.jira.items_labelled("lpm:escalation")) == 1


def test_an_escalation_that_is_refused_leaves_the_blockers_own_card_alone(office: Office, waiting: Ref) -> None:
    office.jira.faults.change = (0, Result.REFUSED)
    assert office.cycle().troubles[0].startswith("open_escalation refused: Escalation: ")
    blocker = office.refs[0]
    office.jira.items[blocker] = structs.replace(office.jira.items[blocker], fields={"estimate": Decimal(5)})
    report = office.cycle()
    assert any("set aside" in trouble for trouble in report.troubles)
    assert office.jira.items_labelled("lpm:escalation") == frozenset()
    assert "DOR001" in office.our_comments(blocker)[0]


class Forgetful(InMemoryTracker):
    """Knows addresses of what it pulled, and after a failure of nothing."""

    knows = False

    def pull(self, previous: Previous | None = None, *, census: bool = False, parts: Parts | None = None) -> Pull:
        pulled = super().pull(previous, census=census, parts=parts)
        self.knows = True
        return pulled

    def ref_for_url(self, url: str) -> Ref | None:
        return super().ref_for_url(url) if self.knows else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetfulWorkplace(InMemoryWorkplace):
    """A workplace whose trackers know no more than real ones."""

    @contextmanager
    def trackers(self, configuration: Configuration, state: State) -> Iterator[dict[str, Tracker]]:
        yield {name: Forgetful(self.stores[name]) for name in configuration.trackers}


def test_an_address_on_a_tracker_that_fails_is_unknown_and_not_gone_also_after_the_loss_of_the_state(
    office: Office, waiting: Ref
) -> None:
    office.cycle()
    before = office.everything()
    assert "DEP101" in office.our_comments(waiting)[0]
    office.jira.faults.source = "502 Bad Gateway"
    office.lose_state()
    usual = office.workplace
    report = run_cycle(
        ForgetfulWorkplace(
            settings=usual.settings, secrets=usual.secrets, clock=usual.clock, stores=usual.stores, rules=None
        )
    )
    assert office.everything() == before
    assert any(trouble.startswith("DEP101 could not tell about ado:Platform-101") for trouble in report.troubles)


def test_a_broken_item_is_told_with_its_reason_and_where_it_stands(office: Office) -> None:
    ref = office.jira.create_item(project="PAY", type="Feature", title="Refunds")
    office.jira.faults.items[ref] = "a list where a text was"
    assert office.cycle().troubles == ("jira:PAY-101: in quarantine: a list where a text was",)


def test_what_a_tracker_refused_is_told_with_its_detail(office: Office) -> None:
    office.jira.create_item(project="PAY", type="Feature", title="Refunds")
    office.jira.faults.change = (1, Result.REFUSED)
    report = office.cycle()
    assert (report.written, report.failed) == (1, 1)
    assert report.troubles == ("put_card refused: jira:PAY-101: jira: refused, as the test asked for",)


def test_many_items_that_cannot_be_read_for_one_reason_are_one_line_of_ten_names(office: Office) -> None:
    for number in range(23):
        fields = READY | {"estimate": f"size {number}"}
        office.jira.create_item(project="PAY", type="Feature", title="Refunds", fields=fields)
    [line] = office.cycle().troubles
    assert line.startswith("23 items in quarantine (jira:PAY-101, ")
    assert "and 13 more): its estimate “size 0”, “size 1”" in line
    assert line.endswith("is not an amount: write a number from 0 up, such as 250000 or 12.5")


def test_every_unknown_status_is_named_on_the_line(office: Office) -> None:
    for status in ("Parked", "On hold", "Parked"):
        ref = office.jira.create_item(project="PORT", type="Epic", title="Laid aside", status="Funnel")
        office.jira.items[ref] = structs.replace(office.jira.items[ref], status=status, progress=None)
    [line] = office.cycle().troubles
    assert line.startswith("3 items in quarantine (jira:PORT-101, jira:PORT-102 and jira:PORT-103): its status ")
    assert "“Parked” and “On hold”" in line


def test_many_changes_that_were_not_begun_are_one_line_a_kind(office: Office) -> None:
    for _ in range(12):
        office.jira.create_item(project="PAY", type="Feature", title="Refunds")
    report = office.cycle(Control(should_stop=lambda: True))
    assert report.written == 0
    labels, cards = report.troubles
    assert labels.startswith("add_label failed on 12 items (jira:PAY-101, ")
    assert labels.endswith("and 2 more): not begun: the cycle was asked to stop")
    assert cards.startswith("put_card failed on 12 items (")


def test_many_projects_that_fail_for_one_reason_are_one_line(office: Office) -> None:
    office.jira.faults.projects = {name: f"GET project/{name}: 403: not permitted" for name in ("PORT", "PAY")}
    [line] = office.cycle().troubles
    assert line == "jira: 2 projects (PORT and PAY): GET project/…: 403: not permitted"


def test_a_stale_plan_names_ten_of_the_items_that_moved(office: Office) -> None:
    refs = [office.jira.create_item(project="PAY", type="Feature", title="Refunds") for _ in range(14)]
    plan = office.plan()
    for ref in refs:
        office.jira.items[ref] = structs.replace(office.jira.items[ref], title="Refunds, anew")
    with pytest.raises(UnsafePlanError) as raised:
        apply_plan(office.workplace, plan, skip_moved=False)
    assert "jira:PAY-110 and 4 more. Plan again" in str(raised.value)
    assert "jira:PAY-111" not in str(raised.value)
    figures = raised.value.figures
    assert (figures["moved"], figures["not_begun"], figures["planned"]) == (28, 0, plan.change_count)
    [line] = apply_plan(office.workplace, plan, skip_moved=True).troubles
    assert line.startswith("14 left out, since they moved after the plan was made: jira:PAY-101, ")
    assert line.endswith(" and 4 more")


def test_what_is_ignored_by_type_is_told_and_is_no_trouble(office: Office) -> None:
    for kind in ("Bug", "Task", "Task"):
        office.jira.create_item(project="PAY", type=kind, title="Not governed")
    report = office.cycle()
    [ignored] = report.ignored
    assert ignored.line == "jira: ignored by type: 2 Task, 1 Bug"
    assert (report.troubles, report.exit_status) == ((), ExitStatus.DONE)


def test_an_item_whose_level_is_limited_to_other_projects_is_ignored_too(office: Office) -> None:
    scope = "scope: {projects: [PORT, PAY]}\n    levels: [{level: portfolio-epic, types: [Epic]}, {level: feature, "
    office.amend("trackers.yaml", f"{scope}types", f"{scope}projects: [PAY], types")
    office.jira.create_item(project="PORT", type="Feature", title="In the wrong place")
    [ignored] = office.cycle().ignored
    assert ignored.line == "jira: ignored by type: 1 Feature"


def test_after_the_first_reading_only_what_changed_is_counted_and_it_says_so(office: Office) -> None:
    office.cycle()
    office.jira.create_item(project="PAY", type="Bug", title="Not governed")
    assert [one.line for one in office.cycle().ignored] == ["jira: ignored by type, among what changed: 1 Bug"]


def test_a_cycle_that_is_asked_to_stop_while_it_reads_writes_nothing(office: Office) -> None:
    office.jira.create_item(project="PAY", type="Feature", title="Refunds")
    released = Event()

    class Slow(InMemoryTracker):
        def pull(self, previous: Previous | None = None, *, census: bool = False, parts: Parts | None = None) -> Pull:
            released.wait(5.0)
            return super().pull(previous, census=census, parts=parts)

    slow = {name: Slow(store) for name, store in office.workplace.stores.items()}
    usual = office.workplace
    workplace = SlowWorkplace(
        settings=usual.settings, secrets=usual.secrets, clock=usual.clock, stores=usual.stores, slow=slow
    )
    with pytest.raises(StoppedError, match="nothing was written"):
        run_cycle(workplace, Control(should_stop=lambda: True))
    released.set()
    assert office.writes == 0
    with office.workplace.state_to_read() as state:
        assert state.cycles.last()[0].exit_status == ExitStatus.PARTIAL


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowWorkplace(InMemoryWorkplace):
    """A workplace whose trackers answer when they like."""

    slow: dict[str, Tracker]

    @contextmanager
    def trackers(self, configuration: Configuration, state: State) -> Iterator[dict[str, Tracker]]:
        yield self.slow
