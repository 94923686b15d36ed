"""Asks how many issues in scope have a field: what tells fields of one name from each other."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.jira import wire
from connectors.jira.client import JiraClient
from connectors.jira.search import find_ids, quoted
from lpm_sync.errors import RefusedError, UnavailableError

CUSTOM = "customfield_"


def count_filled(
    client: JiraClient, fields: Sequence[wire.Field], projects: Sequence[str], scope: str = ""
) -> dict[str, int]:
    """The counts by field id, within the scope (`search.within`); one that cannot be searched for is absent.

    Raises UnauthorisedError.
    """
    names = ", ".join(map(quoted, projects))

    def count(field: wire.Field) -> int | None:
        jql = f"project in ({names}) AND {clause_name(field.id)} is not EMPTY{scope}"
        try:
            return count_issues(client, jql)
        except (RefusedError, UnavailableError):  # it only serves to choose
            return None

    counted = zip(fields, client.all(count, fields), strict=True)
    return {field.id: found for field, found in counted if found is not None}


def count_issues(client: JiraClient, jql: str) -> int:
    """About how many issues a query finds. Raises RefusedError and UnavailableError."""
    if client.is_cloud:
        return client.query("search/approximate-count", {"jql": jql}, wire.Count).count
    payload = {"jql": jql, "fields": ["id"], "maxResults": 1}
    told = client.query("search", payload, wire.CountedPage).total
    return len(find_ids(client, jql)) if told is None else told


def clause_name(identifier: str) -> str:
    """A field in a query by its id: its name may be that of several."""
    number = identifier.removeprefix(CUSTOM)
    return f"cf[{number}]" if number != identifier and number.isdecimal() else quoted(identifier)
