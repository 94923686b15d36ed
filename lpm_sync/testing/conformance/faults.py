"""What is owed when things go wrong: the truth, nothing doubled, and nothing concluded from absence."""

from __future__ import annotations

import pytest

from lpm_sync.core.change import AddLabel, OpenEscalation, Result
from lpm_sync.core.document import Document, paragraph
from lpm_sync.core.work_item import precondition
from lpm_sync.errors import UnauthorisedError
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


class FaultObligations(Obligations):
    """Permissions, credentials, items that are gone, and answers that are lost."""

    def test_a_hidden_project_is_named_and_the_other_delivered(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        wording = backdoor.wording
        kept = feature(backdoor, "Kept")
        backdoor.create_item(project=wording.projects[1], type=wording.feature_type, title="Hidden")
        backdoor.hide_project(wording.projects[1])
        pull = tracker.pull()
        assert [item.ref for item in pull.items] == [kept]
        assert set(pull.failures) == {wording.projects[1]}
        assert pull.failures[wording.projects[1]]

    def test_a_hidden_item_is_refused_and_nothing_is_created(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        ref = feature(backdoor)
        decided_on = precondition(pulled(tracker, ref))
        backdoor.hide_project(backdoor.wording.projects[0])
        [outcome] = tracker.apply(ref, (put_card(ref, "Hidden."),), decided_on)
        assert outcome.result is Result.REFUSED
        assert outcome.detail
        assert not backdoor.comments(ref)

    def test_a_deleted_item_is_refused_and_the_others_go_on(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        gone, kept = feature(backdoor, "Gone"), feature(backdoor, "Kept")
        decided_on = {ref: precondition(pulled(tracker, ref)) for ref in (gone, kept)}
        backdoor.delete_item(gone)
        outcomes = tracker.apply(gone, (NOT_READY, put_card(gone, "Gone.")), decided_on[gone])
        assert outcomes[0].result is Result.REFUSED
        assert outcomes[0].detail
        assert outcomes[1].result in (Result.REFUSED, Result.FAILED)
        assert results(tracker.apply(kept, (NOT_READY,), decided_on[kept])) == [Result.WRITTEN]

    def test_an_item_that_never_was_is_refused(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        ref = feature(backdoor)
        backdoor.delete_item(ref)
        never = type(ref)(ref.tracker, "987654321")
        assert results(tracker.apply(never, (NOT_READY,), "0123456789abcdef")) == [Result.REFUSED]

    def test_without_permission_to_write_it_is_refused_and_the_rest_of_the_item_fails(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        ref = feature(backdoor)
        backdoor.forbid_writing()
        outcomes = decide_and_apply(tracker, ref, NOT_READY, put_card(ref, "Forbidden."))
        assert results(outcomes) == [Result.REFUSED, Result.FAILED]
        assert outcomes[0].detail
        assert backdoor.labels(ref) == frozenset()
        assert not backdoor.comments(ref)

    def test_a_credential_that_is_not_accepted_is_said_so_and_not_an_empty_tracker(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        ref = feature(backdoor)
        decided_on = precondition(pulled(tracker, ref))
        backdoor.revoke_credential()
        with pytest.raises(UnauthorisedError) as raised:
            tracker.pull()
        assert backdoor.wording.secret not in f"{raised.value} {raised.value!r}"
        with pytest.raises(UnauthorisedError):
            tracker.apply(ref, (NOT_READY,), decided_on)
        with pytest.raises(UnauthorisedError):
            tracker.open_escalation(_escalation(backdoor, tracker))
        assert backdoor.labels(ref) == frozenset()

    def test_the_credential_is_not_shown_by_the_connector_itself(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        tracker.pull()
        assert backdoor.wording.secret not in repr(tracker)

    def test_a_card_whose_answer_was_lost_is_not_written_twice(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        ref = feature(backdoor)
        decided_on = precondition(pulled(tracker, ref))
        backdoor.lose_next_answer()
        [outcome] = tracker.apply(ref, (put_card(ref, "Once."),), decided_on)
        assert outcome.result in (Result.WRITTEN, Result.UNCLEAR)
        assert len(backdoor.comments(ref)) == 1
        assert results(decide_and_apply(tracker, ref, put_card(ref, "Once."))) == [Result.UNCHANGED]
        assert len(backdoor.comments(ref)) == 1

    def test_an_escalation_whose_answer_was_lost_is_not_opened_twice(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        change = _escalation(backdoor, tracker)
        backdoor.lose_next_answer()
        outcome = tracker.open_escalation(change)
        assert outcome.result in (Result.WRITTEN, Result.UNCLEAR)
        [epic] = backdoor.items_labelled(change.marker)
        again = tracker.open_escalation(change)
        assert (again.result, again.created) == (Result.UNCHANGED, epic)
        assert backdoor.items_labelled(change.marker) == {epic}


def _escalation(backdoor: TrackerBackdoor, tracker: Tracker) -> OpenEscalation:
    blocker = feature(backdoor, "Blocker")
    return OpenEscalation(
        tracker=tracker.name,
        project=backdoor.wording.projects[0],
        type=backdoor.wording.epic_type,
        title="Blocked",
        labels=("lpm:escalation", "lpm:escalates-11223344"),
        marker="lpm:escalates-11223344",
        blocker=blocker,
        document=Document(blocks=(paragraph("One feature waits."),)),
        because=BECAUSE,
    )
