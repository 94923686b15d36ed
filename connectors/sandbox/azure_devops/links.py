"""Links between work items: one edge in one graph, with its rules and its history.

An edge does not belong to a revision: adding and removing it touches neither `rev` nor `ChangedDate`
(trackers.md: "Link changes do not touch `rev`, `ChangedDate` or the watermark"; recordings 103, 114, 123 and 133).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connectors.sandbox.azure_devops import errors
from connectors.sandbox.azure_devops.model import Link
from connectors.sandbox.azure_devops.process import LINK_TYPES, LinkType

HIERARCHY = "System.LinkTypes.Hierarchy"
DEPENDENCY = "System.LinkTypes.Dependency"
FORWARD = "-Forward"
REVERSE = "-Reverse"

_BY_NAME = {kind.name.casefold(): kind for kind in LINK_TYPES}


def link_type(name: str) -> LinkType | None:
    """The link type of a relation name, with or without its direction."""
    return _BY_NAME.get(name.removesuffix(FORWARD).removesuffix(REVERSE).casefold())


def is_remote(rel: str) -> bool:
    """Whether a relation of that name leads to another organisation."""
    kind = link_type(rel)
    return kind is not None and kind.is_remote and kind.is_directional is rel.endswith((FORWARD, REVERSE))


def edge(rel: str, here: int, there: int) -> Link | None:
    """The edge that a relation `rel` from `here` to `there` stands for, or None for an unknown relation.

    "A is blocked by B" is `System.LinkTypes.Dependency-Reverse` on A to B (trackers.md, "Dependencies"): the edge from
    B, the predecessor, to A, the successor.
    """
    kind = link_type(rel)
    if kind is None or kind.is_directional is not rel.endswith((FORWARD, REVERSE)):
        return None
    if not kind.is_directional:
        return Link(type=kind.name, source=min(here, there), target=max(here, there))
    source, target = (there, here) if rel.endswith(REVERSE) else (here, there)
    return Link(type=kind.name, source=source, target=target)


def relation(link: Link, here: int) -> tuple[str, str, int]:
    """Relation name, its label and the other end, read from one end."""
    kind = _BY_NAME[link.type.casefold()]
    if not kind.is_directional:
        return kind.name, kind.forward, link.target if link.source == here else link.source
    if link.source == here:
        return kind.name + FORWARD, kind.forward, link.target
    return kind.name + REVERSE, kind.reverse, link.source


def label_of(rel: str) -> str:
    """What people read for a relation name with its direction; raises KeyError."""
    kind = _BY_NAME[rel.removesuffix(FORWARD).removesuffix(REVERSE).casefold()]
    return kind.reverse if rel.endswith(REVERSE) else kind.forward


class LinkGraph:
    """All links of an organisation, kept by item."""

    def __init__(self) -> None:
        self._comments: dict[Link, str | None] = {}
        self._by_end: dict[int, set[Link]] = {}

    def __contains__(self, link: Link) -> bool:
        return link in self._comments

    def comment(self, link: Link) -> str | None:
        """What was written on the link."""
        return self._comments[link]

    def of(self, identifier: int) -> list[Link]:
        """The links of an item, in an order that is not the order of adding.

        In recordings 103 and 124 children added as 974, 975, 976 come back as 975, 974, 976, and 977 before 976. Odd
        before even gives the same, and nobody can rely on the order of adding.
        """
        found = self._by_end.get(identifier, set())
        return sorted(found, key=lambda link: _order(link, identifier))

    def add(self, link: Link, comment: str | None = None) -> None:
        """Adds an edge that `check` has let pass."""
        self._comments[link] = comment
        for end in (link.source, link.target):
            self._by_end.setdefault(end, set()).add(link)

    def remove(self, link: Link) -> None:
        """Removes an edge; raises KeyError where there is none."""
        del self._comments[link]
        for end in (link.source, link.target):
            self._by_end[end].discard(link)

    def parent(self, identifier: int) -> int | None:
        """The parent of an item."""
        found = self._by_end.get(identifier, set())
        return next((link.source for link in found if link.type == HIERARCHY and link.target == identifier), None)

    def check(self, link: Link, label: str, added: Iterable[Link] = (), removed: Iterable[Link] = ()) -> None:
        """Refuses a link that exists, ties an item to itself, closes a circle or gives a second parent.

        `added` and `removed` are the other edges of the same patch.
        """
        added, removed = set(added), set(removed)
        if link in added or (link in self and link not in removed):
            raise errors.link_exists()
        kind = _BY_NAME[link.type.casefold()]
        if link.source == link.target:
            raise errors.circular_link(label, link.source, link.target)
        if kind.topology == "tree" and self._sources(link, added, removed):
            raise errors.second_parent(label, link.source, link.target)
        if kind.is_directional and self._reaches(link, added, removed):
            raise errors.circular_link(label, link.source, link.target)

    def _sources(self, link: Link, added: set[Link], removed: set[Link]) -> set[Link]:
        edges = (self._by_end.get(link.target, set()) | added) - removed
        return {other for other in edges if other.type == link.type and other.target == link.target}

    def _reaches(self, link: Link, added: set[Link], removed: set[Link]) -> bool:
        """Whether the target leads back to the source along links of this type."""
        extra: Mapping[int, set[Link]] = {edge.source: {e for e in added if e.source == edge.source} for edge in added}
        waiting, seen = [link.target], {link.target}
        while waiting:
            here = waiting.pop()
            if here == link.source:
                return True
            for other in (self._by_end.get(here, set()) | extra.get(here, set())) - removed:
                if other.type == link.type and other.source == here and other.target not in seen:
                    seen.add(other.target)
                    waiting.append(other.target)
        return False


def _order(link: Link, here: int) -> tuple[str, bool, int]:
    rel, _, there = relation(link, here)
    return rel, there % 2 == 0, there
