"""Finds the tracker's field that a configured name, id or type means, or the one that it was pinned to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType

from connectors.jira import wire
from connectors.jira.fields import EPIC_LINK, EPIC_NAME, PARENT_LINK, Fields, held, kind_of
from lpm_sync.core.field_kind import misfit
from lpm_sync.core.resolution import FIELDS, REFERENCE_FIELDS, RENEWAL, filled_in, lost, place
from lpm_sync.core.work_item import Direction
from lpm_sync.errors import ChangedError
from lpm_sync.ports import Connection

LONGEST_LIST = 8  # names in a message
MOST_COUNTED = 40  # candidates of which it is asked how often they are filled
NO_PINS: Mapping[str, str] = MappingProxyType({})

Count = Callable[[Sequence[wire.Field]], Mapping[str, int]]
"""How many issues in scope have each of those fields, by id, as far as the tracker tells."""


def uncounted(fields: Sequence[wire.Field]) -> Mapping[str, int]:
    """Asks nobody."""
    return {}


@dataclass(slots=True)
class Found:
    """What each configured place was found to be; by place also the `mistakes`, and the `changes` under a pin."""

    configured: dict[str, wire.Field] = field(default_factory=dict)
    references: dict[Direction, wire.Field] = field(default_factory=dict)
    mistakes: dict[str, str] = field(default_factory=dict)
    changes: dict[str, str] = field(default_factory=dict)

    def raise_if_any(self, connection: Connection) -> None:
        """Raises ConfigurationError with every mistake, ChangedError with every change where there is no mistake."""
        if self.mistakes:
            raise connection.misnamed(self.mistakes)
        if self.changes:
            raise ChangedError(f"{connection.name}: {'; '.join(self.changes.values())}", remedy=RENEWAL)


def resolve(connection: Connection, known: Sequence[wire.Field], *, is_cloud: bool, count: Count = uncounted) -> Fields:
    """Resolves every configured field by the id that is pinned, else by id, `schema.custom` or name.

    Raises ConfigurationError that lists every one that does not exist, could be several (with the candidates, and how
    often `count` says each is filled), or holds something else than it has to; ChangedError for those that are pinned.
    """
    found = find_each(connection.fields, connection.reference_fields, known, pinned=connection.pinned, count=count)
    found.raise_if_any(connection)
    return Fields(
        configured=found.configured,
        references=found.references,
        parents=() if is_cloud else (*_of_type(known, PARENT_LINK), *_of_type(known, EPIC_LINK)),
        epic_name=epic_name(known, is_cloud=is_cloud),
    )


def epic_name(known: Sequence[wire.Field], *, is_cloud: bool) -> str | None:
    """The field for the name that an epic of Data Center needs beside its summary."""
    found = _of_type(known, EPIC_NAME)
    return found[0] if found and not is_cloud else None


def find_each(
    configured: Mapping[str, str],
    references: Mapping[str, str],
    known: Sequence[wire.Field],
    *,
    pinned: Mapping[str, str] = NO_PINS,
    count: Count = uncounted,
) -> Found:
    """Resolves as `resolve` does, each by itself."""
    found = Found()
    resolver = _Resolver(known, pinned, count, found)
    for name, text in configured.items():
        where = place(FIELDS, name)
        field = resolver.find(where, text)
        if field is None:
            continue
        if (reason := misfit(name, held(field))) is None:
            found.configured[name] = field
        elif where in pinned:
            found.changes[where] = f"{where} is pinned to {_listed([field])}, which {reason}"
        else:
            found.mistakes[where] = f"{_listed([field])} {reason}"
    for name, text in references.items():
        where = place(REFERENCE_FIELDS, name)
        if name not in tuple(Direction):
            found.mistakes[where] = "write blocked-by or blocks"
        elif (field := resolver.find(where, text)) is not None:
            found.references[Direction(name)] = field
    return found


@dataclass(frozen=True, slots=True)
class _Resolver:
    known: Sequence[wire.Field]
    pinned: Mapping[str, str]
    count: Count
    found: Found

    def find(self, where: str, text: str) -> wire.Field | None:
        """The field that is meant there; None, with the reason noted, where that is not exactly one."""
        if where in self.pinned:
            identifier = self.pinned[where]
            field = next((field for field in self.known if field.id == identifier), None)
            if field is None:
                self.found.changes[where] = lost(where, identifier)
            return field
        candidates = _candidates(text, self.known)
        if len(candidates) == 1:
            return candidates[0]
        self.found.mistakes[where] = (
            f"“{text}” could be any of {_weighed(candidates, self.count)}; write the id of the one that is meant"
            if candidates
            else _unknown(text, self.known)
        )
        return None


def _candidates(reference: str, known: Sequence[wire.Field]) -> list[wire.Field]:
    """The fields that a reference means; the first way that finds any counts."""
    folded = reference.casefold().strip()
    ways = (
        [field for field in known if field.id == reference],
        [field for field in known if field.schema is not None and field.schema.custom == reference],
        [field for field in known if field.name == reference],
        [field for field in known if field.name.casefold().strip() == folded],
    )
    return next((way for way in ways if way), [])


def _weighed(candidates: Sequence[wire.Field], count: Count) -> str:
    """Each with all that tells it from the others, those that are filled most often first."""
    filled = count(candidates[:MOST_COUNTED])
    ordered = sorted(candidates, key=lambda field: -filled.get(field.id, -1))
    return ", ".join(f"{field.id} ({_told(field, filled.get(field.id))})" for field in ordered)


def _told(field: wire.Field, filled: int | None) -> str:
    return f"{field.name}, {kind_of(field) or 'of no kind'}, {filled_in(filled)}"


def _unknown(reference: str, known: Sequence[wire.Field]) -> str:
    names = {field.name: field for field in known}
    near = [names[name] for name in get_close_matches(reference, names, n=3, cutoff=0.6)]
    hint = f"near it: {_listed(near)}" if near else "the fields page of the tracker lists what there is"
    return f"there is no field “{reference}”, or it is hidden from the account; {hint}"


def _listed(fields: Iterable[wire.Field]) -> str:
    shown = [f"{field.id} ({field.name})" for field in fields]
    return ", ".join(shown[:LONGEST_LIST]) + (", …" if len(shown) > LONGEST_LIST else "")


def _of_type(known: Sequence[wire.Field], custom: str) -> tuple[str, ...]:
    return tuple(field.id for field in known if field.schema is not None and field.schema.custom == custom)
