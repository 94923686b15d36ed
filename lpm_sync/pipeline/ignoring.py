"""How many items were left because their types stand at no level: nothing is wrong with it, and people ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from lpm_sync.pipeline.reading import Reading

_NAMED = 10  # types in the line


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """The items of one tracker that were left, by type, the most frequent first.

    `is_whole` is whether the tracker was read as a whole: a later reading counts only what changed since.
    """

    tracker: str
    counts: Mapping[str, int]
    is_whole: bool

    @property
    def line(self) -> str:
        """`jira: ignored by type: 12 Task, 3 Bug`."""
        shown = [f"{count:,} {kind}" for kind, count in list(self.counts.items())[:_NAMED]]
        rest = len(self.counts) - len(shown)
        which = "" if self.is_whole else ", among what changed"
        return f"{self.tracker}: ignored by type{which}: {', '.join(shown)}" + (f" and {rest} more" if rest else "")


def uncounted(reading: Reading) -> tuple[str, ...]:
    """The trackers of which only what changed was read: how much they have beside the levels is not known now."""
    return tuple(source.tracker for source in reading.sources if source.pull is not None and source.pull.is_delta)


def ignored_by_type(reading: Reading) -> tuple[Ignored, ...]:
    """What each tracker has beside the configured levels, also where a level is limited to other projects.

    What we created ourselves are escalation epics, open or closed: nobody asks for them.
    """
    portfolio = reading.portfolio
    found = []
    for source in reading.sources:
        if source.pull is None:
            continue
        counts = Counter(source.pull.ignored_types)
        counts.update(
            item.type
            for item in source.items
            if not (item.ref in portfolio.items or item.ref in portfolio.quarantined or item.is_ours)
        )
        if counts:
            by_count = dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
            found.append(Ignored(tracker=source.tracker, counts=by_count, is_whole=not source.pull.is_delta))
    return tuple(found)
