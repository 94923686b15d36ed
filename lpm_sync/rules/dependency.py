"""Dependencies: blocked for too long, late for the day they are needed, in a circle."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import ClassVar

from lpm_sync.core.figures import day_text
from lpm_sync.core.finding import Reading, Status, Verdict
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import Edge, Ref, WorkItem
from lpm_sync.rules.base import PASSED, BusinessDays, Example, ItemRule
from lpm_sync.rules.evidence import field_source, unknown_among
from lpm_sync.rules.example import feature, portfolio_of
from lpm_sync.rules.wording import days_text, key_of, keys_text

_FREE = Verdict.passed(Reading(name="dependency", shown="no open item blocks it"))
_NO_DAY = Verdict.skipped("it has no needed-by date")


class BlockedTooLong(ItemRule):
    """A blocker that has neither moved nor been unlinked for more than `limit` business days.

    The days count from the later of: the link was made, the blocker last changed its status.
    """

    code: ClassVar[str] = "DEP101"
    title: ClassVar[str] = "Blocked for too long"
    family: ClassVar[str] = "dependency"
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            name="six business days are more than five",
            given=lambda: _blocked_since(date(2026, 11, 2)),
            subject="jira:PAY-2",
            expect=Status.FAILED,
            fix="move jira:PAY-3 forward",
        ),
        Example(
            name="five business days are not more than five",
            given=lambda: _blocked_since(date(2026, 11, 3)),
            subject="jira:PAY-2",
            expect=Status.PASSED,
        ),
        Example(
            name="a blocker whose source is stale may have moved",
            given=lambda: portfolio_of(
                feature("PAY-2", blocked_by=["ado:431"]),
                feature("ado:431", is_stale=True),
                blocked_since={("ado:431", "PAY-2"): date(2026, 11, 2)},
            ),
            subject="jira:PAY-2",
            expect=Status.ERROR,
        ),
    )

    limit: BusinessDays = 5

    def check(self, item: WorkItem, portfolio: Portfolio) -> Verdict:
        blockers = portfolio.dependencies.blockers.get(item.ref)
        if blockers is None:
            return _FREE
        if unknown := unknown_among(blockers, portfolio):
            return Verdict.error(unknown)
        days = {blocker: _blocked_on(blocker, item, portfolio) for blocker in blockers}
        # Asked from the day on, not back from today: a link that is years old costs no more than a young one.
        passes = portfolio.calendar.add_business_days
        late = tuple(blocker for blocker in blockers if passes(days[blocker], self.limit + 1) <= portfolio.today)
        if not late:
            return PASSED
        return Verdict.failed(
            *_readings(late, item, portfolio),
            threshold=f"{days_text(self.limit)} without a move of the blocker",
            fix=f"move {keys_text(late, portfolio)} forward, or remove the link if it no longer blocks",
            blockers=late,
            since=min(days[blocker] for blocker in late),
        )

    def read(self, item: WorkItem, portfolio: Portfolio) -> tuple[Reading, ...]:
        return _readings(portfolio.dependencies.blockers.get(item.ref, ()), item, portfolio)


class LateForNeededBy(ItemRule):
    """A blocker that is due after the day on which the item needs it, or is still open when that day has passed."""

    code: ClassVar[str] = "DEP102"
    reads: ClassVar[tuple[str, ...]] = ("needed_by", "target_date")
    title: ClassVar[str] = "Late for its needed-by date"
    family: ClassVar[str] = "dependency"
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            name="the blocker is due after the day on which it is needed",
            given=lambda: _needed(by=date(2026, 11, 20), due=date(2026, 11, 27)),
            subject="jira:PAY-2",
            expect=Status.FAILED,
            fix="20 November 2026",
        ),
        Example(
            name="the day has passed and the blocker is open",
            given=lambda: _needed(by=date(2026, 11, 9), due=None),
            subject="jira:PAY-2",
            expect=Status.FAILED,
            fix="finish jira:PAY-3",
        ),
        Example(
            name="the blocker is due in time",
            given=lambda: _needed(by=date(2026, 11, 20), due=date(2026, 11, 20)),
            subject="jira:PAY-2",
            expect=Status.PASSED,
        ),
    )

    def needs(self) -> tuple[str, ...]:
        return ("needed_by",)

    def weighs(self) -> tuple[str, ...]:
        return ("target_date",)

    def check(self, item: WorkItem, portfolio: Portfolio) -> Verdict:
        blockers = portfolio.dependencies.blockers.get(item.ref)
        if blockers is None:
            return _FREE
        if item.needed_by is None:
            return _NO_DAY
        if unknown := unknown_among(blockers, portfolio):
            return Verdict.error(unknown)
        needed_by = item.needed_by
        due_late = tuple(ref for ref in blockers if (portfolio.items[ref].target_date or needed_by) > needed_by)
        has_passed = portfolio.today > needed_by
        late = blockers if has_passed else due_late
        if not late:
            unmapped = portfolio.mapped.why_unknown((ref.tracker for ref in blockers), self.weighs())
            return Verdict.skipped(unmapped) if unmapped else PASSED
        names, day = keys_text(late, portfolio), day_text(needed_by)
        return Verdict.failed(
            *self._readings(item, late, portfolio),
            threshold=f"needed by {day}",
            fix=f"finish {names} or agree a new needed-by date"
            if has_passed
            else f"bring {names} forward to {day} or agree a later needed-by date",
            blockers=late,
            # Where a late target date gave it away earlier, the day of that first sight counts on.
            since=needed_by + timedelta(days=1) if has_passed and not due_late else None,
        )

    def read(self, item: WorkItem, portfolio: Portfolio) -> tuple[Reading, ...]:
        return self._readings(item, portfolio.dependencies.blockers.get(item.ref, ()), portfolio)

    def _readings(self, item: WorkItem, blockers: Iterable[Ref], portfolio: Portfolio) -> tuple[Reading, ...]:
        needed = day_text(item.needed_by) if item.needed_by else "not given"
        due = (portfolio.items[ref] for ref in blockers)
        return (
            Reading(name="needed by", shown=needed, source=field_source(item, "needed_by")),
            *(
                Reading(
                    name=f"{blocker.key} is due",
                    shown=_due_text(blocker, portfolio),
                    source=field_source(blocker, "target_date"),
                )
                for blocker in due
            ),
        )


class DependencyCircle(ItemRule):
    """Items that wait for each other in a circle: none of them can be done first."""

    code: ClassVar[str] = "DEP103"
    title: ClassVar[str] = "Dependencies go in a circle"
    family: ClassVar[str] = "dependency"
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            name="two items block each other, over two trackers",
            given=lambda: portfolio_of(
                feature("PAY-2", blocked_by=["ado:431"]), feature("ado:431", blocked_by=["PAY-2"])
            ),
            subject="jira:PAY-2",
            expect=Status.FAILED,
            fix="remove one of the links",
        ),
        Example(
            name="a chain is no circle",
            given=lambda: portfolio_of(feature("PAY-2", blocked_by=["PAY-3"]), feature("PAY-3")),
            subject="jira:PAY-2",
            expect=Status.PASSED,
        ),
    )

    def check(self, item: WorkItem, portfolio: Portfolio) -> Verdict:
        members = portfolio.dependencies.cycles.get(item.ref)
        if members is None:
            return PASSED
        if unknown := unknown_among(members, portfolio):
            return Verdict.error(unknown)
        blockers = portfolio.dependencies.blockers.get(item.ref, ())
        return Verdict.failed(
            *self.read(item, portfolio),
            threshold="no item waits for itself",
            fix=f"remove one of the links between {keys_text(members, portfolio)}",
            blockers=tuple(ref for ref in blockers if ref in members),
        )

    def read(self, item: WorkItem, portfolio: Portfolio) -> tuple[Reading, ...]:
        members = portfolio.dependencies.cycles.get(item.ref, ())
        return (Reading(name="circle", shown=keys_text(members, portfolio) or "none", source="links of the trackers"),)


def _due_text(blocker: WorkItem, portfolio: Portfolio) -> str:
    if blocker.target_date is not None:
        return day_text(blocker.target_date)
    return portfolio.mapped.why_unknown((blocker.ref.tracker,), ("target_date",)) or "on no given day"


def _blocked_on(blocker: Ref, item: WorkItem, portfolio: Portfolio) -> date:
    return portfolio.calendar.day(portfolio.dependencies.blocked_since[Edge(blocker, item.ref)])


def _readings(blockers: Iterable[Ref], item: WorkItem, portfolio: Portfolio) -> tuple[Reading, ...]:
    return tuple(
        Reading(
            name="dependency",
            shown=f"blocked since {day_text(_blocked_on(ref, item, portfolio))} by {key_of(ref, portfolio)}"
            + (" (first seen)" if Edge(ref, item.ref) in portfolio.dependencies.first_seen else ""),
            source=f"link and status of {key_of(ref, portfolio)}",
        )
        for ref in blockers
    )


def _blocked_since(day: date) -> Portfolio:
    return portfolio_of(
        feature("PAY-2", blocked_by=["PAY-3"]), feature("PAY-3"), blocked_since={("PAY-3", "PAY-2"): day}
    )


def _needed(*, by: date, due: date | None) -> Portfolio:
    return portfolio_of(feature("PAY-2", blocked_by=["PAY-3"], needed_by=by), feature("PAY-3", target_date=due))
