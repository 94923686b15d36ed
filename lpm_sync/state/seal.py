"""A checksum over all that the state holds, set when it is closed: what SQLite's own checks let through is found.

SQLite proves the structure of its file and not the texts in it. A state that was cut off carries no seal and is proved
by structure alone. Of a snapshot the seal holds only how many items there are: each is proved when it is read, by the
digest that stands beside it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from sqlite_utils import Database

from lpm_sync.state.failures import damaged

_CONTENT = (
    "SELECT created FROM state",
    "SELECT * FROM pulls ORDER BY tracker",
    "SELECT tracker, count(*) FROM snapshot_items GROUP BY tracker ORDER BY tracker",
    "SELECT * FROM earlier_items ORDER BY tracker, id",
    "SELECT * FROM findings ORDER BY id",
    "SELECT * FROM intents ORDER BY id",
    "SELECT * FROM digests ORDER BY slot, chat",
    "SELECT * FROM escalations ORDER BY id",
    "SELECT * FROM edges ORDER BY blocker, blocked",
    "SELECT * FROM cycles ORDER BY id",
    "SELECT * FROM loads ORDER BY tracker",
    "SELECT tracker, count(*) FROM load_items GROUP BY tracker ORDER BY tracker",
)


def set_seal(database: Database) -> None:
    """Seals the content as it is now."""
    with database.atomic():
        database.execute("UPDATE state SET seal = ?", (_checksum(database),))


def check_seal(path: Path, database: Database) -> None:
    """Raises StateError where the content is not what was sealed."""
    with database.atomic():  # one view of it, also while a run writes
        row = database.execute("SELECT seal FROM state").fetchone()
        if row is not None and row[0] is not None and row[0] != _checksum(database):
            raise damaged(path, "its content is not what was written")


def break_seal(database: Database) -> None:
    """Takes the seal off before anything is changed."""
    with database.atomic():
        database.execute("UPDATE state SET seal = NULL")


def _checksum(database: Database) -> bytes:
    checksum = hashlib.blake2b(digest_size=16)
    for query in _CONTENT:
        checksum.update(query.encode())
        for row in database.execute(query):
            checksum.update(repr(row).encode())
    return checksum.digest()
