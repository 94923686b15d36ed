"""When each dependency was first seen: what it counts from where its tracker tells no history."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from lpm_sync.core.work_item import Edge, Ref
from lpm_sync.state import encoding
from lpm_sync.state.database import StateDatabase


class Edges:
    """Edges that stand, each with the instant of the cycle that first saw it."""

    def __init__(self, database: StateDatabase) -> None:
        self._database = database

    def record(
        self, seen: Collection[Edge], *, is_judged: Callable[[Edge], bool], at: datetime
    ) -> Mapping[Edge, datetime]:
        """Takes in the edges of one cycle; returns when each of them was first seen.

        An edge that is not seen any more is forgotten where `is_judged` says that this cycle could tell; if it comes
        back it counts anew.
        """
        with self._database.transaction():
            known = self.first_seen()
            gone = [edge for edge in known if edge not in seen and is_judged(edge)]
            new = [edge for edge in sorted(set(seen)) if edge not in known]
            self._database.write_many(
                "DELETE FROM edges WHERE blocker = ? AND blocked = ?",
                ((str(edge.blocker), str(edge.blocked)) for edge in gone),
            )
            self._database.write_many(
                "INSERT INTO edges (blocker, blocked, first_seen) VALUES (?, ?, ?)",
                ((str(edge.blocker), str(edge.blocked), encoding.instant_text(at)) for edge in new),
            )
        return {edge: known.get(edge, at) for edge in seen}

    def first_seen(self) -> dict[Edge, datetime]:
        """When each edge that is remembered was first seen."""
        with encoding.decoding(self._database.path, "a dependency"):
            return {
                Edge(Ref.parse(blocker), Ref.parse(blocked)): encoding.instant(first_seen)
                for blocker, blocked, first_seen in self._database.rows(
                    "SELECT blocker, blocked, first_seen FROM edges"
                )
            }
