"""The last reading of each tracker: what stands in for a source that fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lpm_sync.core.work_item import BrokenItem, Ref, SourceItem
from lpm_sync.ports import Pull
from lpm_sync.state import encoding
from lpm_sync.state.database import StateDatabase
from lpm_sync.state.failures import damaged


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
        encoded = {item.ref.id: (item.project, encoding.item_text(item)) for item in pull.items}
        digests = {identifier: encoding.digest(body) for identifier, (_, body) in encoded.items()}
        with self._database.transaction():
            standing = {
                identifier: (project, digest)
                for identifier, project, digest in self._database.rows(
                    "SELECT id, project, digest FROM snapshot_items WHERE tracker = ?", pull.tracker
                )
            }
            projects = {Ref(pull.tracker, identifier): project for identifier, (project, _) in standing.items()}
            gone = [ref.id for ref in gone_items(projects, pull)]
            changed = [key for key, digest in digests.items() if standing.get(key, ("", b""))[1] != digest]
            self._bury(pull.tracker, gone, at)
            self._database.write_many(
                "INSERT OR REPLACE INTO snapshot_items (tracker, id, project, digest, body) VALUES (?, ?, ?, ?, ?)",
                ((pull.tracker, key, encoded[key][0], digests[key], encoded[key][1]) for key in changed),
            )
            self._save_broken(pull)
            self._save_pull(pull, at)
        return len(gone) + len(changed)

    def last(self, tracker: str) -> Snapshot | None:
        """The last reading of a tracker; None where there was none.

        Raises StateError where an item is not what was written.
        """
        query = "SELECT account, server_time, taken, position, counted FROM pulls WHERE tracker = ?"
        pulls = self._database.rows(query, tracker)
        if not pulls:
            return None
        [(account, server_time, taken, position, counted)] = pulls
        bodies = self._database.rows("SELECT id, digest, body FROM snapshot_items WHERE tracker = ?", tracker)
        path = self._database.path
        for identifier, digest, body in bodies:
            if encoding.digest(body) != digest:
                raise damaged(path, f"the snapshot of {Ref(tracker, identifier)}")
        with encoding.decoding(path, f"the snapshot of {tracker}"):
            return Snapshot(
                tracker=tracker,
                account=account,
                server_time=encoding.instant(server_time),
                taken=encoding.instant(taken),
                items=tuple(sorted((encoding.item(body) for _, _, body in bodies), key=lambda item: item.ref)),
                broken=self._broken(tracker),
                position=position,
                counted=encoding.optional_instant(counted),
            )

    def forget_position(self, tracker: str) -> None:
        """Makes the next reading of a tracker a whole one."""
        self._database.write("UPDATE pulls SET position = NULL WHERE tracker = ?", tracker)

    def tombstone(self, ref: Ref) -> tuple[SourceItem, datetime] | None:
        """How an item stood last that is gone now (deleted, hidden, out of scope), and when that was seen."""
        query = "SELECT body, gone FROM tombstones WHERE tracker = ? AND id = ?"
        for body, gone in self._database.rows(query, ref.tracker, ref.id):
            with encoding.decoding(self._database.path, f"the tombstone of {ref}"):
                return encoding.item(body), encoding.instant(gone)
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


def gone_items(before: Mapping[Ref, str], pull: Pull) -> frozenset[Ref]:
    """Which of the items that stood before, given with their projects, certainly stand no more."""
    read = {item.ref for item in pull.items}
    broken = {one.ref for one in pull.broken}
    standing = pull.present if pull.present is not None else before.keys() - pull.gone if pull.is_delta else read
    return frozenset(
        ref
        for ref, project in before.items()
        if ref not in standing and ref not in read and ref not in broken and project not in pull.failures
    )
