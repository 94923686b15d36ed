"""Definition of ready: what a feature needs before teams plan it."""

from __future__ import annotations

from abc import abstractmethod
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import Field

from lpm_sync.core.figures import day_text
from lpm_sync.core.finding import Reading, Status, Verdict
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import UNCATEGORISED, Level, Progress, Ref, WorkItem
from lpm_sync.rules.base import PASSED, BusinessDays, Example, ItemRule
from lpm_sync.rules.evidence import field_source, unknown_among
from lpm_sync.rules.example import feature, portfolio_of
from lpm_sync.rules.wording import key_of, keys_text, number_text

_INTERVAL = "planning_interval"
_NOT_ASKED = Verdict.skipped("its progress is not one that this rule asks about")
_NOT_SOON = Verdict.skipped("its planning interval does not start soon")


class _ReadinessRule(ItemRule):
    """Common to the definition of ready: which features are asked, and when."""

    family: ClassVar[str] = "readiness"
    reads: ClassVar[tuple[str, ...]] = (_INTERVAL,)

    levels: tuple[Level, ...] = (Level.FEATURE,)
    progress: tuple[Progress, ...] = (Progress.TODO,)
    """Features in this progress are asked; those that a team has begun are past the question."""
    starts_within: BusinessDays | None = None
    """Ask only where the feature's planning interval starts within so many business days, or has started."""

    def needs(self) -> tuple[str, ...]:
        asked_when = () if self.starts_within is None else (_INTERVAL,)
        return (*(name for name in self.reads if name != _INTERVAL and name not in self.weighs()), *asked_when)

    def check(self, item: WorkItem, portfolio: Portfolio) -> Verdict:
        if item.progress not in self.progress:
            return _NOT_ASKED
        if self.starts_within is not None and not self._starts_soon(item, portfolio, self.starts_within):
            return _NOT_SOON
        return self._check_ready(item, portfolio)

    def _starts_soon(self, item: WorkItem, portfolio: Portfolio, within: int) -> bool:
        interval = portfolio.definition.planning_interval(item.planning_interval or "")
        if interval is None:
            return False
        return interval.start <= portfolio.calendar.add_business_days(portfolio.today, within)

    @abstractmethod
    def _check_ready(self, item: WorkItem, portfolio: Portfolio) -> Verdict: ...


def _examples(failing: dict[str, Any], passing: dict[str, Any], fix: str) -> tuple[Example, ...]:
    """A feature that lacks what the rule asks for, one that has it, and one that a team has begun."""
    return (
        Example(
            name="it is missing",
            given=lambda: portfolio_of(feature("PAY-2", **failing)),
            subject="jira:PAY-2",
            expect=Status.FAILED,
            fix=fix,
        ),
        Example(
            name="it is there",
            given=lambda: portfolio_of(feature("PAY-2", **passing)),
            subject="jira:PAY-2",
            expect=Status.PASSED,
        ),
        Example(
            name="a team has begun: the question comes too late",
            given=lambda: portfolio_of(feature("PAY-2", **failing, progress=Progress.DOING)),
            subject="jira:PAY-2",
            expect=Status.SKIPPED,
        ),
    )


class _PresenceRule(_ReadinessRule):
    """Common to rules that ask whether something is there at all."""

    asked_for: ClassVar[str]  # what people call it
    found_in: ClassVar[str]  # where it stands on the item
    advice: ClassVar[str]

    @abstractmethod
    def _is_there(self, item: WorkItem) -> bool: ...

    def _check_ready(self, item: WorkItem, portfolio: Portfolio) -> Verdict:
        if self._is_there(item):
            return PASSED
        return Verdict.failed(*self.read(item, portfolio), threshold=f"{self.asked_for} must be given", fix=self.advice)

    def read(self, item: WorkItem, portfolio: Portfolio) -> tuple[Reading, ...]:
        # Whether, not what: a card that quotes texts or names people would be rewritten with them.
        shown = "given" if self._is_there(item) else "none"
        return (Reading(name=self.asked_for, shown=shown, source=f"{item.key} {self.found_in}"),)


class BenefitHypothesis(_PresenceRule):
    """A feature says which benefit it is expected to bring."""

    code: ClassVar[str] = "DOR001"
    reads: ClassVar[tuple[str, ...]] = ("benefit_hypothesis", _INTERVAL)
    title: ClassVar[str] = "No benefit hypothesis"
    asked_for: ClassVar[str] = "benefit hypothesis"
    found_in: ClassVar[str] = "field benefit_hypothesis"
    advice: ClassVar[str] = "write who will benefit, how much, and how it will show"
    examples: ClassVar[tuple[Example, ...]] = _examples(
        {}, {"fields": {"benefit_hypothesis": "Fewer declined cards: 2 % more revenue"}}, "who will benefit"
    )

    def _is_there(self, item: WorkItem) -> bool:
        return bool(item.text("benefit_hypothesis"))


class AcceptanceCriteria(_PresenceRule):
    """A feature says when it is done, so that it can pass or fail."""

    code: ClassVar[str] = "DOR002"
    reads: ClassVar[tuple[str, ...]] = ("acceptance_criteria", _INTERVAL)
    title: ClassVar[str] = "No acceptance criteria"
    asked_for: ClassVar[str] = "acceptance criteria"
    found_in: ClassVar[str] = "field acceptance_criteria"
    advice: ClassVar[str] = "write criteria that can pass or fail"
    examples: ClassVar[tuple[Example, ...]] = _examples(
        {"fields": {"acceptance_criteria": "  "}},
        {"fields": {"acceptance_criteria": "A declined card is retried once"}},
        "pass or fail",
    )

    def _is_there(self, item: WorkItem) -> bool:
        return bool(item.text("acceptance_criteria"))


class Parent(_PresenceRule):
    """A feature belongs to something larger; the parent may lie outside the scope."""

    code: ClassVar[str] = "DOR004"
    title: ClassVar[str] = "No parent"
    asked_for: ClassVar[str] = "parent"
    found_in: ClassVar[str] = "parent"
    advice: ClassVar[str] = "put it below the epic that it belongs to"
    examples: ClassVar[tuple[Example, ...]] = _examples({}, {"parent": "PORT-1"}, "below the epic")

    def _is_there(self, item: WorkItem) -> bool:
        return item.parent is not None


class Owner(_PresenceRule):
    """A feature has a person who answers for it."""

    code: ClassVar[str] = "DOR005"
    title: ClassVar[str] = "No owner"
    asked_for: ClassVar[str] = "owner"
    found_in: ClassVar[str] = "assignee"
    advice: ClassVar[str] = "assign it to the person who answers for it"
    examples: ClassVar[tuple[Example, ...]] = _examples({}, {"owner": "dana"}, "assign it")

    def _is_there(self, item: WorkItem) -> bool:
        return bool(item.source.owner)


class WorkCategory(_PresenceRule):
    """A feature names a work category that the portfolio knows."""

    code: ClassVar[str] = "DOR006"
    reads: ClassVar[tuple[str, ...]] = ("work_category", _INTERVAL)
    title: ClassVar[str] = "No work category"
    asked_for: ClassVar[str] = "work category"
    found_in: ClassVar[str] = "field work_category"
    advice: ClassVar[str] = "choose one of the portfolio's work categories"
    examples: ClassVar[tuple[Example, ...]] = _examples({}, {"work_category": "enabler"}, "choose one")

    def _is_there(self, item: WorkItem) -> bool:
        return item.work_category != UNCATEGORISED


class Team(_PresenceRule):
    """A feature has a team before it is planned."""

    code: ClassVar[str] = "DOR008"
    reads: ClassVar[tuple[str, ...]] = ("team", _INTERVAL)
    title: ClassVar[str] = "No team"
    asked_for: ClassVar[str] = "team"
    found_in: ClassVar[str] = "team"
    advice: ClassVar[str] = "give it to a team of its value stream"
    examples: ClassVar[tuple[Example, ...]] = _examples({}, {"team": "Ledger"}, "to a team")

    def _is_there(self, item: WorkItem) -> bool:
        return item.team is not None


class Estimate(_ReadinessRule):
    """A feature has an estimate, and it fits one planning interval."""

    code: ClassVar[str] = "DOR003"
    reads: ClassVar[tuple[str, ...]] = ("estimate", _INTERVAL)
    title: ClassVar[str] = "No estimate that fits one planning interval"
    examples: ClassVar[tuple[Example, ...]] = (
        *_examples({}, {"estimate": 40}, "estimate it"),
        Example(
            name="too large for one planning interval",
            given=lambda: portfolio_of(feature("PAY-2", estimate=41)),
            subject="jira:PAY-2",
            expect=Status.FAILED,
            fix="split it",
        ),
    )

    maximum: Annotated[Decimal, Field(gt=0)] = Decimal(40)
    """What one team does in a planning interval, in the unit of the estimates."""

    def _check_ready(self, item: WorkItem, portfolio: Portfolio) -> Verdict:
        if item.estimate is not None and 0 < item.estimate <= self.maximum:
            return PASSED
        return Verdict.failed(
            *self.read(item, portfolio),
            threshold=f"above 0, at most {number_text(self.maximum)}",
            fix=f"split it until each part is at most {number_text(self.maximum)}" if item.estimate else "estimate it",
        )

    def read(self, item: WorkItem, portfolio: Portfolio) -> tuple[Reading, ...]:
        shown = "none" if item.estimate is None else number_text(item.estimate)
        return (Reading(name="estimate", shown=shown, source=field_source(item, "estimate")),)


class Dependencies(_ReadinessRule):
    """Each open item that blocks the feature has a producer (an owner or a team), and the feature a needed-by date."""

    code: ClassVar[str] = "DOR007"
    reads: ClassVar[tuple[str, ...]] = ("needed_by", _INTERVAL, "team")
    title: ClassVar[str] = "A dependency without producer or needed-by date"
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            name="nobody produces what it waits for",
            given=lambda: portfolio_of(
                feature("PAY-2", blocked_by=["PAY-3"], needed_by=date(2026, 12, 1)), feature("PAY-3")
            ),
            subject="jira:PAY-2",
            expect=Status.FAILED,
            fix="give jira:PAY-3 an owner or a team",
        ),
        Example(
            name="nobody knows by when",
            given=lambda: portfolio_of(feature("PAY-2", blocked_by=["PAY-3"]), feature("PAY-3", team="Ledger")),
            subject="jira:PAY-2",
            expect=Status.FAILED,
            fix="set the date by which it needs jira:PAY-3",
        ),
        Example(
            name="a team produces it by a day",
            given=lambda: portfolio_of(
                feature("PAY-2", blocked_by=["PAY-3"], needed_by=date(2026, 12, 1)), feature("PAY-3", team="Ledger")
            ),
            subject="jira:PAY-2",
            expect=Status.PASSED,
        ),
    )

    def weighs(self) -> tuple[str, ...]:
        return ("team",)

    def _check_ready(self, item: WorkItem, portfolio: Portfolio) -> Verdict:
        blockers = portfolio.dependencies.blockers.get(item.ref)
        if blockers is None:
            return PASSED
        if unknown := unknown_among(blockers, portfolio):
            return Verdict.error(unknown)
        without = [ref for ref in blockers if not _has_producer(portfolio.items[ref])]
        orphans = [ref for ref in without if not _unknown_producer(ref, portfolio)]
        fixes = [
            *([f"set the date by which it needs {keys_text(blockers, portfolio)}"] if item.needed_by is None else []),
            *([f"give {keys_text(orphans, portfolio)} an owner or a team"] if orphans else []),
        ]
        if not fixes:
            unmapped = portfolio.mapped.why_unknown((ref.tracker for ref in without), self.weighs())
            return Verdict.skipped(unmapped) if unmapped else PASSED
        return Verdict.failed(
            *self.read(item, portfolio), threshold="a producer and a needed-by date", fix=" and ".join(fixes)
        )

    def read(self, item: WorkItem, portfolio: Portfolio) -> tuple[Reading, ...]:
        blockers = portfolio.dependencies.blockers.get(item.ref, ())
        needed = day_text(item.needed_by) if item.needed_by else "none"
        return (
            Reading(name="needed by", shown=needed, source=field_source(item, "needed_by")),
            *(
                Reading(
                    name=f"producer of {key_of(ref, portfolio)}",
                    shown="given"
                    if _has_producer(portfolio.items[ref])
                    else _unknown_producer(ref, portfolio) or "none",
                    source=f"{key_of(ref, portfolio)} assignee and team",
                )
                for ref in blockers
            ),
        )


def _has_producer(blocker: WorkItem) -> bool:
    return bool(blocker.source.owner or blocker.team)


def _unknown_producer(blocker: Ref, portfolio: Portfolio) -> str:
    """Why nobody knows whether a team produces it; empty where its tracker tells."""
    return portfolio.mapped.why_unknown((blocker.tracker,), ("team",))
