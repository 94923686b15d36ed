"""Which projects the account sees, and what they are called today."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import quote

import msgspec

from connectors.jira import wire
from connectors.jira.client import JiraClient
from connectors.jira.easing import leniently
from connectors.jira.search import quoted
from lpm_sync.errors import ForbiddenError, RefusedError, UnavailableError

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
    try:
        return client.get(f"project/{quote(key, safe='')}", wire.Project)
    except ForbiddenError:
        raise
    except RefusedError as error:
        return find_elsewhere(client, key, error)


def find_elsewhere(client: JiraClient, key: str, refusal: RefusedError) -> wire.Project:
    """A project that a look at it did not show, by the listing; by its issues where there is no listing either.

    Not every server answers for a single project. Raises `refusal` where nothing else shows the project.
    """
    try:
        listed = _named(client, key) if client.is_cloud else client.get("project", _LISTING)
    except (RefusedError, UnavailableError):
        listed = _of_issues(client, key)
    found = next((one for one in listed if key in (one.key, one.id)), None)
    if found is None:
        raise refusal
    return found


def _named(client: JiraClient, key: str) -> list[wire.Project]:
    try:
        return client.get("project/search", wire.ProjectPage, keys=[key], action="browse", maxResults=PAGE_SIZE).values
    except RefusedError:  # not every gateway lets this through
        return client.get("project", _LISTING)


def _of_issues(client: JiraClient, key: str) -> list[wire.Project]:
    payload: dict[str, Any] = {"jql": f"project = {quoted(key)}", "fields": ["project"], "maxResults": 1}
    try:
        issues = client.query("search/jql" if client.is_cloud else "search", payload, wire.FetchedIssues).issues
        return [leniently(_PLACED.decode, raw).fields.project for raw in issues]
    except (RefusedError, msgspec.DecodeError):
        return []


_LISTING = list[wire.Project]
_PLACED = msgspec.json.Decoder(wire.PlacedIssue)


def _listed(client: JiraClient, identifiers: list[str]) -> list[wire.Project]:
    """Only what the account may browse: an administrator sees projects whose issues stay hidden."""
    found: list[wire.Project] = []
    for first in range(0, len(identifiers), PAGE_SIZE):
        some = identifiers[first : first + PAGE_SIZE]
        page = client.get("project/search", wire.ProjectPage, id=some, action="browse", maxResults=PAGE_SIZE)
        found += page.values
    return found
