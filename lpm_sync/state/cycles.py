"""Every cycle that began, and how it ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from lpm_sync.state import encoding
from lpm_sync.state.database import StateDatabase


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCycle:
    """A cycle. `finished` and `exit_status` (an exit code of the program) are None where it was cut off or still runs.

    `counts` are its figures by name: pulled, findings, planned, written, failed and the like.
    """

    id: int
    started: datetime
    policy_digest: str
    finished: datetime | None = None
    exit_status: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


class Cycles:
    """Cycles, newest last."""

    def __init__(self, database: StateDatabase) -> None:
        self._database = database

    def record_start(self, at: datetime, policy_digest: str) -> int:
        """Notes that a cycle begins; returns its id."""
        with self._database.transaction() as database:
            inserted = database.execute(
                "INSERT INTO cycles (started, policy_digest) VALUES (?, ?)",
                (encoding.instant_text(at), policy_digest),
            )
            return inserted.lastrowid or 0

    def record_finish(self, cycle: int, at: datetime, exit_status: int, counts: Mapping[str, int]) -> None:
        """Notes how the cycle ended."""
        self._database.write(
            "UPDATE cycles SET finished = ?, exit_status = ?, counts = ? WHERE id = ?",
            encoding.instant_text(at),
            exit_status,
            json.dumps(dict(counts), sort_keys=True),
            cycle,
        )

    def last(self, count: int = 1) -> tuple[RecordedCycle, ...]:
        """The last `count` cycles, oldest of them first."""
        rows = self._database.rows(
            "SELECT id, started, policy_digest, finished, exit_status, counts FROM cycles ORDER BY id DESC LIMIT ?",
            count,
        )
        with encoding.decoding(self._database.path, "a cycle"):
            return tuple(
                RecordedCycle(
                    id=identifier,
                    started=encoding.instant(started),
                    policy_digest=policy_digest,
                    finished=encoding.optional_instant(finished),
                    exit_status=exit_status,
                    counts=json.loads(counts),
                )
                for identifier, started, policy_digest, finished, exit_status, counts in reversed(rows)
            )
