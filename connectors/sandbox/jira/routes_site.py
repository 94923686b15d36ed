"""What a client reads once: the server, its own account, definitions, projects, permissions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from connectors.sandbox.jira.access import UNAUTHENTICATED
from connectors.sandbox.jira.call import Answer, Call, Endpoint, Handler, values_page
from connectors.sandbox.jira.definitions import CATEGORIES
from connectors.sandbox.jira.errors import RefusalError
from connectors.sandbox.jira.model import Json, Project
from connectors.sandbox.jira.views import View

PROJECT_PERMISSIONS = (
    "BROWSE_PROJECTS",
    "CREATE_ISSUES",
    "EDIT_ISSUES",
    "TRANSITION_ISSUES",
    "DELETE_ISSUES",
    "LINK_ISSUES",
    "ADD_COMMENTS",
    "EDIT_OWN_COMMENTS",
    "EDIT_ALL_COMMENTS",
    "DELETE_OWN_COMMENTS",
    "DELETE_ALL_COMMENTS",
    "ADMINISTER_PROJECTS",
)
# Only an administrator has these, whatever the project.
ADMINISTRATORS_ONLY = frozenset(("ADMINISTER", "ADMINISTER_PROJECTS", "EDIT_ALL_COMMENTS", "DELETE_ALL_COMMENTS"))


def read_server(call: Call) -> Answer:
    """`GET /serverInfo`: answers everybody, and its `serverTime` is the clock of every watermark."""
    store = call.store
    return Answer(
        body={
            "baseUrl": call.view.base,
            "version": ".".join(str(part) for part in store.version),
            "versionNumbers": list(store.version),
            "deploymentType": store.deployment,
            "buildNumber": 100_287,
            "buildDate": "2026-10-01T00:00:00.000+0000",
            "serverTime": call.view.time(store.clock.now()),
            "scmInfo": "0" * 40,
            "serverTitle": "Jira",
        }
    )


def read_myself(call: Call) -> Answer:
    """`GET /myself`: the zone in which this account's JQL is read; 401 when not signed in."""
    details = call.view.account_details(call.account)
    if details is None:
        raise RefusalError(401, UNAUTHENTICATED)
    return Answer(body=details | {"locale": "en_US"})


def _listing(all_of: Callable[[Call], Iterable[Any]], render: Callable[[View, Any], Json]) -> Handler:
    """The whole of one kind of definition, which Jira does not page."""

    def answer(call: Call) -> Answer:
        return Answer(body=[render(call.view, one) for one in all_of(call)])

    return answer


def read_link_types(call: Call) -> Answer:
    """`GET /issueLinkType`: names and phrases are those of the site's language."""
    return Answer(body={"issueLinkTypes": [call.view.link_type(one) for one in call.store.link_types.values()]})


def search_projects(call: Call) -> Answer:
    """`GET /project/search`, Cloud: in pages of at most 50, only what the account may browse, and was asked for."""
    wanted = {*call.listed("id"), *(key.upper() for key in call.listed("keys"))}
    shown = [one for one in _visible_projects(call) if not wanted or wanted & {one.id, one.key.upper()}]
    return values_page(call, shown, call.view.project, default=50, cap=50)


def read_projects(call: Call) -> Answer:
    """`GET /project`: all that the account may browse, not paged."""
    return Answer(body=[call.view.project(project) for project in _visible_projects(call)])


def read_project(call: Call) -> Answer:
    """`GET /project/{projectIdOrKey}`: missing and not permitted are one 404."""
    types = [call.view.issue_type(one) for one in call.store.types.values()]
    return Answer(body=call.view.project(visible_project(call, call.path["project"])) | {"issueTypes": types})


def read_permissions(call: Call) -> Answer:
    """`GET /mypermissions`: Cloud wants them named, Data Center answers all; in a project or, without one, in any."""
    known = {*PROJECT_PERMISSIONS, "ADMINISTER"}
    wanted = call.listed("permissions")
    if call.store.is_cloud and (not wanted or set(wanted) - known):
        raise RefusalError(400, "The 'permissions' query parameter is required and must name valid permissions.")
    projects = _asked_projects(call)
    answer = {name: _permission(call, name, projects) for name in wanted or sorted(known) if name in known}
    return Answer(body={"permissions": answer})


def _asked_projects(call: Call) -> list[Project]:
    reference = call.query.get("projectId") or call.query.get("projectKey")
    if reference:
        return [visible_project(call, reference)]
    issue = call.query.get("issueId") or call.query.get("issueKey")
    return [call.visible_issue(issue).project] if issue else list(call.store.projects.values())


def _permission(call: Call, name: str, projects: list[Project]) -> Json:
    granted = any(call.store.has_permission(call.account, project, name) for project in projects)
    if name in ADMINISTRATORS_ONLY:
        granted = call.account is not None and call.account.is_admin
    kind = "GLOBAL" if name == "ADMINISTER" else "PROJECT"
    title = name.replace("_", " ").capitalize()
    return {
        "id": str(len(name)),
        "key": name,
        "name": title,
        "type": kind,
        "description": "",
        "havePermission": granted,
    }


def _visible_projects(call: Call) -> list[Project]:
    store = call.store
    visible = [one for one in store.projects.values() if store.has_permission(call.account, one, "BROWSE_PROJECTS")]
    return sorted(visible, key=lambda project: project.key)


def visible_project(call: Call, reference: str) -> Project:
    """The project with that key or id; missing and not permitted are one 404."""
    try:
        project = call.store.project(reference)
    except KeyError:
        project = None
    if project is None or not call.store.has_permission(call.account, project, "BROWSE_PROJECTS"):
        raise RefusalError(404, f"No project could be found with key '{reference}'.")
    return project


ENDPOINTS = (
    Endpoint("GET", "/serverInfo", read_server),
    Endpoint("GET", "/myself", read_myself),
    Endpoint("GET", "/field", _listing(lambda call: call.store.fields.values(), View.field)),
    Endpoint("GET", "/issuetype", _listing(lambda call: call.store.types.values(), View.issue_type)),
    Endpoint("GET", "/status", _listing(lambda call: call.store.statuses.values(), View.status)),
    Endpoint("GET", "/statuscategory", _listing(lambda _: CATEGORIES, View.category)),
    Endpoint("GET", "/issueLinkType", read_link_types),
    Endpoint("GET", "/project/search", search_projects, ("Cloud",)),
    Endpoint("GET", "/project", read_projects),
    Endpoint("GET", "/project/{project}", read_project),
    Endpoint("GET", "/mypermissions", read_permissions),
)
