"""The change counter of the tracker in memory: what a real tracker's feed of changes is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lpm_sync.core.work_item import Ref, SourceItem

Look = tuple[SourceItem, str | None]
"""An item as it is handed over, and why it cannot be read, if so."""


@dataclass(slots=True)
class ChangeCounter:
    """Numbers the changes by looking at all items and comparing: whatever changed them, and by whatever way.

    `numbers` holds for each item the number of its last change, `departed` for each item that is there no more its
    last project and the number of its going.
    """

    last: int = 0
    numbers: dict[Ref, int] = field(default_factory=dict)
    departed: dict[Ref, tuple[str, int]] = field(default_factory=dict)
    _seen: dict[Ref, Look] = field(default_factory=dict)

    def look(self, items: Mapping[Ref, Look]) -> None:
        """Counts what is new, different or gone since the last look."""
        for ref, found in items.items():
            if self._seen.get(ref) != found:
                self._seen[ref] = found
                self.last += 1
                self.numbers[ref] = self.last
                self.departed.pop(ref, None)
        for ref in self._seen.keys() - items.keys():
            self.last += 1
            self.departed[ref] = (self._seen.pop(ref)[0].project, self.last)
            del self.numbers[ref]
