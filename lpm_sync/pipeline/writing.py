"""Writes a plan, exactly it: an intent on the disk before each write, its outcome after."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from itertools import chain

from lpm_sync.core.change import Change, ItemChange, OpenEscalation, Outcome, Result
from lpm_sync.core.plan import ItemPlan, Plan
from lpm_sync.core.work_item import Ref
from lpm_sync.errors import UnauthorisedError
from lpm_sync.ports import Tracker

_AT_ONCE = 8  # items of one tracker whose changes are under way at the same time


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """All changes of one item, or the creation of one escalation epic (`ref` is None), as one unit of work."""

    tracker: str
    ref: Ref | None
    key: str
    changes: tuple[Change, ...]
    precondition: str | None = None


Recorder = Callable[[Write], Callable[[Sequence[Outcome]], None]]
"""Records the intent of a write on the disk; what it returns records the outcomes."""


def write_plan(
    plan: Plan,
    trackers: dict[str, Tracker],
    record: Recorder,
    *,
    should_stop: Callable[[], bool],
    progress: Callable[[int], None],
    is_late: Callable[[str], bool] = lambda tracker: False,
) -> tuple[Outcome, ...]:
    """Makes every change of the plan; returns an outcome for each.

    Some items of each tracker are written at a time, the changes of one item in their order: one that has to wait holds
    up no other tracker, and of its own no more than its place. After a tracker refuses our credential nothing more is
    sent to it. `should_stop` is asked before each item: what is under way is finished, the rest is not
    begun, and no intent of it is recorded. So it is with the items of a tracker for which it is late: a tracker that
    hangs takes its own time, and no other's. `progress` is told how many changes are done.
    """
    work = _Work(trackers=trackers, should_stop=should_stop, is_late=is_late, refused=set())
    by_item: dict[Ref, tuple[Outcome, ...]] = {}
    for ref, made in _write_items(plan, work, record):
        by_item[ref] = made
        progress(len(made))
    outcomes = list(chain.from_iterable(by_item[item.ref] for item in plan.items))
    for made in _open_escalations(plan, work, record):
        outcomes.extend(made)
        progress(len(made))
    return tuple(outcomes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    trackers: dict[str, Tracker]
    should_stop: Callable[[], bool]
    is_late: Callable[[str], bool]
    refused: set[str]  # trackers that do not accept our credential any more

    def obstacle(self, write: Write) -> str | None:
        """Why the write is not to be begun, for people."""
        if write.tracker not in self.trackers:
            return f"there is no tracker {write.tracker} in the configuration"
        if self.should_stop():
            return "not begun: the cycle was asked to stop"
        if self.is_late(write.tracker):
            return f"not begun: {write.tracker} took the time that writing may take; the next cycle goes on"
        return f"{write.tracker} refused our credential before" if write.tracker in self.refused else None

    def perform(self, write: Write) -> tuple[Outcome, ...]:
        if (obstacle := self.obstacle(write)) is not None:
            return _not_begun(write, obstacle)
        try:
            made = _send(self.trackers[write.tracker], write)
        except UnauthorisedError as error:
            self.refused.add(write.tracker)
            return _without_effect(write, str(error), Result.FAILED)
        return tuple(replace(one, detail=f"{write.key}: {one.detail}") if one.detail else one for one in made)


def _write_items(plan: Plan, work: _Work, record: Recorder) -> Iterator[tuple[Ref, tuple[Outcome, ...]]]:
    """What came of the changes of each item, as they are done."""
    waiting: dict[str, deque[ItemPlan]] = {}
    for item in plan.items:
        waiting.setdefault(item.ref.tracker, deque()).append(item)
    busy: Counter[str] = Counter()  # items under way, by tracker
    under_way: dict[Future[tuple[Outcome, ...]], tuple[Ref, Callable[[Sequence[Outcome]], None]]] = {}
    with ThreadPoolExecutor(max_workers=_AT_ONCE * max(1, len(waiting)), thread_name_prefix="write") as pool:
        while True:
            for tracker, items in waiting.items():
                while items and busy[tracker] < _AT_ONCE:
                    item = items.popleft()
                    write = _item_write(item)
                    if (obstacle := work.obstacle(write)) is not None:
                        yield item.ref, _not_begun(write, obstacle)
                        continue
                    finish = record(write)
                    under_way[pool.submit(work.perform, write)] = item.ref, finish
                    busy[tracker] += 1
            if not under_way:
                return
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                ref, finish = under_way.pop(future)
                busy[ref.tracker] -= 1
                made = future.result()
                finish(made)
                yield ref, made


def _open_escalations(plan: Plan, work: _Work, record: Recorder) -> Iterator[tuple[Outcome, ...]]:
    for escalation in plan.escalations:
        yield from _open(escalation, work, record)


def _send(tracker: Tracker, write: Write) -> tuple[Outcome, ...]:
    if write.ref is None:
        return tuple(tracker.open_escalation(change) for change in write.changes if isinstance(change, OpenEscalation))
    changes: list[ItemChange] = [change for change in write.changes if not isinstance(change, OpenEscalation)]
    return tuple(tracker.apply(write.ref, changes, write.precondition))


def _open(escalation: OpenEscalation, work: _Work, record: Recorder) -> Iterator[tuple[Outcome, ...]]:
    """Creates the epic, then what belongs on it. What follows is not begun where the epic could not be created."""
    opening = Write(tracker=escalation.tracker, ref=None, key=escalation.title, changes=(escalation,))
    following = replace(opening, changes=escalation.follow_up)
    if (obstacle := work.obstacle(opening)) is not None:
        yield _not_begun(opening, obstacle)
        yield _not_begun(following, obstacle)
        return
    made = _record_and_perform(opening, work, record)
    yield made
    created = made[0].created
    if created is None:
        yield _not_begun(following, "its epic was not created")
    elif made[0].result is Result.UNCHANGED:
        yield _without_effect(following, "its epic stands already: what belongs on it is planned again", Result.MOVED)
    else:
        yield _record_and_perform(replace(following, ref=created), work, record)


def _record_and_perform(write: Write, work: _Work, record: Recorder) -> tuple[Outcome, ...]:
    finish = record(write)
    made = work.perform(write)
    finish(made)
    return made


def _item_write(item: ItemPlan) -> Write:
    return Write(
        tracker=item.ref.tracker,
        ref=item.ref,
        key=item.key,
        changes=tuple(item.changes),
        precondition=item.precondition,
    )


def _not_begun(write: Write, reason: str) -> tuple[Outcome, ...]:
    return tuple(replace(one, is_begun=False) for one in _without_effect(write, reason, Result.FAILED))


def _without_effect(write: Write, reason: str, result: Result) -> tuple[Outcome, ...]:
    return tuple(Outcome(change=change, result=result, detail=f"{write.key}: {reason}") for change in write.changes)
