"""Asks a Jira what it has: projects with their types and statuses, fields, phrases of links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote

from msgspec import Struct

from connectors.jira import wire
from connectors.jira.client import JiraClient
from connectors.jira.fields import EPIC_NAME, STORY_POINT_ESTIMATE, TARGET_END
from connectors.jira.filled import count_filled
from connectors.jira.normalize import progress_of
from connectors.jira.projects import find_elsewhere
from connectors.jira.reading import read_link_types
from connectors.jira.resolving import MOST_COUNTED
from connectors.jira.screens import Project, ProjectType, Screens, read_screens
from lpm_sync.core.discovery import (
    DiscoveredField,
    DiscoveredLink,
    DiscoveredProject,
    DiscoveredStatus,
    DiscoveredType,
    Discovery,
    FieldKind,
    namesakes,
)
from lpm_sync.errors import ForbiddenError, RefusedError

PAGE_SIZE = 50  # projects: the most that Cloud gives at once
MOST_PAGES = 2000
KINDS = {"number": FieldKind.NUMBER, "date": FieldKind.DATE, "datetime": FieldKind.DATE}
KNOWN_AS = {
    "duedate": "Due date",
    STORY_POINT_ESTIMATE: "Story point estimate",
    TARGET_END: "Target end",
}
"""What fields are called in English, by their id or `schema.custom`: names are localised (trackers.md, Hierarchy)."""
READABLE = ("string", "option", "option-with-child", "user", "version", "component", "group")


class ProjectPage(Struct, rename="camel"):
    values: list[wire.Keyed]
    is_last: bool | None = None


class TypeStatuses(Struct):
    """The statuses of one type of a project."""

    id: str
    statuses: list[wire.Status]


def discover(client: JiraClient, projects: Sequence[str]) -> Discovery:
    """As `lpm_sync.ports.Tracker.discover` says."""
    client.discover()
    fields = client.fields()
    asked = client.all(lambda key: _project(client, key), projects)
    found = [one for one in asked if isinstance(one, Project)]
    whole = {kind.name for project in found for kind in project.issue_types if not kind.subtask}
    screens = read_screens(client, found, whole) if whole else []
    epic_names = {field.id for field in fields if field.schema is not None and field.schema.custom == EPIC_NAME}
    epics = {(one.project, one.type.id) for one in screens if epic_names & set(one.create or ())}
    described = client.all(lambda project: _described(client, project, epics), found)
    discovered = [_field(field, screens) for field in fields]
    return Discovery(
        projects=tuple(described),
        visible_projects=tuple(_visible(client)),
        fields=tuple(_counted(client, discovered, fields, [project.key for project in found])),
        links=tuple(_links(client)),
        failures={key: one for key, one in zip(projects, asked, strict=True) if isinstance(one, str)},
    )


def read_project(client: JiraClient, key: str) -> Project:
    """A project with its types; raises RefusedError where it is not there, or hidden from the account.

    Of one that shows only in a listing, or by its issues, the types are those of the whole tracker, if it tells any.
    """
    try:
        return client.get(f"project/{quote(key, safe='')}", Project)
    except ForbiddenError:
        raise
    except RefusedError as error:
        found = find_elsewhere(client, key, error)
    try:
        types = client.get("issuetype", list[ProjectType])
    except RefusedError:
        types = []
    return Project(id=found.id, key=found.key, issue_types=types)


def _project(client: JiraClient, key: str) -> Project | str:
    try:
        return read_project(client, key)
    except RefusedError:
        return f"project {key} is not there, or hidden from the account; check the key, or grant Browse Projects"


def _described(client: JiraClient, project: Project, epics: set[tuple[str, str]]) -> DiscoveredProject:
    statuses = _statuses_of(client, project.key)
    return DiscoveredProject(
        key=project.key,
        name=project.name or project.key,
        types=tuple(
            DiscoveredType(
                name=kind.name,
                rank=_rank(kind, is_epic=(project.key, kind.id) in epics),
                statuses=tuple(
                    DiscoveredStatus(name=status.name, progress=progress_of(status))
                    for status in statuses.get(kind.id, ())
                ),
            )
            for kind in project.issue_types
        ),
    )


def _rank(kind: ProjectType, *, is_epic: bool) -> int | None:
    """Cloud tells it. On Data Center a type that is created with an epic's name is an epic (trackers.md, Hierarchy)."""
    if kind.hierarchy_level is not None:
        return kind.hierarchy_level
    if kind.subtask:
        return -1
    return 1 if is_epic else None


def _statuses_of(client: JiraClient, project: str) -> dict[str, list[wire.Status]]:
    """The statuses of each type, by its id, in the order of the tracker."""
    try:
        found = client.get(f"project/{quote(project, safe='')}/statuses", list[TypeStatuses])
    except RefusedError:
        return {}
    return {one.id: one.statuses for one in found}


def _field(field: wire.Field, screens: Sequence[Screens]) -> DiscoveredField:
    told = [one.fields for one in screens if one.fields is not None]
    return DiscoveredField(
        id=field.id,
        name=field.name,
        kind=_kind(field),
        is_custom=field.schema is not None and field.schema.custom is not None,
        known_as=KNOWN_AS.get((field.schema.custom if field.schema else None) or field.id, ""),
        is_on_screen=any(field.id in fields for fields in told) if told else None,
    )


def _counted(
    client: JiraClient, fields: Sequence[DiscoveredField], known: Sequence[wire.Field], projects: Sequence[str]
) -> list[DiscoveredField]:
    """The fields, those that share a name with how often they are filled."""
    alike = {field.id for field in namesakes(fields)} if projects else set()
    weighed = [field for field in known if field.id in alike][:MOST_COUNTED]
    filled = count_filled(client, weighed, projects) if weighed else {}
    return [replace(field, filled=filled.get(field.id)) for field in fields]


def _kind(field: wire.Field) -> FieldKind:
    schema = field.schema
    if schema is None or (schema.type in ("any", "array") and schema.items is None):
        return FieldKind.OTHER
    held = schema.items if schema.type == "array" and schema.items is not None else schema.type
    if held in READABLE:
        return FieldKind.TEXT
    return FieldKind.OTHER if schema.type == "array" else KINDS.get(held, FieldKind.OTHER)


def _links(client: JiraClient) -> list[DiscoveredLink]:
    return [
        DiscoveredLink(phrase=kind.outward, inverse=kind.inward) for kind in read_link_types(client) if kind.outward
    ]


def _visible(client: JiraClient) -> list[str]:
    """The keys of all projects that the account may browse."""
    try:
        if client.is_cloud:
            return _listed(client)
    except RefusedError:  # not every gateway lets this through
        pass
    try:
        return [project.key for project in client.get("project", list[wire.Keyed])]
    except ForbiddenError:
        raise
    except RefusedError:
        return []  # no more than a help for whoever names a project that is not there


def _listed(client: JiraClient) -> list[str]:
    keys: list[str] = []
    for _ in range(MOST_PAGES):
        page = client.get("project/search", ProjectPage, startAt=len(keys), maxResults=PAGE_SIZE)
        keys += [project.key for project in page.values]
        if page.is_last or not page.values:
            break
    return keys
