"""Which projects the account sees, and what they are called today."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import quote

from connectors.jira import wire
from connectors.jira.client import JiraClient
from lpm_sync.errors import RefusedError, UnavailableError

PAGE_SIZE = 50  # ids that one request may name, and projects that it answers (Cloud)


def visible_projects(client: JiraClient, identifiers: Collection[str]) -> dict[str, wire.Project]:
    """Those of the projects that the listing shows, by id; none where there is no listing.

    One request, where a look at each would be one a project. What is not shown has to be asked for by itself: a
    listing may lag.
    """
    try:
        shown = _listed(client, sorted(identifiers)) if client.is_cloud else client.get("project", _LISTING)
    except (RefusedError, UnavailableError):
        return {}
    return {project.id: project for project in shown if project.id in identifiers}


def read_project(client: JiraClient, key: str) -> wire.Project:
    """The project with that key, of today or of before. Raises RefusedError where it is not there, or hidden."""
    return client.get(f"project/{quote(key, safe='')}", wire.Project)


_LISTING = list[wire.Project]


def _listed(client: JiraClient, identifiers: list[str]) -> list[wire.Project]:
    """Only what the account may browse: an administrator sees projects whose issues stay hidden."""
    found: list[wire.Project] = []
    for first in range(0, len(identifiers), PAGE_SIZE):
        some = identifiers[first : first + PAGE_SIZE]
        page = client.get("project/search", wire.ProjectPage, id=some, action="browse", maxResults=PAGE_SIZE)
        found += page.values
    return found
