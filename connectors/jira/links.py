"""Which way a link points: the only place that knows how Jira words a dependency."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from connectors.jira import wire
from lpm_sync.core.change import AddLink
from lpm_sync.core.work_item import Direction, Edge, Ref

RELATES = "relates to"
USUAL_TYPES = (wire.LinkType(name="Blocks"), wire.LinkType(name="Relates"))
"""What every Jira begins with: for one that does not tell its types. A link tells its phrases by itself."""


def edge(link: wire.IssueLink, here: Ref, other: Ref, phrases: tuple[str, ...]) -> Edge | None:
    """The dependency that a link means, read on the issue `here`; None where it is another kind of link.

    `phrases` are read from blocker to blocked. On an issue, `outwardIssue` Y under (outward) "blocks" reads "this
    blocks Y", `inwardIssue` Y under (inward) "is blocked by" reads "this is blocked by Y" (trackers.md, Writing).
    Raises ValueError for one that does not say how it reads, unless it can be none of those phrases.
    """
    if not (link.type.outward or link.type.inward) and not are_usual(phrases):
        raise ValueError(f"a link of the type “{link.type.name}” does not say how it reads")
    shown, other_way = link.type.outward, link.type.inward
    if link.outward_issue is None:
        shown, other_way = other_way, shown
    match direction(shown, other_way, phrases):
        case Direction.BLOCKS:
            return Edge(here, other)
        case Direction.BLOCKED_BY:
            return Edge(other, here)
    return None


@lru_cache(maxsize=1024)  # a tracker has a dozen wordings, and thousands of links
def direction(shown: str, other_way: str, phrases: tuple[str, ...]) -> Direction | None:
    """What the phrase `shown` on an issue says of it, given how the same link reads from its other end."""
    wanted = {_folded(phrase) for phrase in phrases}
    if _folded(shown) == _folded(other_way):
        return None  # a link that reads the same from both ends has no direction
    if _folded(shown) in wanted:
        return Direction.BLOCKS
    return Direction.BLOCKED_BY if _folded(other_way) in wanted else None


def dependency_wordings(types: Iterable[wire.LinkType], phrases: tuple[str, ...]) -> dict[str, Direction]:
    """What each phrase of the dependency link types says of the issue on which it is read, folded."""
    told: dict[str, Direction] = {}
    for kind in types:
        for shown, other_way in ((kind.outward, kind.inward), (kind.inward, kind.outward)):
            found = direction(shown, other_way, phrases)
            if found is not None:
                told[_folded(shown)] = found
    return told


@lru_cache(maxsize=64)
def are_usual(phrases: tuple[str, ...]) -> bool:
    """Whether all of them are phrases of the types that every Jira begins with."""
    return not unknown_phrases((wire.LinkType(name=name) for name in wire.USUAL_PHRASES), phrases)


def unknown_phrases(types: Iterable[wire.LinkType], phrases: Iterable[str]) -> list[str]:
    """The phrases that no type of link has, at either end."""
    known = set(map(_folded, wordings(types)))
    return [phrase for phrase in phrases if _folded(phrase) not in known]


def wordings(types: Iterable[wire.LinkType]) -> set[str]:
    """How the types read, as far as they say."""
    return {wording for kind in types for wording in (kind.outward, kind.inward) if wording}


def wording_of(text: str, wordings: dict[str, Direction]) -> Direction | None:
    """What a relationship that someone wrote as text says, None where it is no dependency."""
    return wordings.get(_folded(text))


def named(kind: wire.LinkType) -> dict[str, str]:
    """A type of link in a request: by its id where that is known."""
    return {"id": kind.id} if kind.id else {"name": kind.name}


def is_same(kind: wire.LinkType, other: wire.LinkType) -> bool:
    """Whether both are one type: a server may leave out the id or the name where it names one."""
    if kind.id and other.id:
        return kind.id == other.id
    return (kind.outward, kind.inward) == (other.outward, other.inward)


def global_id(change: AddLink) -> str:
    """By which a remote link is found again (trackers.md, Writing)."""
    return f"lpm-sync={change.target}"


def relation_type(types: Sequence[wire.LinkType]) -> wire.LinkType | None:
    """The type of link that relates without blocking: by its phrase, by its name, else as the only one of no direction.

    Phrases and names are in whatever language an administrator wrote them.
    """
    by_phrase = (kind for kind in types if RELATES in (_folded(kind.outward), _folded(kind.inward)))
    by_name = (kind for kind in types if _folded(kind.name) in ("relates", "related"))
    mutual = [kind for kind in types if kind.outward and _folded(kind.outward) == _folded(kind.inward)]
    return next(by_phrase, None) or next(by_name, None) or (mutual[0] if len(mutual) == 1 else None)


def _folded(phrase: str) -> str:
    return " ".join(phrase.casefold().split())
