"""The last reading of each tracker: what stands in for a source that fails."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from operator import attrgetter

from lpm_sync.core.work_item import BrokenItem, Ref, SourceItem
from lpm_sync.ports import Pull
from lpm_sync.state import encoding
from lpm_sync.state.database import StateDatabase
from lpm_sync.state.failures import damaged
from lpm_sync.state.items import ItemReader, item_text
from lpm_sync.state.loads import Loads

_BY_ID = attrgetter("ref.id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What the last readings of a tracker brought, by ref. `taken` is our time of the last of them.

    `position` is from where its connector can go on; `counted` our time of the last census.
    """

    tracker: str
    account: str
    server_time: datetime
    taken: datetime
    items: tuple[SourceItem, ...]
    broken: tuple[BrokenItem, ...] = ()
    position: str | None = None
    counted: datetime | None = None


class Snapshots:
    """Items as they were delivered last. A project that failed keeps the items that it had."""

    def __init__(self, database: StateDatabase, loads: Loads) -> None:
        self._database = database
        self._loads = loads

    def save(self, pull: Pull, at: datetime, *, kept: Collection[Ref] = ()) -> int:
        """Takes in a pull, all or nothing; returns how many items were new, different or gone.

        What stood in a project that the pull did not deliver whole is left as it was, and so is an item that could not
        be read, or that a delta does not mention: nothing is concluded from absence. What is gone leaves a tombstone.
        `kept` items stand in the load of the tracker as they are, and are taken from there. The load ends,
        unless a project was interrupted: then the next pull goes on with it.
        """
        held = {ref.id for ref in kept}
        read = {item.ref.id: item for item in pull.items if item.ref.id not in held}
        changed: list[SourceItem] = []
        unread: dict[str, str] = {}  # what stands and was not read, with its project
        with self._database.transaction():
            taken = self._loads.become_snapshot(pull.tracker, held, goes_on=bool(pull.interrupted))
            for identifier, project, body in self._standing(pull, held):
                item = read.pop(identifier, None)
                if item is None:
                    unread[identifier] = project
                elif item_text(item) != body:
                    changed.append(item)
            gone = [one for one in missing_items(unread, pull) if unread[one] not in pull.failures]
            self._bury(pull.tracker, gone, at)
            self._database.write_many(
                "INSERT OR REPLACE INTO snapshot_items (tracker, id, project, digest, body) VALUES (?, ?, ?, ?, ?)",
                map(_row, chain(changed, read.values())),
            )
            self._save_broken(pull)
            self._save_pull(pull, at)
        return len(gone) + len(changed) + len(read) + taken

    def last(self, tracker: str) -> Snapshot | None:
        """The last reading of a tracker; None where there was none.

        Raises StateError where an item is not what was written.
        """
        query = "SELECT account, server_time, taken, position, counted FROM pulls WHERE tracker = ?"
        pulls = self._database.rows(query, tracker)
        if not pulls:
            return None
        [(account, server_time, taken, position, counted)] = pulls
        with encoding.decoding(self._database.path, f"the snapshot of {tracker}"):
            return Snapshot(
                tracker=tracker,
                account=account,
                server_time=encoding.instant(server_time),
                taken=encoding.instant(taken),
                items=tuple(sorted(self._items(tracker), key=_BY_ID)),
                broken=self._broken(tracker),
                position=position,
                counted=encoding.optional_instant(counted),
            )

    def _items(self, tracker: str) -> Iterator[SourceItem]:
        query, reader = "SELECT id, project, digest, body FROM snapshot_items WHERE tracker = ?", ItemReader()
        for identifier, project, digest, body in self._database.each(query, tracker):
            item = reader.item(body) if encoding.digest(body) == digest else None
            if item is None or (item.ref.tracker, item.ref.id, item.project) != (tracker, identifier, project):
                raise damaged(self._database.path, f"the snapshot of {Ref(tracker, identifier)}")
            yield item

    def _standing(self, pull: Pull, held: Collection[str]) -> Iterator[tuple[str, str, bytes]]:
        """Id, project and body of the items that the pull speaks of, or may find gone; without those that are held."""
        query = "SELECT id, project, body FROM snapshot_items WHERE tracker = ?"
        if held:
            names = self._database.rows("SELECT id FROM snapshot_items WHERE tracker = ?", pull.tracker)
            for identifier in {identifier for (identifier,) in names}.difference(held):
                yield from self._database.rows(f"{query} AND id = ?", pull.tracker, identifier)
            return
        if pull.present is not None or not pull.is_delta:
            yield from self._database.each(query, pull.tracker)
            return
        for identifier in {*(item.ref.id for item in pull.items), *(ref.id for ref in pull.gone)}:
            yield from self._database.rows(f"{query} AND id = ?", pull.tracker, identifier)

    def forget_position(self, tracker: str) -> None:
        """Makes the next reading of a tracker a whole one."""
        with self._database.transaction():
            self._database.write("UPDATE pulls SET position = NULL WHERE tracker = ?", tracker)
            self._loads.end(tracker)

    def forget_count(self, tracker: str) -> None:
        """Makes the next reading of a tracker one with a census."""
        self._database.write("UPDATE pulls SET counted = NULL WHERE tracker = ?", tracker)

    def standings(self, ref: Ref) -> Iterator[SourceItem]:
        """How an item stood in the last snapshot, and how before it was in quarantine, where that is kept."""
        for query in (
            "SELECT body FROM snapshot_items WHERE tracker = ? AND id = ?",
            "SELECT body FROM earlier_items WHERE tracker = ? AND id = ?",
        ):
            for (body,) in self._database.rows(query, ref.tracker, ref.id):
                with encoding.decoding(self._database.path, f"the snapshot of {ref}"):
                    item = ItemReader().item(body)
                yield item

    def keep_earlier(self, tracker: str, items: Iterable[SourceItem]) -> None:
        """Keeps how these items in quarantine stood before, and of no other item of the tracker."""
        with self._database.transaction():
            self._database.write("DELETE FROM earlier_items WHERE tracker = ?", tracker)
            self._database.write_many(
                "INSERT INTO earlier_items (tracker, id, body) VALUES (?, ?, ?)",
                ((tracker, item.ref.id, item_text(item)) for item in items),
            )

    def tombstone(self, ref: Ref) -> tuple[SourceItem, datetime] | None:
        """How an item stood last that is gone now (deleted, hidden, out of scope), and when that was seen."""
        query = "SELECT body, gone FROM tombstones WHERE tracker = ? AND id = ?"
        for body, gone in self._database.rows(query, ref.tracker, ref.id):
            with encoding.decoding(self._database.path, f"the tombstone of {ref}"):
                return ItemReader().item(body), encoding.instant(gone)
        return None

    def _bury(self, tracker: str, gone: Sequence[str], at: datetime) -> None:
        self._database.write_many(
            "INSERT OR REPLACE INTO tombstones (tracker, id, gone, body)"
            " SELECT tracker, id, ?, body FROM snapshot_items WHERE tracker = ? AND id = ?",
            ((encoding.instant_text(at), tracker, identifier) for identifier in gone),
        )
        self._database.write_many(
            "DELETE FROM snapshot_items WHERE tracker = ? AND id = ?", ((tracker, identifier) for identifier in gone)
        )

    def _save_broken(self, pull: Pull) -> None:
        """An item that is read again is broken no more; a whole pull names all that are."""
        if pull.is_delta:
            read = [item.ref.id for item in pull.items] + [ref.id for ref in pull.gone]
            self._database.write_many(
                "DELETE FROM broken_items WHERE tracker = ? AND id = ?", ((pull.tracker, key) for key in read)
            )
        else:
            self._database.write("DELETE FROM broken_items WHERE tracker = ?", pull.tracker)
        self._database.write_many(
            "INSERT OR REPLACE INTO broken_items (tracker, id, key, project, reason) VALUES (?, ?, ?, ?, ?)",
            ((pull.tracker, one.ref.id, one.key, one.project, one.reason) for one in pull.broken),
        )

    def _broken(self, tracker: str) -> tuple[BrokenItem, ...]:
        rows = self._database.rows(
            "SELECT id, key, project, reason FROM broken_items WHERE tracker = ? ORDER BY id", tracker
        )
        return tuple(
            BrokenItem(ref=Ref(tracker, identifier), key=key, project=project, reason=reason)
            for identifier, key, project, reason in rows
        )

    def _save_pull(self, pull: Pull, at: datetime) -> None:
        self._database.write(
            "INSERT INTO pulls (tracker, account, server_time, taken, position, counted) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (tracker) DO UPDATE SET account = excluded.account, server_time = excluded.server_time,"
            " taken = excluded.taken, position = excluded.position, counted = coalesce(excluded.counted, counted)",
            pull.tracker,
            pull.account,
            encoding.instant_text(pull.server_time),
            encoding.instant_text(at),
            pull.position,
            None if pull.present is None else encoding.instant_text(at),
        )


def missing_items(before: Collection[str], pull: Pull) -> frozenset[str]:
    """Which of the items that stood before, given by their ids, the pull does not find any more.

    They are certainly gone where their projects were delivered whole.
    """
    if pull.is_delta and pull.present is None:
        missing = {ref.id for ref in pull.gone}.intersection(before)
    else:
        missing = set(before).difference(ref.id for ref in pull.present or ())
    if not missing:
        return frozenset()
    return frozenset(missing.difference((item.ref.id for item in pull.items), (one.ref.id for one in pull.broken)))


def _row(item: SourceItem) -> tuple[str, str, str, bytes, bytes]:
    text = item_text(item)
    return item.ref.tracker, item.ref.id, item.project, encoding.digest(text), text
