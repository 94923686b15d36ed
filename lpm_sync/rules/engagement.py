"""Guardrail 4: business owners stay engaged, and leave evidence of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any, ClassVar

from lpm_sync.core.finding import Reading, Status, Verdict
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.value_stream import Period, ValueStream
from lpm_sync.core.work_item import Level, Ref, WorkItem
from lpm_sync.rules.base import PASSED, Example, StreamRule
from lpm_sync.rules.example import LAST_INTERVAL, THIS_INTERVAL, feature, portfolio_of, stream
from lpm_sync.rules.wording import keys_text

WSJF_FIELDS = ("user_business_value", "time_criticality", "risk_reduction_opportunity_enablement", "job_size")
"""What weighted shortest job first is made of (SAFe: WSJF)."""


_INTERVAL, _PLANNED, _ACTUAL = "planning_interval", "business_value_planned", "business_value_actual"


class Evidence(StrEnum):
    """What business owners leave behind when they are engaged."""

    BUSINESS_OWNERS = "business_owners"
    CAPACITY_SPLIT = "capacity_split"
    WSJF = "wsjf"
    PLANNED_VALUE = "planned_value"
    ACTUAL_VALUE = "actual_value"


_FIELDS_OF = {Evidence.WSJF: WSJF_FIELDS, Evidence.PLANNED_VALUE: (_PLANNED,), Evidence.ACTUAL_VALUE: (_ACTUAL,)}


class OwnerEngagement(StreamRule):
    """Business owners are named, the capacity split is agreed, and features carry what business owners decide.

    Features of the current planning interval carry WSJF and the business value planned, those of the interval
    that ended last the actual value. Only the `evidence` that is set is looked for.
    """

    code: ClassVar[str] = "GRD401"
    title: ClassVar[str] = "Business owners are not engaged"
    family: ClassVar[str] = "guardrails"
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            name="nobody gave the features of this interval a value",
            given=lambda: portfolio_of(_planned("PAY-1", business_value_planned=""), streams=(_OWNED,)),
            subject="payments",
            expect=Status.FAILED,
            fix="business value to jira:PAY-1",
        ),
        Example(
            name="the last interval ended without actual values",
            given=lambda: portfolio_of(
                _planned("PAY-1"), feature("PAY-2", planning_interval=LAST_INTERVAL.id), streams=(_OWNED,)
            ),
            subject="payments",
            expect=Status.FAILED,
            fix="jira:PAY-2",
        ),
        Example(
            name="a stream that nobody owns",
            given=lambda: portfolio_of(streams=(stream("payments", "PAY", capacity={"enabler": 100}),)),
            subject="payments",
            expect=Status.FAILED,
            fix="name its business owners",
        ),
        Example(
            name="everything is there",
            given=lambda: portfolio_of(_planned("PAY-1"), streams=(_OWNED,)),
            subject="payments",
            expect=Status.PASSED,
        ),
    )

    reads: ClassVar[tuple[str, ...]] = (_INTERVAL, *WSJF_FIELDS, _PLANNED, _ACTUAL)
    counts: ClassVar[tuple[Level, ...]] = (Level.FEATURE,)

    evidence: tuple[Evidence, ...] = tuple(Evidence)
    """What is looked for; leave out what no field of your trackers holds."""

    def needs(self) -> tuple[str, ...]:
        return ()

    def weighs(self) -> tuple[str, ...]:
        fields = [name for evidence in self.evidence for name in _FIELDS_OF.get(evidence, ())]
        return (_INTERVAL, *fields) if fields else ()

    def check(self, stream: ValueStream, portfolio: Portfolio) -> Verdict:
        missing = list(self._missing(stream, portfolio))
        if not missing:
            features = [item for item in portfolio.members.get(stream.id, ()) if item.level in self.counts]
            unmapped = portfolio.mapped.why_unknown((item.ref.tracker for item in features), self.weighs())
            return Verdict.skipped(unmapped) if unmapped else PASSED
        return Verdict.failed(
            *(reading for reading, _ in missing),
            threshold="evidence of business owner engagement is complete",
            fix="; ".join(fix for _, fix in missing),
        )

    def read(self, stream: ValueStream, portfolio: Portfolio) -> tuple[Reading, ...]:
        missing = tuple(reading for reading, _ in self._missing(stream, portfolio))
        return missing or (Reading(name="evidence", shown=f"complete: {', '.join(self.evidence)}"),)

    def _missing(self, stream: ValueStream, portfolio: Portfolio) -> Iterator[tuple[Reading, str]]:
        """What is not there, and how to bring it about."""
        source = "value_streams.yaml"
        if Evidence.BUSINESS_OWNERS in self.evidence and not stream.business_owners:
            yield Reading(name="business owners", shown="none", source=source), "name its business owners"
        agreed = portfolio.definition.capacity if stream.capacity is None else stream.capacity
        if Evidence.CAPACITY_SPLIT in self.evidence and not agreed:
            yield Reading(name="capacity split", shown="none", source=source), "agree a capacity split"
        current = portfolio.definition.current_interval(portfolio.today)
        features = _features(stream, current, portfolio) if current else []
        if current is not None and Evidence.WSJF in self.evidence:
            yield from _lacking(WSJF_FIELDS, "WSJF", features, current, portfolio)
        if current is not None and Evidence.PLANNED_VALUE in self.evidence:
            yield from _lacking((_PLANNED,), "planned business value", features, current, portfolio)
        ended = [interval for interval in portfolio.definition.planning_intervals if interval.end < portfolio.today]
        if ended and Evidence.ACTUAL_VALUE in self.evidence:
            last = max(ended, key=lambda interval: interval.end)
            features = _features(stream, last, portfolio)
            yield from _lacking((_ACTUAL,), "actual business value", features, last, portfolio)


def _lacking(
    names: tuple[str, ...], words: str, features: Sequence[WorkItem], interval: Period, portfolio: Portfolio
) -> Iterator[tuple[Reading, str]]:
    """Whether features of the interval lack one of the fields; of those whose tracker does not map it, nobody knows."""
    known = [item for item in features if not portfolio.mapped.lacking(item.ref.tracker, names)]
    without: list[Ref] = [item.source.ref for item in known if not all(map(item.text, names))]
    if without:
        shown = f"missing on {len(without)} of {len(known)} features"
        reading = Reading(name=f"{words} in {interval.id}", shown=shown, source=f"fields {', '.join(names)}")
        yield reading, f"give {words} to {keys_text(without, portfolio)}"


def _features(stream: ValueStream, interval: Period, portfolio: Portfolio) -> list[WorkItem]:
    """The stream's features that are planned for the interval."""
    members = portfolio.members.get(stream.id, ())
    return [item for item in members if item.planning_interval == interval.id and item.level is Level.FEATURE]


_OWNED: ValueStream = stream("payments", "PAY", business_owners=("dana",), capacity={"enabler": 100})


def _planned(key: str, **texts: Any) -> WorkItem:
    values = dict.fromkeys((*WSJF_FIELDS, "business_value_planned"), "5") | texts
    return feature(key, planning_interval=THIS_INTERVAL.id, fields=values)
