"""Asks an organisation what it has: projects with their types and states, backlog levels, fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from msgspec import Struct

from connectors.azure_devops import wire
from connectors.azure_devops.catalogue import PROGRESS, PROJECTS_A_PAGE, read_account
from connectors.azure_devops.client import CATEGORIES, FIELDS, PROJECTS, TYPES, Client
from connectors.azure_devops.fields import MOST_COUNTED
from connectors.azure_devops.filled import count_filled
from connectors.azure_devops.permissions import SEEING_THE_PROJECT
from lpm_sync.core.discovery import (
    DiscoveredField,
    DiscoveredProject,
    DiscoveredStatus,
    DiscoveredType,
    Discovery,
    FieldKind,
    namesakes,
)
from lpm_sync.errors import ForbiddenError, RefusedError, UnavailableError
from lpm_sync.ports import Connection

# The backlogs of every process from the top; a process may lack any of them.
BACKLOGS = (
    "Microsoft.EpicCategory",
    "Microsoft.FeatureCategory",
    "Microsoft.RequirementCategory",
    "Microsoft.TaskCategory",
)
TOP_RANK = 1
NO_BACKLOG = -len(BACKLOGS)  # test cases, code reviews and the like stand on none
KINDS = {
    "integer": FieldKind.NUMBER,
    "double": FieldKind.NUMBER,
    "datetime": FieldKind.DATE,
    "string": FieldKind.TEXT,
    "plaintext": FieldKind.TEXT,
    "html": FieldKind.TEXT,
    "identity": FieldKind.TEXT,
    "boolean": FieldKind.TEXT,
    "pickliststring": FieldKind.TEXT,
    "picklistinteger": FieldKind.NUMBER,
    "picklistdouble": FieldKind.NUMBER,
}


class TypeField(Struct, frozen=True, rename="camel"):
    reference_name: str


class DescribedType(Struct, frozen=True):
    """A work item type with its states and the fields that it has."""

    name: str
    states: list[wire.State] = []
    fields: list[TypeField] = []


class DescribedTypes(Struct, frozen=True):
    value: list[DescribedType]


class TypeName(Struct, frozen=True):
    name: str


class Category(Struct, frozen=True, rename="camel"):
    reference_name: str
    work_item_types: list[TypeName] = []


class Categories(Struct, frozen=True):
    value: list[Category]


def discover(client: Client, connection: Connection) -> Discovery:
    """As `lpm_sync.ports.Tracker.discover` says."""
    read_account(client, connection)
    fields = client.read(FIELDS, wire.FieldList).value
    asked = client.in_parallel(lambda project: _asked(client, project), connection.projects)
    types = {one: found for one, found in zip(connection.projects, asked, strict=True) if not isinstance(found, str)}
    projects = [_project(client, project, found) for project, found in types.items()]
    used = used_fields(
        kind
        for project in projects
        for kind, told in zip(types[project.key], project.types, strict=True)
        if told.rank is None or told.rank >= 0
    )
    found = [_field(field, used) for field in fields]
    return Discovery(
        projects=tuple(projects),
        visible_projects=tuple(_visible(client)),
        fields=tuple(_counted(client, replace(connection, projects=tuple(types)), found, fields)),
        failures={one: why for one, why in zip(connection.projects, asked, strict=True) if isinstance(why, str)},
    )


def read_types(client: Client, project: str) -> list[DescribedType]:
    """The types of a project; raises RefusedError where it is not there, or hidden from the account."""
    return client.read(TYPES, DescribedTypes, route={"project": project}).value


def used_fields(types: Iterable[DescribedType]) -> frozenset[str] | None:
    """The folded reference names of the fields that any of these types has; None where none is told."""
    return frozenset(field.reference_name.casefold() for kind in types for field in kind.fields) or None


def _asked(client: Client, project: str) -> list[DescribedType] | str:
    try:
        return read_types(client, project)
    except RefusedError as error:
        return f"{error.fault}; check the name, or grant {SEEING_THE_PROJECT} in {project!r} to the account"


def _project(client: Client, name: str, types: Sequence[DescribedType]) -> DiscoveredProject:
    ranks = _ranks(client, name)
    return DiscoveredProject(
        key=name,
        name=name,
        types=tuple(
            DiscoveredType(
                name=kind.name,
                rank=ranks.get(kind.name.casefold(), NO_BACKLOG) if ranks else None,
                statuses=tuple(
                    DiscoveredStatus(name=state.name, progress=PROGRESS.get((state.category or "").casefold()))
                    for state in kind.states
                ),
            )
            for kind in types
        ),
    )


def _ranks(client: Client, project: str) -> Mapping[str, int]:
    """The rank of each type on a backlog, by its folded name: what stands below the epics ranks 0, whatever it is.

    Empty where the server does not tell.
    """
    try:
        found = client.read(CATEGORIES, Categories, route={"project": project}).value
    except (RefusedError, UnavailableError):
        return {}
    by_name = {category.reference_name: category.work_item_types for category in found}
    below = [by_name[name] for name in BACKLOGS[1:] if by_name.get(name)]
    backlogs = [by_name.get(BACKLOGS[0], []), *below]
    return {kind.name.casefold(): TOP_RANK - place for place, types in enumerate(backlogs) for kind in types}


def _field(field: wire.FieldDefinition, used: frozenset[str] | None) -> DiscoveredField:
    is_custom = not field.reference_name.startswith(("System.", "Microsoft."))
    return DiscoveredField(
        id=field.reference_name,
        name=field.name,
        kind=KINDS.get(field.type.casefold(), FieldKind.OTHER),
        is_custom=is_custom,
        known_as="" if is_custom else _spaced(field.reference_name.rpartition(".")[2]),
        is_on_screen=None if used is None else field.reference_name.casefold() in used,
    )


def _spaced(name: str) -> str:
    """`StoryPoints` as people write it: names of a server follow its language, reference names are English."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)


def _counted(
    client: Client, seen: Connection, fields: Sequence[DiscoveredField], known: Sequence[wire.FieldDefinition]
) -> list[DiscoveredField]:
    """The fields, those that share a name with how often they are filled in the projects that are seen."""
    alike = {field.id for field in namesakes(fields)} if seen.projects else set()
    weighed = [field for field in known if field.reference_name in alike][:MOST_COUNTED]
    filled = count_filled(client, seen, weighed) if weighed else {}
    return [replace(field, filled=one.count if (one := filled.get(field.id)) else None) for field in fields]


def _visible(client: Client) -> list[str]:
    """The names of all projects that the account sees."""
    names: dict[str, None] = {}
    while True:
        query = {"$top": str(PROJECTS_A_PAGE), "$skip": str(len(names))}
        try:
            page = dict.fromkeys(project.name for project in client.read(PROJECTS, wire.ProjectList, query=query).value)
        except ForbiddenError:
            raise
        except RefusedError:
            return list(names)  # no more than a help for whoever names a project that is not there
        if page.keys() <= names.keys():
            return list(names)
        names |= page
