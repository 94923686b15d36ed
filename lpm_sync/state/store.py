"""The state: opened in the run that uses it, closed at its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType

from lpm_sync.errors import StateError
from lpm_sync.state import encoding
from lpm_sync.state.cycles import Cycles
from lpm_sync.state.database import StateDatabase, open_for_reading, open_for_writing
from lpm_sync.state.digests import Digests
from lpm_sync.state.edges import Edges
from lpm_sync.state.escalations import Escalations
from lpm_sync.state.failures import explained
from lpm_sync.state.findings import Findings
from lpm_sync.state.intents import Intents
from lpm_sync.state.loads import Loads
from lpm_sync.state.lock import StateLock
from lpm_sync.state.pauses import Pauses
from lpm_sync.state.snapshots import Snapshots
from lpm_sync.state.timelines import Timelines


class State:
    """Everything that lpm-sync remembers, by what it is about. Belongs to the thread that opened it.

        with State.open(path, at=clock.now()) as state:
            state.snapshots.save(pull, clock.now())

    Every method raises StateError where the file does not do what it should; then what it was to record is not
    recorded, and what was recorded before is unharmed.
    """

    def __init__(
        self, database: StateDatabase, *, at: datetime, created: datetime, lock: StateLock | None = None
    ) -> None:
        """Use `open` or `open_for_reading`."""
        self._database = database
        self._lock = lock
        self._is_closed = False
        self.created = created
        self.loads = Loads(database)
        self.snapshots = Snapshots(database, self.loads)
        self.findings = Findings(database)
        self.intents = Intents(database)
        self.digests = Digests(database)
        self.escalations = Escalations(database)
        self.edges = Edges(database)
        self.cycles = Cycles(database)
        self.timelines = Timelines(database)
        self.pauses = Pauses(database, at)

    @classmethod
    def open(cls, path: Path, *, at: datetime) -> State:
        """Opens the state for one run, alone; creates it (mode 0600, with its folder) where there is none.

        `created` is the instant of that: a state younger than a digest's slot knows nothing of what was posted.
        Raises StateError, saying what to do, where another run holds it, and where it is damaged, read-only, written
        by a newer version, or not a state.
        """
        path = path.resolve()
        with explained(path):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = StateLock(path)
        lock.acquire(at)
        try:
            database = open_for_writing(path)
            try:
                return cls(database, at=at, created=_created(database, at), lock=lock)
            except BaseException:
                database.close()
                raise
        except BaseException:
            lock.release()
            raise

    @classmethod
    def open_for_reading(cls, path: Path, *, at: datetime) -> State:
        """Opens the state to look at it, also while a run holds it; where there is none, as if it were empty.

        Every method that would record something raises StateError; only pauses are noted all the same.
        """
        database = open_for_reading(path.resolve())
        rows = database.rows("SELECT created FROM state")
        with encoding.decoding(database.path, "the date of its creation"):
            return cls(database, at=at, created=encoding.instant(rows[0][0]) if rows else at)

    @property
    def may_write(self) -> bool:
        """Whether anything can be recorded."""
        return self._lock is not None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Records all of the block, or nothing of it."""
        with self._database.transaction():
            yield

    def close(self) -> None:
        """Closes the file and lets the next run have it. Closing twice does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        try:
            if self._lock is not None:
                with suppress(StateError):  # a full disk: without its seal the state is as sound as before
                    self._database.seal()
            self._database.close()
        finally:
            if self._lock is not None:
                self._lock.release()

    def __enter__(self) -> State:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _created(database: StateDatabase, at: datetime) -> datetime:
    database.write("INSERT OR IGNORE INTO state (id, created) VALUES (1, ?)", encoding.instant_text(at))
    with encoding.decoding(database.path, "the date of its creation"):
        return encoding.instant(database.rows("SELECT created FROM state")[0][0])
