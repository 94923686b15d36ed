"""Reads many issues fast: where a page is not all, the ids first, and many issues a request while ids still come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic

import msgspec

from connectors.http import Decoding
from connectors.jira import wire
from connectors.jira.client import JiraClient
from connectors.jira.search import ID_PAGE_SIZE, Entry, find_all, find_named, first_page, identified, walk
from lpm_sync.errors import RefusedError, UnavailableError

Came = wire.Issue | msgspec.Raw
"""An issue of a page, decoded with it or as it came."""

ISSUES_AT_ONCE = 100  # trackers.md, Search
MOST_MISSING = 100  # found by a search and not given out: more of them are no coincidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted(Generic[Entry]):
    """What is asked for of issues: these fields. `page` decodes many of them at once, `read` makes what is kept."""

    fields: Sequence[str]
    page: Decoding[Sequence[Came]]
    read: Callable[[Iterable[Came]], dict[str, Entry]]


def find_issues(
    client: JiraClient,
    jql: str,
    wanted: Wanted[Entry],
    *,
    known: Mapping[str, Entry] = MappingProxyType({}),
    expect: Callable[[int], None] = lambda count: None,
) -> dict[str, Entry]:
    """All issues that `jql` finds, as they are kept, by id. Raises as `find_all` does.

    Those that are `known` from the same reading need not be fetched again. `expect` is told how many there are, as soon
    as that is known.
    """
    if not client.is_cloud:
        return find_all(client, jql, wanted.fields, wanted.read)
    found, is_all = first_page(client, jql, wanted.fields, wanted.read)
    if is_all:
        return found
    try:
        return found | _find_others(client, jql, wanted, {**known, **found}, expect)
    except RefusedError:  # not every gateway lets this through
        return find_all(client, jql, wanted.fields, wanted.read)


def fetch_issues(client: JiraClient, identifiers: Sequence[str], wanted: Wanted[Entry]) -> dict[str, Entry]:
    """The issues with those ids; without those that are gone, or hidden from the account.

    Raises RefusedError where the tracker does not give out issues by their ids, UnavailableError where it does not
    give out issues that are there.
    """
    found = _fetch_all(client, identifiers, wanted)
    return found | _left_out(client, [one for one in identifiers if one not in found], wanted)


def fetch_current(client: JiraClient, identifiers: Sequence[str], wanted: Wanted[Entry]) -> dict[str, Entry]:
    """Issues of Cloud as they stand, which its search may only show after a while; without those that are gone.

    Raises RefusedError where nothing is given out by its id, UnavailableError.
    """
    try:
        return fetch_issues(client, identifiers, wanted)
    except RefusedError:
        return _fetch_singly(client, identifiers, wanted)


def _find_others(
    client: JiraClient,
    jql: str,
    wanted: Wanted[Entry],
    known: Mapping[str, Entry],
    expect: Callable[[int], None],
) -> dict[str, Entry]:
    """All issues, without asking for the known ones: each page of ids is fetched while the next one comes."""
    named: dict[str, None] = {}
    asked = set(known)
    waiting: list[str] = []
    fetching: list[Future[dict[str, Entry]]] = []
    with ThreadPoolExecutor(max_workers=client.at_once, thread_name_prefix=client.name) as pool:
        try:
            for is_again, page in walk(client, jql, ["id"], identified, page_size=ID_PAGE_SIZE):
                named = dict.fromkeys(page) if is_again else named | dict.fromkeys(page)
                waiting += [one for one in page if one not in asked]
                asked.update(page)
                full = len(waiting) - len(waiting) % ISSUES_AT_ONCE
                for part in _parts(waiting[:full]):
                    fetching.append(pool.submit(_fetch, client, part, wanted))
                del waiting[:full]
            if waiting:
                fetching.append(pool.submit(_fetch, client, waiting, wanted))
            expect(len(named))
            found = {one: entry for future in fetching for one, entry in future.result().items()}
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)  # what is not sent yet would be for nothing
            raise
    missing = [one for one in named if one not in found and one not in known]
    found |= _left_out(client, missing, wanted)
    found = {**known, **found}
    return {one: found[one] for one in named if one in found}


def _left_out(client: JiraClient, missing: Sequence[str], wanted: Wanted[Entry]) -> dict[str, Entry]:
    """Issues that a fetch did not bring: gone, hidden, or left out for an error of the moment."""
    found: dict[str, Entry] = {}
    if missing and client.is_cloud:
        found = _fetch_all(client, missing, wanted)
        missing = [one for one in missing if one not in found]
    if len(missing) > MOST_MISSING:
        raise UnavailableError(f"{client.name}: {len(missing)} issues were found and not given out")
    return found | _fetch_singly(client, missing, wanted)


def _parts(identifiers: Sequence[str]) -> Iterator[Sequence[str]]:
    return (identifiers[first : first + ISSUES_AT_ONCE] for first in range(0, len(identifiers), ISSUES_AT_ONCE))


def _fetch_all(client: JiraClient, identifiers: Sequence[str], wanted: Wanted[Entry]) -> dict[str, Entry]:
    fetched = client.all(lambda part: _fetch(client, part, wanted), _parts(identifiers))
    return {one: entry for part in fetched for one, entry in part.items()}


def _fetch(client: JiraClient, identifiers: Sequence[str], wanted: Wanted[Entry]) -> dict[str, Entry]:
    """Some issues, read in the thread that asked for them, so that no page is kept."""
    if client.is_cloud:
        payload: dict[str, Any] = {"issueIdsOrKeys": list(identifiers), "fields": list(wanted.fields)}
        issues = client.query("issue/bulkfetch", payload, wanted.page)
        return wanted.read(issues)
    return find_named(client, f"id in ({', '.join(identifiers)})", wanted.fields, wanted.read)


def _fetch_singly(client: JiraClient, identifiers: Sequence[str], wanted: Wanted[Entry]) -> dict[str, Entry]:
    """Without those that are gone, or hidden from the account."""
    found = client.all(lambda one: _fetch_one(client, one, wanted), identifiers)
    return wanted.read([raw for raw in found if raw is not None])


def _fetch_one(client: JiraClient, one: str, wanted: Wanted[Entry]) -> msgspec.Raw | None:
    try:
        return client.get(f"issue/{one}", msgspec.Raw, fields=",".join(wanted.fields))
    except RefusedError:
        return None
