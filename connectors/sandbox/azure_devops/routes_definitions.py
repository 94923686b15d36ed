"""What a client discovers: projects, types, states, fields, tags, and who it is.

Paths of azure-devops-wit-7.1.swagger.json, and for `_apis/projects`, `_apis/connectionData` and `_apis/ResourceAreas`
what the `azure-devops` package sends and reads.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from connectors.sandbox.azure_devops import errors, process
from connectors.sandbox.azure_devops.locations import locations
from connectors.sandbox.azure_devops.model import Field, Project, WorkItemType
from connectors.sandbox.azure_devops.routing import Call, Route, answer, collection
from connectors.sandbox.azure_devops.views import format_time

COLOURS = {
    "Proposed": "b2b2b2",
    "InProgress": "007acc",
    "Resolved": "ff9d00",
    "Completed": "339933",
    "Removed": "ffffff",
}


def get_locations(call: Call) -> Response:
    """`OPTIONS /{organization}/_apis`: trackers.md, "It calls `OPTIONS /{org}/_apis` (lower-cased)"."""
    return collection(locations(call.store.behaviour.release))


def get_resource_areas(_call: Call) -> Response:
    """`GET _apis/ResourceAreas`: none, so that a client stays at this address (trackers.md, same line)."""
    return collection([])


def get_connection_data(call: Call) -> Response:
    """`GET _apis/connectionData`: who the credential belongs to."""
    account = call.store.account
    user = {
        "id": account.id,
        "descriptor": f"Microsoft.IdentityModel.Claims.ClaimsIdentity;{account.unique_name}",
        "subjectDescriptor": account.descriptor,
        "providerDisplayName": account.display_name,
        "isActive": True,
        "properties": {"Account": {"$type": "System.String", "$value": account.unique_name}},
    }
    return answer(
        {
            "authenticatedUser": user,
            "authorizedUser": user,
            "instanceId": call.store.identifier("instance"),
            "deploymentId": call.store.identifier("deployment"),
            "deploymentType": "hosted" if call.store.behaviour.release.is_hosted else "onPremises",
        }
    )


def get_projects(call: Call) -> Response:
    """`GET _apis/projects`: `$top`, `$skip`, and a continuation header where there is more."""
    projects = call.store.projects()
    start = call.number("continuationToken") or call.number("$skip") or 0
    behaviour = call.store.behaviour
    size = min(call.number("$top") or behaviour.projects_page_size, behaviour.largest_page)
    page = projects[start : start + size]
    headers = {"x-ms-continuationtoken": str(start + size)} if start + size < len(projects) else {}
    return collection([write_project(call, project) for project in page], headers)


def get_project(call: Call) -> Response:
    """`GET _apis/projects/{name or id}`."""
    wanted = call.path["named"]
    for project in call.store.projects():
        if wanted.casefold() in (project.id, project.name.casefold()):
            return answer(write_project(call, project))
    raise errors.project_not_found(wanted)


def write_project(call: Call, project: Project) -> dict[str, Any]:
    """A TeamProjectReference."""
    return {
        "id": project.id,
        "name": project.name,
        "url": f"{call.root}/_apis/projects/{project.id}",
        "state": "wellFormed",
        "revision": 1,
        "visibility": "private",
        "lastUpdateTime": format_time(project.created),
    }


def get_types(call: Call) -> Response:
    """`GET workitemtypes`."""
    return collection([_write_type(call, kind) for kind in call.needed_project().types.values()])


def get_type(call: Call) -> Response:
    """`GET workitemtypes/{type}`."""
    return answer(_write_type(call, _find_type(call)))


def get_states(call: Call) -> Response:
    """`GET workitemtypes/{type}/states`: the states in order, each with its category."""
    return collection(_write_states(_find_type(call)))


def _find_type(call: Call) -> WorkItemType:
    kind = call.needed_project().types.get(call.path["type"].casefold())
    if kind is None:
        raise errors.type_not_found(call.path["type"])
    return kind


def _write_type(call: Call, kind: WorkItemType) -> dict[str, Any]:
    fields = [
        {
            "alwaysRequired": field.reference_name in ("System.Title", "System.State"),
            "referenceName": field.reference_name,
            "name": field.name,
            "url": f"{call.root}/_apis/wit/fields/{field.reference_name}",
        }
        for field in call.store.fields.values()
    ]
    return {
        "name": kind.name,
        "referenceName": kind.reference_name,
        "description": "",
        "color": "009CCC",
        "icon": {"id": "icon_clipboard", "url": f"{call.root}/_apis/wit/workItemIcons/icon_clipboard"},
        "isDisabled": False,
        "fields": fields,
        "fieldInstances": fields,
        "transitions": {state.name: [{"to": other.name} for other in kind.states] for state in kind.states}
        | {"": [{"to": kind.states[0].name}]},
        "states": _write_states(kind),
        "url": f"{call.root}/{call.needed_project().id}/_apis/wit/workItemTypes/{quote(kind.name)}",
    }


def _write_states(kind: WorkItemType) -> list[dict[str, str]]:
    return [{"name": state.name, "color": COLOURS[state.category], "category": state.category} for state in kind.states]


def get_categories(call: Call) -> Response:
    """`GET workitemtypecategories`: which types of the project stand on which backlog."""
    base = f"{call.root}/{call.needed_project().id}/_apis/wit"
    written = []
    for reference_name, name in process.CATEGORIES.items():
        types = [kind.name for kind in call.needed_project().types.values() if kind.category == reference_name]
        named = [{"name": kind, "url": f"{base}/workItemTypes/{quote(kind)}"} for kind in types]
        if named:
            address = {"url": f"{base}/workItemTypeCategories/{reference_name}"}
            written.append(
                {"name": name, "referenceName": reference_name, "defaultWorkItemType": named[0], "workItemTypes": named}
                | address
            )
    return collection(written)


def get_fields(call: Call) -> Response:
    """`GET fields`, of the organisation or a project."""
    return collection([_write_field(call, field) for field in call.store.fields.values()])


def get_field(call: Call) -> Response:
    """`GET fields/{name or reference name}`; TF51535 for an unknown one."""
    field = call.store.field(call.path["field"])
    if field is None:
        raise errors.field_not_found(call.path["field"])
    return answer(_write_field(call, field))


def _write_field(call: Call, field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "referenceName": field.reference_name,
        "description": "",
        "type": field.type,
        "usage": "workItem",
        "readOnly": field.read_only,
        "canSortBy": field.type not in ("html", "plainText", "history"),
        "isQueryable": True,
        "supportedOperations": [{"referenceName": "SupportedOperations.Equals", "name": "="}],
        "isIdentity": field.type == "identity",
        "isPicklist": False,
        "isPicklistSuggested": False,
        "isLocked": False,
        "url": f"{call.root}/_apis/wit/fields/{field.reference_name}",
    }


def get_tags(call: Call) -> Response:
    """`GET tags`: all tags that the project ever saw."""
    project = call.needed_project()
    base = f"{call.root}/{project.id}/_apis/wit/tags"
    found = [{"id": tag.id, "name": tag.name, "url": f"{base}/{tag.id}"} for tag in project.tags.values()]
    return collection(sorted(found, key=lambda tag: tag["name"].casefold()))


ROUTES = (
    Route("OPTIONS", "_apis", get_locations),
    Route("GET", "_apis/resourceareas", get_resource_areas),
    Route("GET", "_apis/connectiondata", get_connection_data),
    Route("GET", "_apis/projects", get_projects),
    Route("GET", "_apis/projects/{named}", get_project),
    Route("GET", "{project}/_apis/wit/workitemtypes", get_types),
    Route("GET", "{project}/_apis/wit/workitemtypes/{type}", get_type),
    Route("GET", "{project}/_apis/wit/workitemtypes/{type}/states", get_states),
    Route("GET", "{project}/_apis/wit/workitemtypecategories", get_categories),
    Route("GET", "{project}/_apis/wit/fields", get_fields),
    Route("GET", "{project}/_apis/wit/fields/{field}", get_field),
    Route("GET", "{project}/_apis/wit/tags", get_tags),
)
