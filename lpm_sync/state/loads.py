"""Readings of everything that are under way: what was read so far, so that one that is stopped goes on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from lpm_sync.core.work_item import Ref, SourceItem
from lpm_sync.state import encoding
from lpm_sync.state.database import StateDatabase
from lpm_sync.state.failures import damaged
from lpm_sync.state.items import ItemReader, item_text

ROWS_AT_ONCE = 500  # decoded, of all that a load holds

_TAKE_OVER = (
    "INSERT OR REPLACE INTO snapshot_items (tracker, id, project, digest, body)"
    " SELECT tracker, id, project, digest, body FROM load_items WHERE tracker = ? AND id = ?"
)
_SET_ASIDE = (
    "INSERT OR REPLACE INTO load_items (tracker, id, project, digest, body)"
    " SELECT tracker, id, project, digest, body FROM snapshot_items WHERE tracker = ? AND id = ?"
)

Row = tuple[str, str, bytes, bytes]
"""An item as it is kept: id, project, digest, body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A reading that did not come to its end. `position` is the one that its connector gave when it began.

    `kept` items are there, of at most `expected`, if that is known.
    """

    tracker: str
    position: str
    begun: datetime
    kept: int
    expected: int | None


def row_of(item: SourceItem) -> Row:
    """The item as it is kept; needs no state, so that it can be made in any thread."""
    body = item_text(item)
    return item.ref.id, item.project, encoding.digest(body), body


class Loads:
    """One load a tracker at most. Nothing of it is in a snapshot before its end.

    The first load of a tracker lies where its snapshot will be, so that it is written once: without a row in `pulls`
    there is no snapshot to be seen. A later one lies beside it, and what is as it was is not written again.
    """

    def __init__(self, database: StateDatabase) -> None:
        self._database = database

    def last(self, tracker: str) -> Load | None:
        """The load of a tracker that is under way."""
        query = "SELECT position, begun, expected FROM loads WHERE tracker = ?"
        count = self._here("SELECT count(*) FROM load_items WHERE tracker = ?", tracker)
        for position, begun, expected in self._database.rows(query, tracker):
            with encoding.decoding(self._database.path, f"the load of {tracker}"):
                instant = encoding.instant(begun)
            [(kept,)] = self._database.rows(count, tracker)
            return Load(tracker=tracker, position=position, begun=instant, kept=kept, expected=expected)
        return None

    def begin(self, tracker: str, position: str, at: datetime) -> None:
        """Begins a load; what an earlier one kept is let go."""
        with self._database.transaction():
            self.end(tracker)
            self._database.write(
                "INSERT INTO loads (tracker, position, begun) VALUES (?, ?, ?)",
                tracker,
                position,
                encoding.instant_text(at),
            )

    def expect(self, tracker: str, count: int) -> None:
        """Notes how many items there are at most."""
        self._database.write("UPDATE loads SET expected = ? WHERE tracker = ?", count, tracker)

    def keep(self, tracker: str, rows: Iterable[Row]) -> None:
        """Takes in a part; an item that is there already is replaced."""
        statement = "INSERT OR REPLACE INTO load_items (tracker, id, project, digest, body) VALUES (?, ?, ?, ?, ?)"
        self._database.write_many(self._here(statement, tracker), ((tracker, *row) for row in rows))

    def items(self, tracker: str) -> Iterator[SourceItem]:
        """What was kept, by id; some at a time. Raises StateError where an item is not what was written."""
        query = "SELECT id, project, digest, body FROM load_items WHERE tracker = ? AND id > ? ORDER BY id LIMIT ?"
        query = self._here(query, tracker)
        last, reader = "", ItemReader()
        while rows := self._database.rows(query, tracker, last, ROWS_AT_ONCE):
            for identifier, project, digest, body in rows:
                item = reader.item(body) if encoding.digest(body) == digest else None
                if item is None or (item.ref.tracker, item.ref.id, item.project) != (tracker, identifier, project):
                    raise damaged(self._database.path, f"the load of {Ref(tracker, identifier)}")
                yield item
            last = rows[-1][0]

    def ids(self, tracker: str) -> set[str]:
        """The ids of whatever was kept; the items themselves are not touched."""
        query = self._here("SELECT id FROM load_items WHERE tracker = ?", tracker)
        return {identifier for (identifier,) in self._database.rows(query, tracker)}

    def counts(self, tracker: str) -> dict[str, int]:
        """How many items of each project were kept."""
        query = self._here("SELECT project, count(*) FROM load_items WHERE tracker = ? GROUP BY project", tracker)
        return dict(self._database.rows(query, tracker))

    def end(self, tracker: str) -> None:
        """Lets go of the load, and of what it kept."""
        with self._database.transaction():
            self._database.write(self._here("DELETE FROM load_items WHERE tracker = ?", tracker), tracker)
            self._database.write("DELETE FROM loads WHERE tracker = ?", tracker)

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """While parts are kept: they need not survive a power cut, and a wait for the disk each would take long."""
        with self._database.relaxed():
            yield

    def become_snapshot(self, tracker: str, ids: Collection[str], *, goes_on: bool) -> int:
        """Makes those items part of the snapshot; returns how many are new or different there.

        The load ends, unless it `goes_on`: then it does so with all that it has.
        """
        if not self._database.rows("SELECT 1 FROM loads WHERE tracker = ?", tracker):
            return 0
        with self._database.transaction():
            if self._is_first(tracker):
                changed, kept = ids, self.ids(tracker)
                if goes_on:
                    self._write(tracker, kept, _SET_ASIDE)
                self._write(tracker, kept.difference(ids), "DELETE FROM snapshot_items WHERE tracker = ? AND id = ?")
            else:
                changed = self._changed(tracker, ids)
                self._write(tracker, changed, _TAKE_OVER)
            if not goes_on:
                self._database.write("DELETE FROM load_items WHERE tracker = ?", tracker)
                self._database.write("DELETE FROM loads WHERE tracker = ?", tracker)
        return len(changed)

    def _changed(self, tracker: str, ids: Iterable[str]) -> list[str]:
        """Which of those items are kept otherwise than they stand in the snapshot."""
        kept = self._digests("SELECT id, project, digest FROM load_items WHERE tracker = ?", tracker)
        standing = self._digests("SELECT id, project, digest FROM snapshot_items WHERE tracker = ?", tracker)
        return [one for one in ids if standing.get(one) != kept[one]]

    def _is_first(self, tracker: str) -> bool:
        return not self._database.rows("SELECT 1 FROM pulls WHERE tracker = ?", tracker)

    def _here(self, statement: str, tracker: str) -> str:
        """A statement about a load, for the table in which that of the tracker lies."""
        return statement.replace("load_items", "snapshot_items") if self._is_first(tracker) else statement

    def _digests(self, query: str, tracker: str) -> dict[str, tuple[str, bytes]]:
        return {one: (project, digest) for one, project, digest in self._database.rows(query, tracker)}

    def _write(self, tracker: str, ids: Iterable[str], statement: str) -> None:
        self._database.write_many(statement, ((tracker, identifier) for identifier in ids))
