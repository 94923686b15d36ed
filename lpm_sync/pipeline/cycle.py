"""One cycle: pull, decide, check, write, record; and its two halves, planning alone and applying a plan."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum
from typing import Protocol

import structlog

from lpm_sync.core.change import Outcome, Result
from lpm_sync.core.plan import Plan
from lpm_sync.core.work_item import precondition
from lpm_sync.errors import ConfigurationError, StoppedError, UnsafePlanError
from lpm_sync.pipeline.collecting import seldom_collecting
from lpm_sync.pipeline.deciding import Decision, decide, within_write_budgets
from lpm_sync.pipeline.ignoring import Ignored, ignored_by_type, uncounted
from lpm_sync.pipeline.reading import Reading, read_portfolio
from lpm_sync.pipeline.remembering import intent_recorder, remember_escalations, remember_reading
from lpm_sync.pipeline.timelines import complete_timelines
from lpm_sync.pipeline.troubles import left_out, troubles
from lpm_sync.pipeline.workplace import Workplace
from lpm_sync.pipeline.writing import write_plan
from lpm_sync.planning.safety import APPROVAL, check_safety
from lpm_sync.policy.configuration import Configuration
from lpm_sync.ports import Tracker
from lpm_sync.rules.wording import listed
from lpm_sync.state.intents import Authority
from lpm_sync.state.store import State

log = structlog.get_logger(__name__)


class ExitStatus(IntEnum):
    """How a cycle ended, as the program's exit code."""

    DONE = 0
    FAILED = 1
    MISTAKEN = 2
    REFUSED = 3
    PARTIAL = 4


class _Read(Protocol):
    """How the trackers were read."""

    @property
    def is_blind(self) -> bool: ...

    @property
    def is_mistaken(self) -> bool: ...


def exit_status_of(reading: _Read, troubles: Collection[str]) -> ExitStatus:
    """A mistake in the configuration comes first, also of one tracker: nothing but a person's correction helps."""
    if reading.is_mistaken:
        return ExitStatus.MISTAKEN
    if reading.is_blind:
        return ExitStatus.FAILED
    return ExitStatus.PARTIAL if troubles else ExitStatus.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleReport:
    """The figures of one cycle. `troubles` are lines for people: what failed, was set aside or is in quarantine.

    Every planned change is one of those that were written, were there already (`unchanged`), were dropped since the
    item moved, failed, or were not begun.
    `ignored` is what was left since its type stands at no level: no trouble; of trackers that are `uncounted` only what
    changed is told. `is_blind` says that no tracker could be read at all, `is_mistaken` that one stands aside for a
    mistake in the configuration.
    """

    pulled: int
    findings: int
    planned: int
    written: int
    failed: int
    unchanged: int = 0
    moved: int = 0
    not_begun: int = 0
    escalations: int = 0  # open after the cycle
    plan_digest: str = ""
    troubles: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    uncounted: tuple[str, ...] = ()
    is_blind: bool = False
    is_mistaken: bool = False

    @property
    def exit_status(self) -> ExitStatus:
        return exit_status_of(self, self.troubles)

    @property
    def counts(self) -> Mapping[str, int]:
        """The figures by name."""
        return {
            "pulled": self.pulled,
            "findings": self.findings,
            "planned": self.planned,
            "written": self.written,
            "failed": self.failed,
            "unchanged": self.unchanged,
            "moved": self.moved,
            "not_begun": self.not_begun,
            "escalations": self.escalations,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """How a cycle is steered from outside: what was approved, when to stop, whom to tell how far it is.

    `approval` begins the sentence that says how the plan would be approved; its digest ends it.
    """

    approved_digest: str | None = None
    approval: str = APPROVAL
    accept_smaller: bool = False
    should_stop: Callable[[], bool] = field(default=lambda: False)
    progress: Callable[[str, int, int], None] = field(default=lambda what, done, total: None)


@seldom_collecting()
def run_cycle(workplace: Workplace, control: Control | None = None) -> CycleReport:
    """One whole cycle.

    A tracker that fails, or whose configuration is mistaken, stands aside, and the others go on. Raises
    ConfigurationError where that leaves none or the files are wrong (nothing was done), StateError, StoppedError
    (nothing was written), and UnsafePlanError past the safety limits: then what was read is remembered, and nothing was
    written.
    """
    control = control or Control()
    configuration = workplace.configuration()
    with workplace.state() as state, workplace.trackers(configuration, state) as trackers:
        cycle = state.cycles.record_start(workplace.clock.now(), configuration.version)
        try:
            report = _cycle(workplace, configuration, state, trackers, control)
        except ConfigurationError:
            state.cycles.record_finish(cycle, workplace.clock.now(), ExitStatus.MISTAKEN, {})
            raise
        except UnsafePlanError as error:
            state.cycles.record_finish(cycle, workplace.clock.now(), ExitStatus.REFUSED, error.figures)
            raise
        except StoppedError:
            state.cycles.record_finish(cycle, workplace.clock.now(), ExitStatus.PARTIAL, {})
            raise
        state.cycles.record_finish(cycle, workplace.clock.now(), report.exit_status, report.counts)
    log.info("cycle_finished", exit_status=int(report.exit_status), plan=report.plan_digest, **report.counts)
    return report


def _cycle(
    workplace: Workplace, configuration: Configuration, state: State, trackers: dict[str, Tracker], control: Control
) -> CycleReport:
    """Reads, decides, remembers, checks and writes."""
    reading, decision = _read_and_decide(configuration, trackers, state, workplace.clock.now(), control)
    remember_reading(state, reading, decision, workplace.clock.now())
    put_off = len(decision.put_off)
    _check_limits(decision.plan, configuration, control, lambda: _report(reading, decision, ()), put_off=put_off)
    outcomes = _Writer(
        workplace=workplace, configuration=configuration, state=state, trackers=trackers, reading=reading
    ).write(decision.plan, decision.plan.digest, control)
    if not control.should_stop():
        complete_timelines(state, trackers, reading.sources, _time_limits(configuration, trackers), control.should_stop)
    return _report(reading, decision, outcomes)


def _read_and_decide(
    configuration: Configuration, trackers: Mapping[str, Tracker], state: State, now: datetime, control: Control
) -> tuple[Reading, Decision]:
    """How everything stands and what follows from it.

    Where nothing changed, no tracker was asked whether the configured fields still are what they were. So before
    something is written all the same, because of a date or of the policy, a census is taken, which asks.
    """

    def decided(census: Collection[str] = ()) -> tuple[Reading, Decision]:
        reading = read_portfolio(
            configuration,
            trackers,
            state,
            now,
            accept_smaller=control.accept_smaller,
            census=census,
            should_stop=control.should_stop,
        )
        return reading, decide(configuration, reading, state)

    reading, decision = decided()
    quiet = {source.tracker for source in reading.sources if source.is_quiet}
    return decided(quiet) if quiet and decision.plan.change_count else (reading, decision)


def _check_limits(
    plan: Plan,
    configuration: Configuration,
    control: Control,
    report: Callable[[], CycleReport],
    *,
    put_off: int = 0,
) -> None:
    """Raises UnsafePlanError, with the figures of the cycle."""
    try:
        check_safety(
            plan,
            configuration.governance().safety,
            control.approved_digest,
            put_off=put_off,
            approval=control.approval,
        )
    except UnsafePlanError as error:
        raise UnsafePlanError(str(error), digest=error.digest, figures=report().counts) from None


@seldom_collecting()
def plan_cycle(workplace: Workplace) -> tuple[Reading, Decision]:
    """What a cycle would write. Writes nothing, to no tracker, and to the state only pauses that were asked for."""
    configuration = workplace.configuration()
    with workplace.state_to_read() as state, workplace.trackers(configuration, state) as trackers:
        return _read_and_decide(configuration, trackers, state, workplace.clock.now(), Control())


@seldom_collecting()
def apply_plan(workplace: Workplace, plan: Plan, *, skip_moved: bool, control: Control | None = None) -> CycleReport:
    """Writes exactly that plan.

    Raises UnsafePlanError where an item is not as the plan read it: nothing is written then, unless `skip_moved` says
    that the rest may be. Past the safety limits the plan's digest must have been approved. Raises StoppedError where it
    was asked to stop before it wrote anything.
    """
    control = control or Control()
    configuration = workplace.configuration()
    with workplace.state() as state, workplace.trackers(configuration, state) as trackers:
        reading = read_portfolio(configuration, trackers, state, workplace.clock.now(), should_stop=control.should_stop)
        decided = decide(configuration, reading, state)
        moved = tuple(_moved(plan, reading, decided))
        allowed, put_off = within_write_budgets(plan, configuration, state, workplace.clock.now())
        decision = replace(decided, plan=plan, put_off=put_off)
        if moved and not skip_moved:
            raise UnsafePlanError(
                f"the trackers have moved since this plan was made; nothing was written. Moved: {listed(moved)}. "
                + "".join(f"Not read: {source.error}. " for source in reading.sources if source.error is not None)
                + "Plan again, or write the rest with --skip-moved.",
                digest=plan.digest,
                figures=_report(reading, decision, (), left_out=_changes_of(plan, moved)).counts,
            )
        _check_limits(plan, configuration, control, lambda: _report(reading, decision, ()))
        remember_reading(state, reading, decision, workplace.clock.now())
        outcomes = _Writer(
            workplace=workplace, configuration=configuration, state=state, trackers=trackers, reading=reading
        ).write(_without(allowed, frozenset(moved)), plan.digest, control)
        report = _report(reading, decision, outcomes, left_out=_changes_of(plan, moved))
    return replace(report, troubles=(*report.troubles, *left_out(moved)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writer:
    workplace: Workplace
    configuration: Configuration
    state: State
    trackers: dict[str, Tracker]
    reading: Reading

    def write(self, plan: Plan, plan_digest: str, control: Control) -> tuple[Outcome, ...]:
        done = 0

        def progress(count: int) -> None:
            nonlocal done
            done += count
            control.progress("writing", done, plan.change_count)

        clock = self.workplace.clock
        accounts = {source.tracker: source.pull.account for source in self.reading.sources if source.pull}
        policy = self.configuration.version
        authorities = {
            name: Authority(account=accounts.get(name, ""), plan_digest=plan_digest, policy_digest=policy)
            for name in self.trackers
        }
        limits = _time_limits(self.configuration, self.trackers)
        begun: dict[str, float] = {}  # by the first write to each

        def is_late(tracker: str) -> bool:
            now = time.monotonic()
            return now - begun.setdefault(tracker, now) > limits[tracker]

        outcomes = write_plan(
            plan,
            self.trackers,
            intent_recorder(self.state, clock, authorities),
            should_stop=control.should_stop,
            progress=progress,
            is_late=is_late,
        )
        remember_escalations(self.state, outcomes, clock.now())
        return outcomes


def _time_limits(configuration: Configuration, trackers: Collection[str]) -> dict[str, float]:
    return {name: configuration.tracker(name).cycle_timeout.total_seconds() for name in trackers}


def _moved(plan: Plan, reading: Reading, decision: Decision) -> Iterator[str]:
    """Keys of the items that are not as the plan read them, titles of the escalations that would not be opened so now.

    An escalation has no item whose state it could be tied to: it is decided once more.
    """
    portfolio = reading.portfolio
    items = {**portfolio.items, **{epic.ref: epic for epics in portfolio.escalations.values() for epic in epics}}
    for planned in plan.items:
        item = items.get(planned.ref)
        if item is None or item.is_stale or precondition(item.source) != planned.precondition:
            yield planned.key
    for escalation in plan.escalations:
        if escalation not in decision.plan.escalations:
            yield escalation.title


def _changes_of(plan: Plan, moved: Collection[str]) -> int:
    """How many changes are left out with those items."""
    return plan.change_count - _without(plan, frozenset(moved)).change_count


def _without(plan: Plan, moved: frozenset[str]) -> Plan:
    return replace(
        plan,
        items=tuple(item for item in plan.items if item.key not in moved),
        escalations=tuple(escalation for escalation in plan.escalations if escalation.title not in moved),
    )


def _report(reading: Reading, decision: Decision, outcomes: Sequence[Outcome], *, left_out: int = 0) -> CycleReport:
    """The figures; `left_out` are changes of the plan whose items have moved."""
    results = Counter(outcome.result for outcome in outcomes if outcome.is_begun)
    not_begun = decision.plan.change_count - left_out - results.total()
    return CycleReport(
        pulled=reading.pulled,
        findings=len(decision.evaluation.findings),
        planned=decision.plan.change_count,
        written=results[Result.WRITTEN],
        failed=results[Result.FAILED] + results[Result.REFUSED] + results[Result.UNCLEAR],
        unchanged=results[Result.UNCHANGED],
        moved=results[Result.MOVED] + left_out,
        not_begun=not_begun,
        escalations=len(decision.escalations.blockers),
        plan_digest=decision.plan.digest,
        troubles=troubles(reading, decision, outcomes),
        warnings=reading.warnings,
        ignored=ignored_by_type(reading),
        uncounted=uncounted(reading),
        is_blind=reading.is_blind,
        is_mistaken=reading.is_mistaken,
    )
