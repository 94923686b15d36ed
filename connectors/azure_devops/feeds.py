"""The two feeds of what changed in an organisation: revisions of items, and links between them.

Links change without a revision, so that neither feed says what the other does. Both are read for the organisation, not
for each project: that is two requests however many projects there are, and an item that moved to another project, or
became one of another type, is told by the revisions (a feed of one project or type loses sight of it).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

from connectors.azure_devops import wire
from connectors.azure_devops.client import LINKS, REVISIONS, Client, Resource
from connectors.azure_devops.paging import next_token
from lpm_sync.errors import RefusedError, UnavailableError

MARGIN = timedelta(minutes=5)  # before the reading that the feeds go on from: reading twice is harmless, a gap is not
ASKED_FIELDS = "System.TeamProject,System.WorkItemType,System.State,System.IsDeleted"

Value = TypeVar("Value")


class _Batch(Protocol[Value]):
    """What the batches of both feeds have in common."""

    @property
    def values(self) -> list[Value]: ...

    @property
    def is_last_batch(self) -> bool | None: ...

    @property
    def continuation_token(self) -> str | int | None: ...

    @property
    def next_link(self) -> str | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Up to where both feeds were read, in the server's own marks: nothing is to be read into them."""

    revisions: str
    links: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What the feeds told: each revised item with its last revision, both ends of each link, and where they ended."""

    revised: Mapping[int, wire.RevisedFields]
    linked: frozenset[int]
    tokens: Tokens


def first_tokens(client: Client, as_of: datetime) -> Tokens:
    """Where the feeds stand at an instant of the server's clock, without what was before.

    Raises RefusedError where the server has no such feed, UnavailableError where it does not answer.
    """
    since = {"startDateTime": (as_of - MARGIN).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    return _read(client, since, since).tokens


def read_on(client: Client, tokens: Tokens) -> Changes:
    """What changed since; raises RefusedError where the server does not take the tokens any more, UnavailableError."""
    return _read(client, {"continuationToken": tokens.revisions}, {"continuationToken": tokens.links})


def is_last(told: bool | None, *, has_values: bool, is_new: bool) -> bool:
    """Whether a batch is the last one for now; of a server that does not tell: without anything, or any further."""
    return told if told is not None else not (has_values and is_new)


def _read(client: Client, revisions_from: Mapping[str, str], links_from: Mapping[str, str]) -> Changes:
    revised: dict[int, wire.RevisedFields] = {}
    linked: set[int] = set()

    def read_revisions() -> str:
        query = {**revisions_from, "fields": ASKED_FIELDS, "includeDeleted": "true"}
        values, end = _walk(client, REVISIONS, wire.RevisionBatch, query)
        revised.update((one.id, one.fields) for one in values)
        return end

    def read_links() -> str:
        values, end = _walk(client, LINKS, wire.LinkBatch, links_from)
        linked.update(*(one.change.ends for one in values))
        return end

    revisions, links = client.in_parallel(lambda read: read(), (read_revisions, read_links))
    return Changes(revised=revised, linked=frozenset(linked), tokens=Tokens(revisions=revisions, links=links))


def _walk(
    client: Client, resource: Resource, shape: type[_Batch[Value]], query: Mapping[str, str]
) -> tuple[list[Value], str]:
    """Everything up to the end of a feed, and the token to come back with; the last batch may bring none."""
    kept = {name: text for name, text in query.items() if name not in ("startDateTime", "continuationToken")}
    token = query.get("continuationToken")
    seen = {token}
    values: list[Value] = []
    while True:
        batch = client.read(resource, shape, query=query)
        values += batch.values
        token = next_token(batch.continuation_token, batch.next_link) or token
        if token is None:
            raise RefusedError(f"the feed {resource.name} does not say from where to go on")
        if is_last(batch.is_last_batch, has_values=bool(batch.values), is_new=token not in seen):
            return values, token
        if token in seen:
            raise UnavailableError(f"the feed {resource.name} came without end; nothing is concluded from it")
        seen.add(token)
        query = {**kept, "continuationToken": token}
