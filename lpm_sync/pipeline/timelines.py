"""Asks for the pasts of items; after a census for those of all: flow and the past are computed from them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from time import monotonic

import structlog

from lpm_sync.core.timeline import Timeline
from lpm_sync.core.work_item import Ref
from lpm_sync.errors import ChangedError, ConfigurationError, UnauthorisedError, UnavailableError
from lpm_sync.pipeline.sources import Source
from lpm_sync.ports import Tracker
from lpm_sync.state.store import State
from lpm_sync.state.timelines import Timelines

log = structlog.get_logger(__name__)

SHARE_OF_TIME = 0.5
"""Of the time limit of a tracker, how much goes to what nobody waits for; the trackers of a cycle share it."""

FIRST_PORTION, LARGEST_PORTION = 100, 1_000
"""Items that are asked for at once: some trackers take a request for each, others one for a thousand."""

LONG = 5.0
"""Seconds after which a portion is no more made larger: between two of them it is seen whether to stop."""


def timelines_of(refs: Collection[Ref], tracker: Tracker, remembered: Timelines) -> dict[Ref, Timeline]:
    """The timelines of those items of a tracker. One that it does not tell is as it was told last, or empty.

    So an item without a past is not asked for again before something happens to it. Raises UnauthorisedError and
    UnavailableError.
    """
    told = tracker.history(refs)
    return {ref: told.get(ref) or remembered.of(ref) or Timeline(ref=ref) for ref in refs}


def complete_timelines(
    state: State,
    trackers: Mapping[str, Tracker],
    sources: Iterable[Source],
    limits: Mapping[str, float],
    should_stop: Callable[[], bool],
) -> None:
    """Asks for the timelines that are missing or from before an item's last change, where a census was taken.

    Each tracker has its part of the time; `limits` are the seconds that a reading of it may take. Nothing is governed
    by timelines: where a tracker does not tell, or time is up, the next census goes on.
    """
    counted = [one for one in sources if one.error is None and one.pull is not None and one.pull.present is not None]
    for source in counted:
        name = source.tracker
        until = monotonic() + SHARE_OF_TIME * limits[name] / len(counted)
        try:
            items = _complete(state, trackers[name], name, _over(until, should_stop))
        except (ChangedError, ConfigurationError, UnauthorisedError, UnavailableError) as error:
            log.warning("timelines_not_told", tracker=name, reason=str(error))
            continue
        log.info("timelines_completed", tracker=name, items=items)


def _complete(state: State, tracker: Tracker, name: str, is_over: Callable[[], bool]) -> int:
    """Portion after portion, kept one by one and no item asked for twice; returns how many items that were."""
    asked: set[Ref] = set()
    portion = FIRST_PORTION
    while not asked.issuperset(outdated := state.timelines.outdated(name, portion)):
        begun = monotonic()
        state.timelines.save_for_snapshot(timelines_of(outdated, tracker, state.timelines).values())
        asked.update(outdated)
        if is_over():
            break
        if monotonic() - begun < LONG:
            portion = min(2 * portion, LARGEST_PORTION)
    return len(asked)


def _over(until: float, should_stop: Callable[[], bool]) -> Callable[[], bool]:
    return lambda: should_stop() or monotonic() >= until
