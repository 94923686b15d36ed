"""Since when each finding stands, and when those of the past ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from lpm_sync.core.finding import Subject
from lpm_sync.state import encoding
from lpm_sync.state.database import StateDatabase

FindingKey = tuple[Subject, str]
"""What a finding is about, and the code of its rule."""

EndingName = Literal["resolved", "withdrawn"]

_COLUMNS = "subject_kind, subject_id, code, since, first_seen, ended, ending"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedFinding:
    """One stretch of time in which a finding stood. `since` is the portfolio's local date that the card shows.

    `ending` is `resolved`, or `withdrawn` where its rule says nothing of the subject any more; None while it stands.
    """

    subject: Subject
    code: str
    since: date
    first_seen: datetime
    ended: datetime | None = None
    ending: EndingName | None = None


class Findings:
    """Each finding from the cycle that first saw it to the one that no longer did."""

    def __init__(self, database: StateDatabase) -> None:
        self._database = database

    def record(
        self,
        found: Mapping[FindingKey, date],
        *,
        ending_of: Callable[[Subject, str], EndingName | None],
        at: datetime,
    ) -> None:
        """Takes in what one evaluation found, each with its local date since when; all or nothing.

        A finding that stood and is not found ends as `ending_of` says; where that is None (a rule in error, a stale
        source) it stands on.
        """
        instant = encoding.instant_text(at)
        standing = {(finding.subject, finding.code): finding for finding in self.standing()}
        new = [(*_identity(key), since.isoformat(), instant) for key, since in found.items() if key not in standing]
        moved = [
            (since.isoformat(), *_identity(key))
            for key, since in found.items()
            if key in standing and standing[key].since != since
        ]
        over = [
            (instant, ending, *_identity((subject, code)))
            for subject, code in standing
            if (subject, code) not in found and (ending := ending_of(subject, code)) is not None
        ]
        this = "subject_kind = ? AND subject_id = ? AND code = ? AND ended IS NULL"
        with self._database.transaction():
            self._database.write_many(f"UPDATE findings SET ended = ?, ending = ? WHERE {this}", over)  # noqa: S608
            self._database.write_many(f"UPDATE findings SET since = ? WHERE {this}", moved)  # noqa: S608
            self._database.write_many(
                "INSERT INTO findings (subject_kind, subject_id, code, since, first_seen) VALUES (?, ?, ?, ?, ?)", new
            )

    def standing(self) -> tuple[RecordedFinding, ...]:
        """All findings that stand, in the order in which they were first seen."""
        return self._select("ended IS NULL")

    def since(self) -> Mapping[FindingKey, date]:
        """Since which local date each standing finding stands."""
        return {(finding.subject, finding.code): finding.since for finding in self.standing()}

    def new_between(self, start: datetime, end: datetime) -> tuple[RecordedFinding, ...]:
        """Findings first seen at or after `start` and before `end`, whether they still stand or not."""
        return self._select("first_seen >= ? AND first_seen < ?", start, end)

    def ended_between(self, start: datetime, end: datetime) -> tuple[RecordedFinding, ...]:
        """Findings that ended at or after `start` and before `end`."""
        return self._select("ended >= ? AND ended < ?", start, end)

    def history(self, subject: Subject) -> tuple[RecordedFinding, ...]:
        """Everything that ever stood about a subject, oldest first."""
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM findings WHERE subject_kind = ? AND subject_id = ? ORDER BY id",  # noqa: S608
            subject.kind,
            subject.id,
        )
        return self._read(rows)

    def _select(self, condition: str, *instants: datetime) -> tuple[RecordedFinding, ...]:
        query = f"SELECT {_COLUMNS} FROM findings WHERE {condition} ORDER BY id"  # noqa: S608 constants of this module
        return self._read(self._database.rows(query, *map(encoding.instant_text, instants)))

    def _read(self, rows: list[tuple[Any, ...]]) -> tuple[RecordedFinding, ...]:
        with encoding.decoding(self._database.path, "a finding"):
            return tuple(
                RecordedFinding(
                    subject=Subject(kind=kind, id=identifier),
                    code=code,
                    since=date.fromisoformat(since),
                    first_seen=encoding.instant(first_seen),
                    ended=encoding.optional_instant(ended),
                    ending=ending,
                )
                for kind, identifier, code, since, first_seen, ended, ending in rows
            )


def _identity(key: FindingKey) -> tuple[str, str, str]:
    subject, code = key
    return subject.kind, subject.id, code
