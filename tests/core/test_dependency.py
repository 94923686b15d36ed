"""The graph of dependencies runs from blocker to blocked, over all trackers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpm_sync.core.dependency import DependencyGraph, blocked_since
from lpm_sync.core.work_item import Edge, Ref

_A, _B, _C, _D = (Ref("jira", "A"), Ref("ado", "B"), Ref("jira", "C"), Ref("jira", "D"))
_REFS = st.sampled_from([_A, _B, _C, _D])


def _november(day: int) -> datetime:
    return datetime(2026, 11, day, 9, tzinfo=UTC)


def test_each_end_finds_the_other() -> None:
    graph = DependencyGraph.build([Edge(_A, _B), Edge(_C, _B), Edge(_A, _B)], {})

    assert graph.blockers == {_B: (_A, _C)}
    assert graph.blocked == {_A: (_B,), _C: (_B,)}
    assert not graph.cycles


def test_each_member_of_a_circle_finds_all_members() -> None:
    graph = DependencyGraph.build([Edge(_A, _B), Edge(_B, _C), Edge(_C, _A), Edge(_C, _D)], {})

    assert graph.cycles == dict.fromkeys((_A, _B, _C), (_B, _A, _C))


def test_an_item_that_blocks_itself_is_a_circle() -> None:
    assert DependencyGraph.build([Edge(_A, _A)], {}).cycles == {_A: (_A,)}


@given(st.lists(st.builds(Edge, _REFS, _REFS)))
def test_the_order_of_the_edges_does_not_matter(edges: list[Edge]) -> None:
    assert DependencyGraph.build(edges, {}) == DependencyGraph.build(reversed(edges), {})


@pytest.mark.parametrize(
    ("made", "moved", "since", "is_first_seen"),
    [
        (2, 3, 3, False),
        (4, 3, 4, False),
        (2, None, 2, False),
        (None, 3, 5, True),
        (None, 6, 6, True),
        (None, None, 5, True),
    ],
)
def test_an_item_is_blocked_since_the_later_of_link_made_and_blocker_moved(
    made: int | None, moved: int | None, since: int, is_first_seen: bool
) -> None:
    told = blocked_since(
        None if made is None else _november(made), None if moved is None else _november(moved), _november(5)
    )

    assert told == (_november(since), is_first_seen)
