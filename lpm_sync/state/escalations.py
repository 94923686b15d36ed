"""Which escalation epics were opened and closed. The trackers' labels are the truth; this is their history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lpm_sync.core.work_item import Ref
from lpm_sync.state import encoding
from lpm_sync.state.database import StateDatabase


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEscalation:
    """An escalation epic: the marker label that names its blocker, and when it was opened and closed."""

    marker: str
    ref: Ref
    opened: datetime
    closed: datetime | None = None


class Escalations:
    """Escalation epics, from opening to closing."""

    def __init__(self, database: StateDatabase) -> None:
        self._database = database

    def record_opened(self, marker: str, ref: Ref, at: datetime) -> None:
        """Notes that the epic is open; does nothing where that is known."""
        self._database.write(
            "INSERT INTO escalations (marker, ref, opened) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            marker,
            str(ref),
            encoding.instant_text(at),
        )

    def record_closed(self, ref: Ref, at: datetime) -> None:
        """Notes that the epic is closed; does nothing where it is not known as open."""
        self._database.write(
            "UPDATE escalations SET closed = ? WHERE ref = ? AND closed IS NULL", encoding.instant_text(at), str(ref)
        )

    def open(self) -> tuple[RecordedEscalation, ...]:
        """Those that are open, oldest first."""
        return self._select("closed IS NULL")

    def opened_between(self, start: datetime, end: datetime) -> tuple[RecordedEscalation, ...]:
        """Those opened at or after `start` and before `end`."""
        return self._select("opened >= ? AND opened < ?", *map(encoding.instant_text, (start, end)))

    def closed_between(self, start: datetime, end: datetime) -> tuple[RecordedEscalation, ...]:
        """Those closed at or after `start` and before `end`."""
        return self._select("closed >= ? AND closed < ?", *map(encoding.instant_text, (start, end)))

    def _select(self, condition: str, *parameters: object) -> tuple[RecordedEscalation, ...]:
        query = f"SELECT marker, ref, opened, closed FROM escalations WHERE {condition} ORDER BY id"  # noqa: S608
        with encoding.decoding(self._database.path, "an escalation"):
            return tuple(
                RecordedEscalation(
                    marker=marker,
                    ref=Ref.parse(ref),
                    opened=encoding.instant(opened),
                    closed=encoding.optional_instant(closed),
                )
                for marker, ref, opened, closed in self._database.rows(query, *parameters)
            )
