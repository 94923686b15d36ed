"""Finds the organisation's field that a configured name means, or the one that it was pinned to."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.azure_devops import wire
from connectors.azure_devops.client import FIELDS as DEFINITIONS
from connectors.azure_devops.client import Client
from connectors.azure_devops.filled import Filled, count_filled
from lpm_sync.core.field_kind import Held, misfit
from lpm_sync.core.resolution import FIELDS, REFERENCE_FIELDS, RENEWAL, Resolution, filled_in, lost, place
from lpm_sync.core.work_item import Direction
from lpm_sync.errors import ChangedError, ConfigurationError
from lpm_sync.ports import Connection

MOST_COUNTED = 40  # candidates of which it is asked how often they are filled
HELD = {
    **dict.fromkeys(("integer", "double", "picklistinteger", "picklistdouble"), Held.NUMBER),
    **dict.fromkeys(("string", "pickliststring"), Held.LINE),
    **dict.fromkeys(("plaintext", "html", "history"), Held.TEXT),
    **dict.fromkeys(("treepath", "guid"), Held.NAME),
    "datetime": Held.DATE,
    "identity": Held.PERSON,
    "boolean": Held.FLAG,
}
"""What a field of that type holds, by its folded name."""

Count = Callable[[Sequence[wire.FieldDefinition]], Mapping[str, Filled]]
"""How many items in scope have each of those fields, by reference name, as far as the server tells."""


def uncounted(fields: Sequence[wire.FieldDefinition]) -> Mapping[str, Filled]:
    """Asks nobody."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldCatalogue:
    """The configured fields: by our name, and by the direction of the addresses that they hold."""

    named: Mapping[str, wire.FieldDefinition]
    references: Mapping[Direction, wire.FieldDefinition]

    @property
    def resolved(self) -> dict[str, Resolution]:
        """What the configured names were found to be, by place."""
        named = {place(FIELDS, name): resolution_of(field) for name, field in self.named.items()}
        return named | {place(REFERENCE_FIELDS, way): resolution_of(field) for way, field in self.references.items()}


@dataclass(slots=True)
class Found:
    """What each configured place was found to be; by place also the `mistakes`, and the `changes` under a pin."""

    catalogue: FieldCatalogue
    mistakes: dict[str, str] = field(default_factory=dict)
    changes: dict[str, str] = field(default_factory=dict)


def read_fields(client: Client, connection: Connection) -> FieldCatalogue:
    """The configured fields.

    Raises ConfigurationError that lists every one that does not exist, could be several (with the candidates, and how
    often each is filled), or holds something else than it has to; ChangedError for those that are pinned.
    """
    definitions = read_definitions(client, connection)
    found = find_each(definitions, connection, lambda some: count_filled(client, connection, some))
    if found.mistakes:
        raise connection.misnamed(found.mistakes)
    if found.changes:
        raise ChangedError(f"{connection.name}: {'; '.join(found.changes.values())}", remedy=RENEWAL)
    return found.catalogue


def read_definitions(client: Client, connection: Connection) -> Sequence[wire.FieldDefinition]:
    """All fields of the organisation; not asked for where none is configured."""
    if not (connection.fields or connection.reference_fields):
        return ()
    return client.read(DEFINITIONS, wire.FieldList).value


def find_each(definitions: Sequence[wire.FieldDefinition], connection: Connection, count: Count = uncounted) -> Found:
    """Each configured field by itself, by the reference name that is pinned, else by its reference or display name."""
    named: dict[str, wire.FieldDefinition] = {}
    references: dict[Direction, wire.FieldDefinition] = {}
    found = Found(FieldCatalogue(named=named, references=references))
    for name, wanted in connection.fields.items():
        if (one := _found(definitions, place(FIELDS, name), wanted, connection, count, found)) is None:
            continue
        reason = misfit(name, HELD.get(one.type.casefold()))
        if reason is None:
            named[name] = one
        elif (where := place(FIELDS, name)) in connection.pinned:
            found.changes[where] = f"{where} is pinned to {resolution_of(one)}, which {reason}"
        else:
            found.mistakes[where] = f"{one.reference_name} ({one.name}) {reason}"
    for direction in (one for one in Direction if one.value in connection.reference_fields):
        wanted, where = connection.reference_fields[direction.value], place(REFERENCE_FIELDS, direction)
        if (one := _found(definitions, where, wanted, connection, count, found)) is not None:
            references[direction] = one
    return found


def resolution_of(definition: wire.FieldDefinition) -> Resolution:
    """The field, to be pinned."""
    return Resolution(id=definition.reference_name, name=definition.name, kind=definition.type)


def find_field(
    definitions: Iterable[wire.FieldDefinition], wanted: str, count: Count = uncounted
) -> wire.FieldDefinition:
    """The field of that reference name, or else of that display name, whatever their case.

    Raises ConfigurationError, with candidates, where there is none or more than one.
    """
    known = list(definitions)
    key = wanted.casefold()
    by_reference = [field for field in known if field.reference_name.casefold() == key]
    found = by_reference or [field for field in known if field.name.casefold() == key]
    if len(found) == 1:
        return found[0]
    if found:
        raise ConfigurationError(f"“{wanted}” could be any of {_weighed(found, count)}; write the reference name")
    names = {name.casefold(): field for field in known for name in (field.name, field.reference_name)}
    near = (names[name] for name in difflib.get_close_matches(key, names, n=3, cutoff=0.5))
    candidates = ", ".join(dict.fromkeys(f"{field.reference_name} ({field.name})" for field in near))
    hint = f"; was one of these meant: {candidates}?" if candidates else ""
    raise ConfigurationError(f"there is no field {wanted!r} in this organisation{hint}")


def _found(
    definitions: Sequence[wire.FieldDefinition],
    where: str,
    wanted: str,
    connection: Connection,
    count: Count,
    found: Found,
) -> wire.FieldDefinition | None:
    """The field that is meant there; None, with the reason noted, where that is not exactly one."""
    if where in connection.pinned:
        key = connection.pinned[where].casefold()
        one = next((field for field in definitions if field.reference_name.casefold() == key), None)
        if one is None:
            found.changes[where] = lost(where, connection.pinned[where])
        return one
    try:
        return find_field(definitions, wanted, count)
    except ConfigurationError as error:
        found.mistakes[where] = str(error)
        return None


def _weighed(candidates: Sequence[wire.FieldDefinition], count: Count) -> str:
    """Each with all that tells it from the others, those that are filled most often first."""
    filled = count(candidates[:MOST_COUNTED])
    weighed = [(field, filled.get(field.reference_name)) for field in candidates]
    weighed.sort(key=lambda pair: -pair[1].count if pair[1] else 1)
    return ", ".join(f"{field.reference_name} ({_told(field, often)})" for field, often in weighed)


def _told(definition: wire.FieldDefinition, filled: Filled | None) -> str:
    how_often = filled_in(filled.count if filled else None, at_least=bool(filled and filled.is_at_least))
    return f"{definition.name}, {definition.type}, {how_often}"
