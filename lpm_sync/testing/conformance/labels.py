"""What labels are owed: only those named are touched, and what stands already costs nothing."""

from __future__ import annotations

from lpm_sync.core.change import AddLabel, RemoveLabel, Result
from lpm_sync.core.work_item import precondition
from lpm_sync.ports import Tracker
from lpm_sync.testing.backdoor import TrackerBackdoor
from lpm_sync.testing.conformance.base import (
    BECAUSE,
    Obligations,
    decide_and_apply,
    feature,
    pulled,
    put_card,
    results,
)

NOT_READY = AddLabel(label="lpm:not-ready", because=BECAUSE)
NO_LONGER_READY = RemoveLabel(label="lpm:not-ready", because=BECAUSE)


class LabelObligations(Obligations):
    """`apply` with labels, and what holds for the changes of an item together."""

    def test_a_label_is_added_beside_those_of_people(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        ref = feature(backdoor, labels=["vs-payments", "lpm:approved"])
        assert results(decide_and_apply(tracker, ref, NOT_READY)) == [Result.WRITTEN]
        assert backdoor.labels(ref) == {"vs-payments", "lpm:approved", "lpm:not-ready"}

    def test_a_label_is_removed_and_those_of_people_stay(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        ref = feature(backdoor, labels=["vs-payments", "lpm:not-ready", "lpm:other"])
        assert results(decide_and_apply(tracker, ref, NO_LONGER_READY)) == [Result.WRITTEN]
        assert backdoor.labels(ref) == {"vs-payments", "lpm:other"}

    def test_the_last_label_can_be_removed(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        ref = feature(backdoor, labels=["lpm:not-ready"])
        decide_and_apply(tracker, ref, NO_LONGER_READY)
        assert backdoor.labels(ref) == frozenset()

    def test_a_label_that_stands_or_is_gone_already_is_unchanged_and_costs_no_write(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        standing, bare = feature(backdoor, labels=["lpm:not-ready"]), feature(backdoor)
        assert results(decide_and_apply(tracker, standing, NOT_READY)) == [Result.UNCHANGED]
        assert results(decide_and_apply(tracker, bare, NO_LONGER_READY)) == [Result.UNCHANGED]
        assert backdoor.count_writes() == 0

    def test_adding_twice_writes_once(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        ref = feature(backdoor)
        decide_and_apply(tracker, ref, NOT_READY)
        writes = backdoor.count_writes()
        assert results(decide_and_apply(tracker, ref, NOT_READY)) == [Result.UNCHANGED]
        assert backdoor.count_writes() == writes

    def test_outcomes_follow_the_order_of_the_changes(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        ref = feature(backdoor, labels=["lpm:old", "lpm:standing"])
        changes = (
            AddLabel(label="lpm:new", because=BECAUSE),
            AddLabel(label="lpm:standing", because=BECAUSE),
            RemoveLabel(label="lpm:old", because=BECAUSE),
            put_card(ref, "All at once."),
        )
        outcomes = decide_and_apply(tracker, ref, *changes)
        assert tuple(outcome.change for outcome in outcomes) == changes
        assert results(outcomes) == [Result.WRITTEN, Result.UNCHANGED, Result.WRITTEN, Result.WRITTEN]
        assert backdoor.labels(ref) == {"lpm:new", "lpm:standing"}
        assert len(backdoor.comments(ref)) == 1

    def test_a_label_that_a_person_adds_at_the_same_moment_survives(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        ref = feature(backdoor, labels=["lpm:old"])
        stands = precondition(pulled(tracker, ref))
        backdoor.before_next_write(lambda: backdoor.add_label(ref, "urgent"))
        changes = (RemoveLabel(label="lpm:old", because=BECAUSE), NOT_READY)
        outcomes = tracker.apply(ref, changes, stands)
        assert "urgent" in backdoor.labels(ref)
        assert outcomes[0].result in (Result.WRITTEN, Result.MOVED)
        if outcomes[0].result is Result.WRITTEN:
            assert backdoor.labels(ref) == {"urgent", "lpm:not-ready"}
        else:
            assert backdoor.labels(ref) == {"urgent", "lpm:old"}

    def test_an_item_that_has_moved_is_left_alone(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        ref = feature(backdoor)
        decided_on = precondition(pulled(tracker, ref))
        backdoor.change_title(ref, "Something else now")
        outcomes = tracker.apply(ref, (NOT_READY, put_card(ref, "Too late.")), decided_on)
        assert results(outcomes) == [Result.MOVED, Result.MOVED]
        assert backdoor.count_writes() == 0
        assert backdoor.labels(ref) == frozenset()
        assert not backdoor.comments(ref)

    def test_a_label_that_a_person_removed_since_makes_the_item_moved(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        ref = feature(backdoor, labels=["lpm:not-ready"])
        decided_on = precondition(pulled(tracker, ref))
        backdoor.remove_label(ref, "lpm:not-ready")
        outcomes = tracker.apply(ref, (put_card(ref, "Not ready."),), decided_on)
        assert results(outcomes) == [Result.MOVED]
        assert backdoor.count_writes() == 0

    def test_without_a_precondition_nothing_counts_as_moved(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        ref = feature(backdoor, labels=["of-a-person"])
        assert results(tracker.apply(ref, (NOT_READY,), None)) == [Result.WRITTEN]
        assert backdoor.labels(ref) == {"of-a-person", "lpm:not-ready"}

    def test_a_connector_that_has_not_pulled_can_apply(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        ref = feature(backdoor)
        decided_on = precondition(pulled(tracker, ref))
        fresh = backdoor.connect()
        outcomes = fresh.apply(ref, (NOT_READY,), decided_on)
        fresh.close()
        assert results(outcomes) == [Result.WRITTEN]
        assert backdoor.labels(ref) == {"lpm:not-ready"}
