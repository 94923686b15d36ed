"""Walks all pages of a search to the end, or says that it did not get there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec

from connectors.jira import wire
from connectors.jira.client import JiraClient
from connectors.jira.easing import leniently
from lpm_sync.errors import ConfigurationError, RefusedError, UnavailableError

PAGE_SIZE = 100  # issues: more are not given with fields (Cloud), or make large answers (Data Center)
ID_PAGE_SIZE = 5000  # where nothing but ids is asked for; a server may give less (trackers.md, Search)
MOST_PAGES = 20_000
_IDENTIFIED = msgspec.json.Decoder(wire.Identified)
Page = TypeVar("Page")
Entry = TypeVar("Entry")
Read = Callable[[Iterable[msgspec.Raw]], dict[str, Entry]]
"""Makes of the issues of a page what is kept of them, by id, in the thread that fetched it: the bytes go at once.

Later copies replace earlier ones: an issue that moved between two pages is newer in the second.
"""


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


def within(clause: str | None, labels: Sequence[str]) -> str:
    """What a query goes on with so that it finds what is in scope: by the clause, or whatever that says by a label."""
    if not clause:
        return ""
    return f" AND (({clause}) OR labels in ({', '.join(map(quoted, labels))}))" if labels else f" AND ({clause})"


def find_ids(client: JiraClient, jql: str) -> list[str]:
    """The ids of all issues that `jql` finds. Raises as `find_all` does."""
    return list(find_all(client, jql, ["id"], identified, page_size=ID_PAGE_SIZE))


def find_all(
    client: JiraClient, jql: str, fields: Sequence[str], read: Read[Entry], *, page_size: int = PAGE_SIZE
) -> dict[str, Entry]:
    """All issues that `jql` finds, as `read` makes them, by id.

    A walk that goes wrong in the middle (a token expires, the total changes) is made once more. Raises
    UnavailableError where the end is not reached or issues are missing, RefusedError where the query is not accepted.
    """
    return _joined(walk(client, jql, fields, read, page_size=page_size))


def walk(
    client: JiraClient, jql: str, fields: Sequence[str], read: Read[Entry], *, page_size: int = PAGE_SIZE
) -> Iterator[tuple[bool, dict[str, Entry]]]:
    """The pages of a search as they come, in each the issues by id. Raises as `find_all` does.

    True with a page: the walk begins anew with it, and what came before does not count.
    """
    pages = _walk_by_token if client.is_cloud else _walk_by_number
    return _walked_twice(client, partial(pages, client, jql, fields, read, page_size))


def find_named(client: JiraClient, clause: str, fields: Sequence[str], read: Read[Entry]) -> dict[str, Entry]:
    """Data Center: the issues that a clause names one by one, as far as they are there. Raises as `find_all` does."""
    # Without validation a name that does not exist is left out instead of refusing all of them.
    pages = partial(_walk_by_number, client, clause, fields, read, PAGE_SIZE, more={"validateQuery": False})
    return _joined(_walked_twice(client, pages))


def _joined(pages: Iterable[tuple[bool, dict[str, Entry]]]) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for is_again, page in pages:
        if is_again:
            found = {}
        found |= page
    return found


def _walked_twice(
    client: JiraClient, pages: Callable[[], Iterator[dict[str, Entry]]]
) -> Iterator[tuple[bool, dict[str, Entry]]]:
    try:
        for page in pages():
            yield False, page
    except _MovedError:
        yield True, {}
        try:
            for page in pages():
                yield False, page
        except _MovedError as error:
            message = f"{client.name}: the search did not come to its end: {error}; the next cycle tries again"
            raise UnavailableError(message) from None


def first_page(client: JiraClient, jql: str, fields: Sequence[str], read: Read[Entry]) -> tuple[dict[str, Entry], bool]:
    """Cloud: what the first page of a search brings, by id, and whether that is all. Raises as `find_all` does."""
    payload = {"jql": jql, "fields": list(fields), "maxResults": PAGE_SIZE}
    page = client.query("search/jql", payload, wire.TokenPage)
    return read(page.issues), not page.next_page_token and page.is_last is not False


def _walk_by_token(
    client: JiraClient, jql: str, fields: Sequence[str], read: Read[Entry], page_size: int
) -> Iterator[dict[str, Entry]]:
    """Cloud: short and empty pages are not the end, only a missing token is (trackers.md, Search)."""
    found: set[str] = set()
    seen: set[str] = set()
    payload: dict[str, Any] = {"jql": jql, "fields": list(fields), "maxResults": page_size}
    for _ in range(MOST_PAGES):
        page = _page(client, "search/jql", payload, wire.TokenPage, is_first=not seen)
        entries, token = read(page.issues), page.next_page_token
        found.update(entries)
        yield entries
        if not token:
            if page.is_last is False:
                raise _MovedError("the token of the next page is missing")
            return
        if token in seen:
            _check_all(client, jql, len(found))
            return
        seen.add(token)
        payload["nextPageToken"] = token
    raise UnavailableError(f"{client.name}: the search has more than {MOST_PAGES} pages; narrow the scope")


def _walk_by_number(
    client: JiraClient,
    jql: str,
    fields: Sequence[str],
    read: Read[Entry],
    page_size: int,
    more: Mapping[str, Any] = MappingProxyType({}),
) -> Iterator[dict[str, Entry]]:
    """Data Center: an issue that goes in the middle moves the others up a place, so the total has to fit."""
    found: set[str] = set()
    start, total = 0, None
    for _ in range(MOST_PAGES):
        payload = {"jql": jql, "fields": list(fields), "maxResults": page_size, "startAt": start, **more}
        page = _page(client, "search", payload, wire.CountedPage, is_first=not start)
        entries = read(page.issues)
        is_news = not found.issuperset(entries)
        found.update(entries)
        yield entries
        start += len(page.issues)
        if page.total is None:  # of a server that does not count only an empty page is certainly the last one
            if not page.issues:
                return
            if not is_news:
                raise _MovedError("the same issues came again")
            continue
        if total is not None and page.total < total:
            raise _MovedError("issues went away while they were read")
        total = page.total
        if start >= total:
            if len(found) != total:
                raise _MovedError(f"{len(found)} of {total} issues came")
            return
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


def _check_all(client: JiraClient, jql: str, came: int) -> None:
    """Where a server repeats a token for ever, only a count tells whether all issues came."""
    count = client.query("search/approximate-count", {"jql": jql}, wire.Count).count
    if count != came:
        seen = f"{came} of about {count} issues came"
        raise UnavailableError(f"{client.name}: the server repeats a page for ever: {seen}")


def identified(issues: Iterable[msgspec.Raw]) -> dict[str, str]:
    """The ids of issues, each under itself. Raises UnavailableError for something that is none."""
    try:
        ids = [leniently(_IDENTIFIED.decode, raw).id for raw in issues]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UnavailableError(
            "a page of the search holds something that is no issue; the next cycle tries again"
        ) from None
    return dict(zip(ids, ids, strict=True))
