"""Which values of items a tracker's configuration leads to: one that it never maps is unknown there, and not empty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedFields:
    """The names of `fields` that each tracker gives values for; one that is not named here gives all of them."""

    by_tracker: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def lacking(self, tracker: str, names: Iterable[str]) -> tuple[str, ...]:
        """Those of the names that the tracker gives no value for, whatever its items hold."""
        mapped = self.by_tracker.get(tracker)
        return () if mapped is None else tuple(name for name in names if name not in mapped)

    def why_unknown(self, trackers: Iterable[str], names: Iterable[str]) -> str:
        """Why values of those names are not known of items there; empty where all of them are."""
        wanted = tuple(dict.fromkeys(names))
        lacking = {tracker: self.lacking(tracker, wanted) for tracker in sorted(set(trackers))} if wanted else {}
        return "; ".join(
            f"{tracker} maps no field to {' and '.join(filter(None, (', '.join(lost[:-1]), lost[-1])))}"
            for tracker, lost in lacking.items()
            if lost
        )


EVERYTHING = MappedFields()
"""Trackers that give all values."""
