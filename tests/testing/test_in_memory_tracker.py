"""What the tracker in memory does beyond the port: it fails as a test asks it to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lpm_sync.core.change import AddLabel, Result
from lpm_sync.core.work_item import Edge, OwnComment, Progress, Ref, SourceItem, precondition
from lpm_sync.errors import UnavailableError
from lpm_sync.testing.clock import MovableClock
from lpm_sync.testing.in_memory import InMemoryTracker
from lpm_sync.testing.in_memory_store import InMemoryStore

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


def test_it_hands_over_any_item_as_it_was_put() -> None:
    ref, other = Ref("memory", "7"), Ref("memory", "8")
    item = SourceItem(
        ref=ref,
        key="PAY-7",
        url="https://memory.example/7",
        project="PAY",
        type="Feature",
        title="Refunds",
        status="Somewhere",
        progress=None,
        created=NOW,
        updated=NOW,
        edges=frozenset({Edge(other, ref)}),
        linked=frozenset({other}),
        own_comments=(OwnComment(id="1", text="ours", updated=NOW),),
    )
    store = InMemoryStore()
    store.put(item)
    assert InMemoryTracker(store).pull().items == (item,)


def test_a_failed_source_raises_and_a_failed_project_is_named() -> None:
    store = InMemoryStore()
    kept = store.create_item(project="PORT", type="Epic", title="Kept")
    store.create_item(project="PAY", type="Feature", title="Not delivered")
    store.faults.projects["PAY"] = "503 for ever"
    pull = InMemoryTracker(store).pull()
    assert [item.ref for item in pull.items] == [kept]
    assert pull.failures == {"PAY": "503 for ever"}
    store.faults.source = "connection refused"
    with pytest.raises(UnavailableError, match="connection refused"):
        InMemoryTracker(store).pull()


def test_an_item_made_unreadable_stands_among_the_broken() -> None:
    store = InMemoryStore()
    ref = store.create_item(project="PAY", type="Feature", title="Broken")
    store.faults.items[ref] = "status is not a text"
    pull = InMemoryTracker(store).pull()
    assert pull.items == ()
    assert [(item.ref, item.reason) for item in pull.broken] == [(ref, "status is not a text")]


def test_the_chosen_write_fails_once_and_the_rest_of_the_item_is_not_tried() -> None:
    store = InMemoryStore()
    tracker = InMemoryTracker(store)
    ref = store.create_item(project="PAY", type="Feature", title="One")
    changes = [AddLabel(label=f"lpm:l{n}", because=("DOR001",)) for n in range(3)]
    store.faults.change = (1, Result.UNCLEAR)
    outcomes = tracker.apply(ref, changes, precondition(store.view(ref)))
    assert [outcome.result for outcome in outcomes] == [Result.WRITTEN, Result.UNCLEAR, Result.FAILED]
    outcomes = tracker.apply(ref, changes, precondition(store.view(ref)))
    assert [outcome.result for outcome in outcomes] == [Result.UNCHANGED, Result.WRITTEN, Result.WRITTEN]


def test_a_status_without_a_known_category_has_no_progress() -> None:
    store = InMemoryStore(statuses={"Neu": Progress.TODO})
    ref = store.create_item(project="PAY", type="Feature", title="One")
    store.change_status(ref, "Unbekannt")
    assert store.view(ref).progress is None


def test_a_clock_stands_until_it_is_moved_and_wants_a_zone() -> None:
    clock = MovableClock(NOW)
    assert clock.now() == clock.now() == NOW
    assert clock.advance(timedelta(days=1)) == clock.now() == NOW + timedelta(days=1)
    clock.move_to(NOW)
    assert clock.now() == NOW
    with pytest.raises(ValueError, match="zone"):
        MovableClock(datetime(2026, 11, 2))  # noqa: DTZ001 that is what it refuses
    with pytest.raises(ValueError, match="zone"):
        clock.move_to(datetime(2026, 11, 2))  # noqa: DTZ001 that is what it refuses
