"""Asks for ids, items and comments, each by its pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from connectors.azure_devops import wire
from connectors.azure_devops.answers import TooManyResultsError
from connectors.azure_devops.client import BATCH, COMMENTS, QUERY, Client
from connectors.azure_devops.decoding import Item, ItemDecoder
from connectors.azure_devops.paging import next_token
from connectors.azure_devops.queries import id_query
from lpm_sync.errors import UnavailableError

IDS_A_QUERY = 10_000  # half of what a query may give
ITEMS_A_BATCH = 200  # the most that workitemsbatch takes
COMMENTS_A_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundIds:
    """Ids in their order, and the server's time of the first answer."""

    ids: tuple[int, ...] = ()
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdPage:
    """The ids that one query gave, none where there are no more; its time, if told; how many the next may ask for."""

    ids: tuple[int, ...]
    as_of: datetime | None
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredItems:
    """What came of the items that were asked for; why others could not be read; which did not come at all."""

    items: tuple[Item, ...]
    broken: dict[int, str]
    missing: tuple[int, ...]


def find_ids(client: Client, condition: str) -> FoundIds:
    """All ids that satisfy a WIQL condition, past any limit of one query. Raises RefusedError, UnavailableError."""
    first = page = find_page(client, condition)
    ids = page.ids
    while page.ids:
        page = find_page(client, condition, after=ids[-1], size=page.size)
        ids += page.ids
    return FoundIds(ids=ids, as_of=first.as_of)


def find_page(client: Client, condition: str, *, after: int = 0, size: int = IDS_A_QUERY) -> IdPage:
    """The next ids above `after` that satisfy a WIQL condition; only an empty page is certainly the last one."""
    while True:
        body = {"query": id_query(condition, after=after)}
        try:
            found = client.read(QUERY, wire.QueryResult, query={"$top": str(size)}, body=body)
        except TooManyResultsError:
            if size == 1:
                raise
            size //= 2  # a server of one's own may allow fewer
            continue
        ids = tuple(one.id for one in found.work_items)
        if any(one <= before for before, one in pairwise((after, *ids))):
            raise UnavailableError("a query for ids was not answered in their order; nothing is concluded from it")
        return IdPage(ids=ids, as_of=found.as_of, size=size)


def in_batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """The ids in portions that one request takes."""
    for start in range(0, len(ids), ITEMS_A_BATCH):
        yield ids[start : start + ITEMS_A_BATCH]


def read_items(client: Client, decoder: ItemDecoder, ids: Sequence[int]) -> DeliveredItems:
    """Up to 200 items with their relations. Nulls and gaps in the answer are named, not lost."""
    body = {"ids": list(ids), "$expand": "relations", "errorPolicy": "omit"}
    found, broken = client.read_by(decoder.batch, BATCH, body=body)
    items = {item.id: item for item in found}
    return DeliveredItems(
        items=tuple(items[one] for one in ids if one in items),
        broken={one: broken[one] for one in ids if one in broken and one not in items},
        missing=tuple(one for one in ids if one not in items and one not in broken),
    )


def read_comments(client: Client, project: str, identifier: str) -> list[wire.Comment]:
    """All comments of an item, of whoever, oldest first."""
    return list(_comments(client, project, identifier))


def _comments(client: Client, project: str, identifier: str) -> Iterable[wire.Comment]:
    route = {"project": project, "workItemId": identifier}
    query = {"$top": str(COMMENTS_A_PAGE), "order": "asc"}
    seen: set[str] = set()
    while True:
        page = client.read(COMMENTS, wire.CommentList, route=route, query=query)
        yield from page.comments
        token = next_token(page.continuation_token, page.next_page)
        if not token:
            return
        if token in seen:
            raise UnavailableError(f"the comments of item {identifier} came without end; nothing is concluded")
        seen.add(token)
        query["continuationToken"] = token
