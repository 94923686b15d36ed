"""Whatever is edited, and when, also in the middle of a reading: after the last one the copy equals the tracker."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sandbox.azure_devops.links import HIERARCHY
from connectors.sandbox.azure_devops.model import Link
from connectors.sandbox.faults import Fault
from connectors.sandbox.serving import LoopbackServer
from lpm_sync.core.work_item import Ref
from lpm_sync.errors import StoppedError, UnavailableError
from lpm_sync.testing.mirror import Mirror
from tests.connectors.azure_devops.conftest import PROJECTS, Backdoor, Gate
from tests.example_counts import examples

OUTSIDE = "Elsewhere"
PLACES = (*PROJECTS, OUTSIDE)
FAILING = (
    "workItemsBatch",
    "/comments",
    "workItemRevisions",
    "workItemLinks",
    "/wiql",
    "workItemTypes",
    "_apis/projects",
    "wit/fields",
    "onnectionData",
)
Step = tuple[str, int, int]
Edit = Callable[[Backdoor, int, int, int], object]

numbers = st.integers(0, 30)


def steps(*kinds: str) -> st.SearchStrategy[list[Step]]:
    editing = st.tuples(st.sampled_from(kinds), numbers, numbers)
    reading = st.tuples(
        st.sampled_from(["read", "read", "census", "read and fail", "read and stop", "read while edited", "restart"]),
        numbers,
        numbers,
    )
    hiding = st.tuples(st.sampled_from(["create", "hide"]), numbers, numbers)
    return st.lists(st.one_of(editing, editing, reading, hiding), min_size=4, max_size=30)


class World:
    """An organisation that people edit, and a copy of what is in scope, kept up to date."""

    def __init__(self, door: Backdoor, differences: dict[str, Any]) -> None:
        self.door, self.differences = door, differences
        door.store.add_project(OUTSIDE)
        self.mirror = Mirror()
        self.tracker = door.connect(**differences)
        self.hidden = False
        for number in range(6):
            self.create(number, number)

    def take(self, kind: str, one: int, other: int) -> None:
        """One step; what cannot be done is left."""
        if kind == "read":
            self.read()
        elif kind == "census":
            self.read(census=True)
        elif kind == "read and fail":
            fault = Fault(path=FAILING[one % len(FAILING)], status=507, times=1 + other % 3, skip=other % 2)
            self.door.server.wire.faults.append(fault)
            self.read(census=other % 4 == 0)
            self.door.server.wire.faults.clear()
        elif kind == "read and stop":
            self.read_and_stop(one % 5)
        elif kind == "read while edited":
            self.door.before_each_request(lambda path: self.edit(("title", "link", "tag")[len(path) % 3], one, other))
            self.read(census=other % 2 == 0)
            self.door.before_each_request(None)
        elif kind == "restart":
            self.tracker = self.door.connect(**self.differences)
        elif kind == "create":
            self.create(one, other)
        elif kind == "hide":
            self.hide(is_hidden=not self.hidden)
        else:
            self.edit(kind, one, other)

    def edit(self, kind: str, one: int, other: int) -> None:
        with self.door.store.lock:
            items = self.door.store.items
            ids = list(items)
            first, second = ids[one % len(ids)], ids[other % len(ids)]
            if not items[first].deleted and not items[second].deleted and len({first, second, ids[0]}) == 3:
                EDITS[kind](self.door, first, second, one * 31 + other)

    def create(self, one: int, other: int) -> None:
        kind = ("Feature", "Epic", "Task")[other % 3]
        self.door.create_item(project=PLACES[one % 3], type=kind, title=f"New {one}", labels=["in"] * (one % 2))

    def read(self, *, census: bool = False) -> None:
        try:
            self.mirror.read(self.tracker, census=census)
        except UnavailableError:
            assert self.door.server.wire.faults

    def read_and_stop(self, items: int) -> None:
        """Everything anew, or on from where that was stopped, until so many items are kept."""
        if not self.mirror.is_unfinished:
            self.mirror.forget_position()
        with suppress(StoppedError):
            self.mirror.read(self.tracker, stop_after=items)

    def hide(self, *, is_hidden: bool) -> None:
        self.hidden = is_hidden
        (self.door.hide_project if is_hidden else self.door.show_project)(PROJECTS[1])

    def whole(self) -> dict[Ref, Any]:
        pull = self.door.connect(**self.differences).pull()
        assert not pull.failures
        return {item.ref: item for item in pull.items}


def _comment(door: Backdoor, one: int, _: int, n: int) -> None:
    author = (door.store.account, door.person)[n % 2]
    standing = door.store.comments_of(one)
    if n % 3 == 0 and standing:
        door.store.delete_comment(one, standing[n % len(standing)].id, actor=author)
    else:
        door.store.add_comment(one, author, f"<div>Comment {n}</div>")


def _unlink(door: Backdoor, one: int, other: int, _: int) -> None:
    for link in door.store.links.of(one):
        if link.has_end(other):
            door.store.remove_link(link, actor=door.person)


def _parent(door: Backdoor, one: int, other: int, n: int) -> None:
    standing = door.store.links.parent(one)
    if standing is not None:
        door.store.remove_link(Link(type=HIERARCHY, source=standing, target=one), actor=door.person)
    if n % 4:
        door.store.set_parent(one, other, actor=door.person)


EDITS: dict[str, Edit] = {
    "title": lambda door, one, _, n: door.store.edit(one, {"System.Title": f"Title {n}"}, actor=door.person),
    "tag": lambda door, one, _, n: door.store.add_tag(one, ("in", "b", "c")[n % 3], actor=door.person),
    "untag": lambda door, one, _, n: door.store.remove_tag(one, ("in", "b", "c")[n % 3], actor=door.person),
    "comment": _comment,
    "state": lambda door, one, _, n: door.store.set_state(one, ("New", "Active", "Closed")[n % 3], actor=door.person),
    "link": lambda door, one, other, _: door.store.link(one, other, actor=door.person),
    "unlink": _unlink,
    "parent": _parent,
    "address": lambda door, one, _, n: door.store.add_hyperlink(one, f"https://jira.example/{n}", comment="blocks"),
    "type": lambda door, one, _, n: door.store.edit(one, {"System.WorkItemType": ("Feature", "Task")[n % 2]}),
    "move": lambda door, one, _, n: door.store.move(one, PLACES[n % 3], actor=door.person),
    "delete": lambda door, one, _, __: door.store.delete_work_item(one, actor=door.person),
    "destroy": lambda door, one, _, __: door.store.destroy(one),
}
TOLD = tuple(kind for kind in EDITS if kind != "destroy")


@settings(max_examples=examples(8))
@given(story=steps(*TOLD), page=st.integers(1, 7), limit=st.integers(2, 30))
def test_all_that_the_feeds_tell_is_in_the_copy_without_any_census(
    azure_devops_server: tuple[LoopbackServer, Gate], story: list[Step], page: int, limit: int
) -> None:
    world = _told(azure_devops_server, story, page, limit, {})
    world.read()
    assert world.mirror.items == world.whole()
    world.door.close()


@settings(max_examples=examples(8))
@given(story=steps(*EDITS), page=st.integers(1, 7), clause=st.sampled_from([None, "[System.Tags] CONTAINS 'in'"]))
def test_after_a_census_the_copy_equals_the_tracker(
    azure_devops_server: tuple[LoopbackServer, Gate], story: list[Step], page: int, clause: str | None
) -> None:
    world = _told(azure_devops_server, story, page, 20_000, {"scope_query": clause})
    world.read()
    world.read(census=True)
    assert world.mirror.items == world.whole()
    assert world.mirror.broken == {}
    world.door.close()


def _told(
    server: tuple[LoopbackServer, Gate], story: list[Step], page: int, limit: int, differences: dict[str, Any]
) -> World:
    """The world after that story, with everything visible again."""
    door = Backdoor(*server)
    door.store.behaviour.reporting_page_size = page
    door.store.behaviour.query_result_limit = limit
    world = World(door, differences)
    for step in story:
        world.take(*step)
    world.hide(is_hidden=False)
    return world
