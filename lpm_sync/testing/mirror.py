"""What the readings of one tracker add up to: a whole one, and the deltas laid over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from threading import Lock

from lpm_sync.core.work_item import BrokenItem, Ref, SourceItem
from lpm_sync.errors import StoppedError
from lpm_sync.ports import Previous, Pull, Tracker


@dataclass(slots=True, kw_only=True)
class MirroredParts:
    """The port `Parts`: what a reading of everything kept, by ref. Stops it after `most` items more, if that is given.

    `begun` counts how often everything was read anew; `kept` tells what came since the parts were made, in its order.
    """

    position: str | None = None
    items: dict[Ref, SourceItem] = field(default_factory=dict)
    most: int | None = None
    begun: int = 0
    kept: list[Ref] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def begin(self, position: str) -> None:
        self.position, self.begun = position, self.begun + 1
        self.items.clear()

    def expect(self, count: int) -> None:
        """Nobody waits."""

    def keep(self, items: Sequence[SourceItem]) -> None:
        with self._lock:
            taken = items if self.most is None else items[: max(0, self.most - len(self.kept))]
            self.items |= {item.ref: item for item in taken}
            self.kept += (item.ref for item in taken)
        if len(taken) < len(items):
            raise StoppedError("stopped by the test")


class Mirror:
    """A copy of a tracker, kept up to date by pulls alone, by the rules that the state keeps its snapshot by.

    `items` and `broken` are what stands, by ref; `position` is from where the next reading goes on. `parts` are those
    of a reading that did not come to its end.
    """

    def __init__(self) -> None:
        self.items: dict[Ref, SourceItem] = {}
        self.broken: dict[Ref, BrokenItem] = {}
        self.position: str | None = None
        self.parts = MirroredParts()

    @property
    def is_unfinished(self) -> bool:
        """Whether the next reading goes on with one that was stopped."""
        return self.parts.position is not None

    @property
    def previous(self) -> Previous | None:
        """What a connector is told of the earlier readings; None before the first."""
        if self.parts.position is not None:
            return Previous.of(self.parts.items.values(), self.parts.position, is_unfinished=True)
        if self.position is None:
            return None
        return Previous.of(self.items.values(), self.position)

    def read(self, tracker: Tracker, *, census: bool = False, stop_after: int | None = None) -> Pull:
        """Pulls on from where the last reading ended or was stopped, and takes in what came.

        `stop_after` so many items that were kept it is stopped, with StoppedError.
        """
        previous, goes_on = self.previous, self.is_unfinished
        self.parts = MirroredParts(position=self.parts.position, items=self.parts.items, most=stop_after)
        pull = tracker.pull(previous, census=census or goes_on, parts=self.parts)
        if self.parts.begun or (goes_on and pull.is_delta):
            pull = self._joined(pull)
        if not pull.interrupted:
            self.parts = replace(self.parts, position=None, items={})
        self.take(pull)
        return pull

    def forget_position(self) -> None:
        """Lets the next reading be one of everything."""
        self.position, self.parts = None, MirroredParts()

    def _joined(self, pull: Pull) -> Pull:
        """The pull with what was kept and stands, as one of everything."""
        if pull.present is None:
            raise ValueError("a reading that keeps parts has to tell which of them stand")
        newer = {item.ref for item in pull.items} | {one.ref for one in pull.broken} | pull.gone
        kept = [item for ref, item in self.parts.items.items() if ref in pull.present and ref not in newer]
        return replace(pull, items=(*kept, *pull.items), is_delta=False, gone=frozenset())

    def take(self, pull: Pull) -> None:
        """Lays a pull over what stands. What stood in a project that failed is kept: nothing is said of it."""
        read = {item.ref: item for item in pull.items if item.project not in pull.failures}
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
