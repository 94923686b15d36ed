"""Pulls every tracker, and stands the last snapshot in for what a tracker did not deliver."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lpm_sync.core.resolution import Resolutions
from lpm_sync.core.work_item import BrokenItem, Ref, SourceItem
from lpm_sync.pipeline.delivering import Delivery, Withheld, deliver, joined
from lpm_sync.ports import Pull, Tracker
from lpm_sync.state.snapshots import Snapshot, missing_items
from lpm_sync.state.store import State

LARGEST_SHRINKAGE = 0.5
"""A source that brings less than this share of its last snapshot is not believed unless a person says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One tracker in one cycle: what stands there now, and what only stands in from before.

    `items` may be acted on; there are none where `error` says why; `is_mistaken` where that is a mistake in the
    configuration, which stands until a person corrects it. `stale_items` come from the last snapshot: they
    belong to projects that failed, or to the whole tracker. `unread` is how the `broken` ones stood when they could be
    read last. `pull` is what was delivered, to be remembered; of its items the state has the `kept` ones already.
    """

    tracker: str
    pull: Pull | None = None
    kept: frozenset[Ref] = frozenset()
    items: tuple[SourceItem, ...] = ()
    stale_items: tuple[SourceItem, ...] = ()
    broken: tuple[BrokenItem, ...] = ()
    unread: tuple[SourceItem, ...] = ()
    error: str | None = None
    is_mistaken: bool = False

    @property
    def failures(self) -> Mapping[str, str]:
        """The projects that were not delivered whole, with the reason."""
        return self.pull.failures if self.pull else {}

    @property
    def is_quiet(self) -> bool:
        """Whether it was read on from before, and nothing was new."""
        pull = self.pull
        if pull is None or not pull.is_delta or pull.present is not None:
            return False
        return not (pull.items or pull.broken or pull.gone)

    @property
    def is_stale(self) -> bool:
        """Whether anything of it was not delivered."""
        return self.error is not None or bool(self.failures)


def pull_sources(
    trackers: Mapping[str, Tracker],
    state: State,
    now: datetime,
    *,
    accept_smaller: bool,
    census: Collection[str] = (),
    pins: Callable[[str], Resolutions] = lambda tracker: {},
    should_stop: Callable[[], bool] = lambda: False,
) -> tuple[Source, ...]:
    """Pulls all trackers at once. One that fails, or refutes its configuration, does not stop the others.

    Where everything of a tracker is read its parts are kept in the state, if that may be written, and a reading that
    does not come to its end goes on with the next cycle. `accept_smaller` is a person's word that a source which shrank
    really did; `pins` tells what the configured names of a tracker have to be. Raises StoppedError as soon as it is
    asked to stop: closing the trackers ends what they were asked.
    """
    before = {name: state.snapshots.last(name) for name in trackers}
    deliveries = deliver(trackers, before, state, now, census=census, pins=pins, should_stop=should_stop)
    whole = {name: joined(delivery, state.loads) for name, delivery in deliveries.items()}
    return tuple(_source(whole[name], before[name], accept_smaller) for name in trackers)


def put_aside(source: Source, withheld: Withheld) -> Source:
    """The same source when it turns out later in the cycle that it does not serve: nothing of it is acted on."""
    return replace(
        source,
        pull=None,
        items=(),
        stale_items=(*source.items, *source.stale_items),
        error=withheld.reason,
        is_mistaken=withheld.is_mistake,
    )


def _source(delivery: Delivery, snapshot: Snapshot | None, accept_smaller: bool) -> Source:
    """What was delivered, laid over the snapshot; all of it put aside where too much of the snapshot is gone."""
    name, before, pull = delivery.tracker, snapshot.items if snapshot else (), delivery.pull
    if isinstance(pull, Withheld):
        return Source(tracker=name, stale_items=before, error=pull.reason, is_mistaken=pull.is_mistake)
    gone = _gone(before, pull)
    if not accept_smaller and len(before) - len(gone) < LARGEST_SHRINKAGE * len(before):
        reason = (
            f"{name}: of {len(before)} items {len(gone)} were not delivered any more; nothing is concluded from that. "
            "Check the account's permissions; if they are really gone, run: lpm-sync run --accept-smaller"
        )
        return Source(tracker=name, stale_items=before, error=reason)
    read = {item.ref.id: item for item in pull.items if item.project not in pull.failures}
    broken = {one.ref.id: one for one in (*_still_broken(pull, snapshot), *pull.broken) if one.ref.id not in read}
    replaced = gone | read.keys() | broken.keys()
    kept = [item for item in before if item.ref.id not in replaced]
    return Source(
        tracker=name,
        pull=replace(pull, items=tuple(read.values())),
        kept=frozenset(ref for ref in delivery.kept if ref.id in read),
        items=(*(item for item in kept if pull.is_delta and item.project not in pull.failures), *read.values()),
        stale_items=tuple(item for item in kept if item.project in pull.failures),
        broken=tuple(broken.values()),
        unread=tuple(item for item in before if item.ref.id in broken) if broken else (),
    )


def _gone(before: Sequence[SourceItem], pull: Pull) -> frozenset[str]:
    """The ids of the items that certainly stand no more."""
    missing = missing_items([item.ref.id for item in before], pull)
    if not missing or not pull.failures:
        return missing
    return frozenset(item.ref.id for item in before if item.ref.id in missing and item.project not in pull.failures)


def _still_broken(pull: Pull, snapshot: Snapshot | None) -> tuple[BrokenItem, ...]:
    """Items that could not be read before, and that a delta does not mention."""
    if snapshot is None or not pull.is_delta:
        return ()
    return tuple(one for one in snapshot.broken if one.ref not in pull.gone)
