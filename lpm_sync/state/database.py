"""The SQLite file under the state: how it is opened, proved sound, brought to this version and written."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from lpm_sync.errors import StateError
from lpm_sync.state.failures import damaged, explained
from lpm_sync.state.migrations import APPLICATION_ID, STEPS, migrations
from lpm_sync.state.seal import break_seal, check_seal, set_seal

_HEADER = b"SQLite format 3\0"
_PAGE_SIZE_AT = slice(16, 18)  # in the header, big-endian; https://www.sqlite.org/fileformat.html, 1.3
_SMALLEST_PAGE = 512  # bytes
_PAGE = 16_384  # bytes of a new file: a dozen items each, where the usual 4,096 would take three
_LOG, _LOG_WHEN_RELAXED = 1_000, 4_000  # pages
_WAIT = 5.0  # seconds for another connection, say of a copy being made
_READABLE_BY_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class StateDatabase:
    """One connection, for the thread that opened it. What the file does wrong is a StateError naming it."""

    def __init__(self, path: Path, database: Database) -> None:
        self.path = path
        self._database = database

    @contextmanager
    def transaction(self) -> Iterator[Database]:
        """All of the block or nothing of it, on the disk when the outermost block is left."""
        with explained(self.path), self._whole():
            yield self._database

    @contextmanager
    def _whole(self) -> Iterator[None]:
        connection = self._database.conn
        if connection.in_transaction:
            with self._database.atomic():
                yield
            return
        # At once for writing: one that has read before could not write any more once another connection has written.
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:  # whatever it was, it goes on from here
            connection.rollback()
            raise

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with explained(self.path):
            return self._database.execute(query, parameters).fetchall()

    def each(self, query: str, *parameters: object) -> Iterator[tuple[Any, ...]]:
        """The rows of a query one after the other: all at once might not fit."""
        with explained(self.path):
            yield from self._database.execute(query, parameters)

    def write(self, statement: str, *parameters: object) -> None:
        """Runs one statement in a transaction."""
        with self.transaction() as database:
            database.execute(statement, parameters)

    def write_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Runs one statement with each of the rows, in one transaction."""
        with self.transaction() as database:
            database.conn.executemany(statement, rows)

    def write_beside(self, statement: str, *parameters: object) -> None:
        """Runs one statement in a connection of its own: from any thread, also where this one only reads or is closed.

        Never for what the run that has the lock answers for. Where there is no file, none is made.
        """
        if not self.path.exists() or not self.path.stat().st_size:
            return
        with explained(self.path):
            database = _connect(self.path, "rw")
            try:
                with database.atomic():
                    database.execute(statement, parameters)
            finally:
                database.close()

    @contextmanager
    def relaxed(self) -> Iterator[None]:
        """What is written in the block survives a crash of the program, though perhaps not a power cut."""
        with explained(self.path):
            self._set("NORMAL", _LOG_WHEN_RELAXED)
        try:
            yield
        finally:
            with explained(self.path):
                self._set("FULL", _LOG)

    def _set(self, synchronous: str, log: int) -> None:
        """How a commit waits for the disk, and at how many pages the log is taken back into the file."""
        self._database.execute(f"PRAGMA synchronous = {synchronous}")
        self._database.execute(f"PRAGMA wal_autocheckpoint = {log}")

    def seal(self) -> None:
        """Seals the content, when nothing more is to be written."""
        with explained(self.path):
            set_seal(self._database)

    def close(self) -> None:
        """Closes the connection; SQLite takes its log back into the file."""
        with explained(self.path):
            self._database.close()


def open_for_writing(path: Path) -> StateDatabase:
    """Opens the state, creating it readable by its owner only; `path` is absolute.

    Raises StateError where it is damaged, read-only, of a newer version, or no state at all.
    """
    with explained(path):
        _create_privately(path)
        _check_length(path)
        database = _connect(path, "rw")
        try:
            _check(path, database)
            _keep_a_log(path, database)
            is_of_this_version = not migrations().pending(database)
            _migrate(database)
            _compare_tables(path, database)
            if is_of_this_version:  # another one sealed other columns
                check_seal(path, database)
            break_seal(database)
        except BaseException:
            database.close()
            raise
    return StateDatabase(path, database)


def open_for_reading(path: Path) -> StateDatabase:
    """Opens the state without the right to change it, beside whoever writes it; where there is none, an empty one.

    Raises StateError as `open_for_writing`, and where it is of an older version.
    """
    with explained(path):
        is_there = path.exists() and path.stat().st_size > 0
        if is_there:
            _check_length(path)
        database = _connect(path, "ro") if is_there else _empty()
        try:
            _check(path, database)
            if migrations().pending(database):
                raise StateError(f"{path}: written by an older version of lpm-sync: run one cycle to bring it up")
            _compare_tables(path, database)
            check_seal(path, database)
            database.execute("PRAGMA query_only = ON")
        except BaseException:
            database.close()
            raise
    return StateDatabase(path, database)


def _create_privately(path: Path) -> None:
    """Creates the file, or takes from others the right to read it: it holds titles and comments of every item."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise StateError(f"{path}: not a file: name another place for the state")
        if not mode & stat.S_IWUSR:  # the superuser would be let through
            raise StateError(f"{path}: read-only: let the account that runs lpm-sync write it and its folder")
        if mode & _READABLE_BY_OTHERS:
            os.fchmod(descriptor, stat.S_IMODE(mode) & ~_READABLE_BY_OTHERS)
    finally:
        os.close(descriptor)


def _check_length(path: Path) -> None:
    """Refuses a file that was cut off: SQLite takes some of those for empty, or reads over the missing end.

    Only without a log beside it: with one, SQLite completes what a crash left half written.
    """
    has_log = any(log.exists() and log.stat().st_size for log in (_beside(path, "-wal"), _beside(path, "-journal")))
    length = path.stat().st_size
    if has_log or not length:
        return
    with path.open("rb") as file:
        header = file.read(100)
    if not header.startswith(_HEADER[: len(header)]):
        raise damaged(path, "or never a state of lpm-sync")
    page_size = int.from_bytes(header[_PAGE_SIZE_AT]) or _SMALLEST_PAGE
    if length < _SMALLEST_PAGE or length % (65536 if page_size == 1 else page_size):
        raise damaged(path, "cut off")


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _connect(path: Path, mode: str) -> Database:
    connection = sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True, timeout=_WAIT)
    return Database(connection, execute_plugins=False)


def _empty() -> Database:
    database = Database(memory=True, execute_plugins=False)
    _migrate(database)
    return database


def _check(path: Path, database: Database) -> None:
    """Refuses what is damaged, what belongs to another program, and what a newer version wrote."""
    try:
        [complaint] = database.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname == "SQLITE_ERROR":  # a header of no known format has no error code of its own
            raise damaged(path, str(error)) from error
        raise
    if complaint != "ok":
        raise damaged(path, str(complaint).splitlines()[-1])
    [identity] = database.execute("PRAGMA application_id").fetchone()
    if identity != APPLICATION_ID and database.table_names():
        raise StateError(f"{path}: a database of another program: name another file for the state")
    known = {step.__name__ for step in STEPS}
    if any(step.name not in known for step in migrations().applied(database)):
        raise StateError(f"{path}: written by a newer version of lpm-sync: run that version, or restore a copy")


def _keep_a_log(path: Path, database: Database) -> None:
    database.execute(f"PRAGMA page_size = {_PAGE}")  # of a new file; one that is there keeps its own
    [mode] = database.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise StateError(f"{path}: its file system cannot keep a write-ahead log: put the state on a local disk")
    database.execute("PRAGMA synchronous = FULL")  # a commit that was reported survives a power cut


def _migrate(database: Database) -> None:
    """All steps that are missing in one transaction: a crash leaves the version before, or the one after."""
    with database.atomic():
        migrations().apply(database)


def _compare_tables(path: Path, database: Database) -> None:
    """A flipped bit in a table's name passes the integrity check: the tables must be the ones that we make."""
    query = "SELECT type, name, sql FROM sqlite_master WHERE tbl_name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY name"
    fresh = _empty()
    try:
        if database.execute(query).fetchall() != fresh.execute(query).fetchall():
            raise damaged(path, "its tables are not those of a state")
    finally:
        fresh.close()
