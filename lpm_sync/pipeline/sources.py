"""Pulls every tracker, and stands the last snapshot in for what a tracker did not deliver."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from lpm_sync.core.work_item import SourceItem
from lpm_sync.errors import UnauthorisedError, UnavailableError
from lpm_sync.ports import Pull, Tracker
from lpm_sync.state.snapshots import Snapshot, Snapshots

LARGEST_SHRINKAGE = 0.5
"""A source that brings less than this share of its last snapshot is not believed unless a person says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One tracker in one cycle: what it delivered now, and what stands in from before.

    `pull` is what may be acted on, None where `error` says why nothing of it may; single projects that failed stand in
    `pull.failures`. `stale_items` come from the last snapshot.
    """

    tracker: str
    pull: Pull | None = None
    stale_items: tuple[SourceItem, ...] = ()
    error: str | None = None

    @property
    def items(self) -> tuple[SourceItem, ...]:
        """What was delivered in this cycle."""
        return self.pull.items if self.pull else ()

    @property
    def failures(self) -> Mapping[str, str]:
        """The projects that were not delivered whole, with the reason."""
        return self.pull.failures if self.pull else {}

    @property
    def is_stale(self) -> bool:
        """Whether anything of it was not delivered."""
        return self.error is not None or bool(self.failures)


def pull_sources(trackers: Mapping[str, Tracker], snapshots: Snapshots, *, accept_smaller: bool) -> tuple[Source, ...]:
    """Pulls all trackers at once. One that fails does not stop the others; a mistake in configuration ends the cycle.

    `accept_smaller` is a person's word that a source which shrank really did.
    """
    with ThreadPoolExecutor(max_workers=max(1, len(trackers)), thread_name_prefix="pull") as pool:
        pulls = list(pool.map(_pull, trackers.values()))
    return tuple(
        _source(name, pull, snapshots.last(name), accept_smaller) for name, pull in zip(trackers, pulls, strict=True)
    )


def put_aside(source: Source, reason: str) -> Source:
    """The same source when it turns out later in the cycle that it does not serve: nothing of it is acted on."""
    return Source(tracker=source.tracker, stale_items=(*source.items, *source.stale_items), error=reason)


def _pull(tracker: Tracker) -> Pull | str:
    try:
        return tracker.pull()
    except (UnauthorisedError, UnavailableError) as error:
        return str(error)


def _source(name: str, pull: Pull | str, snapshot: Snapshot | None, accept_smaller: bool) -> Source:
    """What was delivered, completed from the snapshot where projects failed; all put aside where it shrank."""
    before = snapshot.items if snapshot else ()
    if isinstance(pull, str):
        return Source(tracker=name, stale_items=before, error=pull)
    known = {item.ref for item in pull.items} | {broken.ref for broken in pull.broken}
    if not (accept_smaller or pull.failures or len(known) >= LARGEST_SHRINKAGE * len(before)):
        reason = (
            f"{name}: only {len(known)} items were delivered, {len(before)} before; nothing is concluded from what is "
            "missing. Check the account's permissions; if it is right, run: lpm-sync run --accept-smaller"
        )
        return Source(tracker=name, stale_items=before, error=reason)
    whole = tuple(item for item in pull.items if item.project not in pull.failures)
    return Source(
        tracker=name,
        pull=replace(pull, items=whole),
        stale_items=tuple(item for item in before if item.project in pull.failures and item.ref not in known),
    )
