"""What an examination, a discovery and a rehearsal owe: faults with their remedy, and nothing left behind."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from lpm_sync.core.card import Footer, render_footer
from lpm_sync.core.change import Card
from lpm_sync.core.document import Document, paragraph
from lpm_sync.core.examination import Check
from lpm_sync.core.governance import EscalationTarget
from lpm_sync.core.work_item import Progress, Ref
from lpm_sync.errors import UnauthorisedError
from lpm_sync.ports import Tracker
from lpm_sync.testing.backdoor import TrackerBackdoor
from lpm_sync.testing.conformance.base import Obligations, feature, pulled

LABEL = "lpm:write-test"
CARD = Card(
    document=Document(blocks=(paragraph("A rehearsal. It is deleted in a moment."),)),
    footer=render_footer(Footer(card_id="00000000", fingerprint="0" * 12)),
)


class ExaminingObligations(Obligations):
    """`examine`, `discover`, `find` and `rehearse`."""

    def test_an_examination_finds_nothing_wrong_where_all_is_well(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        feature(backdoor)
        examination = tracker.examine(_escalation(backdoor, tracker))
        assert examination.faults == ()
        assert examination.checks
        assert examination.account
        assert examination.clock_skew is None or abs(examination.clock_skew.total_seconds()) < 60

    def test_an_examination_names_a_project_that_cannot_be_seen(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        hidden = backdoor.wording.projects[1]
        backdoor.hide_project(hidden)
        faults = tracker.examine().faults
        assert any(hidden in fault.subject for fault in faults)
        _say_what_to_do(faults)

    def test_an_examination_names_that_we_may_not_write(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        feature(backdoor)
        backdoor.forbid_writing()
        faults = tracker.examine().faults
        assert faults
        _say_what_to_do(faults)

    def test_an_examination_says_that_a_credential_is_not_accepted(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        backdoor.revoke_credential()
        for ask in (tracker.examine, tracker.discover):
            with pytest.raises(UnauthorisedError) as raised:
                ask()
            assert backdoor.wording.secret not in f"{raised.value} {raised.value!r}"

    def test_examining_discovering_and_finding_write_nothing(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        ref = feature(backdoor)
        key = pulled(tracker, ref).key
        tracker.examine(_escalation(backdoor, tracker))
        tracker.discover()
        tracker.find(key)
        assert backdoor.count_writes() == 0

    def test_a_discovery_describes_the_types_of_both_projects_with_their_statuses(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        wording = backdoor.wording
        discovery = tracker.discover()
        assert {project.key for project in discovery.projects} == set(wording.projects)
        assert set(wording.projects) <= set(discovery.visible_projects)
        for project in discovery.projects:
            epic, below = project.type_named(wording.epic_type), project.type_named(wording.feature_type)
            assert epic is not None
            assert below is not None
            for kind in (epic, below):
                told = {status.name: status.progress for status in kind.statuses}
                assert told[wording.todo_status] is Progress.TODO
                assert told[wording.doing_status] is Progress.DOING
                assert told[wording.done_status] is Progress.DONE
            assert epic.rank is None or epic.rank >= 1
            assert below.rank is None or below.rank == 0

    def test_a_discovery_tells_fields_each_under_an_id_of_its_own(self, tracker: Tracker) -> None:
        fields = tracker.discover().fields
        assert fields
        assert len({field.id for field in fields}) == len(fields)

    def test_a_discovery_names_a_project_that_it_cannot_describe(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        shown, hidden = backdoor.wording.projects
        backdoor.hide_project(hidden)
        discovery = tracker.discover()
        assert [project.key for project in discovery.projects] == [shown]
        assert set(discovery.failures) == {hidden}
        assert hidden not in discovery.visible_projects

    def test_an_item_is_found_by_the_key_that_people_use(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        ref = feature(backdoor)
        backdoor.add_comment(ref, "By a person.")
        read = pulled(tracker, ref)
        assert tracker.find(read.key) == read
        assert tracker.find(read.ref.id) == read

    def test_an_item_that_is_not_there_or_hidden_is_not_found(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        ref, gone = feature(backdoor), feature(backdoor, "Gone")
        key, gone_key = pulled(tracker, ref).key, pulled(tracker, gone).key
        backdoor.delete_item(gone)
        assert tracker.find(gone_key) is None
        backdoor.hide_project(backdoor.wording.projects[0])
        assert tracker.find(key) is None

    def test_a_rehearsal_leaves_everything_as_it_was(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        ref, other = feature(backdoor, labels=["theirs"]), feature(backdoor, "Other")
        backdoor.add_comment(ref, "By a person.")
        before = _seen(backdoor, ref, other)
        checks = tracker.rehearse(ref, label=LABEL, card=CARD, other=other)
        assert [check.fault for check in checks] == [None, None, None]
        assert backdoor.count_writes() >= 6
        assert _seen(backdoor, ref, other) == before
        assert not pulled(tracker, ref).edges

    def test_a_rehearsal_without_a_second_item_makes_no_dependency(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        checks = tracker.rehearse(feature(backdoor), label=LABEL, card=CARD)
        assert [check.fault for check in checks] == [None, None]

    def test_a_rehearsal_does_not_touch_what_stands_already(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        ref, other = feature(backdoor, labels=[LABEL]), feature(backdoor, "Other")
        backdoor.link(blocker=ref, blocked=other)
        label, comment, dependency = tracker.rehearse(ref, label=LABEL, card=CARD, other=other)
        assert (label.is_ok, comment.is_ok, dependency.is_ok) == (False, True, False)
        assert LABEL in backdoor.labels(ref)
        assert pulled(tracker, ref).edges

    def test_a_rehearsal_says_that_we_may_not_write(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        ref, other = feature(backdoor), feature(backdoor, "Other")
        before = _seen(backdoor, ref, other)
        backdoor.forbid_writing()
        checks = tracker.rehearse(ref, label=LABEL, card=CARD, other=other)
        assert len(checks) == 3
        assert not any(check.is_ok for check in checks)
        _say_what_to_do(checks)
        assert _seen(backdoor, ref, other) == before

    def test_a_rehearsal_whose_answer_is_lost_is_taken_back_all_the_same(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        ref = feature(backdoor)
        before = _seen(backdoor, ref)
        backdoor.lose_next_answer()
        tracker.rehearse(ref, label=LABEL, card=CARD)
        assert _seen(backdoor, ref) == before


def _escalation(backdoor: TrackerBackdoor, tracker: Tracker) -> EscalationTarget:
    wording = backdoor.wording
    return EscalationTarget(tracker=tracker.name, project=wording.projects[0], type=wording.epic_type)


def _seen(backdoor: TrackerBackdoor, *refs: Ref) -> list[object]:
    return [(backdoor.labels(ref), backdoor.status(ref), list(backdoor.comments(ref))) for ref in refs]


def _say_what_to_do(checks: Sequence[Check]) -> None:
    assert all(check.remedy and "\n" not in check.line for check in checks if not check.is_ok)
