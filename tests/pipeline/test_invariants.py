"""What always holds, over random portfolios in two trackers, random edits and random faults."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from lpm_sync.core.change import (
    Result,
)
from lpm_sync.core.finding import Verdict
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import Ref, WorkItem
from lpm_sync.pipeline.cycle import Control, ExitStatus
from lpm_sync.rules import BUILTIN_RULES
from lpm_sync.rules.base import PASSED, ItemRule
from tests.pipeline.conftest import Office
from tests.pipeline.judging import (
    escalated_of,
    nothing_is_double,
    of_people,
    opened,
    ours,
    outcome,
    picture,
    planned,
    standing_of,
    texts,
    without_figures,
)
from tests.pipeline.random_portfolio import EDITS, EXAMPLES, PORTFOLIOS, begin, create, edit, go_on

FAULTS = ("source", "project", "item", "credential")
RESULTS = (Result.FAILED, Result.UNCLEAR, Result.REFUSED, "lost answer")


# Convergence


@EXAMPLES
@given(data=st.data())
def test_after_a_plan_is_applied_the_next_one_is_empty(data, make_office) -> None:
    office = begin(make_office, data)
    for _ in range(3):
        office.cycle()
        assert office.plan().is_empty
        go_on(office, data)


@EXAMPLES
@given(data=st.data())
def test_an_unchanged_portfolio_costs_no_write(data, make_office) -> None:
    office = begin(make_office, data)
    office.cycle()
    go_on(office, data)
    office.pass_days(0.1)  # an escalation epic that people closed is not reopened at once
    office.cycle()
    writes, before = office.writes, office.everything()
    office.cycle()
    office.pass_days(0.1)
    office.cycle()
    assert (office.writes, office.everything()) == (writes, before)


# Ownership


@EXAMPLES
@given(data=st.data())
def test_what_is_not_ours_never_changes(data, make_office) -> None:
    office = begin(make_office, data)
    for _ in range(3):
        before = of_people(office)
        office.cycle()
        assert of_people(office) == before
        go_on(office, data)


# A crashed rule writes nothing


class Watched(ItemRule):
    """Fails for what people watch."""

    code = "TST101"
    title = "Watched"
    family = "test"

    def check(self, item: WorkItem, portfolio: Portfolio) -> Verdict:
        is_watched = any(label.startswith("human-") or label == "urgent" for label in item.labels)
        return Verdict.failed(threshold="unwatched", fix="look away") if is_watched else PASSED


class HalfCrashing(Watched):
    """The same rule, which crashes on every second item."""

    def check(self, item: WorkItem, portfolio: Portfolio) -> Verdict:
        if int(item.ref.id) % 2:
            raise RuntimeError("it is Friday afternoon")
        return super().check(item, portfolio)


WATCHED = "rules:\n  - {rule: TST101, mode: enforce, on_fail: {label: watched, escalate: {after: 0 business days}}}"


@EXAMPLES
@given(data=st.data())
def test_a_crashed_rule_writes_nothing_and_what_it_asked_for_stays(data, make_office) -> None:
    office = begin(make_office, data)
    office.amend("policy.yaml", "rules:", WATCHED)
    office.rules = (*BUILTIN_RULES, Watched)
    office.cycle()
    go_on(office, data)
    office.rules = (*BUILTIN_RULES, HalfCrashing)
    held = {Ref.parse(subject.id) for subject in office.decide().evaluation.held if subject.kind == "item"}
    before, escalated = ours(office), escalated_of(held, Watched.code, office)
    office.cycle()
    after = ours(office)
    assert {ref: after[ref] for ref in held} == {ref: before[ref] for ref in held}
    assert escalated_of(held, Watched.code, office) == escalated
    assert all(int(ref.id) % 2 for ref in held)


# Completeness


def fail(office, fault: str, position: int) -> None:
    """Something is not delivered from now on."""
    store = office.stores[position % 2]
    match fault:
        case "source":
            store.faults.source = "502 Bad Gateway"
        case "credential":
            store.faults.is_unauthorised = True
        case "project":
            store.faults.projects = {store.projects[position % len(store.projects)]: "403 Forbidden"}
        case _:
            ref = sorted(store.items)[position % len(store.items)]
            store.faults.items = {ref: "a list where a text was"}


def heal(office) -> None:
    for store in office.stores:
        store.faults.source, store.faults.is_unauthorised = None, False
        store.faults.projects, store.faults.items = {}, {}


@EXAMPLES
@given(data=st.data(), fault=st.sampled_from(FAULTS), position=st.integers(0, 20))
def test_what_is_not_delivered_is_neither_resolved_nor_escalated_nor_removed(
    data, fault, position, make_office
) -> None:
    office = begin(make_office, data)
    office.cycle()
    go_on(office, data)
    office.pass_days(data.draw(st.integers(0, 12)))
    office.cycle()
    seen = without_figures if fault == "item" else Office.everything
    before = seen(office)
    fail(office, fault, position)
    for _ in range(2):
        report = office.cycle()
        assert seen(office) == before
        assert report.exit_status is ExitStatus.PARTIAL
        office.clock.move_to(office.clock.now() + timedelta(hours=2))
    heal(office)
    office.cycle()
    assert seen(office) == before
    assert office.plan().is_empty


@EXAMPLES
@given(data=st.data(), fault=st.sampled_from([one for one in FAULTS if one != "item"]), position=st.integers(0, 20))
def test_nor_where_the_state_is_lost_too(data, fault, position, make_office) -> None:
    # Of a single item that cannot be read nobody knows then below what it stood.
    office = begin(make_office, data)
    office.cycle()
    go_on(office, data)
    office.pass_days(data.draw(st.integers(0, 12)))
    office.cycle()
    before, standing = outcome(office), standing_of(office)
    fail(office, fault, position)
    office.lose_state()
    office.cycle()
    assert (outcome(office), standing_of(office)) == (before, standing)


# Truth stays in the trackers


@EXAMPLES
@given(data=st.data())
def test_losing_the_state_between_any_two_cycles_loses_history_and_duplicates_nothing(data, make_office) -> None:
    office = begin(make_office, data)
    for _ in range(2):
        office.cycle()
        before, standing = outcome(office), standing_of(office)
        office.lose_state()
        office.cycle()
        assert (outcome(office), standing_of(office)) == (before, standing)
        assert nothing_is_double(office)
        go_on(office, data)
        office.pass_days(data.draw(st.integers(0, 12)))


@EXAMPLES
@given(data=st.data())
def test_a_second_state_on_the_same_portfolio_duplicates_nothing_and_comes_to_rest(data, make_office) -> None:
    office = begin(make_office, data)
    for _ in range(2):
        for name in ("one.sqlite3", "two.sqlite3"):
            office.state_name = name
            office.cycle()
        assert nothing_is_double(office)
        assert office.plan().is_empty
        office.state_name = "one.sqlite3"
        assert office.plan().is_empty
        go_on(office, data)


# Exactly the plan


@EXAMPLES
@given(data=st.data())
def test_what_is_written_is_what_the_plan_says_and_nothing_else(data, make_office) -> None:
    office = begin(make_office, data)
    for _ in range(3):
        plan, before = office.plan(), picture(office)
        report = office.cycle()
        after = picture(office)
        expected = {**before, **{item.ref: planned(before[item.ref], item.changes) for item in plan.items}}
        created = [seen for ref, seen in after.items() if ref not in before]
        assert {ref: texts(seen) for ref, seen in after.items() if ref in before} == {
            ref: texts(seen) for ref, seen in expected.items()
        }
        assert sorted(map(texts, created)) == sorted(texts(opened(escalation)) for escalation in plan.escalations)
        assert report.written == report.planned == plan.change_count
        go_on(office, data)


@EXAMPLES
@given(data=st.data(), fault=st.sampled_from(FAULTS), position=st.integers(0, 20))
def test_planning_writes_nothing_under_any_fault(data, fault, position, make_office) -> None:
    office = begin(make_office, data)
    office.cycle()
    go_on(office, data)
    fail(office, fault, position)
    before, writes = office.everything(), office.writes
    state = (office.folder / office.state_name).read_bytes()
    office.plan()
    assert (office.everything(), office.writes) == (before, writes)
    assert (office.folder / office.state_name).read_bytes() == state


# At most once


@EXAMPLES
@given(
    data=st.data(),
    position=st.integers(0, 12),
    result=st.sampled_from(RESULTS),
)
def test_two_cycles_after_a_failed_write_all_is_as_if_undisturbed(data, position, result, make_office) -> None:
    portfolio, edits = data.draw(PORTFOLIOS), data.draw(EDITS)
    offices = [make_office(), make_office()]
    for office in offices:
        office.controls = Control(accept_smaller=True)
        create(office, *portfolio)
        if office is offices[0]:
            break_write(office, position, result)
        office.cycle()
        for drawn in edits:
            if drawn.kind != "remove our labels":  # which is not seen where the card that remembers them failed
                edit(office, drawn)
        office.cycle()
        mend(office)
        office.pass_days(1.5)  # a refused change is tried again on the next day
        office.cycle()
        office.cycle()
        assert nothing_is_double(office)
    disturbed, undisturbed = map(outcome, offices)
    assert disturbed == undisturbed
    assert all(office.plan().is_empty for office in offices)


def break_write(office, position: int, result: Result | str) -> None:
    store = office.stores[position % 2]
    if isinstance(result, Result):
        store.faults.change = (position // 2, result)
    else:
        store.faults.loses_next_answer = True


def mend(office) -> None:
    for store in office.stores:
        store.faults.change, store.faults.loses_next_answer = None, False


@EXAMPLES
@given(data=st.data())
def test_what_landed_late_and_stands_twice_is_found_and_healed_within_two_cycles(data, make_office) -> None:
    office = begin(make_office, data)
    office.cycle()
    office.pass_days(data.draw(st.integers(0, 12)))
    office.cycle()
    before = outcome(office)
    for store in office.stores:
        for ref, item in sorted(store.items.items()):
            ours = [comment.text for comment in store.comments(ref) if comment.is_ours]
            if ours and data.draw(st.booleans()):
                store.add_comment(ref, ours[-1], is_ours=True)
            if item.is_ours and data.draw(st.booleans()):
                store.create_item(project="PORT", type="Epic", title=item.title, labels=item.labels, is_ours=True)
    office.cycle()
    office.cycle()
    assert nothing_is_double(office)
    assert outcome(office) == before
    assert office.plan().is_empty
