"""The last reading of each tracker is kept item by item, all or nothing."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from lpm_sync.core.work_item import (
    BrokenItem,
    Direction,
    Edge,
    FieldValue,
    ForeignLink,
    OwnComment,
    Progress,
    Ref,
    SourceItem,
    precondition,
)
from lpm_sync.errors import StateError
from lpm_sync.ports import Pull
from lpm_sync.state.items import ItemReader, item_text
from lpm_sync.state.store import State

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
TEXT = st.text(max_size=20)
REFS = st.builds(Ref, st.sampled_from(["jira", "ado"]), st.integers(1, 99).map(str))
INSTANTS = st.datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001 the strategy adds the zone
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
FIELDS = st.dictionaries(
    TEXT, TEXT | st.decimals(allow_nan=False, allow_infinity=False) | st.lists(TEXT, max_size=3).map(tuple)
)
ITEMS = st.builds(
    SourceItem,
    ref=REFS,
    key=TEXT,
    url=TEXT,
    project=TEXT,
    type=TEXT,
    title=TEXT,
    status=TEXT,
    progress=st.none() | st.sampled_from(Progress),
    created=INSTANTS,
    updated=INSTANTS,
    parent=st.none() | REFS,
    labels=st.frozensets(TEXT, max_size=4),
    owner=st.none() | TEXT,
    area_path=st.none() | TEXT,
    components=st.lists(TEXT, max_size=2).map(tuple),
    description=TEXT,
    fields=FIELDS,
    edges=st.frozensets(st.builds(Edge, REFS, REFS), max_size=3),
    linked=st.frozensets(REFS, max_size=3),
    foreign_links=st.lists(st.builds(ForeignLink, url=TEXT, direction=st.sampled_from(Direction)), max_size=2).map(
        tuple
    ),
    own_comments=st.lists(st.builds(OwnComment, id=TEXT, text=TEXT, updated=INSTANTS), max_size=2).map(tuple),
    is_ours=st.booleans(),
)


@given(item=ITEMS)
def test_an_item_reads_back_as_it_was_written(item: SourceItem) -> None:
    again = ItemReader().item(item_text(item))
    assert again == item
    assert {name: _digits(value) for name, value in again.fields.items()} == {
        name: _digits(value) for name, value in item.fields.items()
    }
    assert precondition(again) == precondition(item)


def _digits(value: FieldValue) -> str:
    """A number to its last zero; a zero has no sign."""
    return str(value if value else abs(value)) if isinstance(value, Decimal) else str(value)


def test_what_items_have_in_common_is_one_object(state: State) -> None:
    parent = _item(1)
    children = [
        structs.replace(_item(n), parent=structs.replace(parent.ref), fields={"team": "Ledger " + "B"}) for n in (2, 3)
    ]
    state.snapshots.save(_pull(parent, *children), NOW)
    snapshot = state.snapshots.last("jira")
    assert snapshot is not None
    above, one, other = snapshot.items
    assert one.parent is above.ref
    assert one.labels is other.labels
    assert one.status is other.status
    assert one.fields["team"] is other.fields["team"]


def test_what_was_never_pulled_has_no_snapshot(state: State) -> None:
    assert state.snapshots.last("jira") is None


def test_the_last_pull_comes_back_after_the_state_was_closed(state_path: Path) -> None:
    items = tuple(_item(n) for n in range(3))
    with State.open(state_path, at=NOW) as state:
        state.snapshots.save(_pull(*items), NOW)
    with State.open(state_path, at=NOW) as state:
        snapshot = state.snapshots.last("jira")
    assert snapshot is not None
    assert snapshot.items == items
    assert (snapshot.account, snapshot.taken) == ("bot", NOW)
    assert snapshot.server_time == NOW + timedelta(seconds=2)


def test_only_what_changed_is_written(state: State) -> None:
    items = [_item(n) for n in range(50)]
    assert state.snapshots.save(_pull(*items), NOW) == 50
    assert state.snapshots.save(_pull(*items), NOW) == 0
    items[7] = structs.replace(items[7], title="Another")
    assert state.snapshots.save(_pull(*items[:-1]), NOW) == 2
    snapshot = state.snapshots.last("jira")
    assert snapshot is not None
    assert list(snapshot.items) == sorted(items[:-1], key=lambda item: item.ref)


def test_a_project_that_failed_keeps_its_items(state: State) -> None:
    stays, goes = structs.replace(_item(1), project="PAY"), structs.replace(_item(2), project="MOB")
    state.snapshots.save(_pull(stays, goes), NOW)
    state.snapshots.save(_pull(failures={"PAY": "503"}), NOW)
    snapshot = state.snapshots.last("jira")
    assert snapshot is not None
    assert snapshot.items == (stays,)


def test_an_item_that_could_not_be_read_keeps_what_was_last_read_of_it(state: State) -> None:
    state.snapshots.save(_pull(_item(1)), NOW)
    broken = BrokenItem(ref=_item(1).ref, key="PAY-1", project="PAY", reason="status is null")
    state.snapshots.save(_pull(broken=(broken,)), NOW)
    snapshot = state.snapshots.last("jira")
    assert snapshot is not None
    assert snapshot.items == (_item(1),)


def test_trackers_do_not_disturb_each_other(state: State) -> None:
    state.snapshots.save(_pull(_item(1)), NOW)
    state.snapshots.save(replace(_pull(), tracker="ado"), NOW)
    snapshot = state.snapshots.last("jira")
    assert snapshot is not None
    assert snapshot.items == (_item(1),)


def test_a_pull_that_cannot_be_recorded_leaves_the_one_before(state: State) -> None:
    state.snapshots.save(_pull(_item(1)), NOW)
    with pytest.raises(KeyError), state.transaction():
        _save_and_break_off(state, _pull(_item(2)))
    snapshot = state.snapshots.last("jira")
    assert snapshot is not None
    assert snapshot.items == (_item(1),)


def test_an_item_under_the_id_of_another_is_damage(state_path: Path) -> None:
    with State.open(state_path, at=NOW) as state:
        state.snapshots.save(_pull(_item(1)), NOW)
    with sqlite3.connect(state_path) as database:
        database.execute("UPDATE snapshot_items SET id = '2'")
    with State.open(state_path, at=NOW) as state, pytest.raises(StateError, match=r"state\.sqlite: damaged .*jira:2"):
        state.snapshots.last("jira")


def test_an_item_that_is_lost_is_damage(state_path: Path) -> None:
    with State.open(state_path, at=NOW) as state:
        state.snapshots.save(_pull(_item(1), _item(2)), NOW)
    with sqlite3.connect(state_path) as database:
        database.execute("DELETE FROM snapshot_items WHERE id = '2'")
    with pytest.raises(StateError, match="damaged"):
        State.open(state_path, at=NOW)


def test_a_delta_writes_what_changed_and_buries_what_it_calls_gone(state: State) -> None:
    items = [_item(n) for n in range(1, 6)]
    state.snapshots.save(_pull(*items), NOW)
    changed = structs.replace(items[0], title="Another")
    delta = replace(_pull(changed, items[1]), is_delta=True, gone=frozenset({items[2].ref, Ref("jira", "99")}))
    assert state.snapshots.save(delta, NOW) == 2
    census = replace(_pull(), is_delta=True, present=frozenset({changed.ref, items[1].ref, items[3].ref}))
    assert state.snapshots.save(census, NOW) == 1
    snapshot = state.snapshots.last("jira")
    assert snapshot is not None
    assert snapshot.items == (changed, items[1], items[3])
    assert state.snapshots.tombstone(items[4].ref) == (items[4], NOW)


def test_a_flipped_bit_in_an_item_is_found_when_it_is_read(state_path: Path) -> None:
    with State.open(state_path, at=NOW) as state:
        state.snapshots.save(_pull(structs.replace(_item(1), title="A title to be found")), NOW)
    content = state_path.read_bytes()
    assert content.count(b"A title to be found") == 1
    state_path.write_bytes(content.replace(b"A title to be found", b"A title to be fouod"))
    with State.open(state_path, at=NOW) as state, pytest.raises(StateError, match=r"state\.sqlite: damaged .*jira:1"):
        state.snapshots.last("jira")


def _save_and_break_off(state: State, pull: Pull) -> None:
    state.snapshots.save(pull, NOW)
    raise KeyError


def _item(number: int) -> SourceItem:
    return SourceItem(
        ref=Ref("jira", str(number)),
        key=f"PAY-{number}",
        url=f"https://jira.example/browse/PAY-{number}",
        project="PAY",
        type="Feature",
        title=f"Feature {number}",
        status="To Do",
        progress=Progress.TODO,
        created=NOW,
        updated=NOW,
        labels=frozenset({"b", "a"}),
    )


def _pull(*items: SourceItem, failures: dict[str, str] | None = None, broken: tuple[BrokenItem, ...] = ()) -> Pull:
    return Pull(
        tracker="jira",
        account="bot",
        server_time=NOW + timedelta(seconds=2),
        items=items,
        broken=broken,
        failures=failures or {},
    )


def test_numbers_keep_their_last_zero() -> None:
    item = structs.replace(_item(1), fields={"forecast": Decimal("600000.50"), "text": "600000.50"})
    assert ItemReader().item(item_text(item)).fields == {"forecast": Decimal("600000.50"), "text": "600000.50"}
