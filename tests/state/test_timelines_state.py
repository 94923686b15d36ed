"""A timeline is kept with its item, and is up to date only while the item is as it was."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from lpm_sync.core.timeline import DEPENDENCY, STATUS, Entry, Timeline
from lpm_sync.core.work_item import Progress, Ref, SourceItem
from lpm_sync.errors import StateError
from lpm_sync.ports import Pull
from lpm_sync.state.store import State

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
MONDAY = datetime(2026, 10, 26, 8, tzinfo=UTC)


def make_item(identifier: str) -> SourceItem:
    return SourceItem(
        ref=Ref("jira", identifier),
        key=f"PAY-{identifier}",
        url=f"https://jira.example/browse/PAY-{identifier}",
        project="PAY",
        type="Feature",
        title="Refunds",
        status="Doing",
        progress=Progress.DOING,
        created=MONDAY,
        updated=MONDAY,
    )


ITEM = make_item("1")
TIMELINE = Timeline(
    ref=ITEM.ref,
    entries=(
        Entry(at=MONDAY, aspect=STATUS, before="To Do", after="Doing"),
        Entry(at=NOW, aspect=DEPENDENCY, after="jira:2"),
    ),
)


def test_what_was_saved_comes_back_while_the_item_is_as_it_was(state: State) -> None:
    state.timelines.save({ITEM.ref: TIMELINE}, [ITEM])
    assert state.timelines.up_to_date([ITEM]) == {ITEM.ref: TIMELINE}
    assert state.timelines.up_to_date([replace(ITEM, updated=NOW)]) == {}
    assert state.timelines.of(ITEM.ref) == TIMELINE
    assert state.timelines.of(Ref("jira", "2")) is None


def test_those_that_are_missing_come_first_and_then_those_that_are_old(state: State) -> None:
    items = [make_item(str(n)) for n in range(1, 5)]
    state.snapshots.save(Pull(tracker="jira", account="bot", server_time=NOW, items=tuple(items)), NOW)
    state.timelines.save({items[0].ref: TIMELINE}, [items[0]])
    state.timelines.save({items[1].ref: Timeline(ref=items[1].ref)}, [replace(items[1], title="before")])
    assert state.timelines.outdated("jira", 10) == [items[2].ref, items[3].ref, items[1].ref]
    assert state.timelines.outdated("jira", 1) == [items[2].ref]
    state.timelines.save_for_snapshot([Timeline(ref=one.ref) for one in items])
    assert state.timelines.outdated("jira", 10) == []


def test_a_timeline_of_an_item_that_is_gone_is_not_taken_in(state: State) -> None:
    state.timelines.save_for_snapshot([TIMELINE])
    assert state.timelines.of(ITEM.ref) is None


def test_content_that_is_no_timeline_is_damage(state: State) -> None:
    state.timelines.save({ITEM.ref: TIMELINE}, [ITEM])
    state._database.write("UPDATE timelines SET entries = ?", b'[{"at":"never"}]')
    with pytest.raises(StateError, match="the timeline of jira:1"):
        state.timelines.of(ITEM.ref)
