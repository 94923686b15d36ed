"""Reads many issues fast: where a few pages are not all, the ids first, and then many issues a request in parallel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from connectors.jira import wire
from connectors.jira.client import JiraClient
from connectors.jira.search import find_all, find_ids, first_pages, identifier
from lpm_sync.errors import RefusedError, UnavailableError

ISSUES_AT_ONCE = 100  # trackers.md, Search
MOST_MISSING = 100  # found by a search and not given out: more of them are no coincidence


def find_issues(client: JiraClient, jql: str, fields: Sequence[str]) -> list[msgspec.Raw]:
    """All issues that `jql` finds, each once. Raises as `find_all` does."""
    if not client.is_cloud:
        return find_all(client, jql, fields)
    found, is_all = first_pages(client, jql, fields)
    if is_all:
        return list(found.values())
    missing = [one for one in find_ids(client, jql) if one not in found]
    try:
        return [*found.values(), *fetch_issues(client, missing, fields)]
    except RefusedError:  # not every gateway lets this through
        return find_all(client, jql, fields)


def fetch_issues(client: JiraClient, identifiers: Sequence[str], fields: Sequence[str]) -> list[msgspec.Raw]:
    """The issues with those ids; without those that are gone, or hidden from the account.

    Raises RefusedError where the tracker does not give out issues by their ids, UnavailableError where it does not
    give out issues that are there.
    """
    found = _fetch_all(client, identifiers, fields)
    missing = [one for one in identifiers if one not in found]
    if missing and client.is_cloud:  # they may have been left out for an error of the moment
        found |= _fetch_all(client, missing, fields)
        missing = [one for one in missing if one not in found]
    if len(missing) > MOST_MISSING:
        raise UnavailableError(f"{client.name}: {len(missing)} issues were found and not given out")
    for raw in client.all(lambda one: _fetch_one(client, one, fields), missing):
        if raw is not None:
            found[identifier(raw)] = raw
    return list(found.values())


def _fetch_all(client: JiraClient, identifiers: Sequence[str], fields: Sequence[str]) -> dict[str, msgspec.Raw]:
    parts = [identifiers[first : first + ISSUES_AT_ONCE] for first in range(0, len(identifiers), ISSUES_AT_ONCE)]
    fetched = client.all(lambda part: _fetch(client, part, fields), parts)
    return {identifier(raw): raw for raws in fetched for raw in raws}


def _fetch(client: JiraClient, identifiers: Sequence[str], fields: Sequence[str]) -> list[msgspec.Raw]:
    if client.is_cloud:
        payload: dict[str, Any] = {"issueIdsOrKeys": list(identifiers), "fields": list(fields)}
        return client.query("issue/bulkfetch", payload, wire.FetchedIssues).issues
    # Without validation an id that does not exist is left out instead of refusing all of them.
    jql = f"id in ({', '.join(identifiers)})"
    payload = {"jql": jql, "fields": list(fields), "maxResults": len(identifiers), "validateQuery": False}
    return client.query("search", payload, wire.CountedPage).issues


def _fetch_one(client: JiraClient, one: str, fields: Sequence[str]) -> msgspec.Raw | None:
    try:
        return client.get(f"issue/{one}", msgspec.Raw, fields=",".join(fields))
    except RefusedError:
        return None
