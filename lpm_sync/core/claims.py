"""Which value streams claim an item: by its own marks, else by those of the nearest item above it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lpm_sync.core.mapped_fields import MappedFields
from lpm_sync.core.value_stream import Match, ValueStream
from lpm_sync.core.work_item import Ref, WorkItem

_Mark = tuple[str, str]  # what kind of mark, and its value without case
_FIELD = "field "  # kinds of marks that are configured fields begin so


def claims_of(items: Mapping[Ref, WorkItem], streams: tuple[ValueStream, ...]) -> dict[Ref, tuple[str, ...]]:
    """The ids of the streams that claim each item, in the order of the streams; no entry where none does.

    A stream claims an item when any of its matches fits; a match fits when every criterion that is set does. An item
    that no stream claims by its own marks takes over all claims of its nearest ancestor that has any.
    Names are compared without case.
    """
    matches = [(stream.id, wanted) for stream in streams for match in stream.matches if (wanted := _wanted(match))]
    that_matter = frozenset[_Mark]().union(*(wanted for _, wanted in matches))
    kinds = {kind for kind, _ in that_matter}
    known: dict[frozenset[_Mark], tuple[str, ...]] = {}  # few sets of marks occur, on many items
    claims: dict[Ref, tuple[str, ...]] = {}
    for ref, item in items.items():
        marks = that_matter.intersection(_marks(item, kinds))
        if marks not in known:
            known[marks] = tuple(dict.fromkeys(stream for stream, wanted in matches if wanted <= marks))
        claims[ref] = known[marks]
    unclaimed = [ref for ref, claimed in claims.items() if not claimed]
    inherited = {ref: _nearest(ref, items, claims) for ref in unclaimed}
    return {ref: found for ref, found in (claims | inherited).items() if found} if unclaimed else claims


def perhaps_claimed(
    items: Mapping[Ref, WorkItem],
    claims: Mapping[Ref, tuple[str, ...]],
    streams: tuple[ValueStream, ...],
    mapped: MappedFields,
) -> dict[Ref, tuple[str, ...]]:
    """The streams that may claim an item, or one above it, by a value that its tracker does not give.

    Asked of items that no stream claims otherwise.
    """
    by_tracker = {tracker: _guesses(streams, mapped, tracker) for tracker in mapped.by_tracker}
    if not any(by_tracker.values()):
        return {}
    kinds = {kind for guesses in by_tracker.values() for _, known in guesses for kind, _ in known}
    own: dict[Ref, tuple[str, ...]] = dict.fromkeys(items, ())
    for ref, item in items.items():
        if ref not in claims and (guesses := by_tracker.get(ref.tracker)):
            marks = frozenset(_marks(item, kinds))
            own[ref] = tuple(dict.fromkeys(stream for stream, known in guesses if known <= marks))
    return {ref: found for ref in items if ref not in claims and (found := _nearest(ref, items, own))}


def _guesses(
    streams: tuple[ValueStream, ...], mapped: MappedFields, tracker: str
) -> tuple[tuple[str, frozenset[_Mark]], ...]:
    """By stream, what else a match asks for that also asks for a value which the tracker does not give."""
    return tuple(
        (stream.id, frozenset(mark for mark in _wanted(match) if mark[0].removeprefix(_FIELD) not in unknown))
        for stream in streams
        for match in stream.matches
        if (unknown := mapped.lacking(tracker, match.read))
    )


def _nearest(ref: Ref, items: Mapping[Ref, WorkItem], own: Mapping[Ref, tuple[str, ...]]) -> tuple[str, ...]:
    seen: set[Ref] = set()
    above: Ref | None = ref
    while above is not None and above in items and above not in seen:
        if own[above]:
            return own[above]
        seen.add(above)
        above = items[above].parent
    return ()


def _wanted(match: Match) -> frozenset[_Mark]:
    """The marks that a match asks for; one without criteria asks for none and claims nothing."""
    criteria = {
        "project": match.project,
        "area_path": None if match.area_path is None else match.area_path.strip("\\"),
        "label": match.label,
        "component": match.component,
        "team": match.team,
    }
    wanted = {(kind, value.casefold()) for kind, value in criteria.items() if value is not None}
    if match.field is not None:
        name, value = match.field
        wanted.add((f"{_FIELD}{name}", value.casefold()))
    return frozenset(wanted)


def _marks(item: WorkItem, kinds: set[str]) -> Iterator[_Mark]:
    """The item's marks of these kinds. An area path marks it with every path above it too."""
    source = item.source
    if "project" in kinds:
        yield "project", source.project.casefold()
    if "label" in kinds:
        for label in source.labels:
            yield "label", label.casefold()
    if "component" in kinds:
        for component in source.components:
            yield "component", component.casefold()
    if "team" in kinds and item.team:
        yield "team", item.team.casefold()
    if "area_path" in kinds and source.area_path:
        parts = source.area_path.casefold().strip("\\").split("\\")
        for length in range(1, len(parts) + 1):
            yield "area_path", "\\".join(parts[:length])
    for kind in kinds:
        if kind.startswith(_FIELD):
            value = source.fields.get(kind.removeprefix(_FIELD), ())
            for text in value if isinstance(value, tuple) else (str(value),):
                yield kind, text.strip().casefold()
