"""A reading of everything that is under way: what it kept is nobody's snapshot before its end."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from lpm_sync.core.work_item import Progress, Ref, SourceItem
from lpm_sync.errors import StateError
from lpm_sync.ports import Pull
from lpm_sync.state.loads import row_of
from lpm_sync.state.store import State
from tests.state.conftest import NOW

POSITION = "where it began"


def item(number: int, *, project: str = "PAY", title: str = "Refund") -> SourceItem:
    return SourceItem(
        ref=Ref("jira", str(number)),
        key=f"{project}-{number}",
        url=f"https://jira.example/browse/{project}-{number}",
        project=project,
        type="Feature",
        title=title,
        status="To Do",
        progress=Progress.TODO,
        created=datetime(2026, 10, 1, tzinfo=UTC),
        updated=datetime(2026, 10, 2, tzinfo=UTC),
    )


def keep(state: State, *items: SourceItem) -> None:
    state.loads.begin("jira", POSITION, NOW)
    state.loads.keep("jira", map(row_of, items))


def end(state: State, *kept: SourceItem, items: tuple[SourceItem, ...] = (), **told: object) -> int:
    """Saves the pull that ends a load, of which those items stand."""
    pull = Pull(tracker="jira", account="bot", server_time=NOW, items=(*kept, *items), **told)  # type: ignore[arg-type]
    return state.snapshots.save(pull, NOW, kept=frozenset(one.ref for one in kept))


def standing(state: State) -> list[SourceItem]:
    snapshot = state.snapshots.last("jira")
    assert snapshot is not None
    return list(snapshot.items)


def loaded(state: State) -> list[SourceItem]:
    return list(state.loads.items("jira"))


def test_a_load_survives_its_process_and_is_no_snapshot(state_path: Path) -> None:
    with State.open(state_path, at=NOW) as state:
        keep(state, item(1), item(2))
        state.loads.expect("jira", 5)
    with State.open(state_path, at=NOW) as state:
        load = state.loads.last("jira")
        assert load is not None
        assert (load.position, load.begun, load.kept, load.expected) == (POSITION, NOW, 2, 5)
        assert loaded(state) == [item(1), item(2)]
        assert state.snapshots.last("jira") is None


def test_an_item_that_is_kept_again_replaces_the_other(state: State) -> None:
    keep(state, item(1))
    state.loads.keep("jira", [row_of(item(1, title="Refund twice"))])
    assert [one.title for one in loaded(state)] == ["Refund twice"]


def test_a_load_that_begins_lets_go_of_what_was_kept(state: State) -> None:
    keep(state, item(1))
    state.loads.begin("jira", "anew", NOW)
    assert loaded(state) == []


def test_many_items_come_back_each_once(state: State) -> None:
    items = [item(number) for number in range(1203)]
    keep(state, *items)
    assert sorted(loaded(state), key=lambda one: int(one.ref.id)) == items


@pytest.mark.parametrize("is_first", [True, False])
def test_at_its_end_what_stands_becomes_the_snapshot(state: State, is_first: bool) -> None:
    if not is_first:
        end(state, items=(item(1, title="As it was"), item(9)))
    keep(state, item(1), item(2), item(3), item(4))
    assert is_first or [one.title for one in standing(state)] == ["As it was", "Refund"]
    changed = end(state, item(1), item(2), items=(item(4, title="Changed since"), item(5)))
    assert standing(state) == [item(1), item(2), item(4, title="Changed since"), item(5)]
    assert changed == (4 if is_first else 5)
    assert state.loads.last("jira") is None
    assert loaded(state) == []
    assert (state.snapshots.tombstone(item(9).ref) is None) is is_first
    assert state.snapshots.tombstone(item(3).ref) is None


@pytest.mark.parametrize("is_first", [True, False])
def test_where_a_project_failed_its_part_is_no_snapshot_and_goes_on(state: State, is_first: bool) -> None:
    if not is_first:
        end(state, items=(item(7, project="PORT", title="As it was"),))
    keep(state, item(1), item(7, project="PORT"), item(8, project="PORT"))
    end(state, item(1), failures={"PORT": "503"}, interrupted=frozenset({"PORT"}))
    before = [] if is_first else [item(7, project="PORT", title="As it was")]
    assert standing(state) == [item(1), *before]
    load = state.loads.last("jira")
    assert load is not None
    assert load.position == POSITION
    assert loaded(state) == [item(1), item(7, project="PORT"), item(8, project="PORT")]
    end(state, *loaded(state))
    assert standing(state) == [item(1), item(7, project="PORT"), item(8, project="PORT")]
    assert state.loads.last("jira") is None


def test_where_a_project_was_refused_the_load_ends_all_the_same(state: State) -> None:
    keep(state, item(1), item(7, project="PORT"))
    end(state, item(1), failures={"PORT": "403"})
    assert standing(state) == [item(1)]
    assert state.loads.last("jira") is None


def test_what_is_as_it_was_is_not_written_again(state: State) -> None:
    end(state, items=(item(1), item(2)))
    keep(state, item(1), item(2, title="Another"))
    assert end(state, item(1), item(2, title="Another")) == 1


def test_a_position_that_is_forgotten_takes_the_load_with_it(state: State) -> None:
    end(state, items=(item(1),))
    keep(state, item(1))
    state.snapshots.forget_position("jira")
    assert state.loads.last("jira") is None


def test_a_load_of_one_tracker_is_not_that_of_another(state: State) -> None:
    keep(state, item(1))
    state.loads.begin("ado", "elsewhere", NOW)
    assert len(loaded(state)) == 1
    assert list(state.loads.items("ado")) == []


@pytest.mark.parametrize("column", ["body", "digest"])
def test_a_load_that_is_damaged_is_refused(state: State, column: str) -> None:
    end(state, items=())
    keep(state, item(1))
    with state._database.transaction() as database:
        database.execute(f"UPDATE load_items SET {column} = zeroblob(16)")
    with pytest.raises(StateError, match="damaged"):
        loaded(state)


def test_while_parts_are_kept_a_commit_does_not_wait_for_the_disk_and_later_does(state: State) -> None:
    def synchronous() -> object:
        return state._database.rows("PRAGMA synchronous")[0][0]

    with state.loads.under_way():
        assert synchronous() == 1
    assert synchronous() == 2
