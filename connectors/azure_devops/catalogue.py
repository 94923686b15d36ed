"""What an organisation defines, as far as it is needed to read its items: who we are, fields, states."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from connectors.azure_devops import wire
from connectors.azure_devops.answers import discovering
from connectors.azure_devops.client import CONNECTION_DATA, FIELDS, PROJECTS, TYPES, Client
from lpm_sync.core.field_kind import Held, misfit
from lpm_sync.core.work_item import Direction, Progress
from lpm_sync.errors import ConfigurationError, UnauthorisedError
from lpm_sync.ports import Connection

ANONYMOUS = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"
PROJECTS_A_PAGE = 1_000
PROGRESS = {
    "proposed": Progress.TODO,
    "inprogress": Progress.DOING,
    "resolved": Progress.DOING,  # built, and not yet accepted
    "completed": Progress.DONE,
    "removed": Progress.DONE,  # nobody will work on it: it is not open, and it blocks nothing any more
}
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose comments and items are ours: `names` are ids and unique names, folded."""

    name: str
    names: frozenset[str]

    def is_us(self, identity: wire.Identity | None) -> bool:
        """Whether that is our account, today's or a previous one; display names do not count, anyone can choose one."""
        if identity is None:
            return False
        return not self.names.isdisjoint(identity.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldCatalogue:
    """The configured fields: by our name, and by the direction of the addresses that they hold."""

    named: Mapping[str, wire.FieldDefinition]
    references: Mapping[Direction, wire.FieldDefinition]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectCatalogue:
    """The types of a project in their order, and the progress that each of their states means, by folded names."""

    types: tuple[str, ...]
    progress: Mapping[str, Mapping[str, Progress]]

    def progress_of(self, type_name: str, state: str) -> Progress | None:
        return self.progress.get(type_name.casefold(), {}).get(state.casefold())


def read_account(client: Client, connection: Connection) -> Account:
    """Who the token belongs to.

    Raises UnauthorisedError where the server takes us for a stranger, UnavailableError where it is no such server.
    """
    with discovering():
        user = client.read(CONNECTION_DATA, wire.ConnectionData).authenticated_user
    if user.id in ("", ANONYMOUS):
        raise UnauthorisedError(f"{connection.name}: the server takes us for a stranger; check the token")
    name = user.unique_name or user.id
    known = (user.id, user.subject_descriptor, user.unique_name, *connection.previous_accounts)
    return Account(name=name, names=frozenset(text.casefold() for text in known if text))


def read_fields(client: Client, connection: Connection) -> FieldCatalogue:
    """The configured fields.

    Raises ConfigurationError that lists every one that does not exist, is ambiguous, or holds something else than it
    has to.
    """
    definitions = read_definitions(client, connection)
    named: dict[str, wire.FieldDefinition] = {}
    references: dict[Direction, wire.FieldDefinition] = {}
    mistakes: list[str] = []
    for name, wanted in connection.fields.items():
        try:
            named[name] = find_fitting_field(definitions, name, wanted)
        except ConfigurationError as error:
            mistakes.append(f"fields.{name}: {error}")
    for direction in (one for one in Direction if one.value in connection.reference_fields):
        try:
            references[direction] = find_field(definitions, connection.reference_fields[direction.value])
        except ConfigurationError as error:
            mistakes.append(f"reference_fields.{direction}: {error}")
    if mistakes:
        raise ConfigurationError(f"{connection.name}: " + "; ".join(mistakes))
    return FieldCatalogue(named=named, references=references)


def read_definitions(client: Client, connection: Connection) -> Sequence[wire.FieldDefinition]:
    """All fields of the organisation; not asked for where none is configured."""
    if not (connection.fields or connection.reference_fields):
        return ()
    return client.read(FIELDS, wire.FieldList).value


def find_fitting_field(definitions: Iterable[wire.FieldDefinition], name: str, wanted: str) -> wire.FieldDefinition:
    """The field that is `wanted` for ours of that name. Raises ConfigurationError, also where it holds another kind."""
    field = find_field(definitions, wanted)
    if (reason := misfit(name, HELD.get(field.type.casefold()))) is not None:
        raise ConfigurationError(f"{field.reference_name} ({field.name}) {reason}")
    return field


def find_field(definitions: Iterable[wire.FieldDefinition], wanted: str) -> wire.FieldDefinition:
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
        candidates = ", ".join(sorted(field.reference_name for field in found))
        raise ConfigurationError(f"the field name {wanted!r} is ambiguous: write one of {candidates}")
    names = {name.casefold(): field for field in known for name in (field.name, field.reference_name)}
    near = (names[name] for name in difflib.get_close_matches(key, names, n=3, cutoff=0.5))
    candidates = ", ".join(dict.fromkeys(f"{field.reference_name} ({field.name})" for field in near))
    hint = f"; was one of these meant: {candidates}?" if candidates else ""
    raise ConfigurationError(f"there is no field {wanted!r} in this organisation{hint}")


def read_project(client: Client, project: str) -> ProjectCatalogue:
    """The types of one project with their states; raises RefusedError where the project is not there or hidden."""
    kinds = client.read(TYPES, wire.WorkItemTypeList, route={"project": project}).value
    progress = {
        kind.name.casefold(): {
            state.name.casefold(): PROGRESS[category]
            for state in kind.states
            if (category := (state.category or "").casefold()) in PROGRESS
        }
        for kind in kinds
    }
    return ProjectCatalogue(types=tuple(sorted(kind.name for kind in kinds)), progress=progress)


def check_types(connection: Connection, catalogues: Iterable[ProjectCatalogue]) -> None:
    """Raises ConfigurationError where a configured type is one of no project; says nothing where none is told."""
    known = {name.casefold(): name for catalogue in catalogues for name in catalogue.types}
    missing = [name for name in connection.types if name.casefold() not in known] if known else []
    if not missing:
        return
    near = [known[one] for name in missing for one in difflib.get_close_matches(name.casefold(), known, cutoff=0.5)]
    hint = f"near it: {', '.join(dict.fromkeys(near))}" if near else f"there is {', '.join(known.values())}"
    raise ConfigurationError(
        f"{connection.name}: no project has a type {', '.join(map(repr, missing))}; {hint}; correct levels in "
        "trackers.yaml (or escalation.create_in in policy.yaml)"
    )


def visible_projects(client: Client, wanted: Iterable[str]) -> frozenset[str]:
    """Which of the wanted projects the account sees: as a rule one request for all of them, however many they are."""
    looked_for = {name.casefold(): name for name in wanted}
    seen: dict[str, None] = {}
    while not looked_for.keys() <= seen.keys():
        query = {"$top": str(PROJECTS_A_PAGE), "$skip": str(len(seen))}
        page = {one.name.casefold(): None for one in client.read(PROJECTS, wire.ProjectList, query=query).value}
        if page.keys() <= seen.keys():
            break
        seen |= page
    return frozenset(name for folded, name in looked_for.items() if folded in seen)
