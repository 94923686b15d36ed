"""Finds out what became of writes whose process ended before it knew: the trackers tell, and the record says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from lpm_sync.core.change import ItemChange, OpenEscalation, Outcome, Result
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.standing import stands
from lpm_sync.core.work_item import Ref, SourceItem
from lpm_sync.pipeline.reading import Reading
from lpm_sync.state.intents import Intent

_FOUND = "the process ended before its answer; the next cycle found it done"
_NOT_FOUND = "the process ended before its answer; the next cycle did not find it done"
_UNTOLD = "the process ended before its answer; the tracker does not tell whether it was done"


def settled(unfinished: Iterable[Intent], reading: Reading) -> Iterator[tuple[int, Outcome]]:
    """The outcomes of intents without one, by their ids. Those wait whose tracker was not read whole."""
    waiting = [one for one in unfinished if one.tracker not in reading.portfolio.stale]
    wanted = {one.ref for one in waiting}
    items = (
        {item.ref: item for source in reading.sources for item in source.items if item.ref in wanted} if wanted else {}
    )
    for intent in waiting:
        change = intent.change
        if isinstance(change, OpenEscalation):
            yield intent.id, _opening(change, reading.portfolio)
        else:
            yield intent.id, _change(change, intent.ref, items)


def _opening(change: OpenEscalation, portfolio: Portfolio) -> Outcome:
    epics = (epic for found in portfolio.escalations.values() for epic in found)
    made = next((epic.ref for epic in epics if change.marker in map(str.lower, epic.labels)), None)
    if made is None:
        return Outcome(change=change, result=Result.FAILED, detail=_NOT_FOUND)
    return Outcome(change=change, result=Result.WRITTEN, detail=_FOUND, created=made)


def _change(change: ItemChange, ref: Ref, items: Mapping[Ref, SourceItem]) -> Outcome:
    is_done = stands(change, items[ref]) if ref in items else None
    if is_done is None:
        return Outcome(change=change, result=Result.UNCLEAR, detail=_UNTOLD)
    return Outcome(
        change=change,
        result=Result.WRITTEN if is_done else Result.FAILED,
        detail=_FOUND if is_done else _NOT_FOUND,
    )
