"""What it owes to read on from an earlier reading: no change is lost, and nothing is gone that is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from lpm_sync.core.change import AddLabel, Result
from lpm_sync.core.work_item import Direction, Ref
from lpm_sync.ports import Previous, Pull, Tracker
from lpm_sync.testing.backdoor import TrackerBackdoor
from lpm_sync.testing.conformance.base import (
    BECAUSE,
    GOES_ON,
    Obligations,
    decide_and_apply,
    feature,
    put_card,
    results,
)
from lpm_sync.testing.mirror import Mirror

LATER = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Furniture:
    """What stands before something changes: `blocker` blocks `blocked`, which lies under `epic`; `other` is free."""

    epic: Ref
    blocker: Ref
    blocked: Ref
    other: Ref


Touched = tuple[Ref, ...]
Edit = Callable[[TrackerBackdoor, Furniture], Touched]


def _title(backdoor: TrackerBackdoor, here: Furniture) -> Touched:
    backdoor.change_title(here.other, "Another title")
    return (here.other,)


def _label(backdoor: TrackerBackdoor, here: Furniture) -> Touched:
    backdoor.add_label(here.other, "urgent")
    return (here.other,)


def _label_taken_away(backdoor: TrackerBackdoor, here: Furniture) -> Touched:
    backdoor.remove_label(here.other, "standing")
    return (here.other,)


def _comment_of_ours(backdoor: TrackerBackdoor, here: Furniture) -> Touched:
    backdoor.add_comment(here.other, "Of ours", is_ours=True)
    return (here.other,)


def _status(backdoor: TrackerBackdoor, here: Furniture) -> Touched:
    backdoor.change_status(here.other, backdoor.wording.doing_status, at=LATER)
    return (here.other,)


def _parent(backdoor: TrackerBackdoor, here: Furniture) -> Touched:
    backdoor.change_parent(here.other, here.epic)
    return (here.other,)


def _parent_taken_away(backdoor: TrackerBackdoor, here: Furniture) -> Touched:
    backdoor.change_parent(here.blocked, None)
    return (here.blocked,)


def _dependency(backdoor: TrackerBackdoor, here: Furniture) -> Touched:
    backdoor.link(blocker=here.other, blocked=here.blocked)
    return (here.other, here.blocked)


def _dependency_taken_away(backdoor: TrackerBackdoor, here: Furniture) -> Touched:
    backdoor.unlink(blocker=here.blocker, blocked=here.blocked)
    return (here.blocker, here.blocked)


def _foreign_dependency(backdoor: TrackerBackdoor, here: Furniture) -> Touched:
    backdoor.add_foreign_link(here.other, "https://elsewhere.example/browse/ELSE-7", Direction.BLOCKED_BY)
    return (here.other,)


def _new_item(backdoor: TrackerBackdoor, here: Furniture) -> Touched:
    wording = backdoor.wording
    made = backdoor.create_item(
        project=wording.projects[1], type=wording.feature_type, title="New", labels=["fresh"], parent=here.epic
    )
    return (made,)


def _move(backdoor: TrackerBackdoor, here: Furniture) -> Touched:
    backdoor.move_item(here.other, backdoor.wording.projects[1])
    return (here.other,)


EDITS: dict[str, Edit] = {
    "title": _title,
    "label": _label,
    "label taken away": _label_taken_away,
    "comment of ours": _comment_of_ours,
    "status": _status,
    "parent": _parent,
    "parent taken away": _parent_taken_away,
    "dependency": _dependency,
    "dependency taken away": _dependency_taken_away,
    "foreign dependency": _foreign_dependency,
    "new item": _new_item,
    "move": _move,
}


class ChangeObligations(Obligations):
    """`pull` with what is known from before, and with a census."""

    @GOES_ON
    def test_a_reading_goes_on_from_its_position_also_after_a_restart(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        furnish(backdoor)
        mirror = Mirror()
        first = mirror.read(tracker)
        assert first.position
        assert not first.is_delta
        for one in (tracker, backdoor.connect()):
            pull = mirror.read(one)
            assert pull.is_delta
            assert pull.position
            assert (pull.tracker, pull.account) == (first.tracker, first.account)
            assert pull.server_time.tzinfo is not None
            if one is not tracker:
                one.close()

    @GOES_ON
    def test_nothing_changed_is_an_empty_delta(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        furnish(backdoor)
        mirror = Mirror()
        mirror.read(tracker)
        for _ in range(3):
            pull = mirror.read(tracker)
            assert pull.is_delta
            assert (pull.items, pull.broken, dict(pull.failures), pull.gone) == ((), (), {}, frozenset())
        assert mirror.items == whole(backdoor)

    @GOES_ON
    @pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
    def test_whatever_changed_comes_with_the_next_delta(
        self, backdoor: TrackerBackdoor, tracker: Tracker, edit: Edit
    ) -> None:
        here, mirror = furnish(backdoor), Mirror()
        mirror.read(tracker)
        mirror.read(tracker)
        touched = edit(backdoor, here)
        pull = mirror.read(tracker)
        assert pull.is_delta
        assert {item.ref for item in pull.items} >= set(touched)
        assert mirror.items == whole(backdoor)
        assert mirror.read(tracker).items == ()

    def test_many_changes_come_once_each_and_leave_the_others_standing(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        refs = [feature(backdoor, f"Feature {n}") for n in range(130)]
        mirror = Mirror()
        mirror.read(tracker)
        for ref in refs[:120]:
            backdoor.add_label(ref, "touched")
        pull = mirror.read(tracker)
        delivered = [item.ref for item in pull.items]
        assert len(delivered) == len(set(delivered))
        assert set(delivered) >= set(refs[:120])
        assert mirror.items == whole(backdoor)

    def test_what_we_wrote_ourselves_comes_back_as_it_stands(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        here, mirror = furnish(backdoor), Mirror()
        mirror.read(tracker)
        label = AddLabel(label="lpm:not-ready", because=BECAUSE)
        outcomes = decide_and_apply(tracker, here.other, label, put_card(here.other, "Not ready."))
        assert results(outcomes) == [Result.WRITTEN, Result.WRITTEN]
        mirror.read(tracker)
        assert mirror.items == whole(backdoor)

    def test_changes_over_many_readings_and_restarts_add_up(self, backdoor: TrackerBackdoor) -> None:
        here, mirror = furnish(backdoor), Mirror()
        for edit in EDITS.values():
            connected = backdoor.connect()
            mirror.read(connected)
            connected.close()
            edit(backdoor, here)
        connected = backdoor.connect()
        mirror.read(connected)
        connected.close()
        assert mirror.items == whole(backdoor)

    def test_a_moved_item_is_the_same_item_and_its_new_address_leads_to_it(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        here, mirror = furnish(backdoor), Mirror()
        mirror.read(tracker)
        backdoor.move_item(here.other, backdoor.wording.projects[1])
        mirror.read(tracker, census=True)
        assert mirror.items[here.other].project == backdoor.wording.projects[1]
        assert tracker.ref_for_url(mirror.items[here.other].url) == here.other
        assert len(mirror.items) == 4

    def test_a_moved_item_has_its_card_with_it(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        ref = furnish(backdoor).other
        assert results(decide_and_apply(tracker, ref, put_card(ref, "Not ready."))) == [Result.WRITTEN]
        backdoor.move_item(ref, backdoor.wording.projects[1])
        assert results(decide_and_apply(tracker, ref, put_card(ref, "Not ready."))) == [Result.UNCHANGED]
        assert results(decide_and_apply(tracker, ref, put_card(ref, "Ready.", version=2))) == [Result.WRITTEN]
        assert len([comment for comment in backdoor.comments(ref) if comment.is_ours]) == 1

    def test_after_a_restart_addresses_lead_to_items_that_no_delta_brought(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        furnish(backdoor)
        mirror = Mirror()
        mirror.read(tracker)
        again = backdoor.connect()
        mirror.read(again)
        assert [again.ref_for_url(item.url) for item in mirror.items.values()] == list(mirror.items)
        again.close()

    @GOES_ON
    def test_a_census_names_every_item_of_the_configured_types_and_no_other(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        here, mirror, wording = furnish(backdoor), Mirror(), backdoor.wording
        backdoor.create_item(project=wording.projects[0], type=wording.ignored_type, title="Not ours")
        for pull in (mirror.read(tracker, census=True), mirror.read(tracker, census=True)):
            assert pull.present is not None
            assert set(pull.present) == {here.epic, here.blocker, here.blocked, here.other}
        assert mirror.read(tracker).present is None

    def test_a_deleted_item_is_found_by_the_census(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        here, mirror = furnish(backdoor), Mirror()
        mirror.read(tracker)
        backdoor.delete_item(here.other)
        pull = mirror.read(tracker, census=True)
        assert pull.present is not None
        assert set(pull.present) == {here.epic, here.blocker, here.blocked}
        assert mirror.items == whole(backdoor)

    def test_a_deleted_item_takes_its_dependencies_with_it(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        here, mirror = furnish(backdoor), Mirror()
        mirror.read(tracker)
        backdoor.delete_item(here.blocker)
        mirror.read(tracker, census=True)
        assert mirror.items[here.blocked].edges == frozenset()
        assert mirror.items == whole(backdoor)

    def test_an_item_that_the_snapshot_lacks_comes_with_the_census(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        here, mirror = furnish(backdoor), Mirror()
        mirror.read(tracker)
        del mirror.items[here.other]
        pull = mirror.read(tracker, census=True)
        assert here.other in {item.ref for item in pull.items}
        assert mirror.items == whole(backdoor)

    def test_an_item_that_moves_out_of_the_scope_is_gone_with_the_census(self, backdoor: TrackerBackdoor) -> None:
        here, mirror, (first, second) = furnish(backdoor), Mirror(), backdoor.wording.projects
        narrow = backdoor.connect(projects=(first,))
        mirror.read(narrow)
        backdoor.move_item(here.other, second)
        mirror.read(narrow, census=True)
        narrow.close()
        assert set(mirror.items) == {here.epic, here.blocker, here.blocked}

    @pytest.mark.parametrize("census", [False, True])
    def test_a_hidden_project_fails_and_its_items_are_not_gone(
        self, backdoor: TrackerBackdoor, tracker: Tracker, census: bool
    ) -> None:
        here, mirror, (_, second) = furnish(backdoor), Mirror(), backdoor.wording.projects
        [hidden] = _new_item(backdoor, here)
        mirror.read(tracker)
        backdoor.hide_project(second)
        backdoor.change_title(here.other, "Goes on")
        pull = mirror.read(tracker, census=census)
        assert set(pull.failures) == {second}
        assert pull.failures[second]
        assert not pull.gone
        assert hidden in mirror.items
        assert mirror.items[here.other].title == "Goes on"

    def test_a_project_that_failed_is_read_on_from_where_it_stood(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        here, mirror, (_, second) = furnish(backdoor), Mirror(), backdoor.wording.projects
        [hidden] = _new_item(backdoor, here)
        mirror.read(tracker)
        backdoor.hide_project(second)
        backdoor.change_title(hidden, "Changed while it could not be seen")
        [made] = _new_item(backdoor, here)
        for census in (False, True, False):
            mirror.read(tracker, census=census)
        backdoor.show_project(second)
        pull = mirror.read(tracker)
        assert not pull.failures
        assert {item.ref for item in pull.items} >= {hidden, made}
        assert mirror.items == whole(backdoor)

    def test_a_project_that_failed_in_the_first_reading_is_read_whole_later(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        here, mirror, (_, second) = furnish(backdoor), Mirror(), backdoor.wording.projects
        [hidden] = _new_item(backdoor, here)
        backdoor.hide_project(second)
        mirror.read(tracker)
        assert hidden not in mirror.items
        backdoor.show_project(second)
        mirror.read(tracker)
        assert mirror.items == whole(backdoor)

    def test_a_position_of_another_scope_or_of_none_is_read_whole(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        here = furnish(backdoor)
        _new_item(backdoor, here)
        narrow = backdoor.connect(projects=backdoor.wording.projects[:1])
        position = narrow.pull().position
        narrow.close()
        assert position
        everything = whole(backdoor)
        for foreign in (position, "no position", "", "{}", "[]", "null"):
            pull = tracker.pull(Previous(position=foreign, keys={}))
            assert not pull.is_delta
            assert {item.ref: item for item in pull.items} == everything


def furnish(backdoor: TrackerBackdoor) -> Furniture:
    wording = backdoor.wording
    project, kind = wording.projects[0], wording.feature_type
    epic = backdoor.create_item(project=project, type=wording.epic_type, title="Epic")
    blocker = backdoor.create_item(project=project, type=kind, title="Blocker")
    blocked = backdoor.create_item(project=project, type=kind, title="Blocked", parent=epic)
    other = backdoor.create_item(project=project, type=kind, title="Other", labels=["standing"], owner=wording.person)
    backdoor.link(blocker=blocker, blocked=blocked)
    return Furniture(epic=epic, blocker=blocker, blocked=blocked, other=other)


def whole(backdoor: TrackerBackdoor) -> dict[Ref, object]:
    """Everything as a whole reading by a fresh connector brings it."""
    connected = backdoor.connect()
    pull: Pull = connected.pull()
    connected.close()
    assert not pull.failures
    return {item.ref: item for item in pull.items}
