"""What a cycle records in the state: what was read and found, what was to be written and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from lpm_sync.core.change import AddLink, CloseEscalation, OpenEscalation, Outcome, Result
from lpm_sync.core.finding import Subject
from lpm_sync.core.work_item import Edge, Ref
from lpm_sync.pipeline.deciding import SETTLING_TIME, Decision
from lpm_sync.pipeline.reading import Reading
from lpm_sync.pipeline.settling import settled
from lpm_sync.pipeline.writing import Recorder, Write
from lpm_sync.ports import Clock
from lpm_sync.state.findings import EndingName
from lpm_sync.state.intents import Authority
from lpm_sync.state.store import State


def remember_reading(state: State, reading: Reading, decision: Decision, at: datetime) -> None:
    """Snapshots, dependencies and findings of one cycle, all or nothing. What could not be told stands on."""
    stale, quarantined = reading.portfolio.stale, reading.portfolio.quarantined
    evaluation = decision.evaluation
    governed = {rule.code for rule in evaluation.governed}

    def ending_of(subject: Subject, code: str) -> EndingName | None:
        if code in governed and not is_judged(subject, code):
            return None
        return "resolved" if evaluation.ending(subject, code).is_resolved else "withdrawn"

    def is_judged(subject: Subject, code: str) -> bool:
        if code in evaluation.held.get(subject, {}):
            return False
        if subject.kind != "item":
            return not (stale or quarantined)
        ref = Ref.parse(subject.id)
        return ref.tracker not in stale and ref not in quarantined

    def is_edge_judged(edge: Edge) -> bool:
        return not {edge.blocker.tracker, edge.blocked.tracker} & stale

    with state.transaction():
        for source in reading.sources:
            if source.pull is not None:
                state.snapshots.save(source.pull, at, kept=source.kept)
                earlier = (item for item in reading.standing_in if item.ref.tracker == source.tracker)
                state.snapshots.keep_earlier(source.tracker, earlier)
        state.timelines.save(reading.histories.fresh, reading.histories.items)
        for edge, first_seen in reading.recalled.items():
            state.edges.record([edge], is_judged=lambda edge: False, at=first_seen)
        state.edges.record(reading.edges, is_judged=is_edge_judged, at=at)
        state.findings.record(
            {(finding.subject, finding.code): finding.since for finding in evaluation.findings},
            ending_of=ending_of,
            at=at,
        )
        state.intents.record_looked_for(decision.awaited, at)
        for identifier, outcome in settled(state.intents.unfinished(), reading):
            state.intents.record_outcomes([identifier], [outcome], at)
        _remember_closed(state, reading, at)


def _remember_closed(state: State, reading: Reading, at: datetime) -> None:
    """An epic that we opened and that is open no more was closed, by us or by people."""
    standing = {epic.ref for epics in reading.portfolio.escalations.values() for epic in epics}
    for one in state.escalations.open():
        is_told = one.ref.tracker not in reading.portfolio.stale and one.opened < at - SETTLING_TIME
        if is_told and one.ref not in standing:
            state.escalations.record_closed(one.ref, at)


def intent_recorder(state: State, clock: Clock, authorities: Mapping[str, Authority]) -> Recorder:
    """Puts an intent on the disk before each write. `authorities` says in whose name, by tracker."""

    def record(write: Write) -> Callable[[Sequence[Outcome]], None]:
        ref = write.ref or _blocker(write)
        ids = state.intents.record(ref, write.changes, authorities[write.tracker], clock.now())

        def finish(outcomes: Sequence[Outcome]) -> None:
            state.intents.record_outcomes(ids, outcomes, clock.now())
            if write.ref is not None and any(map(_is_closed, outcomes)):
                state.escalations.record_closed(write.ref, clock.now())  # needed again, it is opened again at once
            if any(outcome.result is Result.MOVED for outcome in outcomes):
                state.snapshots.forget_position(write.tracker)  # what a delta did not tell, a whole reading will
            for tracker in _refusing(outcomes, write.tracker):
                state.snapshots.forget_count(tracker)  # what was refused may be about an item that is gone

        return finish

    return record


def remember_escalations(state: State, outcomes: Sequence[Outcome], at: datetime) -> None:
    """Notes the escalation epics that were created."""
    for outcome in outcomes:
        if isinstance(outcome.change, OpenEscalation) and outcome.created is not None:
            state.escalations.record_opened(outcome.change.marker, outcome.created, at)


def _refusing(outcomes: Sequence[Outcome], tracker: str) -> frozenset[str]:
    """The trackers of the items that refused changes are about: that of a link's other end, too."""
    refused = [one.change for one in outcomes if one.result is Result.REFUSED]
    ends = {change.target.tracker for change in refused if isinstance(change, AddLink)}
    return frozenset(ends | {tracker} if refused else ())


def _is_closed(outcome: Outcome) -> bool:
    return isinstance(outcome.change, CloseEscalation) and outcome.result in (Result.WRITTEN, Result.UNCHANGED)


def _blocker(write: Write) -> Ref:
    [opening] = [change for change in write.changes if isinstance(change, OpenEscalation)]
    return opening.blocker
