"""What happens after a write that was refused, or that found what it was to make."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Event, Lock

from lpm_sync.core.change import ItemChange, Outcome, Result
from lpm_sync.core.work_item import Ref
from lpm_sync.errors import UnauthorisedError
from lpm_sync.pipeline.cycle import run_cycle
from lpm_sync.pipeline.writing import Write, write_plan
from lpm_sync.ports import Tracker
from lpm_sync.testing.in_memory import InMemoryTracker
from tests.pipeline.conftest import Office
from tests.pipeline.jira_office import HastyWorkplace, Site, open_workplace


class LockedOut(InMemoryTracker):
    """Refuses the credential as soon as something is to be written."""

    tried = 0
    lock = Lock()

    def apply(self, ref: Ref, changes: Sequence[ItemChange], precondition: str | None) -> Sequence[Outcome]:
        with self.lock:
            self.tried += 1
        raise UnauthorisedError(f"{self.name}: the credential is not accepted")


class Waited(InMemoryTracker):
    """Answers for one item only when those of all the others are done."""

    def __init__(self, *given, slow: Ref, others: int) -> None:
        super().__init__(*given)
        self.slow, self.left = slow, others
        self.lock, self.others_are_done = Lock(), Event()

    def apply(self, ref: Ref, changes: Sequence[ItemChange], precondition: str | None) -> Sequence[Outcome]:
        if ref == self.slow:
            assert self.others_are_done.wait(timeout=10)
            return super().apply(ref, changes, precondition)
        outcomes = super().apply(ref, changes, precondition)
        with self.lock:
            self.left -= 1
            if not self.left:
                self.others_are_done.set()
        return outcomes


def write(office: Office, tracker: Tracker) -> tuple[Outcome, ...]:
    """Writes the plan of the office through this connector to jira."""
    return write_plan(office.plan(), {"jira": tracker}, _record, should_stop=lambda: False, progress=lambda count: None)


def _record(write: Write):
    return lambda outcomes: None


def test_a_tracker_that_refuses_the_credential_is_not_asked_for_every_item(office: Office) -> None:
    for number in range(40):
        office.jira.create_item(project="PAY", type="Feature", title=f"Feature {number}")
    tracker = LockedOut(office.jira)
    outcomes = write(office, tracker)
    assert len(outcomes) >= 40
    assert {outcome.result for outcome in outcomes} == {Result.FAILED}
    assert 1 <= tracker.tried <= 8  # what was under way at that moment


def test_an_item_that_has_to_wait_holds_up_no_other(office: Office) -> None:
    """faults.md, 429 per issue: only that issue's writes wait."""
    for number in range(30):
        office.jira.create_item(project="PAY", type="Feature", title=f"Feature {number}")
    items = office.plan().items
    outcomes = write(office, Waited(office.jira, slow=items[0].ref, others=len(items) - 1))
    assert [outcome.change for outcome in outcomes] == [change for item in items for change in item.changes]
    assert {outcome.result for outcome in outcomes} == {Result.WRITTEN}


def test_a_link_to_a_blocker_that_was_deleted_is_given_up_in_the_next_cycle(tmp_path: Path) -> None:
    """A deletion shows in a census only: a refusal asks for one."""
    site = Site()
    workplace = open_workplace(tmp_path, HastyWorkplace, jira=site.server.url)
    assert [run_cycle(workplace).escalations for _ in range(2)] == [1, 1]
    site.store.delete_issue(site.store.issue(site.blocker))
    [refused] = run_cycle(workplace).troubles
    assert refused.startswith("add_link refused")
    report = run_cycle(workplace)
    site.close()
    assert (report.troubles, report.pulled, site.escalations()) == ((), 3, ["Done"])


def test_an_escalation_epic_that_stands_already_gets_no_second_card(office: Office) -> None:
    ready = {"benefit_hypothesis": "fewer calls"}
    blocker, waiting = (
        office.jira.create_item(project="PAY", type="Feature", title=title, fields=ready)
        for title in ("Ledger", "Refunds")
    )
    office.jira.link(blocker=blocker, blocked=waiting)
    office.pass_days(9)
    plan = office.plan()
    assert len(plan.escalations) == 1
    tracker = InMemoryTracker(office.jira)
    for _ in range(2):  # the second time as an instance would that does not know of the first
        outcomes = write_plan(plan, {"jira": tracker}, _record, should_stop=lambda: False, progress=lambda count: None)
    [epic] = office.jira.items_labelled("lpm:escalation")
    opened, *following = (outcome.result for outcome in outcomes[-1 - len(plan.escalations[0].follow_up) :])
    assert opened is Result.UNCHANGED
    assert set(following) == {Result.MOVED}
    assert len(office.jira.comments(epic)) == 1
