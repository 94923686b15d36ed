"""The last reading of each tracker: what stands in for a source that fails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lpm_sync.core.work_item import Ref, SourceItem
from lpm_sync.ports import Pull
from lpm_sync.state import encoding
from lpm_sync.state.database import StateDatabase
from lpm_sync.state.failures import damaged


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What the last readings of a tracker brought, by ref. `taken` is our time of the last of them."""

    tracker: str
    account: str
    server_time: datetime
    taken: datetime
    items: tuple[SourceItem, ...]


class Snapshots:
    """Items as they were delivered last. A project that failed keeps the items that it had."""

    def __init__(self, database: StateDatabase) -> None:
        self._database = database

    def save(self, pull: Pull, at: datetime) -> int:
        """Takes in a pull, all or nothing; returns how many items were new, different or gone.

        What stood in a project that the pull did not deliver whole is left as it was, and so is an item that could not
        be read: nothing is concluded from absence.
        """
        encoded = {item.ref.id: (item.project, encoding.item_text(item)) for item in pull.items}
        digests = {identifier: encoding.digest(body) for identifier, (_, body) in encoded.items()}
        unread = {broken.ref.id for broken in pull.broken}
        with self._database.transaction():
            standing = {
                identifier: (project, digest)
                for identifier, project, digest in self._database.rows(
                    "SELECT id, project, digest FROM snapshot_items WHERE tracker = ?", pull.tracker
                )
            }
            gone = [
                identifier
                for identifier, (project, _) in standing.items()
                if identifier not in encoded and identifier not in unread and project not in pull.failures
            ]
            changed = [key for key, digest in digests.items() if standing.get(key, ("", b""))[1] != digest]
            self._database.write_many(
                "DELETE FROM snapshot_items WHERE tracker = ? AND id = ?", ((pull.tracker, key) for key in gone)
            )
            self._database.write_many(
                "INSERT OR REPLACE INTO snapshot_items (tracker, id, project, digest, body) VALUES (?, ?, ?, ?, ?)",
                ((pull.tracker, key, encoded[key][0], digests[key], encoded[key][1]) for key in changed),
            )
            self._database.write(
                "INSERT OR REPLACE INTO pulls (tracker, account, server_time, taken) VALUES (?, ?, ?, ?)",
                pull.tracker,
                pull.account,
                encoding.instant_text(pull.server_time),
                encoding.instant_text(at),
            )
        return len(gone) + len(changed)

    def last(self, tracker: str) -> Snapshot | None:
        """The last reading of a tracker; None where there was none.

        Raises StateError where an item is not what was written.
        """
        pulls = self._database.rows("SELECT account, server_time, taken FROM pulls WHERE tracker = ?", tracker)
        if not pulls:
            return None
        [(account, server_time, taken)] = pulls
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
            )
