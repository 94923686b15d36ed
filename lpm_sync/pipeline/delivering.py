"""Asks every tracker at once for what is to be known of it, and brings what is read of everything into the state."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import monotonic

from lpm_sync.core.resolution import RENEWAL, Resolutions, changed
from lpm_sync.core.work_item import Ref
from lpm_sync.errors import ConfigurationError, LpmSyncError, StoppedError, UnavailableError
from lpm_sync.pipeline.intake import Intake
from lpm_sync.ports import Parts, Previous, Pull, Tracker
from lpm_sync.state.loads import Load, Loads
from lpm_sync.state.pauses import Pauses
from lpm_sync.state.snapshots import Snapshot
from lpm_sync.state.store import State

CENSUS_INTERVAL = timedelta(hours=24)
"""How often all ids are walked: what was deleted, moved or hidden shows nowhere else."""

GOES_ON = "and the next cycle goes on from there"
_TAKEN_AWAY = "a run that goes on at the same time has taken over what was read; ask again when it is done"
_LOOKS_FOR_A_STOP = 0.2  # seconds


@dataclass(frozen=True, slots=True)
class Withheld:
    """Why there is no pull, for people. `is_mistake`: of the configuration, so that repeating does not help."""

    reason: str
    is_mistake: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What came of a tracker: a pull, or that it was withheld.

    `kept` are items that the tracker's load in the state holds as they stand, and that are not in the pull.
    `is_counted` tells whether what is `present` in the pull was asked for.
    """

    tracker: str
    pull: Pull | Withheld
    kept: frozenset[Ref] = frozenset()
    is_counted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """How a tracker is to be pulled, and what its configured names have to be then."""

    previous: Previous | None = None
    census: bool = False
    pins: Resolutions = field(default_factory=dict)

    @property
    def goes_on(self) -> bool:
        return self.previous is not None and self.previous.is_unfinished

    @property
    def kept(self) -> Collection[Ref]:
        """What a reading that is to go on has kept before."""
        return self.previous.keys.values() if self.previous is not None and self.goes_on else ()


def deliver(
    trackers: Mapping[str, Tracker],
    before: Mapping[str, Snapshot | None],
    state: State,
    now: datetime,
    *,
    census: Collection[str] = (),
    pins: Callable[[str], Resolutions] = lambda tracker: {},
    should_stop: Callable[[], bool] = lambda: False,
) -> dict[str, Delivery]:
    """Pulls each tracker on from its last snapshot, or goes on with a reading of everything that was stopped.

    Where the state may be written the parts of such a reading are kept there. The state learns which tracker asked to
    be left alone. Raises StoppedError as soon as it is asked to stop.
    """
    asked = {name: _question(name, before[name], state, now, is_census_wanted=name in census) for name in trackers}
    questions = {name: replace(question, pins=pins(name)) for name, question in asked.items()}
    intake = Intake(state.loads, now)
    try:
        with state.loads.under_way(), intake:
            pulls = _pull_all(trackers, questions, intake if state.may_write else None, state.pauses, should_stop)
    except StoppedError as error:
        far = [f"{name}: {how}" for name in trackers if (how := _progress(state.loads.last(name)))]
        raise StoppedError("; ".join((str(error), *far))) from None
    return {
        name: _delivery(name, pull, questions[name], state.loads, is_begun=name in intake.begun)
        for name, pull in pulls.items()
    }


def withheld(tracker: str, error: LpmSyncError, pauses: Pauses) -> Withheld:
    """What its error makes of a whole tracker, in this cycle; where it asked to be left alone also in later ones."""
    if isinstance(error, UnavailableError) and error.retry_after:
        pauses.learn(("tracker", tracker), error.retry_after)
    return Withheld(str(error), is_mistake=isinstance(error, ConfigurationError))


def joined(delivery: Delivery, loads: Loads) -> Delivery:
    """The delivery with the kept items in its pull, as one of everything."""
    pull = delivery.pull
    if isinstance(pull, Withheld) or (delivery.is_counted and not delivery.kept):
        return delivery
    items = [item for item in loads.items(delivery.tracker) if item.ref in delivery.kept]
    if len(items) < len(delivery.kept):
        return Delivery(tracker=delivery.tracker, pull=Withheld(f"{delivery.tracker}: {_TAKEN_AWAY}"))
    present = pull.present if delivery.is_counted else None
    return replace(delivery, pull=replace(pull, items=(*items, *pull.items), present=present))


def _question(
    tracker: str, snapshot: Snapshot | None, state: State, now: datetime, *, is_census_wanted: bool
) -> _Question:
    """A reading of everything that was stopped goes on before anything else."""
    load = state.loads.last(tracker)
    if load is not None:
        written = state.intents.written_since(load.begun, tracker)  # in projects that came whole before
        previous = Previous.of(state.loads.items(tracker), load.position, is_unfinished=True, written=written)
        return _Question(previous=previous, census=True)
    if snapshot is None or snapshot.position is None:
        return _Question()
    census = is_census_wanted or snapshot.counted is None or now - snapshot.counted >= CENSUS_INTERVAL
    written = state.intents.written_since(snapshot.taken, tracker)
    previous = Previous.of(snapshot.items, snapshot.position, with_links=census, written=written)
    return _Question(previous=previous, census=census)


def _pull_all(
    trackers: Mapping[str, Tracker],
    questions: Mapping[str, _Question],
    intake: Intake | None,
    pauses: Pauses,
    should_stop: Callable[[], bool],
) -> dict[str, Pull | Withheld]:
    pool = ThreadPoolExecutor(max_workers=max(1, len(trackers)), thread_name_prefix="pull")
    try:
        asked = {
            name: pool.submit(_pull, tracker, questions[name], None if intake is None else intake.parts(name), pauses)
            for name, tracker in trackers.items()
        }
        _wait(asked.values(), intake, should_stop)
        return {name: pull.result() for name, pull in asked.items()}
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _wait(asked: Collection[Future[Pull | Withheld]], intake: Intake | None, should_stop: Callable[[], bool]) -> None:
    """Writes the parts that come in until all trackers are done."""
    if intake is not None:
        for one in asked:
            one.add_done_callback(intake.wake)
    looked = monotonic()
    while not all(one.done() for one in asked):
        if intake is None:
            wait(asked, timeout=_LOOKS_FOR_A_STOP)
        else:
            intake.work(_LOOKS_FOR_A_STOP)
        if monotonic() - looked >= _LOOKS_FOR_A_STOP:
            looked = monotonic()
            if should_stop():
                raise StoppedError("stopped while the trackers were read: nothing was written")


def _pull(tracker: Tracker, question: _Question, parts: Parts | None, pauses: Pauses) -> Pull | Withheld:
    """What was delivered, or why nothing of it may be acted on."""
    try:
        pull = tracker.pull(question.previous, census=question.census, parts=parts)
    except StoppedError:
        raise
    except LpmSyncError as error:
        return withheld(tracker.name, error, pauses)
    if pull.retry_after:
        pauses.learn(("tracker", tracker.name), pull.retry_after)
    wrong = changed(question.pins, pull.resolved)
    return Withheld(f"{tracker.name}: {'; '.join(wrong.values())}; {RENEWAL}") if wrong else pull


def _delivery(name: str, pull: Pull | Withheld, question: _Question, loads: Loads, *, is_begun: bool) -> Delivery:
    """What the pull makes of the parts that were kept; or how far it got, if it did not come to its end."""
    if isinstance(pull, Pull):
        if not is_begun and not (question.goes_on and pull.is_delta):
            return Delivery(tracker=name, pull=pull)
        if pull.present is not None:
            return _ended(name, pull, pull.present, question, loads)
        pull = Withheld(f"{name}: it does not tell which items there are")
    far = _progress(loads.last(name))
    return Delivery(tracker=name, pull=replace(pull, reason=f"{pull.reason}; {far}") if far else pull)


def _ended(name: str, pull: Pull, present: Collection[Ref], question: _Question, loads: Loads) -> Delivery:
    """A pull that tells which of the kept items stand is one of everything."""
    loaded = loads.ids(name)
    if pull.is_delta and any(ref.id not in loaded for ref in question.kept):
        return Delivery(tracker=name, pull=Withheld(f"{name}: {_TAKEN_AWAY}"))
    newer = {item.ref for item in pull.items} | {one.ref for one in pull.broken} | pull.gone
    kept = frozenset(ref for ref in present if ref.id in loaded) - newer
    failures = _with_progress(pull, loads.counts(name)) if pull.interrupted else pull.failures
    whole = replace(pull, failures=failures, is_delta=False, gone=frozenset())
    return Delivery(tracker=name, pull=whole, kept=kept, is_counted=question.census)


def _progress(load: Load | None) -> str:
    """How far a load got, for people; empty where it kept nothing."""
    if load is None or not load.kept:
        return ""
    of_all = f" of at most {load.expected:,}" if load.expected is not None else ""
    return f"{load.kept:,}{of_all} items are read, {GOES_ON}"


def _with_progress(pull: Pull, kept: Mapping[str, int]) -> dict[str, str]:
    """The reasons, with how far each of those projects got that a later reading goes on with."""
    far = {project: count for project, count in kept.items() if project in pull.interrupted}
    return {
        project: f"{reason}; {far[project]:,} of its items are read, {GOES_ON}" if project in far else reason
        for project, reason in pull.failures.items()
    }
