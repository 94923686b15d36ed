"""A first reading that is stopped half way: nothing is concluded from it, and the next cycle goes on."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lpm_sync.core.work_item import Ref, SourceItem
from lpm_sync.errors import StoppedError
from lpm_sync.pipeline.cycle import Control, ExitStatus, plan_cycle, run_cycle
from lpm_sync.pipeline.delivering import Withheld, deliver, joined
from lpm_sync.policy.configuration import Configuration
from lpm_sync.ports import Parts, Previous, Pull, Tracker
from lpm_sync.state.store import State
from lpm_sync.testing import in_memory_reading
from lpm_sync.testing.backdoor import Trouble
from lpm_sync.testing.in_memory import InMemoryTracker
from tests.example_counts import examples
from tests.pipeline.conftest import InMemoryWorkplace, Office, open_office

UNREADY = "lpm:not-ready"
ITEMS, PAGE = 18, 5


@pytest.fixture
def features(office: Office) -> list[Ref]:
    return [office.jira.create_item(project="PAY", type="Feature", title=f"Feature {n}") for n in range(ITEMS)]


@pytest.fixture(autouse=True, scope="module")
def small_pages() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(in_memory_reading, "PAGE", PAGE)
        yield


def cut_off(office: Office, pages: int) -> None:
    """From now on the Jira answers so many pages of a reading and then nothing."""
    office.jira.faults.trouble = (3 + pages, Trouble.NOTHING)  # who we are, and two projects, come before


def mend(office: Office) -> None:
    office.jira.faults.trouble = None


def snapshot(office: Office) -> Any:
    with office.workplace.state_to_read() as state:
        return state.snapshots.last("jira"), state.loads.last("jira")


def test_a_first_load_that_is_cut_off_says_how_far_it_got_and_is_acted_on_by_nobody(
    office: Office, features: list[Ref]
) -> None:
    cut_off(office, 2)
    report = office.cycle()
    assert report.exit_status is ExitStatus.PARTIAL
    [line] = [line for line in report.troubles if line.startswith("jira: ")]
    assert line.endswith(f"; 10 of at most {ITEMS} items are read, and the next cycle goes on from there")
    assert office.jira.count_writes() == 0
    assert snapshot(office)[0] is None


def test_where_nothing_else_was_read_either_the_cycle_failed(office: Office, features: list[Ref]) -> None:
    cut_off(office, 2)
    office.ado.faults.source = "502 Bad Gateway"
    assert office.cycle().exit_status is ExitStatus.FAILED


def test_the_next_cycle_goes_on_and_ends_where_an_undisturbed_one_does(office: Office, features: list[Ref]) -> None:
    cut_off(office, 2)
    office.cycle()
    mend(office)
    office.jira.change_title(features[3], "Another title")
    office.jira.delete_item(features[4])
    report = office.cycle()
    assert report.exit_status is ExitStatus.DONE
    kept, load = snapshot(office)
    assert load is None
    assert {item.ref for item in kept.items} == set(features) - {features[4]}
    assert all(UNREADY in office.jira.labels(ref) for ref in features if ref != features[4])
    assert office.cycle().planned == 0


def test_a_plan_uses_what_was_kept_and_keeps_nothing(office: Office, features: list[Ref]) -> None:
    cut_off(office, 2)
    office.cycle()
    mend(office)
    before = snapshot(office)[1]
    reading, decision = plan_cycle(office.workplace)
    assert len([ref for ref in reading.portfolio.items if ref.tracker == "jira"]) == ITEMS
    assert len(decision.plan.items) >= ITEMS
    assert snapshot(office)[1] == before


def test_a_later_whole_reading_that_is_cut_off_leaves_the_snapshot_and_goes_on(
    office: Office, features: list[Ref]
) -> None:
    office.cycle()
    with office.workplace.state() as state:
        state.snapshots.forget_position("jira")
    office.jira.change_title(features[0], "Another title")
    cut_off(office, 2)
    office.cycle()
    standing, load = snapshot(office)
    assert (len(standing.items), load.kept) == (ITEMS, 10)
    assert standing.items[0].title == "Feature 0"
    mend(office)
    assert office.cycle().exit_status is ExitStatus.DONE
    standing, load = snapshot(office)
    assert load is None
    assert "Another title" in {item.title for item in standing.items}


class Patient:
    """Parts of which the second is the last that comes, until nobody takes any more."""

    def __init__(self, parts: Parts) -> None:
        self.begin, self.expect = parts.begin, parts.expect
        self._parts, self._pages = parts, 0

    def keep(self, items: Sequence[SourceItem]) -> None:
        self._parts.keep(items)
        self._pages += 1
        while self._pages >= 2:
            self._parts.expect(ITEMS)


class Slow(InMemoryTracker):
    def pull(self, previous: Previous | None = None, *, census: bool = False, parts: Parts | None = None) -> Pull:
        return super().pull(previous, census=census, parts=parts and Patient(parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowWorkplace(InMemoryWorkplace):
    @contextmanager
    def trackers(self, configuration: Configuration, state: State) -> Iterator[dict[str, Tracker]]:
        yield {"jira": Slow(self.stores["jira"]), "ado": InMemoryTracker(self.stores["ado"])}


def test_a_stop_in_the_middle_keeps_what_was_read_and_says_so(office: Office, features: list[Ref]) -> None:
    usual = office.workplace
    slow = SlowWorkplace(settings=usual.settings, secrets=usual.secrets, clock=usual.clock, stores=usual.stores)
    with pytest.raises(StoppedError, match="jira: 10 of at most 18 items are read, and the next cycle goes on"):
        run_cycle(slow, Control(should_stop=lambda: True))
    assert snapshot(office)[1].kept == 10
    assert office.jira.count_writes() == 0
    assert office.cycle().exit_status is ExitStatus.DONE


class Interrupted(InMemoryTracker):
    """One of its projects does not answer; notes from what it is to go on."""

    asked: ClassVar[list[Previous | None]] = []

    def pull(self, previous: Previous | None = None, *, census: bool = False, parts: Parts | None = None) -> Pull:
        self.asked.append(previous)
        pull = super().pull(previous, census=census, parts=parts)
        return replace(pull, failures={"PAY": "503"}, interrupted=frozenset({"PAY"}))


@dataclass(frozen=True, slots=True, kw_only=True)
class InterruptedWorkplace(InMemoryWorkplace):
    @contextmanager
    def trackers(self, configuration: Configuration, state: State) -> Iterator[dict[str, Tracker]]:
        yield {"jira": Interrupted(self.stores["jira"]), "ado": InMemoryTracker(self.stores["ado"])}


def test_while_a_project_is_interrupted_the_others_go_on_and_what_is_written_to_them_is_told(
    office: Office, features: list[Ref]
) -> None:
    whole = office.jira.create_item(project="PORT", type="Feature", title="In a project that comes")
    usual = office.workplace
    half = InterruptedWorkplace(settings=usual.settings, secrets=usual.secrets, clock=usual.clock, stores=usual.stores)
    [line] = [line for line in run_cycle(half).troubles if line.startswith("jira: ")]
    assert line == f"jira: project PAY: 503; {ITEMS} of its items are read, and the next cycle goes on from there"
    assert {ref for ref in office.jira.items if office.jira.labels(ref)} == {whole}
    run_cycle(half)
    previous = Interrupted.asked[-1]
    assert previous is not None
    assert (previous.is_unfinished, previous.written) == (True, {whole})
    assert office.cycle().exit_status is ExitStatus.DONE
    assert all(UNREADY in office.jira.labels(ref) for ref in features)


class TellsOnlyWhatIsThere(InMemoryTracker):
    """As some trackers do, of which no feed tells what was deleted."""

    def pull(self, previous: Previous | None = None, *, census: bool = False, parts: Parts | None = None) -> Pull:
        return replace(super().pull(previous, census=census, parts=parts), gone=frozenset())


def test_what_was_kept_and_is_there_no_more_is_left_out(office: Office, features: list[Ref]) -> None:
    cut_off(office, 2)
    office.cycle()
    mend(office)
    office.jira.delete_item(features[4])
    with office.workplace.state() as state:
        tracker = TellsOnlyWhatIsThere(office.jira)
        delivery = joined(deliver({"jira": tracker}, {"jira": None}, state, office.clock.now())["jira"], state.loads)
    assert isinstance(delivery.pull, Pull)
    assert {item.ref for item in delivery.pull.items} == set(features) - {features[4]}


class Overtaken(InMemoryTracker):
    """Answers when a run has taken over what this one goes on from."""

    overtake: Callable[[], object]

    def pull(self, previous: Previous | None = None, *, census: bool = False, parts: Parts | None = None) -> Pull:
        pull = super().pull(previous, census=census, parts=parts)
        self.overtake()
        return pull


def test_a_plan_that_is_overtaken_by_a_run_does_not_take_the_rest_for_all(office: Office, features: list[Ref]) -> None:
    cut_off(office, 2)
    office.cycle()
    mend(office)
    tracker = Overtaken(office.jira)
    tracker.overtake = office.cycle
    with office.workplace.state_to_read() as state:
        delivery = deliver({"jira": tracker}, {"jira": None}, state, office.clock.now())["jira"]
    assert isinstance(delivery.pull, Withheld)
    assert "ask again" in delivery.pull.reason


def test_a_reading_that_is_not_believed_stays_unfinished(office: Office, features: list[Ref]) -> None:
    office.cycle()
    with office.workplace.state() as state:
        state.snapshots.forget_position("jira")
    for ref in features[2:]:
        office.jira.delete_item(ref)
    writes = office.writes
    assert "--accept-smaller" in " ".join(office.cycle().troubles)
    assert "--accept-smaller" in " ".join(office.cycle().troubles)
    assert office.writes == writes
    assert office.cycle(Control(accept_smaller=True)).exit_status is ExitStatus.DONE
    assert len(snapshot(office)[0].items) == 2


EDITS: dict[str, Callable[[Office, Ref, Ref, int], object]] = {
    "title": lambda office, one, _, n: office.jira.change_title(one, f"Title {n}"),
    "label": lambda office, one, _, n: office.jira.add_label(one, f"label-{n % 5}"),
    "parent": lambda office, one, other, n: one == other or office.jira.change_parent(one, other if n % 3 else None),
    "link": lambda office, one, other, _: one == other or office.jira.link(blocker=one, blocked=other),
    "unlink": lambda office, one, other, _: office.jira.unlink(blocker=one, blocked=other),
    "move": lambda office, one, _, n: office.jira.move_item(one, ("PORT", "PAY")[n % 2]),
    "delete": lambda office, one, _, __: office.jira.delete_item(one),
    "create": lambda office, _, __, n: office.jira.create_item(project="PAY", type="Feature", title=f"New {n}"),
}
numbers = st.integers(0, 30)
stories = st.lists(st.tuples(st.sampled_from(["cycle", "cycle", *EDITS]), numbers, numbers), max_size=25)


@settings(max_examples=examples(10))
@given(story=stories, pages=st.lists(st.integers(0, 2), min_size=1, max_size=4))
def test_whatever_changes_between_loads_that_are_cut_off_the_end_is_the_tracker(
    story: list[tuple[str, int, int]], pages: list[int]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        office, cuts = open_office(Path(folder)), cycle(pages)
        for number in range(ITEMS):
            office.jira.create_item(project=("PORT", "PAY")[number % 2], type="Feature", title=f"Feature {number}")
        for kind, one, other in [("cycle", 0, 0), *story]:
            refs = list(office.jira.items)
            if kind == "cycle":
                cut_off(office, next(cuts))
                assert office.cycle().exit_status is ExitStatus.PARTIAL or snapshot(office)[0] is not None
            elif refs:
                EDITS[kind](office, refs[one % len(refs)], refs[other % len(refs)], one * 31 + other)
        mend(office)
        plan_cycle(office.workplace)
        if snapshot(office)[0] is None:
            assert office.jira.count_writes() == 0
        office.cycle(Control(accept_smaller=True))
        office.cycle()
        standing, load = snapshot(office)
        assert load is None
        assert {item.ref: item.title for item in standing.items} == {
            ref: office.jira.view(ref).title for ref in office.jira.items
        }
        assert plan_cycle(office.workplace)[1].plan.is_empty
