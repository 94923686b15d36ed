"""What a pull owes: everything in scope, once, as it stands, or the name of what is missing."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lpm_sync.core.work_item import Direction, Edge, FieldValue, ForeignLink, Progress, Ref, precondition
from lpm_sync.ports import Tracker
from lpm_sync.testing.backdoor import TrackerBackdoor
from lpm_sync.testing.conformance.base import Obligations, feature, pulled

MORE_THAN_TWO_PAGES = 250


class ReadingObligations(Obligations):
    """`pull` and `ref_for_url`."""

    def test_an_empty_tracker_is_a_complete_pull_of_nothing(self, tracker: Tracker) -> None:
        pull = tracker.pull()
        assert (pull.items, pull.broken, dict(pull.failures)) == ((), (), {})

    def test_a_pull_says_who_we_are_and_what_time_it_is_there(self, tracker: Tracker) -> None:
        pull = tracker.pull()
        assert pull.tracker == tracker.name
        assert pull.account
        assert pull.server_time.tzinfo is not None

    def test_more_than_two_pages_of_items_come_once_each(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        seeded = {feature(backdoor, f"Feature {n}", labels=[f"n{n % 7}"]): n for n in range(MORE_THAN_TWO_PAGES)}
        pull = tracker.pull()
        assert sorted(item.ref for item in pull.items) == sorted(seeded)
        for item in pull.items:
            assert item.title == f"Feature {seeded[item.ref]}"
            assert item.labels == {f"n{seeded[item.ref] % 7}"}

    def test_both_projects_come_and_each_item_names_its_own(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        wording = backdoor.wording
        seeded = {
            backdoor.create_item(project=project, type=wording.feature_type, title=f"One in {project}"): project
            for project in wording.projects
        }
        assert {item.ref: item.project for item in tracker.pull().items} == seeded

    def test_types_that_nobody_named_are_counted_and_left(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        wording = backdoor.wording
        kept = feature(backdoor)
        for n in range(3):
            backdoor.create_item(project=wording.projects[0], type=wording.ignored_type, title=f"Other {n}")
        pull = tracker.pull()
        assert [item.ref for item in pull.items] == [kept]
        assert dict(pull.ignored_types) == {wording.ignored_type: 3}

    def test_an_item_says_its_tracker_its_key_and_its_address(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        ref = feature(backdoor)
        item = pulled(tracker, ref)
        assert item.ref.tracker == tracker.name
        assert item.key
        assert item.url.startswith("http")

    def test_type_title_status_owner_and_description_come_as_they_are(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        wording = backdoor.wording
        ref = backdoor.create_item(
            project=wording.projects[0],
            type=wording.epic_type,
            title="Zahlungen “sofort” <b>&amp; überall</b> 💶",
            status=wording.doing_status,
            description="As a merchant I want refunds.",
            owner=wording.person,
        )
        item = pulled(tracker, ref)
        assert item.title == "Zahlungen “sofort” <b>&amp; überall</b> 💶"
        assert (item.type, item.status, item.owner) == (wording.epic_type, wording.doing_status, wording.person)
        assert item.description.strip() == "As a merchant I want refunds."
        assert item.created.tzinfo is not None
        assert item.updated.tzinfo is not None
        assert not item.is_ours

    def test_each_status_tells_its_progress(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        wording = backdoor.wording
        expected = {
            backdoor.create_item(
                project=wording.projects[0], type=wording.feature_type, title=f"Is {status}", status=status
            ): progress
            for status, progress in (
                (wording.todo_status, Progress.TODO),
                (wording.doing_status, Progress.DOING),
                (wording.done_status, Progress.DONE),
            )
        }
        assert {item.ref: item.progress for item in tracker.pull().items} == expected

    def test_labels_come_as_they_are(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        ref = feature(backdoor, labels=["vs-payments", "lpm:not-ready"])
        assert pulled(tracker, ref).labels == {"vs-payments", "lpm:not-ready"}

    def test_configured_fields_come_by_our_names_and_empty_ones_are_absent(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        wording = backdoor.wording
        project, type_name = wording.projects[0], wording.feature_type
        values: dict[str, FieldValue] = {
            wording.text_field: "Fewer calls to support",
            wording.number_field: Decimal("600000.5"),
        }
        full = backdoor.create_item(project=project, type=type_name, title="Full", fields=values)
        empty = backdoor.create_item(project=project, type=type_name, title="Empty")
        assert dict(pulled(tracker, full).fields) == values
        assert not {wording.text_field, wording.number_field} & set(pulled(tracker, empty).fields)

    def test_parents_come_from_below(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        wording = backdoor.wording
        epic = backdoor.create_item(project=wording.projects[0], type=wording.epic_type, title="Epic")
        child = backdoor.create_item(
            project=wording.projects[0], type=wording.feature_type, title="Feature", parent=epic
        )
        parents = {item.ref: item.parent for item in tracker.pull().items}
        assert parents == {epic: None, child: epic}

    def test_a_dependency_points_from_blocker_to_blocked_from_either_end(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        blocker, blocked, bystander = (feature(backdoor, title) for title in ("Blocker", "Blocked", "Bystander"))
        backdoor.link(blocker=blocker, blocked=blocked)
        edges = {item.ref: item.edges for item in tracker.pull().items}
        edge = Edge(blocker, blocked)
        assert edges == {blocker: {edge}, blocked: {edge}, bystander: frozenset()}

    def test_a_foreign_address_keeps_its_direction(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        waiting, blocking = feature(backdoor, "Waits"), feature(backdoor, "Blocks")
        url = "https://elsewhere.example/browse/ELSE-7"
        backdoor.add_foreign_link(waiting, url, Direction.BLOCKED_BY)
        backdoor.add_foreign_link(blocking, url, Direction.BLOCKS)
        links = {item.ref: item.foreign_links for item in tracker.pull().items}
        assert links[waiting] == (ForeignLink(url=url, direction=Direction.BLOCKED_BY),)
        assert links[blocking] == (ForeignLink(url=url, direction=Direction.BLOCKS),)

    def test_only_our_comments_come_oldest_first(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        ref = feature(backdoor)
        backdoor.add_comment(ref, "Is this still needed?")
        first = backdoor.add_comment(ref, "First of ours", is_ours=True)
        backdoor.add_comment(ref, "Yes, for the audit.")
        second = backdoor.add_comment(ref, "Second of ours", is_ours=True)
        comments = pulled(tracker, ref).own_comments
        assert [(comment.id, comment.text.strip()) for comment in comments] == [
            (first, "First of ours"),
            (second, "Second of ours"),
        ]

    def test_an_item_with_many_comments_still_brings_ours(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        ref = feature(backdoor)
        ours = [backdoor.add_comment(ref, "The very first", is_ours=True)]
        for n in range(120):
            backdoor.add_comment(ref, f"Talk {n}")
        ours.append(backdoor.add_comment(ref, "The very last", is_ours=True))
        assert [comment.id for comment in pulled(tracker, ref).own_comments] == ours

    def test_a_deleted_item_is_not_in_the_next_pull(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        gone, kept = feature(backdoor, "Gone"), feature(backdoor, "Kept")
        tracker.pull()
        backdoor.delete_item(gone)
        assert [item.ref for item in tracker.pull().items] == [kept]

    def test_nothing_changed_reads_as_nothing_changed_also_after_a_restart(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        ref = _furnished(backdoor)
        again = backdoor.connect()
        hashes = {precondition(pulled(one, ref)) for one in (tracker, tracker, again)}
        again.close()
        assert len(hashes) == 1

    def test_reading_writes_nothing(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        ref = _furnished(backdoor)
        tracker.examine()
        tracker.pull()
        tracker.history([ref])
        assert backdoor.count_writes() == 0

    def test_the_address_of_every_item_leads_back_to_it(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        feature(backdoor, "One")
        feature(backdoor, "Two")
        items = tracker.pull().items
        assert [tracker.ref_for_url(item.url) for item in items] == [item.ref for item in items]

    @pytest.mark.parametrize(
        "url", ["https://elsewhere.example/browse/ELSE-7", "http://[", "javascript:alert(1)", "no address", ""]
    )
    def test_an_address_that_leads_elsewhere_leads_to_no_item_of_ours(self, tracker: Tracker, url: str) -> None:
        tracker.pull()
        assert tracker.ref_for_url(url) is None

    def test_the_same_path_at_another_origin_leads_to_no_item_of_ours(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        url = pulled(tracker, feature(backdoor)).url
        path = url.split("://", 1)[1].split("/", 1)[1]
        assert tracker.ref_for_url(f"https://elsewhere.example/{path}") is None


def _furnished(backdoor: TrackerBackdoor) -> Ref:
    """An item that has one of everything."""
    wording = backdoor.wording
    project, type_name = wording.projects[0], wording.feature_type
    epic = backdoor.create_item(project=project, type=wording.epic_type, title="Epic")
    ref = backdoor.create_item(
        project=project,
        type=type_name,
        title="Furnished",
        labels=["b", "a"],
        parent=epic,
        description="Line one\n\nLine two",
        fields={wording.text_field: "Hypothesis", wording.number_field: Decimal("12.50")},
        owner=wording.person,
    )
    other = feature(backdoor, "Other")
    backdoor.link(blocker=other, blocked=ref)
    backdoor.add_foreign_link(ref, "https://elsewhere.example/browse/ELSE-7", Direction.BLOCKED_BY)
    backdoor.add_comment(ref, "Of a person")
    backdoor.add_comment(ref, "Of ours", is_ours=True)
    return ref
