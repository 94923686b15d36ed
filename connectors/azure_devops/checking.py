"""Preflight: everything that would keep the connector from serving, each in a sentence with its remedy."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.azure_devops import wire
from connectors.azure_devops.catalogue import (
    ProjectCatalogue,
    find_field,
    read_account,
    read_definitions,
    read_project,
)
from connectors.azure_devops.client import ITEM, NEW_ITEM, Client
from connectors.azure_devops.items import find_ids
from connectors.azure_devops.queries import scope_condition
from lpm_sync.errors import ConfigurationError, LpmSyncError, RefusedError, UnavailableError
from lpm_sync.ports import Connection

# A tag that nobody has: it is never written, `validateOnly` asks whether it could be.
UNUSED_TAG = "lpm-sync-permission-check"


def problems(client: Client, connection: Connection) -> Iterator[str]:
    """Raises UnauthorisedError or UnavailableError where nothing at all can be asked."""
    read_account(client, connection)
    yield from _field_problems(client, connection)
    catalogues: list[ProjectCatalogue] = []
    for project in dict.fromkeys(connection.projects):
        try:
            catalogue = read_project(client, project)
        except (RefusedError, UnavailableError) as error:
            yield f'{error}; does {project!r} exist, and has the account "View work items in this node" there?'
            continue
        catalogues.append(catalogue)
        yield from _project_problems(client, connection, project, catalogue)
    known = {name.casefold() for catalogue in catalogues for name in catalogue.types}
    for name in connection.types:
        if catalogues and name.casefold() not in known:
            candidates = ", ".join(sorted({name for catalogue in catalogues for name in catalogue.types}))
            yield f"{connection.name}: no project has the work item type {name!r}; there are: {candidates}"


def _field_problems(client: Client, connection: Connection) -> Iterator[str]:
    definitions = read_definitions(client, connection)
    for key, wanted in (*connection.fields.items(), *connection.reference_fields.items()):
        try:
            find_field(definitions, wanted)
        except ConfigurationError as error:
            yield f"{connection.name}: {key}: {error}"


def _project_problems(
    client: Client, connection: Connection, project: str, catalogue: ProjectCatalogue
) -> Iterator[str]:
    wanted = {name.casefold() for name in connection.types}
    types = tuple(name for name in catalogue.types if not wanted or name.casefold() in wanted)
    if not types:
        return
    try:
        ids = find_ids(client, scope_condition(project, types, connection.scope_query)).ids
    except LpmSyncError as error:
        yield f"{connection.name}: {project}: its items cannot be queried: {error}; check `scope_query`"
        return
    try:
        _validate(client, project, types[0], ids[-1] if ids else None)
    except LpmSyncError as error:
        remedy = f'grant "Edit work items in this node" in {project!r}, and "Work items (read & write)" to the token'
        yield f"{error}; {remedy}"


def _validate(client: Client, project: str, type_name: str, identifier: int | None) -> None:
    """Asks, without writing, whether a new tag and a comment would be accepted."""
    operations = [
        {"op": "add", "path": "/fields/System.Tags", "value": UNUSED_TAG},
        {"op": "add", "path": "/fields/System.History", "value": "lpm-sync: permission check"},
    ]
    query = {"validateOnly": "true"}
    if identifier is not None:
        client.write("PATCH", ITEM, wire.ValidatedItem, route={"id": str(identifier)}, query=query, body=operations)
        return
    title = {"op": "add", "path": "/fields/System.Title", "value": "lpm-sync: permission check"}
    route = {"project": project, "type": type_name}
    client.write("POST", NEW_ITEM, wire.ValidatedItem, route=route, query=query, body=[title, *operations])
