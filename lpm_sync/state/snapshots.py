"""The last reading of each tracker: what stands in for a source that fails."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from lpm_sync.core.work_item import BrokenItem, Ref, SourceItem
from lpm_sync.ports import Pull
from lpm_sync.state import encoding
from lpm_sync.state.database import StateDatabase
from lpm_sync.state.failures import damaged
from lpm_sync.state.items import ItemReader, item_text

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

    def __init__(self, database: StateDatabase) -> None:
        self._database = database

    def save(self, pull: Pull, at: datetime) -> int:
        """Takes in a pull, all or nothing; returns how many items were new, different or gone.

        What stood in a project that the pull did not deliver whole is left as it was, and so is an item that could not
        be read, or that a delta does not mention: nothing is concluded from absence. What is gone leaves a tombstone.
        """
        with self._database.transaction():
            standing = self._standing(pull)
            gone = self._gone(pull, standing)
            self._bury(pull.tracker, gone, at)
            changed = self._database.write_many(
                "INSERT OR REPLACE INTO snapshot_items (tracker, id, project, digest, body) VALUES (?, ?, ?, ?, ?)",
                _changed_rows(pull, standing),
            )
            self._save_broken(pull)
            self._save_pull(pull, at)
        return len(gone) + changed

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
            if item is None or item.ref.id != identifier or item.project != project:
                raise damaged(self._database.path, f"the snapshot of {Ref(tracker, identifier)}")
            yield item

    def _standing(self, pull: Pull) -> dict[str, bytes]:
        """The digests of the items that the pull speaks of, or may find gone, by id."""
        if pull.present is None and pull.is_delta:
            named = {*(item.ref.id for item in pull.items), *(ref.id for ref in pull.gone)}
            query = "SELECT id, digest FROM snapshot_items WHERE tracker = ? AND id = ?"
            return dict(row for identifier in named for row in self._database.rows(query, pull.tracker, identifier))
        return dict(self._database.each("SELECT id, digest FROM snapshot_items WHERE tracker = ?", pull.tracker))

    def _gone(self, pull: Pull, standing: Collection[str]) -> list[str]:
        query = "SELECT project FROM snapshot_items WHERE tracker = ? AND id = ?"
        missing = sorted(missing_items(standing, pull))
        if not pull.failures:
            return missing
        projects = {one: self._database.rows(query, pull.tracker, one)[0][0] for one in missing}
        return [one for one in missing if projects[one] not in pull.failures]

    def forget_position(self, tracker: str) -> None:
        """Makes the next reading of a tracker a whole one."""
        self._database.write("UPDATE pulls SET position = NULL WHERE tracker = ?", tracker)

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


def missing_items(before: Collection[str], pull: Pull) -> set[str]:
    """Which of the items that stood before, given by their ids, the pull does not find any more.

    They are certainly gone where their projects were delivered whole.
    """
    found = {item.ref.id for item in pull.items} | {one.ref.id for one in pull.broken}
    if pull.present is not None:
        return set(before) - {ref.id for ref in pull.present} - found
    return {ref.id for ref in pull.gone}.intersection(before) - found if pull.is_delta else set(before) - found


def _changed_rows(pull: Pull, standing: Mapping[str, bytes]) -> Iterator[tuple[str, str, str, bytes, bytes]]:
    for item in pull.items:
        text = item_text(item)
        digest = encoding.digest(text)
        if standing.get(item.ref.id) != digest:
            yield pull.tracker, item.ref.id, item.project, digest, text
