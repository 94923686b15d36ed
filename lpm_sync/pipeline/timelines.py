"""Asks for the pasts of items; after a census for those of all: flow and the past are computed from them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import structlog

from lpm_sync.core.timeline import Timeline
from lpm_sync.core.work_item import Ref
from lpm_sync.errors import ChangedError, ConfigurationError, UnauthorisedError, UnavailableError
from lpm_sync.pipeline.sources import Source
from lpm_sync.ports import Tracker
from lpm_sync.state.store import State
from lpm_sync.state.timelines import Timelines

log = structlog.get_logger(__name__)

TIMELINES_A_CENSUS = 2_000
"""How many items of a tracker are asked for their past at most: some trackers take a request for each."""


def timelines_of(refs: Collection[Ref], tracker: Tracker, remembered: Timelines) -> dict[Ref, Timeline]:
    """The timelines of those items of a tracker. One that it does not tell is as it was told last, or empty.

    So an item without a past is not asked for again before something happens to it. Raises UnauthorisedError and
    UnavailableError.
    """
    told = tracker.history(refs)
    return {ref: told.get(ref) or remembered.of(ref) or Timeline(ref=ref) for ref in refs}


def complete_timelines(state: State, trackers: Mapping[str, Tracker], sources: Iterable[Source]) -> None:
    """Asks for the timelines that are missing or from before an item's last change, where a census was taken.

    Nothing is governed by them: where a tracker does not tell, the next census asks again.
    """
    for source in sources:
        if source.error is not None or source.pull is None or source.pull.present is None:
            continue
        outdated = state.timelines.outdated(source.tracker, TIMELINES_A_CENSUS)
        try:
            told = timelines_of(outdated, trackers[source.tracker], state.timelines)
        except (ChangedError, ConfigurationError, UnauthorisedError, UnavailableError) as error:
            log.warning("timelines_not_told", tracker=source.tracker, reason=str(error))
            continue
        state.timelines.save_for_snapshot(told.values())
        log.info("timelines_completed", tracker=source.tracker, items=len(told))
