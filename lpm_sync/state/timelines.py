"""The timeline of each item, as its tracker told it, and how the item stood when it was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

import msgspec

from lpm_sync.core.timeline import Entry, Timeline
from lpm_sync.core.work_item import Ref, SourceItem
from lpm_sync.state import encoding
from lpm_sync.state.database import StateDatabase
from lpm_sync.state.items import item_text


class Timelines:
    """A timeline is up to date while its item is as it was then."""

    def __init__(self, database: StateDatabase) -> None:
        self._database = database

    def save(self, timelines: Mapping[Ref, Timeline], items: Iterable[SourceItem]) -> None:
        """Takes in the timelines of those items, read since the items were."""
        rows = (
            (
                item.ref.tracker,
                item.ref.id,
                encoding.digest(item_text(item)),
                msgspec.json.encode(timelines[item.ref].entries),
            )
            for item in items
            if item.ref in timelines
        )
        self._database.write_many(
            "INSERT OR REPLACE INTO timelines (tracker, id, item_digest, entries) VALUES (?, ?, ?, ?)", rows
        )

    def of(self, ref: Ref) -> Timeline | None:
        """The timeline of an item as it was told last, up to date or not."""
        query = "SELECT entries FROM timelines WHERE tracker = ? AND id = ?"
        for (entries,) in self._database.rows(query, ref.tracker, ref.id):
            return self._timeline(ref, entries)
        return None

    def up_to_date(self, items: Iterable[SourceItem]) -> dict[Ref, Timeline]:
        """The timelines of those items that are as they were when theirs was read."""
        found: dict[Ref, Timeline] = {}
        query = "SELECT item_digest, entries FROM timelines WHERE tracker = ? AND id = ?"
        for item in items:
            for digest, entries in self._database.rows(query, item.ref.tracker, item.ref.id):
                if digest == encoding.digest(item_text(item)):
                    found[item.ref] = self._timeline(item.ref, entries)
        return found

    def outdated(self, tracker: str, limit: int) -> list[Ref]:
        """Items of the last snapshot without a timeline, then those with one from before their last change.

        At most `limit`; what was asked for longest ago comes first.
        """
        rows = self._database.rows(
            "SELECT snapshot_items.id FROM snapshot_items LEFT JOIN timelines USING (tracker, id)"
            " WHERE tracker = ? AND item_digest IS NOT digest"
            " ORDER BY item_digest IS NOT NULL, timelines.rowid, id LIMIT ?",
            tracker,
            limit,
        )
        return [Ref(tracker, identifier) for (identifier,) in rows]

    def save_for_snapshot(self, timelines: Iterable[Timeline]) -> None:
        """Takes in timelines that belong to items as the last snapshot has them."""
        rows = ((msgspec.json.encode(one.entries), one.ref.tracker, one.ref.id) for one in timelines)
        self._database.write_many(
            "INSERT OR REPLACE INTO timelines (tracker, id, item_digest, entries)"
            " SELECT tracker, id, digest, ? FROM snapshot_items WHERE tracker = ? AND id = ?",
            rows,
        )

    def _timeline(self, ref: Ref, entries: bytes) -> Timeline:
        with encoding.decoding(self._database.path, f"the timeline of {ref}"):
            return Timeline(ref=ref, entries=_decoder().decode(entries))


@lru_cache(maxsize=1)
def _decoder() -> msgspec.json.Decoder[tuple[Entry, ...]]:
    return msgspec.json.Decoder(tuple[Entry, ...])
