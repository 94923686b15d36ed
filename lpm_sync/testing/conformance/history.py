"""What `history` owes: every change of status, and when dependencies were made and removed."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from lpm_sync.core.timeline import DEPENDENCY, STATUS, TYPE
from lpm_sync.core.work_item import Ref
from lpm_sync.ports import Tracker
from lpm_sync.testing.backdoor import TrackerBackdoor
from lpm_sync.testing.conformance.base import Obligations, feature

EARLIER = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)  # before any clock of a test
MONDAY = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 3, 14, 15, tzinfo=UTC)
WEDNESDAY = datetime(2026, 11, 4, 8, 0, tzinfo=UTC)


class HistoryObligations(Obligations):
    """`history`."""

    def test_it_tells_the_last_change_of_status_and_not_another_change(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        ref = feature(backdoor)
        backdoor.change_status(ref, backdoor.wording.doing_status, at=MONDAY)
        backdoor.change_status(ref, backdoor.wording.todo_status, at=TUESDAY)
        backdoor.change_title(ref, "Another title")
        tracker.pull()
        assert tracker.history([ref])[ref].last_status_change == TUESDAY

    def test_it_tells_when_a_dependency_was_made_from_either_end(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        blocker, blocked, third = (feature(backdoor, title) for title in ("Blocker", "Blocked", "Third"))
        backdoor.link(blocker=blocker, blocked=blocked, at=MONDAY)
        backdoor.link(blocker=blocker, blocked=third, at=WEDNESDAY)
        tracker.pull()
        histories = tracker.history([blocker, blocked])
        assert dict(histories[blocker].link_created) == {blocked: MONDAY, third: WEDNESDAY}
        assert dict(histories[blocked].link_created) == {blocker: MONDAY}

    def test_it_tells_each_status_that_an_item_left_and_entered(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        words = backdoor.wording
        ref = feature(backdoor)
        backdoor.change_status(ref, words.doing_status, at=MONDAY)
        backdoor.change_status(ref, words.todo_status, at=TUESDAY)
        tracker.pull()
        entries = [entry for entry in tracker.history([ref])[ref].entries if entry.aspect == STATUS and entry.before]
        assert [(entry.at, entry.before, entry.after) for entry in entries] == [
            (MONDAY, words.todo_status, words.doing_status),
            (TUESDAY, words.doing_status, words.todo_status),
        ]

    def test_it_tells_changes_of_type_and_of_configured_fields(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        words = backdoor.wording
        ref = feature(backdoor)
        backdoor.change_field(ref, words.number_field, Decimal(250), at=MONDAY)
        backdoor.change_type(ref, words.epic_type, at=TUESDAY)
        backdoor.change_field(ref, words.number_field, Decimal("300.5"), at=WEDNESDAY)
        tracker.pull()
        entries = tracker.history([ref])[ref].entries
        told = {(entry.at, entry.aspect, entry.before, entry.after) for entry in entries}
        assert {
            (MONDAY, words.number_field, None, "250"),
            (TUESDAY, TYPE, words.feature_type, words.epic_type),
            (WEDNESDAY, words.number_field, "250", "300.5"),
        } <= told

    def test_a_dependency_that_was_removed_stands_no_more(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        blocker, blocked = feature(backdoor, "Blocker"), feature(backdoor, "Blocked")
        backdoor.link(blocker=blocker, blocked=blocked, at=EARLIER)
        backdoor.unlink(blocker=blocker, blocked=blocked)
        tracker.pull()
        timeline = tracker.history([blocked])[blocked]
        assert [(entry.before, entry.after) for entry in timeline.entries if entry.aspect == DEPENDENCY] == [
            (None, str(blocker)),
            (str(blocker), None),
        ]
        assert dict(timeline.link_created) == {}

    def test_it_answers_for_many_items_each_its_own(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        refs = [feature(backdoor, f"Feature {n}") for n in range(30)]
        for n, ref in enumerate(refs):
            backdoor.change_status(ref, backdoor.wording.doing_status, at=MONDAY.replace(minute=n))
        tracker.pull()
        found = {ref: history.last_status_change for ref, history in tracker.history(refs).items()}
        assert found == {ref: MONDAY.replace(minute=n) for n, ref in enumerate(refs)}

    def test_an_item_that_is_gone_is_absent_and_costs_the_others_nothing(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        gone, kept = feature(backdoor, "Gone"), feature(backdoor, "Kept")
        backdoor.change_status(kept, backdoor.wording.doing_status, at=MONDAY)
        tracker.pull()
        backdoor.delete_item(gone)
        histories = tracker.history([gone, kept])
        assert gone not in histories
        assert histories[kept].last_status_change == MONDAY

    def test_nothing_asked_is_nothing_answered(self, tracker: Tracker) -> None:
        nobody: list[Ref] = []
        assert dict(tracker.history(nobody)) == {}
