"""The tables of the state, as steps that are never changed once they are released."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import msgspec
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

APPLICATION_ID = 0x4C504D53
"""`LPMS` in the file's header: how a state is told from any other SQLite file."""

_INSTANT = "TEXT NOT NULL CHECK ({0} GLOB '????-??-??T??:??:??.??????+00:00')"


def migrations() -> Migrations:
    """All steps in their order."""
    steps = Migrations("lpm-sync")
    for step in STEPS:
        steps(name=step.__name__)(step)
    return steps


def create_identity(database: Database) -> None:
    database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    database.execute(
        "CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 1), created TEXT NOT NULL, seal BLOB) STRICT"
    )


def create_snapshots(database: Database) -> None:
    database.execute(
        f"""CREATE TABLE pulls (
            tracker TEXT PRIMARY KEY,
            account TEXT NOT NULL,
            server_time {_INSTANT.format("server_time")},
            taken {_INSTANT.format("taken")},
            position TEXT,
            counted TEXT
        ) STRICT"""
    )
    database.execute(
        """CREATE TABLE snapshot_items (
            tracker TEXT NOT NULL,
            id TEXT NOT NULL,
            project TEXT NOT NULL,
            digest BLOB NOT NULL CHECK (length(digest) = 16),
            body BLOB NOT NULL,
            PRIMARY KEY (tracker, id)
        ) STRICT"""
    )
    database.execute(
        """CREATE TABLE broken_items (
            tracker TEXT NOT NULL,
            id TEXT NOT NULL,
            key TEXT NOT NULL,
            project TEXT NOT NULL,
            reason TEXT NOT NULL,
            PRIMARY KEY (tracker, id)
        ) STRICT"""
    )
    database.execute(
        f"""CREATE TABLE tombstones (
            tracker TEXT NOT NULL,
            id TEXT NOT NULL,
            gone {_INSTANT.format("gone")},
            body BLOB NOT NULL,
            PRIMARY KEY (tracker, id)
        ) STRICT"""
    )


def create_findings(database: Database) -> None:
    database.execute(
        f"""CREATE TABLE findings (
            id INTEGER PRIMARY KEY,
            subject_kind TEXT NOT NULL CHECK (subject_kind IN ('item', 'stream', 'portfolio')),
            subject_id TEXT NOT NULL,
            code TEXT NOT NULL,
            since TEXT NOT NULL CHECK (since GLOB '????-??-??'),
            first_seen {_INSTANT.format("first_seen")},
            ended TEXT,
            ending TEXT CHECK (ending IN ('resolved', 'withdrawn')),
            CHECK ((ended IS NULL) = (ending IS NULL))
        ) STRICT"""
    )
    database.execute(
        "CREATE UNIQUE INDEX standing_findings ON findings (subject_kind, subject_id, code) WHERE ended IS NULL"
    )
    database.execute("CREATE INDEX findings_by_first_seen ON findings (first_seen)")
    database.execute("CREATE INDEX findings_by_end ON findings (ended) WHERE ended IS NOT NULL")


def create_intents(database: Database) -> None:
    database.execute(
        f"""CREATE TABLE intents (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            tracker TEXT NOT NULL,
            ref TEXT NOT NULL,
            change TEXT NOT NULL,
            change_digest BLOB NOT NULL CHECK (length(change_digest) = 16),
            account TEXT NOT NULL,
            plan_digest TEXT NOT NULL,
            policy_digest TEXT NOT NULL,
            created {_INSTANT.format("created")},
            result TEXT CHECK (result IN ('written', 'unchanged', 'moved', 'refused', 'failed', 'unclear')),
            detail TEXT NOT NULL DEFAULT '',
            made_ref TEXT,
            finished TEXT,
            CHECK ((result IS NULL) = (finished IS NULL))
        ) STRICT"""
    )
    database.execute("CREATE INDEX unfinished_intents ON intents (id) WHERE result IS NULL")
    database.execute("CREATE INDEX intents_by_change ON intents (ref, change_digest)")
    database.execute("CREATE INDEX intents_by_time ON intents (created)")


def create_digests(database: Database) -> None:
    database.execute(
        f"""CREATE TABLE digests (
            slot TEXT NOT NULL,
            chat TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('posting', 'posted', 'perhaps', 'refused')),
            claimed {_INSTANT.format("claimed")},
            settled TEXT,
            detail TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (slot, chat)
        ) STRICT"""
    )


def create_escalations(database: Database) -> None:
    database.execute(
        f"""CREATE TABLE escalations (
            id INTEGER PRIMARY KEY,
            marker TEXT NOT NULL,
            ref TEXT NOT NULL,
            opened {_INSTANT.format("opened")},
            closed TEXT
        ) STRICT"""
    )
    database.execute("CREATE UNIQUE INDEX open_escalations ON escalations (ref) WHERE closed IS NULL")


def create_edges(database: Database) -> None:
    database.execute(
        f"""CREATE TABLE edges (
            blocker TEXT NOT NULL,
            blocked TEXT NOT NULL,
            first_seen {_INSTANT.format("first_seen")},
            PRIMARY KEY (blocker, blocked)
        ) STRICT"""
    )


def create_cycles(database: Database) -> None:
    database.execute(
        f"""CREATE TABLE cycles (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            started {_INSTANT.format("started")},
            policy_digest TEXT NOT NULL,
            finished TEXT,
            exit_status INTEGER,
            counts TEXT NOT NULL DEFAULT '{{}}',
            CHECK ((finished IS NULL) = (exit_status IS NULL))
        ) STRICT"""
    )


def create_timelines(database: Database) -> None:
    database.execute(
        """CREATE TABLE timelines (
            tracker TEXT NOT NULL,
            id TEXT NOT NULL,
            item_digest BLOB NOT NULL CHECK (length(item_digest) = 16),
            entries BLOB NOT NULL,
            PRIMARY KEY (tracker, id)
        ) STRICT"""
    )


def store_items_as_arrays(database: Database) -> None:
    """Items were JSON objects: their names were a fifth of the state. What is damaged stays as it is, to be found."""
    database.conn.create_function("array_of", 1, _array_of, deterministic=True)
    database.conn.create_function("digest_of", 1, _digest_of, deterministic=True)
    database.execute(
        "UPDATE timelines SET item_digest = coalesce((SELECT digest_of(array_of(body)) FROM snapshot_items"
        " WHERE (snapshot_items.tracker, snapshot_items.id, digest) = (timelines.tracker, timelines.id, item_digest)),"
        " item_digest)"
    )
    database.execute(
        "UPDATE snapshot_items SET body = array_of(body), digest = digest_of(array_of(body))"
        " WHERE digest = digest_of(body)"
    )
    database.execute("UPDATE tombstones SET body = array_of(body)")


_ORDER = (
    *("ref", "key", "url", "project", "type", "title", "status", "progress", "created", "updated", "parent", "labels"),
    *("owner", "area_path", "iteration_path", "components", "description", "fields", "edges", "linked"),
    *("foreign_links", "own_comments", "is_ours"),
)
_ABSENT = {"fields": b"{}", "description": b'""', "is_ours": b"false"} | dict.fromkeys(
    ("labels", "components", "edges", "linked", "foreign_links", "own_comments"), b"[]"
)
"""What stood for a value that was absent, where that is not null."""


def _array_of(body: bytes) -> bytes:
    try:
        values = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except msgspec.MsgspecError:
        return body
    return msgspec.json.encode([values.get(name, msgspec.Raw(_ABSENT.get(name, b"null"))) for name in _ORDER])


def _digest_of(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()


def create_loads(database: Database) -> None:
    database.execute(
        f"""CREATE TABLE loads (
            tracker TEXT PRIMARY KEY,
            position TEXT NOT NULL,
            begun {_INSTANT.format("begun")},
            expected INTEGER
        ) STRICT"""
    )
    database.execute(
        """CREATE TABLE load_items (
            tracker TEXT NOT NULL,
            id TEXT NOT NULL,
            project TEXT NOT NULL,
            digest BLOB NOT NULL CHECK (length(digest) = 16),
            body BLOB NOT NULL,
            PRIMARY KEY (tracker, id)
        ) STRICT"""
    )


def note_openings_looked_for(database: Database) -> None:
    """When a cycle looked in vain for an escalation epic whose creation was not answered."""
    database.execute("ALTER TABLE intents ADD COLUMN looked_for TEXT")


def create_pauses(database: Database) -> None:
    database.execute(
        f"""CREATE TABLE pauses (
            kind TEXT NOT NULL CHECK (kind IN ('tracker', 'chat')),
            name TEXT NOT NULL,
            what TEXT NOT NULL,
            until {_INSTANT.format("until")},
            PRIMARY KEY (kind, name, what)
        ) STRICT"""
    )


def create_earlier_items(database: Database) -> None:
    """How items stood before the last snapshot has them as they cannot be governed."""
    database.execute(
        """CREATE TABLE earlier_items (
            tracker TEXT NOT NULL,
            id TEXT NOT NULL,
            body BLOB NOT NULL,
            PRIMARY KEY (tracker, id)
        ) STRICT"""
    )


STEPS: tuple[Callable[[Database], None], ...] = (
    create_identity,
    create_snapshots,
    create_findings,
    create_intents,
    create_digests,
    create_escalations,
    create_edges,
    create_cycles,
    create_timelines,
    store_items_as_arrays,
    create_loads,
    note_openings_looked_for,
    create_pauses,
    create_earlier_items,
)
