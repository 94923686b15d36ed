"""What the relations of an item mean: parent, dependencies, other links, and addresses of items elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from functools import lru_cache

from msgspec import Struct

from connectors.azure_devops.wire import Relation
from lpm_sync.core.work_item import Direction, Edge, ForeignLink, Ref

PARENT = "System.LinkTypes.Hierarchy-Reverse"
CHILD = "System.LinkTypes.Hierarchy-Forward"
RELATED = "System.LinkTypes.Related"
BLOCKS_REL = "System.LinkTypes.Dependency-Forward"  # on the blocker, to what it blocks
HYPERLINK = "Hyperlink"
DEPENDENCIES = ("System.LinkTypes.Dependency", "System.LinkTypes.Remote.Dependency")
REMOTE = "System.LinkTypes.Remote."
RESOURCES = frozenset((HYPERLINK, "ArtifactLink", "AttachedFile"))
PHRASES = {
    "blocked by": Direction.BLOCKED_BY,
    "is blocked by": Direction.BLOCKED_BY,
    "blocks": Direction.BLOCKS,
}
ITEM_ADDRESS = re.compile(r"/_apis/wit/workItems/(\d{1,18})/?(?:[?#].*)?$", re.IGNORECASE)
ADDRESS = re.compile(r"https?://[^\s<>\"'()\[\]{}|\\^`]+", re.IGNORECASE)


class Role(Enum):
    """What is at the other end of a relation that is no dependency inside the organisation."""

    PARENT = "parent"
    CHILD = "child"
    OTHER = "another item"
    ELSEWHERE = "no item of the organisation"


_ELSEWHERE, _OTHER, _PARENT = Role.ELSEWHERE, Role.OTHER, Role.PARENT  # faster than off the enumeration, each time


class Links(Struct, frozen=True, kw_only=True, gc=False):
    """The links of one item, by what they mean here."""

    parent: Ref | None
    edges: frozenset[Edge]
    linked: frozenset[Ref]
    foreign: tuple[ForeignLink, ...]


def direction_of(rel: str) -> Direction | None:
    """Which end of a dependency the item holds that carries `rel`; None where it is no dependency.

    On A, `Dependency-Reverse` (predecessor) to B means that B blocks A. This is the one place that knows it.
    """
    kind, _, end = rel.rpartition("-")
    if kind not in DEPENDENCIES:
        return None
    return {"Reverse": Direction.BLOCKED_BY, "Forward": Direction.BLOCKS}.get(end)


def edge_of(here: Ref, there: Ref, direction: Direction) -> Edge:
    """The edge between an item and the other end of its dependency."""
    if direction is Direction.BLOCKED_BY:
        return Edge(blocker=there, blocked=here)
    return Edge(blocker=here, blocked=there)


def read_links(here: Ref, relations: Iterable[Relation]) -> Links:
    """Sorts the relations of an item; raises ValueError for a link between items whose address names none."""
    tracker = here.tracker
    parent: Ref | None = None
    edges: list[Edge] = []
    linked: list[Ref] = []
    foreign: set[ForeignLink] = set()
    for relation in relations:
        role = _role_of(relation.rel)
        if role is _ELSEWHERE:
            direction = _foreign_direction(relation)
            if direction:
                foreign.add(ForeignLink(url=relation.url, direction=direction))
            continue
        there = _item_at(tracker, relation.url)
        if there is None:
            raise ValueError(f"a relation {relation.rel} leads to no work item")
        if role is _OTHER:
            linked.append(there)
        elif role is _PARENT:
            parent = there
        elif isinstance(role, Direction):
            edges.append(edge_of(here, there, role))
    return Links(
        parent=parent,
        edges=frozenset(edges),
        linked=frozenset(linked),
        foreign=in_order(foreign) if foreign else (),
    )


@lru_cache(maxsize=256)
def _role_of(rel: str) -> Role | Direction:
    """Worked out once a type of link; for a dependency it is the direction."""
    if rel in RESOURCES or rel.startswith(REMOTE):
        return Role.ELSEWHERE
    return direction_of(rel) or {PARENT: Role.PARENT, CHILD: Role.CHILD}.get(rel, Role.OTHER)


@lru_cache(maxsize=8192)
def _item_at(tracker: str, url: str) -> Ref | None:
    """The work item at an address, None where there is none: many items link to the same, and share its Ref."""
    found = ITEM_ADDRESS.search(url)
    return Ref(tracker, found[1]) if found else None


def addresses_in(text: str, direction: Direction) -> set[ForeignLink]:
    """The addresses in a reference field."""
    return {ForeignLink(url=url.rstrip(".,;:!?"), direction=direction) for url in ADDRESS.findall(text)}


def in_order(links: Iterable[ForeignLink]) -> tuple[ForeignLink, ...]:
    """The links by address: the server gives relations in no order that means anything."""
    return tuple(sorted(links, key=lambda link: (link.url, link.direction)))


def _foreign_direction(relation: Relation) -> Direction | None:
    """The direction of a remote dependency, or of a hyperlink whose comment is one of the phrases."""
    if relation.rel != HYPERLINK:
        return direction_of(relation.rel)
    comment = (relation.attributes.comment if relation.attributes else None) or ""
    return PHRASES.get(" ".join(comment.casefold().split()).rstrip(":. "))


def item_of(relation: Relation) -> str | None:
    """The number of the work item that a relation leads to; None where it leads to none."""
    found = ITEM_ADDRESS.search(relation.url)
    return found[1] if found else None
