"""Walks all pages of a search to the end, or says that it did not get there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from connectors.jira import wire
from connectors.jira.client import JiraClient
from lpm_sync.errors import ConfigurationError, RefusedError, UnavailableError

PAGE_SIZE = 100  # issues: more are not given with fields (Cloud), or make large answers (Data Center)
FIRST_PAGES = 3  # up to here the walk by pages takes no more requests than any other
ID_PAGE_SIZE = 5000  # where nothing but ids is asked for; a server may give less (trackers.md, Search)
MOST_PAGES = 20_000
Page = TypeVar("Page")


class _MovedError(Exception):
    """The pages do not belong together: something was added or removed, or a token expired, in the middle."""


def quoted(text: str) -> str:
    """A text as a string of JQL, whatever stands in it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def check_clause(tracker: str, clause: str | None) -> None:
    """Refuses a clause whose brackets would end the one that it is put into: it could reach beyond the projects.

    Raises ConfigurationError.
    """
    depth = 0
    for piece in re.findall(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|[()"\']', clause or ""):
        depth += {"(": 1, ")": -1}.get(piece, 0)
        if depth < 0 or piece in ('"', "'"):
            break
    else:
        if depth == 0:
            return
    raise ConfigurationError(f"{tracker}: the scope's query has brackets or quotes that do not match: {clause}")


def find_ids(client: JiraClient, jql: str) -> list[str]:
    """The ids of all issues that `jql` finds. Raises as `find_all` does."""
    return [identifier(raw) for raw in find_all(client, jql, ["id"], page_size=ID_PAGE_SIZE)]


def find_all(client: JiraClient, jql: str, fields: Sequence[str], *, page_size: int = PAGE_SIZE) -> list[msgspec.Raw]:
    """All issues that `jql` finds, each once.

    A walk that goes wrong in the middle (a token expires, the total changes) is made once more. Raises
    UnavailableError where the end is not reached or issues are missing, RefusedError where the query is not accepted.
    """
    walk = _walk_by_token if client.is_cloud else _walk_by_number
    try:
        return walk(client, jql, fields, page_size)
    except _MovedError:
        try:
            return walk(client, jql, fields, page_size)
        except _MovedError as error:
            message = f"{client.name}: the search did not come to its end: {error}; the next cycle tries again"
            raise UnavailableError(message) from None


def first_pages(client: JiraClient, jql: str, fields: Sequence[str]) -> tuple[dict[str, msgspec.Raw], bool]:
    """Cloud: what the first pages of a search bring, by id, and whether that is all. Raises as `find_all` does."""
    found: dict[str, msgspec.Raw] = {}
    payload: dict[str, Any] = {"jql": jql, "fields": list(fields), "maxResults": PAGE_SIZE}
    for number in range(FIRST_PAGES):
        try:
            page = _page(client, "search/jql", payload, wire.TokenPage, is_first=number == 0)
        except _MovedError:
            return found, False
        _keep(found, page.issues)
        if not page.next_page_token:
            return found, page.is_last is not False
        payload["nextPageToken"] = page.next_page_token
    return found, False


def _walk_by_token(client: JiraClient, jql: str, fields: Sequence[str], page_size: int) -> list[msgspec.Raw]:
    """Cloud: short and empty pages are not the end, only a missing token is (trackers.md, Search)."""
    found: dict[str, msgspec.Raw] = {}
    seen: set[str] = set()
    payload: dict[str, Any] = {"jql": jql, "fields": list(fields), "maxResults": page_size}
    for _ in range(MOST_PAGES):
        page = _page(client, "search/jql", payload, wire.TokenPage, is_first=not seen)
        _keep(found, page.issues)
        token = page.next_page_token
        if not token:
            if page.is_last is False:
                raise _MovedError("the token of the next page is missing")
            return list(found.values())
        if token in seen:
            return _if_all(client, jql, found)
        seen.add(token)
        payload["nextPageToken"] = token
    raise UnavailableError(f"{client.name}: the search has more than {MOST_PAGES} pages; narrow the scope")


def _walk_by_number(client: JiraClient, jql: str, fields: Sequence[str], page_size: int) -> list[msgspec.Raw]:
    """Data Center: an issue that goes in the middle moves the others up a place, so the total has to fit."""
    found: dict[str, msgspec.Raw] = {}
    start, total = 0, None
    for _ in range(MOST_PAGES):
        payload = {"jql": jql, "fields": list(fields), "maxResults": page_size, "startAt": start}
        page = _page(client, "search", payload, wire.CountedPage, is_first=not start)
        _keep(found, page.issues)
        start += len(page.issues)
        if total is not None and page.total < total:
            raise _MovedError("issues went away while they were read")
        total = page.total
        if start >= total:
            if len(found) != total:
                raise _MovedError(f"{len(found)} of {total} issues came")
            return list(found.values())
        if not page.issues:
            raise _MovedError(f"{start} of {total} issues came, and then an empty page")
    raise UnavailableError(f"{client.name}: the search has more than {MOST_PAGES} pages; narrow the scope")


def _page(client: JiraClient, path: str, payload: Mapping[str, Any], shape: type[Page], *, is_first: bool) -> Page:
    """One page. A query that was accepted once is refused later only for its place: the token expired."""
    try:
        return client.query(path, payload, shape)
    except RefusedError as error:
        if is_first:
            raise
        raise _MovedError(str(error)) from None


def _if_all(client: JiraClient, jql: str, found: dict[str, msgspec.Raw]) -> list[msgspec.Raw]:
    """Where a server repeats a token for ever, only a count tells whether all issues came."""
    count = client.query("search/approximate-count", {"jql": jql}, wire.Count).count
    if count != len(found):
        seen = f"{len(found)} of about {count} issues came"
        raise UnavailableError(f"{client.name}: the server repeats a page for ever: {seen}")
    return list(found.values())


def _keep(found: dict[str, msgspec.Raw], issues: Iterable[msgspec.Raw]) -> None:
    """Later copies replace earlier ones: an issue that moved between two pages is newer in the second."""
    for raw in issues:
        found[identifier(raw)] = raw


def identifier(raw: msgspec.Raw) -> str:
    """The id of an issue. Raises UnavailableError for something that is none."""
    try:
        return msgspec.json.decode(raw, type=wire.Identified).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UnavailableError(
            "a page of the search holds something that is no issue; the next cycle tries again"
        ) from None
