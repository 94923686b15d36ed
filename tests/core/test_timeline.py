"""What can be read off a timeline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lpm_sync.core.timeline import DEPENDENCY, LINK, STATUS, Entry, Timeline
from lpm_sync.core.work_item import Ref

REF, OTHER, THIRD = (Ref("jira", n) for n in "123")
DAY = timedelta(days=1)
MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)


def test_the_last_change_of_status_counts_and_no_other_change() -> None:
    entries = [
        Entry(at=MONDAY + DAY, aspect=STATUS, before="a", after="b"),
        Entry(at=MONDAY, aspect=STATUS, after="a"),
        Entry(at=MONDAY + 2 * DAY, aspect="estimate", before="3", after="5"),
    ]
    assert Timeline.of(REF, entries).last_status_change == MONDAY + DAY
    assert Timeline(ref=REF).last_status_change is None


def test_a_dependency_that_was_made_again_counts_from_then() -> None:
    entries = [
        Entry(at=MONDAY, aspect=DEPENDENCY, after=str(OTHER)),
        Entry(at=MONDAY + DAY, aspect=DEPENDENCY, before=str(OTHER)),
        Entry(at=MONDAY + 2 * DAY, aspect=DEPENDENCY, after=str(OTHER)),
    ]
    assert dict(Timeline.of(REF, entries).link_created) == {OTHER: MONDAY + 2 * DAY}
    assert dict(Timeline.of(REF, entries[:2]).link_created) == {}


def test_another_kind_of_link_stands_in_only_where_no_dependency_is_told() -> None:
    entries = [
        Entry(at=MONDAY, aspect=DEPENDENCY, after=str(OTHER)),
        Entry(at=MONDAY + DAY, aspect=LINK, after=str(OTHER)),
        Entry(at=MONDAY + DAY, aspect=LINK, after=str(THIRD)),
    ]
    assert dict(Timeline.of(REF, entries).link_created) == {OTHER: MONDAY, THIRD: MONDAY + DAY}


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=12))
def test_a_link_stands_if_and_only_if_its_last_entry_made_it(told: list[tuple[int, bool]]) -> None:
    entries = [
        Entry(at=MONDAY + day * DAY, aspect=DEPENDENCY, **{"after" if is_made else "before": str(OTHER)})
        for day, is_made in told
    ]
    timeline = Timeline.of(REF, entries)
    last = timeline.entries[-1] if entries else None
    expected = {OTHER: last.at} if last is not None and last.after else {}
    assert dict(timeline.link_created) == expected
