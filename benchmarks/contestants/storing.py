"""Snapshots: all stored, the changed found among all, and bare SQLite beside it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path

from msgspec.structs import replace

from benchmarks.contestants.values import NOW, pull_of, source_item
from benchmarks.measuring import Surroundings, Work
from lpm_sync.state import encoding
from lpm_sync.state.items import item_text
from lpm_sync.state.store import State

CHANGED_EACH = 100


def store_all(surroundings: Surroundings) -> Work:
    """`snapshots.save` into an empty state."""
    pull = pull_of(tuple(map(source_item, range(surroundings.items))))

    def work() -> Mapping[str, float]:
        with State.open(Path(surroundings.folder) / "state.sqlite3", at=NOW) as state:
            return {"items": state.snapshots.save(pull, NOW)}

    return work


def find_changed(surroundings: Surroundings) -> Work:
    """`snapshots.save` of the same, of which 1 % changed."""
    items = tuple(map(source_item, range(surroundings.items)))
    path = Path(surroundings.folder) / "state.sqlite3"
    with State.open(path, at=NOW) as state:
        state.snapshots.save(pull_of(items), NOW)
    changed = (replace(item, title="changed") if n % CHANGED_EACH == 0 else item for n, item in enumerate(items))
    pull = pull_of(tuple(changed))

    def work() -> Mapping[str, float]:
        with State.open(path, at=NOW) as state:
            return {"items": len(items), "changed": state.snapshots.save(pull, NOW)}

    return work


def executemany(surroundings: Surroundings) -> Work:
    """The same rows, encoded beforehand, into a table like ours with one bare `executemany`."""
    rows = []
    for item in map(source_item, range(surroundings.items)):
        body = item_text(item)
        rows.append((item.ref.tracker, item.ref.id, item.project, encoding.digest(body), body))

    def work() -> Mapping[str, float]:
        connection = sqlite3.connect(Path(surroundings.folder) / "bare.sqlite3")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(
            "CREATE TABLE items (tracker TEXT NOT NULL, id TEXT NOT NULL, project TEXT NOT NULL,"
            " digest BLOB NOT NULL, body BLOB NOT NULL, PRIMARY KEY (tracker, id)) STRICT"
        )
        with connection:
            connection.executemany("INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?, ?)", rows)
        connection.close()
        return {"items": len(rows)}

    return work
