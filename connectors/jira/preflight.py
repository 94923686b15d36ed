"""Says in advance why this Jira would not serve: projects, permissions, fields, screens, link phrases, the scope."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress

from connectors.jira import wire
from connectors.jira.client import JiraClient
from connectors.jira.discovery import read_project
from connectors.jira.ignored import ignored_checks
from connectors.jira.name_checks import field_checks, link_checks
from connectors.jira.resolving import epic_name
from connectors.jira.screens import Project, Screens, read_create_screen, read_screens
from connectors.jira.search import quoted
from lpm_sync.core.examination import Check
from lpm_sync.core.governance import EscalationTarget
from lpm_sync.core.resolution import PROJECTS, Resolution, place
from lpm_sync.errors import ForbiddenError, RefusedError, UnavailableError
from lpm_sync.ports import Connection

# What each permission is called in the tracker's own words, and needed for.
PERMISSIONS = {
    "EDIT_ISSUES": ("Edit Issues", "to set labels"),
    "ADD_COMMENTS": ("Add Comments", "to write the card"),
    "EDIT_OWN_COMMENTS": ("Edit Own Comments", "to keep the card up to date"),
    "DELETE_OWN_COMMENTS": ("Delete Own Comments", "to remove a second card"),
}
LINKING = {"LINK_ISSUES": ("Link Issues", "to link escalations")}
ESCALATING = {
    "CREATE_ISSUES": ("Create Issues", "to open escalations"),
    "TRANSITION_ISSUES": ("Transition Issues", "to close escalations"),
}
SET_WHEN_CREATED = {"labels": "Labels", "description": "Description"}
ALWAYS_SET = frozenset(("project", "issuetype", "summary", "reporter", *SET_WHEN_CREATED))
ASK_AGAIN = "run doctor again in a while; where it stays so, look at the tracker itself"


def checks(
    client: JiraClient, connection: Connection, escalation: EscalationTarget | None, resolved: dict[str, Resolution]
) -> list[Check]:
    """Every check in its order; what the configured names were found to be is put into `resolved`, by place.

    Raises UnauthorisedError.
    """
    found = list(_told("types of links", lambda: link_checks(client, connection, resolved)))
    asked = client.all(lambda key: _project_checks(client, connection, key, escalation), connection.projects)
    found += [check for checked, _ in asked for check in checked]
    projects = [project for _, project in asked if project is not None]
    resolved |= {
        place(PROJECTS, key): Resolution(id=project.id, name=project.key)
        for key, (_, project) in zip(connection.projects, asked, strict=True)
        if project is not None
    }
    screens: list[Screens] = []

    def screen_checks() -> Iterable[Check]:
        screens.extend(read_screens(client, projects, connection.types))
        return _label_checks(screens)

    found += _told("screens", screen_checks)
    found += _told("fields", lambda: field_checks(client, connection, screens, resolved))
    if escalation is not None:
        found += _told("escalation epics", lambda: _escalation_checks(client, projects, escalation))
    return found


def _told(subject: str, ask: Callable[[], Iterable[Check]]) -> list[Check]:
    """The checks, or why they could not be made."""
    try:
        return list(ask())
    except (RefusedError, UnavailableError) as error:
        return [Check.failed(subject, error, ASK_AGAIN)]


def _project_checks(
    client: JiraClient, connection: Connection, key: str, escalation: EscalationTarget | None
) -> tuple[list[Check], Project | None]:
    subject = f"project {key}"
    try:
        project = read_project(client, connection.pinned.get(place(PROJECTS, key), key))
    except ForbiddenError as error:
        return [Check.failed(subject, error, ASK_AGAIN)], None
    except RefusedError:
        remedy = "check the key, or grant Browse Projects in its permission scheme to the account"
        return [Check(subject=subject, fault="not there, or hidden from the account", remedy=remedy)], None
    except UnavailableError as error:
        return [Check.failed(subject, error, ASK_AGAIN)], None
    key = project.key  # of today
    needed = dict(PERMISSIONS)
    if escalation is not None:
        needed |= {**LINKING, **(ESCALATING if escalation.project == key else {})}
    found = [Check(subject=subject, note=project.name)]
    found += _told(f"{subject}: permissions", lambda: _permission_checks(client, project, needed))
    items = _told(f"{subject}: items", lambda: _search_checks(client, key, connection.scope_query))
    found += items
    if all(check.is_ok for check in items):
        with suppress(RefusedError, UnavailableError):  # it serves to look at, and nothing depends on it
            found += ignored_checks(client, project, connection)
    return found, project


def _permission_checks(client: JiraClient, project: Project, needed: dict[str, tuple[str, str]]) -> Iterator[Check]:
    key = project.key
    names = ",".join(needed)
    try:
        granted = client.get("mypermissions", wire.Permissions, projectKey=key, permissions=names).permissions
    except RefusedError as error:  # a gateway may not let it through; nothing is said of the permissions then
        wanted = ", ".join(name for name, _ in needed.values())
        remedy = f"they are {wanted}; to try them on a scratch item: lpm-sync doctor --write-test REF --write-test REF"
        unknown = f"they could not be asked for: {error.fault}"
        yield Check(subject=f"project {key}: permissions", unknown=unknown, remedy=remedy)
        return
    for permission, (name, use) in needed.items():
        subject = f"project {key}: permission {name}"
        has = granted.get(permission)
        if has is not None and has.have_permission:
            yield Check(subject=subject)
        else:
            remedy = f"grant {name} in the permission scheme of project {key} to the account"
            if project.simplified:
                remedy = f"give the account a role in project {key} that has {name} (Project settings, Access)"
            yield Check(subject=subject, fault=f"the account lacks it, {use}", remedy=remedy)


def _search_checks(client: JiraClient, key: str, scope_query: str | None) -> Iterator[Check]:
    """Whether they can be searched for, as every reading does; the scope's query is to blame if there is one."""
    subject = f"project {key}: items"
    clause = f" AND ({scope_query})" if scope_query else ""
    payload = {"jql": f"project = {quoted(key)}{clause}", "fields": ["id"], "maxResults": 1}
    try:
        if client.is_cloud:
            client.query("search/jql", payload, wire.TokenPage)
        else:
            client.query("search", payload, wire.CountedPage)
    except ForbiddenError:
        raise
    except RefusedError as error:
        if not scope_query:
            raise
        fault = f"the scope's query is not accepted ({scope_query}): {error.fault}"
        yield Check(subject=subject, fault=fault, remedy="correct scope.query in trackers.yaml")
        return
    yield Check(subject=subject, note=scope_query or "")


def _label_checks(screens: Iterable[Screens]) -> Iterator[Check]:
    """A field that is off the edit screen cannot be written (trackers.md, Writing)."""
    for one in screens:
        if one.edit is None:
            continue  # there is no such issue to ask about, or the permission to edit lacks, which is said elsewhere
        subject = f"project {one.project}: labels of {one.type.name}"
        if "labels" in one.edit:
            yield Check(subject=subject)
        else:
            remedy = f"put the field Labels on the edit screen of {one.type.name} in project {one.project}"
            yield Check(subject=subject, fault="they cannot be edited", remedy=remedy)


def _escalation_checks(
    client: JiraClient, projects: Sequence[Project], escalation: EscalationTarget
) -> Iterator[Check]:
    """Whether the screen that creates such an epic has what is set, and demands nothing else."""
    key, name = escalation.project, escalation.type
    types = [kind for project in projects if project.key == key for kind in project.issue_types]
    found = next((kind for kind in types if kind.name.casefold() == name.casefold()), None)
    if found is None:
        return  # a project or a type is missing, which is said elsewhere
    subject = f"project {key}: create {name}"
    fields = read_create_screen(client, key, found.id)
    if fields is None:
        remedy = f"look whether {' and '.join(SET_WHEN_CREATED.values())} are on it, and no other field is required"
        unknown = "its create screen is not told: without Create Issues nobody is told it"
        yield Check(subject=subject, unknown=unknown, remedy=remedy)
        return
    screen = f"the create screen of {name} in project {key}"
    lacking = [shown for field, shown in SET_WHEN_CREATED.items() if field not in fields]
    named = epic_name(client.fields(), is_cloud=client.is_cloud)
    demanded = [
        field.name or field.field_id
        for field in fields.values()
        if field.required and not field.has_default_value and field.field_id not in {*ALWAYS_SET, named}
    ]
    if lacking:
        yield Check(subject=subject, fault=f"no field {', '.join(lacking)}", remedy=f"put it on {screen}")
    if demanded:
        fault = f"it demands {', '.join(demanded)}, which lpm-sync does not know"
        yield Check(subject=subject, fault=fault, remedy=f"make it optional on {screen}, or give it a default")
    if not lacking and not demanded:
        yield Check(subject=subject)
