"""What the readings of one tracker add up to: a whole one, and the deltas laid over it."""

from __future__ import annotations

from lpm_sync.core.work_item import BrokenItem, Ref, SourceItem
from lpm_sync.ports import Previous, Pull, Tracker


class Mirror:
    """A copy of a tracker, kept up to date by pulls alone, by the rules that the state keeps its snapshot by.

    `items` and `broken` are what stands, by ref; `position` is from where the next reading goes on.
    """

    def __init__(self) -> None:
        self.items: dict[Ref, SourceItem] = {}
        self.broken: dict[Ref, BrokenItem] = {}
        self.position: str | None = None

    @property
    def previous(self) -> Previous | None:
        """What a connector is told of the earlier readings; None before the first."""
        if self.position is None:
            return None
        return Previous(position=self.position, keys={item.key: item.ref for item in self.items.values()})

    def read(self, tracker: Tracker, *, census: bool = False) -> Pull:
        """Pulls on from where the last reading ended, and takes in what came."""
        pull = tracker.pull(self.previous, census=census)
        self.take(pull)
        return pull

    def take(self, pull: Pull) -> None:
        """Lays a pull over what stands. What stood in a project that failed is kept: nothing is said of it."""
        read = {item.ref: item for item in pull.items}
        broken = {one.ref: one for one in pull.broken}
        self.items = {
            ref: item for ref, item in self.items.items() if self._stands(item, pull, {*read, *broken})
        } | read
        kept = self.broken if pull.is_delta else {}
        self.broken = {ref: one for ref, one in kept.items() if ref not in read and ref not in pull.gone} | broken
        self.position = pull.position

    def _stands(self, item: SourceItem, pull: Pull, delivered: set[Ref]) -> bool:
        if item.ref in delivered or item.project in pull.failures:
            return True
        if pull.present is not None:
            return item.ref in pull.present
        return pull.is_delta and item.ref not in pull.gone
