"""The suite has teeth: a tracker that breaks an obligation fails the test of that obligation."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

# Each class breaks one obligation; the test that must notice stands beside it, after `caught by`.
BROKEN_TRACKERS = '''
import json
from dataclasses import replace

import pytest

from lpm_sync.core.change import AddLabel, Outcome, Result
from lpm_sync.core.work_item import Edge
from lpm_sync.errors import UnauthorisedError, UnavailableError
from lpm_sync.ports import Pull
from lpm_sync.testing.conformance import TrackerConformance
from lpm_sync.testing.in_memory import InMemoryTracker
from lpm_sync.testing.in_memory_store import InMemoryStore


class DropsAPage(InMemoryTracker):
    """caught by test_more_than_two_pages_of_items_come_once_each"""

    def pull(self, previous=None, *, census=False, parts=None):
        pull = super().pull(previous, census=census, parts=parts)
        return replace(pull, items=pull.items[:200])


class ConfusesProjects(InMemoryTracker):
    """caught by test_both_projects_come_and_each_item_names_its_own"""

    def pull(self, previous=None, *, census=False, parts=None):
        pull = super().pull(previous, census=census, parts=parts)
        return replace(pull, items=tuple(structs.replace(item, project="PORT") for item in pull.items))


class ReversesLinks(InMemoryTracker):
    """caught by test_a_dependency_points_from_blocker_to_blocked_from_either_end"""

    def pull(self, previous=None, *, census=False, parts=None):
        pull = super().pull(previous, census=census, parts=parts)
        items = (
            structs.replace(item, edges=frozenset(Edge(edge.blocked, edge.blocker) for edge in item.edges))
            for item in pull.items
        )
        return replace(pull, items=tuple(items))


class TellsNoFields(InMemoryTracker):
    """caught by test_a_pull_tells_what_each_configured_field_was_found_to_be"""

    def pull(self, previous=None, *, census=False):
        return replace(super().pull(previous, census=census), resolved={})


class ForgetsPins(InMemoryTracker):
    """caught by test_a_pinned_field_that_is_gone_is_not_replaced_by_another_of_its_name"""

    def __init__(self, store, *, projects=None, pinned=None):
        super().__init__(store, projects=projects)


class HidesFailures(InMemoryTracker):
    """caught by test_a_hidden_project_is_named_and_the_other_delivered"""

    def pull(self, previous=None, *, census=False, parts=None):
        return replace(super().pull(previous, census=census, parts=parts), failures={})


class IsEmptyToStrangers(InMemoryTracker):
    """caught by test_a_credential_that_is_not_accepted_is_said_so_and_not_an_empty_tracker"""

    def pull(self, previous=None, *, census=False, parts=None):
        try:
            return super().pull(previous, census=census, parts=parts)
        except UnauthorisedError:
            now = self._store.clock.now()
            return Pull(tracker=self.name, account="anonymous", server_time=now, items=())


class ReplacesLabels(InMemoryTracker):
    """caught by test_a_label_is_added_beside_those_of_people"""

    def _writing(self, ref, change):
        if isinstance(change, AddLabel):
            return lambda: self._store._set_labels(ref, frozenset({change.label}))
        return super()._writing(ref, change)


class WritesWhatStands(InMemoryTracker):
    """caught by test_a_label_that_stands_or_is_gone_already_is_unchanged_and_costs_no_write"""

    def _make(self, ref, change):
        return self._write(change, self._writing(ref, change) or (lambda: None))


class IgnoresThePrecondition(InMemoryTracker):
    """caught by test_an_item_that_has_moved_is_left_alone"""

    def apply(self, ref, changes, precondition):
        return super().apply(ref, changes, None)


class ForgetsTheMarker(InMemoryTracker):
    """caught by test_a_card_that_the_plan_did_not_know_is_edited_and_not_doubled"""

    def _card(self, ref, change):
        return None


class LosesTheFooter(InMemoryTracker):
    """caught by test_a_card_is_one_comment_of_ours_that_ends_with_its_footer"""

    def _putting(self, ref, change):
        return super()._putting(ref, replace(change, card=replace(change.card, footer="")))


class RemovesAnything(InMemoryTracker):
    """caught by test_a_comment_of_a_person_is_never_removed_or_edited"""

    def _removing(self, ref, comment_id):
        return lambda: self._store.threads[ref].clear()


class OpensAgain(InMemoryTracker):
    """caught by test_opening_it_again_finds_it"""

    def open_escalation(self, change):
        return super().open_escalation(replace(change, marker="lpm:never-seen"))


class SaysNoReason(InMemoryTracker):
    """caught by test_a_deleted_item_is_refused_and_the_others_go_on"""

    def apply(self, ref, changes, precondition):
        return [replace(outcome, detail="") for outcome in super().apply(ref, changes, precondition)]


class ForgetsWhatWasLinked(InMemoryTracker):
    """caught by test_whatever_changed_comes_with_the_next_delta[dependency taken away]"""

    def pull(self, previous=None, *, census=False, parts=None):
        pull = super().pull(previous, census=census, parts=parts)
        kept = tuple(item for item in pull.items if item.edges or not pull.is_delta)
        return replace(pull, items=kept)


class MovesOnPastAFailure(InMemoryTracker):
    """caught by test_a_project_that_failed_is_read_on_from_where_it_stood"""

    def pull(self, previous=None, *, census=False, parts=None):
        pull = super().pull(previous, census=census, parts=parts)
        if not pull.failures:
            return pull
        position = json.loads(pull.position)
        newest = max(position["since"].values())
        since = {project: newest for project in position["since"]}
        return replace(pull, position=json.dumps({**position, "since": since}))


class TakesHiddenForGone(InMemoryTracker):
    """caught by test_a_hidden_project_fails_and_its_items_are_not_gone[True]"""

    def pull(self, previous=None, *, census=False, parts=None):
        pull = super().pull(previous, census=census, parts=parts)
        if previous is None:
            return pull
        unseen = set(previous.keys.values()) - (pull.present or set())
        return replace(pull, gone=pull.gone | unseen)


class TrustsAnyPosition(InMemoryTracker):
    """caught by test_a_position_of_another_scope_or_of_none_is_read_whole"""

    def pull(self, previous=None, *, census=False, parts=None):
        pull = super().pull(previous, census=census, parts=parts)
        return replace(pull, is_delta=previous is not None)


class CountsOnlyWhatChanged(InMemoryTracker):
    """caught by test_a_census_names_every_item_of_the_configured_types_and_no_other"""

    def pull(self, previous=None, *, census=False, parts=None):
        pull = super().pull(previous, census=census, parts=parts)
        return replace(pull, present=frozenset(item.ref for item in pull.items) if census else None)


class StartsOver(InMemoryTracker):
    """caught by test_stopped_anywhere_it_goes_on_to_what_an_undisturbed_one_brings[2]"""

    def pull(self, previous=None, *, census=False, parts=None):
        known = None if previous is not None and previous.is_unfinished else previous
        return super().pull(known, census=census, parts=parts)


class Filter:
    """Parts that let only some items through."""

    def __init__(self, parts, passes):
        self.begin, self.expect, self.keep_on = parts.begin, parts.expect, parts.keep
        self.passes = passes

    def keep(self, items):
        self.keep_on([item for item in items if self.passes(item)])


class ReadsOnlyTheRest(InMemoryTracker):
    """caught by test_what_changes_in_between_is_in[title]"""

    def pull(self, previous=None, *, census=False, parts=None):
        if previous is None or parts is None or not previous.is_unfinished:
            return super().pull(previous, census=census, parts=parts)
        known = set(previous.keys.values())
        rest = Filter(parts, lambda item: item.ref not in known)
        return super().pull(previous, census=census, parts=rest)


class KeepsWithoutCounting(InMemoryTracker):
    """caught by test_what_is_kept_and_what_is_not_are_everything"""

    def pull(self, previous=None, *, census=False, parts=None):
        pull = super().pull(previous, census=census, parts=parts)
        return replace(pull, present=pull.present if census else None)


class MovesOnPastWhatNeverCame(InMemoryTracker):
    """caught by test_a_project_that_is_hidden_when_it_goes_on_is_named_and_comes_later"""

    def pull(self, previous=None, *, census=False, parts=None):
        pull = super().pull(previous, census=census, parts=parts)
        return replace(pull, position=previous.position) if previous and previous.is_unfinished else pull


class SaysThatAllIsWell(InMemoryTracker):
    """caught by test_an_examination_names_a_project_that_cannot_be_seen"""

    def examine(self, escalation=None):
        examination = super().examine(escalation)
        return replace(examination, checks=tuple(replace(check, fault=None) for check in examination.checks))


class KnowsNoRemedy(InMemoryTracker):
    """caught by test_an_examination_names_that_we_may_not_write"""

    def examine(self, escalation=None):
        examination = super().examine(escalation)
        return replace(examination, checks=tuple(replace(check, remedy="") for check in examination.checks))


class LeavesTheRehearsalBehind(InMemoryTracker):
    """caught by test_a_rehearsal_leaves_everything_as_it_was"""

    def rehearse(self, ref, *, label, card, other=None):
        checks = super().rehearse(ref, label=label, card=card, other=other)
        self._store.add_label(ref, label)
        return checks


class TakesWhatStoodBefore(InMemoryTracker):
    """caught by test_a_rehearsal_does_not_touch_what_stands_already"""

    def rehearse(self, ref, *, label, card, other=None):
        self._store.remove_label(ref, label)
        return super().rehearse(ref, label=label, card=card, other=other)


class FindsWhatIsHidden(InMemoryTracker):
    """caught by test_an_item_that_is_not_there_or_hidden_is_not_found"""

    def find(self, key):
        return next((item for item in self._store.items.values() if item.key == key), None)


class TakesNoAnswerForAnEmptyTracker(InMemoryTracker):
    """caught by test_a_disturbed_reading_is_whole_or_says_that_it_is_not[nothing]"""

    def pull(self, previous=None, *, census=False, parts=None):
        try:
            return super().pull(previous, census=census, parts=parts)
        except UnavailableError:
            return Pull(tracker=self.name, account="bot", server_time=self._store.clock.now(), items=())


class GoesOnFromWhereItFailed(InMemoryTracker):
    """caught by test_after_a_disturbed_reading_of_changes_the_next_one_brings_them[cut off]"""

    def pull(self, previous=None, *, census=False, parts=None):
        self._store.look()
        try:
            return super().pull(previous, census=census, parts=parts)
        except UnavailableError:
            self._store.changes.numbers = dict.fromkeys(self._store.changes.numbers, 0)
            raise


class WritesAgainBesideIt(InMemoryTracker):
    """caught by test_what_is_written_in_trouble_stands_once_when_it_is_written_again[cut off]"""

    def _write(self, change, write):
        try:
            self._store.request()
        except UnavailableError as error:
            write()
            return Outcome(change=change, result=Result.FAILED, detail=str(error))
        return super()._write(change, write)

    def _card(self, ref, change):
        return None


class DoesNotWait(InMemoryTracker):
    """caught by test_told_to_wait_it_waits_as_long_and_brings_everything"""

    def pull(self, previous=None, *, census=False, parts=None):
        self._store.faults.wait = 0.0
        return super().pull(previous, census=census, parts=parts)


class WaitsForAWeek(InMemoryTracker):
    """caught by test_told_to_wait_longer_than_a_reading_may_take_it_gives_up"""

    def pull(self, previous=None, *, census=False, parts=None):
        wait, self._store.faults.wait = self._store.faults.wait, 0.0
        self._store.seconds_waited += wait
        return super().pull(previous, census=census, parts=parts)


class DropsWhatItDoesNotKnow(InMemoryTracker):
    """caught by test_a_status_that_nobody_configured_comes_by_its_own_name"""

    def pull(self, previous=None, *, census=False, parts=None):
        pull = super().pull(previous, census=census, parts=parts)
        return replace(pull, items=tuple(item for item in pull.items if item.progress is not None))


class TellsOnlyStatuses(InMemoryTracker):
    """caught by test_it_tells_changes_of_type_and_of_configured_fields"""

    def history(self, refs):
        return {
            ref: replace(one, entries=tuple(entry for entry in one.entries if entry.aspect == "status"))
            for ref, one in super().history(refs).items()
        }


def backdoor_to(tracker):
    class Backdoor(InMemoryStore):
        def connect(self, *, projects=None, pinned=None):
            return tracker(self, projects=projects, pinned=pinned)

    return Backdoor


for tracker in InMemoryTracker.__subclasses__():

    class Broken(TrackerConformance):
        tracker_class = tracker

        @pytest.fixture
        def backdoor(self):
            return backdoor_to(self.tracker_class)()

    globals()[f"Test{tracker.__name__}"] = type(f"Test{tracker.__name__}", (Broken,), {"tracker_class": tracker})
del Broken, tracker
'''


def test_each_broken_tracker_fails_the_test_of_what_it_breaks(tmp_path: Path) -> None:
    (tmp_path / "test_broken.py").write_text(BROKEN_TRACKERS)
    expected = _expected()
    nodes = [f"test_broken.py::Test{name}::{test}" for name, test in expected.items()]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junit-xml=report.xml", *nodes]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1, done.stdout
    cases = ElementTree.parse(tmp_path / "report.xml").getroot().iter("testcase")
    failed = {
        (str(case.get("classname")).rpartition(".Test")[2], case.get("name"))
        for case in cases
        if case.find("failure") is not None
    }
    assert failed == set(expected.items())
    assert len(expected) == 36


def _expected() -> dict[str, str]:
    """The broken trackers, each with the test that must notice."""
    expected: dict[str, str] = {}
    name = ""
    for line in BROKEN_TRACKERS.splitlines():
        if line.startswith("class ") and "(InMemoryTracker)" in line:
            name = line.removeprefix("class ").partition("(")[0]
        elif '"""caught by ' in line:
            expected[name] = line.strip().strip('"').removeprefix("caught by ")
    return expected
