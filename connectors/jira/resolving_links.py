"""Finds the type of link that a configured phrase means, or the one that it was pinned to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from connectors.jira import links, wire
from lpm_sync.core.resolution import DEPENDENCY_LINKS, Resolution, lost, place
from lpm_sync.core.work_item import Direction
from lpm_sync.errors import ChangedError

OUTWARD, INWARD = "outward", "inward"


def resolve_phrases(
    types: Sequence[wire.LinkType], phrases: Iterable[str], pinned: Mapping[str, str]
) -> dict[str, Resolution]:
    """The end of a type of link that each phrase is read at, by the phrase.

    A phrase that several types have in common leads to none of them in particular: all of them count. Raises
    ChangedError where what is pinned is gone, or says another thing.
    """
    found: dict[str, Resolution] = {}
    for phrase in phrases:
        where = place(DEPENDENCY_LINKS, phrase)
        if where in pinned:
            found[phrase] = _pinned(where, types, phrase, pinned[where])
            continue
        ends = [end for kind in types if (end := _end_with(kind, phrase)) is not None]
        if len(ends) == 1:
            found[phrase] = ends[0]
    return found


def worded(phrases: Iterable[str], found: Mapping[str, Resolution]) -> tuple[str, ...]:
    """The phrases as the tracker words them today."""
    return tuple(found[phrase].name if phrase in found else phrase for phrase in phrases)


def _pinned(where: str, types: Sequence[wire.LinkType], phrase: str, pin: str) -> Resolution:
    """The pinned end, whatever it says today; not if it says what the other end said: links would be read backwards."""
    number, _, end = pin.partition(" ")
    kind = next((kind for kind in types if kind.id == number), None)
    if kind is None:
        raise ChangedError(lost(where, pin))
    read_at = _end_with(kind, phrase) or _end(kind, end)
    if read_at.id != pin or links.direction(kind.outward, kind.inward, (read_at.name,)) is None:
        raise ChangedError(
            f"{where} is pinned to the {end} end of the type of link {number}, which reads “{kind.outward}” outward "
            f"and “{kind.inward}” inward now"
        )
    return read_at


def _end_with(kind: wire.LinkType, phrase: str) -> Resolution | None:
    """The end of a directed type of link that reads so."""
    found = links.direction(kind.outward, kind.inward, (phrase,))
    if found is None:
        return None
    return _end(kind, OUTWARD if found is Direction.BLOCKS else INWARD)


def _end(kind: wire.LinkType, end: str) -> Resolution:
    return Resolution(id=f"{kind.id} {end}", name=kind.inward if end == INWARD else kind.outward, kind=end)
