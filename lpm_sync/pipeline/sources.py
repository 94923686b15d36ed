"""Pulls every tracker, and stands the last snapshot in for what a tracker did not deliver."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lpm_sync.core.resolution import RENEWAL, Resolutions, changed
from lpm_sync.core.work_item import BrokenItem, SourceItem
from lpm_sync.errors import ConfigurationError, LpmSyncError, StoppedError
from lpm_sync.ports import Previous, Pull, Tracker
from lpm_sync.state.snapshots import Snapshot, Snapshots, missing_items

LARGEST_SHRINKAGE = 0.5
"""A source that brings less than this share of its last snapshot is not believed unless a person says so."""

CENSUS_INTERVAL = timedelta(hours=24)
"""How often all ids are walked: what was deleted, moved or hidden shows nowhere else."""

_LOOKS_FOR_A_STOP = 0.2  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One tracker in one cycle: what stands there now, and what only stands in from before.

    `items` may be acted on; there are none where `error` says why. `stale_items` come from the last snapshot: they
    belong to projects that failed, or to the whole tracker. `unread` is how the `broken` ones stood when they could be
    read last. `pull` is what was delivered, to be remembered.
    """

    tracker: str
    pull: Pull | None = None
    items: tuple[SourceItem, ...] = ()
    stale_items: tuple[SourceItem, ...] = ()
    broken: tuple[BrokenItem, ...] = ()
    unread: tuple[SourceItem, ...] = ()
    error: str | None = None

    @property
    def failures(self) -> Mapping[str, str]:
        """The projects that were not delivered whole, with the reason."""
        return self.pull.failures if self.pull else {}

    @property
    def is_stale(self) -> bool:
        """Whether anything of it was not delivered."""
        return self.error is not None or bool(self.failures)


def pull_sources(
    trackers: Mapping[str, Tracker],
    snapshots: Snapshots,
    now: datetime,
    *,
    accept_smaller: bool,
    pins: Callable[[str], Resolutions] = lambda tracker: {},
    should_stop: Callable[[], bool] = lambda: False,
) -> tuple[Source, ...]:
    """Pulls all trackers at once. One that fails does not stop the others; a mistake in configuration ends the cycle.

    `accept_smaller` is a person's word that a source which shrank really did; `pins` tells what the configured names of
    a tracker have to be. Raises StoppedError as soon as it is
    asked to stop: closing the trackers ends what they were asked.
    """
    before = [snapshots.last(name) for name in trackers]
    pool = ThreadPoolExecutor(max_workers=max(1, len(trackers)), thread_name_prefix="pull")
    try:
        asked = [
            pool.submit(_pull, tracker, snapshot, pins(name), now)
            for (name, tracker), snapshot in zip(trackers.items(), before, strict=True)
        ]
        _wait(asked, should_stop)
        pulls = [pull.result() for pull in asked]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return tuple(
        _source(name, pull, snapshot, accept_smaller)
        for name, pull, snapshot in zip(trackers, pulls, before, strict=True)
    )


def _wait(asked: Collection[Future[Pull | str]], should_stop: Callable[[], bool]) -> None:
    while wait(asked, timeout=_LOOKS_FOR_A_STOP).not_done:
        if should_stop():
            raise StoppedError("stopped while the trackers were read: nothing was written")


def put_aside(source: Source, reason: str) -> Source:
    """The same source when it turns out later in the cycle that it does not serve: nothing of it is acted on."""
    return replace(source, pull=None, items=(), stale_items=(*source.items, *source.stale_items), error=reason)


def _pull(tracker: Tracker, snapshot: Snapshot | None, pins: Resolutions, now: datetime) -> Pull | str:
    """What was delivered, or why nothing of it may be acted on."""
    pull = _asked(tracker, snapshot, now)
    if isinstance(pull, Pull) and (wrong := changed(pins, pull.resolved)):
        return f"{tracker.name}: {'; '.join(wrong.values())}; {RENEWAL}"
    return pull


def _asked(tracker: Tracker, snapshot: Snapshot | None, now: datetime) -> Pull | str:
    try:
        if snapshot is None or snapshot.position is None:
            return tracker.pull()
        keys = {item.key: item.ref for item in snapshot.items}
        is_census_due = snapshot.counted is None or now - snapshot.counted >= CENSUS_INTERVAL
        return tracker.pull(Previous(position=snapshot.position, keys=keys), census=is_census_due)
    except ConfigurationError:
        raise
    except LpmSyncError as error:
        return str(error)


def _source(name: str, pull: Pull | str, snapshot: Snapshot | None, accept_smaller: bool) -> Source:
    """What was delivered, laid over the snapshot; all of it put aside where too much of the snapshot is gone."""
    before = snapshot.items if snapshot else ()
    if isinstance(pull, str):
        return Source(tracker=name, stale_items=before, error=pull)
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
