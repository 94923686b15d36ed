"""What it owes to a reading of everything that is stopped half way: to go on there, and to lose nothing in between."""

from __future__ import annotations

from contextlib import suppress

import pytest

from lpm_sync.core.work_item import Ref, SourceItem
from lpm_sync.errors import StoppedError
from lpm_sync.ports import Previous, Tracker
from lpm_sync.testing.backdoor import TrackerBackdoor
from lpm_sync.testing.conformance.base import GOES_ON, Obligations, feature
from lpm_sync.testing.conformance.changes import EDITS, Edit, Furniture, furnish, whole
from lpm_sync.testing.mirror import Mirror, MirroredParts

MORE_THAN_TWO_PAGES = 250


class LoadObligations(Obligations):
    """`pull` with parts, and with what an unfinished one kept."""

    def test_what_is_kept_and_what_is_not_are_everything(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        seeded = [feature(backdoor, f"Feature {n}") for n in range(MORE_THAN_TWO_PAGES)]
        parts = MirroredParts()
        pull = tracker.pull(parts=parts)
        assert not pull.is_delta
        assert pull.position
        assert parts.begun == 1
        assert sorted([*parts.items, *(item.ref for item in pull.items)]) == sorted(seeded)
        assert pull.present == frozenset(seeded)
        assert _by_ref(*parts.items.values(), *pull.items) == whole(backdoor)

    @GOES_ON
    def test_the_next_reading_goes_on_from_the_position_of_one_that_was_kept(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        here, mirror = _furnish(backdoor), Mirror()
        mirror.read(tracker)
        backdoor.change_title(here.other, "Another title")
        pull = mirror.read(tracker)
        assert pull.is_delta
        assert here.other in {item.ref for item in pull.items}
        assert mirror.items == whole(backdoor)

    @GOES_ON
    def test_a_reading_on_from_a_position_keeps_nothing(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        here, mirror = _furnish(backdoor), Mirror()
        mirror.read(tracker)
        backdoor.change_title(here.other, "Another title")
        mirror.read(tracker, census=True)
        assert mirror.parts.kept == []

    def test_every_address_leads_to_its_item_also_where_that_was_kept_before(self, backdoor: TrackerBackdoor) -> None:
        _furnish(backdoor)
        mirror = _stopped(backdoor, 2)
        connected = backdoor.connect()
        mirror.read(connected)
        assert [connected.ref_for_url(item.url) for item in mirror.items.values()] == list(mirror.items)
        connected.close()

    @GOES_ON
    @pytest.mark.parametrize("kept", range(5))
    def test_stopped_anywhere_it_goes_on_to_what_an_undisturbed_one_brings(
        self, backdoor: TrackerBackdoor, kept: int
    ) -> None:
        _furnish(backdoor)
        mirror = _stopped(backdoor, kept)
        assert mirror.items == {}
        _go_on(mirror, backdoor)
        assert mirror.parts.begun == 0
        assert mirror.items == whole(backdoor)

    def test_stopped_again_and_again_it_gets_on(self, backdoor: TrackerBackdoor) -> None:
        seeded = [feature(backdoor, f"Feature {n}") for n in range(6)]
        mirror, kept = Mirror(), []
        for _ in seeded:
            connected = backdoor.connect()
            try:
                mirror.read(connected, stop_after=1)
            except StoppedError:
                kept.append(len(mirror.parts.items))
            connected.close()
        assert kept == sorted(kept)
        _go_on(mirror, backdoor)
        assert mirror.items == whole(backdoor)

    @pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
    def test_what_changes_in_between_is_in(self, backdoor: TrackerBackdoor, edit: Edit) -> None:
        here = _furnish(backdoor)
        mirror = _stopped(backdoor, 4)
        edit(backdoor, here)
        _go_on(mirror, backdoor)
        assert mirror.items == whole(backdoor)

    def test_what_is_deleted_in_between_is_out_with_its_dependencies(self, backdoor: TrackerBackdoor) -> None:
        here = _furnish(backdoor)
        mirror = _stopped(backdoor, 4)
        backdoor.delete_item(here.blocker)
        _go_on(mirror, backdoor)
        assert here.blocker not in mirror.items
        assert mirror.items[here.blocked].edges == frozenset()
        assert mirror.items == whole(backdoor)

    def test_what_moves_out_of_the_scope_in_between_is_out(self, backdoor: TrackerBackdoor) -> None:
        here, (first, second) = _furnish(backdoor), backdoor.wording.projects
        mirror = _stopped(backdoor, 4, projects=(first,))
        backdoor.move_item(here.other, second)
        _go_on(mirror, backdoor, projects=(first,))
        assert here.other not in mirror.items
        assert len(mirror.items) == 4

    @GOES_ON
    def test_a_change_after_it_went_on_comes_with_the_next_delta(self, backdoor: TrackerBackdoor) -> None:
        here = _furnish(backdoor)
        mirror = _stopped(backdoor, 2)
        connected = backdoor.connect()
        mirror.read(connected)
        for edit in EDITS.values():
            edit(backdoor, here)
            assert mirror.read(connected).is_delta
            assert mirror.items == whole(backdoor)
        connected.close()

    def test_a_project_that_is_hidden_when_it_goes_on_is_named_and_comes_later(self, backdoor: TrackerBackdoor) -> None:
        here, (first, second) = _furnish(backdoor), backdoor.wording.projects
        backdoor.create_item(project=second, type=backdoor.wording.feature_type, title="In the other project")
        mirror = _stopped(backdoor, 4)
        backdoor.hide_project(second)
        connected = backdoor.connect()
        pull = mirror.read(connected)
        assert set(pull.failures) == {second}
        assert {item.project for item in mirror.items.values()} == {first}
        assert here.other in mirror.items
        backdoor.show_project(second)
        mirror.read(connected)
        assert mirror.items == whole(backdoor)
        connected.close()

    @GOES_ON
    def test_what_was_kept_serves_a_reading_that_keeps_nothing(self, backdoor: TrackerBackdoor) -> None:
        _furnish(backdoor)
        mirror, connected = _stopped(backdoor, 4), backdoor.connect()
        pull = connected.pull(mirror.previous, census=True)
        connected.close()
        assert pull.is_delta
        assert pull.present is not None
        kept = [item for item in mirror.parts.items.values() if item.ref in pull.present]
        assert _by_ref(*kept, *pull.items) == whole(backdoor)

    def test_what_was_kept_under_another_scope_is_let_go(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        _furnish(backdoor)
        mirror = _stopped(backdoor, 4, projects=backdoor.wording.projects[:1])
        mirror.read(tracker)
        assert mirror.parts.begun == 1
        assert mirror.items == whole(backdoor)

    def test_an_unfinished_reading_of_nowhere_is_begun_anew(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        _furnish(backdoor)
        for position in ("no position", "", "{}", "[]", "null"):
            parts = MirroredParts()
            pull = tracker.pull(Previous(position=position, keys={}, is_unfinished=True), census=True, parts=parts)
            assert (pull.is_delta, parts.begun) == (False, 1)
            assert _by_ref(*parts.items.values(), *pull.items) == whole(backdoor)


def _furnish(backdoor: TrackerBackdoor) -> Furniture:
    """Four items that may change, and one more, so that a reading can be stopped when it has kept those."""
    here = furnish(backdoor)
    feature(backdoor, "The last")
    return here


def _stopped(backdoor: TrackerBackdoor, kept: int, *, projects: tuple[str, ...] | None = None) -> Mirror:
    """A copy whose first reading was stopped after so many items, by a process that is no more."""
    mirror, connected = Mirror(), backdoor.connect(projects=projects or backdoor.wording.projects)
    with suppress(StoppedError):
        mirror.read(connected, stop_after=kept)
    connected.close()
    assert mirror.is_unfinished
    return mirror


def _go_on(mirror: Mirror, backdoor: TrackerBackdoor, *, projects: tuple[str, ...] | None = None) -> None:
    connected = backdoor.connect(projects=projects or backdoor.wording.projects)
    mirror.read(connected)
    connected.close()
    assert not mirror.is_unfinished


def _by_ref(*items: SourceItem) -> dict[Ref, object]:
    return {item.ref: item for item in items}
