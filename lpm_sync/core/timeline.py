"""What an item was and when: its changes of status, type, fields and dependencies, from whatever tracker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lpm_sync.core.work_item import Ref

STATUS = "status"
TYPE = "type"
DEPENDENCY = "dependency"
LINK = "link"
ASPECTS = frozenset({STATUS, TYPE, DEPENDENCY, LINK})
"""What a tracker tells of every item; each other aspect is a configured field by our name (`estimate`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One change at one instant.

    `before` and `after` are the tracker's own words (a status by its name, a number without trailing zeros), None for
    nothing. Of a dependency or another link they are the other end, as `tracker:id`: `after` where it was made,
    `before` where it was removed.
    """

    at: datetime
    aspect: str
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The entries of one item, oldest first."""

    ref: Ref
    entries: tuple[Entry, ...] = ()

    @classmethod
    def of(cls, ref: Ref, entries: list[Entry]) -> Timeline:
        """Puts entries in order; those of one instant stay as they were told."""
        return cls(ref=ref, entries=tuple(sorted(entries, key=lambda entry: entry.at)))

    @property
    def last_status_change(self) -> datetime | None:
        """None where the status never changed, as far as the tracker tells."""
        return max((entry.at for entry in self.entries if entry.aspect == STATUS), default=None)

    @property
    def link_created(self) -> Mapping[Ref, datetime]:
        """When each dependency that stands was made; between two items another kind of link stands in for it."""
        made: dict[Ref, datetime] = {}
        for aspect in (LINK, DEPENDENCY):
            for entry in self.entries:
                if entry.aspect != aspect:
                    continue
                if entry.after is not None:
                    made[Ref.parse(entry.after)] = entry.at
                elif entry.before is not None and aspect == DEPENDENCY:
                    made.pop(Ref.parse(entry.before), None)
        return made
