"""What escalations are owed: one epic a marker, its links and its closing."""

from __future__ import annotations

from dataclasses import replace

from lpm_sync.core.change import AddLink, CloseEscalation, OpenEscalation, Result
from lpm_sync.core.document import Document, Heading, paragraph
from lpm_sync.core.work_item import Ref
from lpm_sync.ports import Tracker
from lpm_sync.testing.backdoor import TrackerBackdoor
from lpm_sync.testing.conformance.base import BECAUSE, Obligations, decide_and_apply, feature, pulled, results

MARKER = "lpm:escalates-0a1b2c3d"


class EscalationObligations(Obligations):
    """`open_escalation`, and `apply` with `AddLink` and `CloseEscalation`."""

    def test_an_escalation_is_an_epic_of_ours_with_all_its_labels(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        blocker = feature(backdoor, "Blocker")
        outcome = tracker.open_escalation(_escalation(backdoor, tracker, blocker))
        assert outcome.result is Result.WRITTEN
        assert outcome.created is not None
        assert backdoor.items_labelled(MARKER) == {outcome.created}
        epic = pulled(tracker, outcome.created)
        wording = backdoor.wording
        assert (epic.project, epic.type, epic.title) == (wording.projects[0], wording.epic_type, "Blocked: “A” & <B>")
        assert epic.labels == {"lpm:escalation", MARKER}
        assert epic.is_ours
        assert "What waits" in epic.description

    def test_opening_it_again_finds_it(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        blocker = feature(backdoor, "Blocker")
        change = _escalation(backdoor, tracker, blocker)
        first = tracker.open_escalation(change)
        writes = backdoor.count_writes()
        restarted = backdoor.connect()
        again = [one.open_escalation(change) for one in (tracker, restarted)]
        restarted.close()
        assert [(outcome.result, outcome.created) for outcome in again] == [(Result.UNCHANGED, first.created)] * 2
        assert backdoor.count_writes() == writes
        assert len(backdoor.items_labelled(MARKER)) == 1

    def test_an_item_of_a_person_with_that_label_is_not_taken_for_ours(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        theirs = backdoor.create_item(
            project=backdoor.wording.projects[0], type=backdoor.wording.epic_type, title="Theirs", labels=[MARKER]
        )
        outcome = tracker.open_escalation(_escalation(backdoor, tracker, theirs))
        assert outcome.result is Result.WRITTEN
        assert outcome.created not in (None, theirs)

    def test_one_that_was_closed_is_over_and_another_is_opened(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        blocker = feature(backdoor, "Blocker")
        first = _opened(backdoor, tracker, blocker)
        close = CloseEscalation(status=backdoor.wording.done_status, because=BECAUSE)
        assert results(decide_and_apply(tracker, first, close)) == [Result.WRITTEN]
        outcome = tracker.open_escalation(_escalation(backdoor, tracker, blocker))
        assert outcome.result is Result.WRITTEN
        assert outcome.created is not None
        assert backdoor.items_labelled(MARKER) == {first, outcome.created}

    def test_what_follows_its_creation_is_not_the_connectors_business(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        blocker = feature(backdoor, "Blocker")
        link = _link(blocker, pulled(tracker, blocker).url)
        outcome = tracker.open_escalation(replace(_escalation(backdoor, tracker, blocker), follow_up=(link,)))
        assert outcome.created is not None
        assert pulled(tracker, outcome.created).linked == frozenset()
        assert results(tracker.apply(outcome.created, (link,), None)) == [Result.WRITTEN]

    def test_a_type_that_does_not_exist_is_refused(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        blocker = feature(backdoor, "Blocker")
        change = _escalation(backdoor, tracker, blocker, type_name="No Such Type")
        outcome = tracker.open_escalation(change)
        assert outcome.result is Result.REFUSED
        assert outcome.detail
        assert not backdoor.items_labelled(MARKER)

    def test_a_link_relates_and_does_not_block(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        blocker = feature(backdoor, "Blocker")
        epic = _opened(backdoor, tracker, blocker)
        link = _link(blocker, pulled(tracker, blocker).url)
        assert results(decide_and_apply(tracker, epic, link)) == [Result.WRITTEN]
        item = pulled(tracker, epic)
        assert item.linked == {blocker}
        assert item.edges == frozenset()
        assert pulled(tracker, blocker).edges == frozenset()

    def test_a_link_that_stands_is_unchanged_and_costs_no_write(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        blocker = feature(backdoor, "Blocker")
        epic = _opened(backdoor, tracker, blocker)
        link = _link(blocker, pulled(tracker, blocker).url)
        decide_and_apply(tracker, epic, link)
        writes = backdoor.count_writes()
        assert results(decide_and_apply(tracker, epic, link)) == [Result.UNCHANGED]
        assert backdoor.count_writes() == writes

    def test_a_link_to_another_tracker_is_made_once(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        epic = _opened(backdoor, tracker, Ref("elsewhere", "7"))
        link = _link(Ref("elsewhere", "7"), "https://elsewhere.example/browse/ELSE-7")
        assert results(decide_and_apply(tracker, epic, link)) == [Result.WRITTEN]
        writes = backdoor.count_writes()
        assert results(decide_and_apply(tracker, epic, link)) == [Result.UNCHANGED]
        assert backdoor.count_writes() == writes
        assert pulled(tracker, epic).edges == frozenset()

    def test_closing_moves_it_to_the_configured_status_once(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        epic = _opened(backdoor, tracker, feature(backdoor, "Blocker"))
        close = CloseEscalation(status=backdoor.wording.done_status, because=BECAUSE)
        assert results(decide_and_apply(tracker, epic, close)) == [Result.WRITTEN]
        assert backdoor.status(epic) == backdoor.wording.done_status
        writes = backdoor.count_writes()
        assert results(decide_and_apply(tracker, epic, close)) == [Result.UNCHANGED]
        assert backdoor.count_writes() == writes

    def test_a_status_that_does_not_exist_is_refused(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        epic = _opened(backdoor, tracker, feature(backdoor, "Blocker"))
        before = backdoor.status(epic)
        close = CloseEscalation(status="No Such Status", because=BECAUSE)
        outcomes = decide_and_apply(tracker, epic, close)
        assert results(outcomes) == [Result.REFUSED]
        assert outcomes[0].detail
        assert backdoor.status(epic) == before


def _escalation(
    backdoor: TrackerBackdoor, tracker: Tracker, blocker: Ref, *, type_name: str | None = None
) -> OpenEscalation:
    return OpenEscalation(
        tracker=tracker.name,
        project=backdoor.wording.projects[0],
        type=type_name or backdoor.wording.epic_type,
        title="Blocked: “A” & <B>",
        labels=("lpm:escalation", MARKER),
        marker=MARKER,
        blocker=blocker,
        document=Document(blocks=(Heading(text="What waits"), paragraph("Two features of Payments."))),
        because=BECAUSE,
    )


def _opened(backdoor: TrackerBackdoor, tracker: Tracker, blocker: Ref) -> Ref:
    created = tracker.open_escalation(_escalation(backdoor, tracker, blocker)).created
    assert created is not None
    return created


def _link(target: Ref, url: str) -> AddLink:
    return AddLink(target=target, target_url=url, target_title="The blocker", because=BECAUSE)
