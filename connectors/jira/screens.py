"""Which fields stand on the screens of a project's types: what can be set when an issue is created or edited."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import Struct

from connectors.jira import wire
from connectors.jira.client import JiraClient
from connectors.jira.search import identified, quoted
from lpm_sync.errors import RefusedError

PAGE_SIZE = 50  # fields: the most that Cloud gives at once
MOST_PAGES = 100


class ProjectType(Struct, rename="camel"):
    """A type of a project. Only Cloud tells its level in the hierarchy."""

    id: str
    name: str
    subtask: bool | None = None
    hierarchy_level: int | None = None


class Project(Struct, rename="camel"):
    """A project with its types. `simplified`: a team manages it by itself, without a permission scheme (Cloud)."""

    id: str
    key: str
    name: str = ""
    simplified: bool | None = None
    issue_types: list[ProjectType] = []


class CreateField(Struct, rename="camel"):
    """A field on the screen that creates an issue."""

    field_id: str
    name: str = ""
    required: bool = False
    has_default_value: bool = False


class CreatePage(Struct, rename="camel"):
    """A page of them: Cloud calls them `fields`, Data Center `values`."""

    fields: list[CreateField] | None = None
    values: list[CreateField] | None = None
    total: int | None = None

    @property
    def found(self) -> list[CreateField]:
        return (self.fields if self.fields is not None else self.values) or []


class EditScreen(Struct):
    fields: dict[str, msgspec.Raw] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Screens:
    """The fields by id on the screens of one type in one project; None where the tracker does not tell."""

    project: str
    type: ProjectType
    create: Mapping[str, CreateField] | None
    edit: frozenset[str] | None

    @property
    def fields(self) -> frozenset[str] | None:
        """The fields on either of them."""
        if self.create is None and self.edit is None:
            return None
        return frozenset(self.create or ()) | (self.edit or frozenset())


def read_screens(client: JiraClient, projects: Sequence[Project], types: Collection[str]) -> list[Screens]:
    """The screens of these types (none given: of all) in those projects. Raises UnavailableError."""
    pairs = [
        (project.key, kind) for project in projects for kind in project.issue_types if not types or kind.name in types
    ]
    return client.all(lambda pair: _screens(client, *pair), pairs)


def read_create_screen(client: JiraClient, project: str, identifier: str) -> Mapping[str, CreateField] | None:
    """The fields by id on the screen that creates an issue of that type; None where we may create none."""
    path = f"issue/createmeta/{quote(project, safe='')}/issuetypes/{quote(identifier, safe='')}"
    found: dict[str, CreateField] = {}
    for _ in range(MOST_PAGES):
        try:
            page = client.get(path, CreatePage, startAt=len(found), maxResults=PAGE_SIZE)
        except RefusedError:
            return None
        before = len(found)
        found |= {field.field_id: field for field in page.found}
        if len(found) == before or page.total is None or len(found) >= page.total:
            break
    return found or None


def _screens(client: JiraClient, project: str, kind: ProjectType) -> Screens:
    return Screens(
        project=project,
        type=kind,
        create=read_create_screen(client, project, kind.id),
        edit=_edit_screen(client, project, kind),
    )


def _edit_screen(client: JiraClient, project: str, kind: ProjectType) -> frozenset[str] | None:
    """The tracker tells it of an issue only: of any one there is. Without the permission to edit it is empty."""
    jql = f"project = {quoted(project)} AND issuetype = {quoted(kind.name)}"
    payload: dict[str, Any] = {"jql": jql, "fields": ["id"], "maxResults": 1}
    try:
        if client.is_cloud:
            issues = client.query("search/jql", payload, wire.TokenPage).issues
        else:
            issues = client.query("search", payload, wire.CountedPage).issues
        if not issues:
            return None
        [identifier] = identified(issues[:1])
        fields = client.get(f"issue/{identifier}/editmeta", EditScreen).fields
    except RefusedError:
        return None
    return frozenset(fields) or None
