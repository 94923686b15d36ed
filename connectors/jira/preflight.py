"""Says in advance why this Jira would not serve: projects, permissions, link phrases, the scope's query."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote

from connectors.jira import links, wire
from connectors.jira.client import JiraClient
from connectors.jira.search import quoted
from lpm_sync.errors import RefusedError, UnavailableError

# What each permission is needed for, in the tracker's own words.
PERMISSIONS = {
    "BROWSE_PROJECTS": "Browse Projects, to read it",
    "EDIT_ISSUES": "Edit Issues, to set labels",
    "ADD_COMMENTS": "Add Comments, to write the card",
    "EDIT_OWN_COMMENTS": "Edit Own Comments, to keep the card up to date",
    "DELETE_OWN_COMMENTS": "Delete Own Comments, to remove a second card",
    "CREATE_ISSUES": "Create Issues, to open escalations",
    "LINK_ISSUES": "Link Issues, to link escalations",
    "TRANSITION_ISSUES": "Transition Issues, to close escalations",
}


def reasons(client: JiraClient, projects: Sequence[str], phrases: Sequence[str], scope_query: str | None) -> list[str]:
    """One sentence for each thing that is wrong, with its place and remedy. Raises UnauthorisedError."""
    found = _told(lambda: list(_link_reasons(client, phrases)))
    asked = client.all(lambda project: _told(lambda: _project_reasons(client, project, scope_query)), projects)
    return found + [reason for some in asked for reason in some]


def _told(ask: Callable[[], list[str]]) -> list[str]:
    """The reasons, or why they could not be asked for."""
    try:
        return ask()
    except (RefusedError, UnavailableError) as error:
        return [str(error)]


def _project_reasons(client: JiraClient, project: str, scope_query: str | None) -> list[str]:
    try:
        client.get(f"project/{quote(project, safe='')}", wire.Keyed)
    except RefusedError:
        return [f"project {project}: not there, or hidden from the account; check the key, or grant Browse Projects"]
    names = ",".join(PERMISSIONS)
    granted = client.get("mypermissions", wire.Permissions, projectKey=project, permissions=names).permissions
    lacking = [
        f"project {project}: the account lacks the permission {what}"
        for name, what in PERMISSIONS.items()
        if not (name in granted and granted[name].have_permission)
    ]
    return lacking + list(_scope_reasons(client, project, scope_query))


def _link_reasons(client: JiraClient, phrases: Sequence[str]) -> Iterator[str]:
    types = client.get("issueLinkType", wire.LinkTypes).issue_link_types
    for phrase in phrases:
        if not links.dependency_wordings(types, (phrase,)):
            known = ", ".join(sorted(f"“{kind.outward}” / “{kind.inward}”" for kind in types)[:12])
            yield f"no type of link reads “{phrase}” in one direction only; there is {known or 'none'}"


def _scope_reasons(client: JiraClient, project: str, scope_query: str | None) -> Iterator[str]:
    if not scope_query:
        return
    payload = {"jql": f"project = {quoted(project)} AND ({scope_query})", "fields": ["id"], "maxResults": 1}
    try:
        if client.is_cloud:
            client.query("search/jql", payload, wire.TokenPage)
        else:
            client.query("search", payload, wire.CountedPage)
    except RefusedError as error:
        yield f"project {project}: the scope's query is not accepted ({scope_query}): {error}"
