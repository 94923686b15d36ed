"""Guardrail 3: significant initiatives are approved by the portfolio before a team has them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field

from lpm_sync.core.finding import Reading, Status, Verdict
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import Level, Progress, Stage, WorkItem
from lpm_sync.rules.base import PASSED, Example, ItemRule
from lpm_sync.rules.evidence import field_source, unknown_above, unknown_below
from lpm_sync.rules.example import epic, feature, portfolio_of
from lpm_sync.rules.wording import amount_text, listed

_NO_FORECAST = Verdict.skipped("neither it nor anything below it has a forecast")


class UnapprovedInitiative(ItemRule):
    """A forecast above the threshold without a portfolio approval, at whatever level the item started.

    Compared is the greater of the item's own forecast and the sum of its children's; not the MVP's cost, not spend.
    Each item answers for its own amount. An approval stands on the item or on any item above it.
    """

    code: ClassVar[str] = "GRD301"
    reads: ClassVar[tuple[str, ...]] = ("implementation_cost_forecast",)
    weighs_approval: ClassVar[bool] = True
    title: ClassVar[str] = "Significant initiative without approval"
    family: ClassVar[str] = "guardrails"
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            name="the features come to more than the threshold",
            given=lambda: portfolio_of(
                epic("PORT-1"),
                feature("PAY-2", parent="PORT-1", forecast=200_000),
                feature("PAY-3", parent="PORT-1", forecast=350_000, team="Ledger"),
            ),
            subject="jira:PORT-1",
            settings={"threshold": 500_000},
            expect=Status.FAILED,
            fix="lpm:approved",
        ),
        Example(
            name="a feature that a team has without approval",
            given=lambda: portfolio_of(feature("PAY-2", forecast=600_000, team="Ledger")),
            subject="jira:PAY-2",
            settings={"threshold": 500_000},
            expect=Status.FAILED,
        ),
        Example(
            name="an approved epic approves what stands below it",
            given=lambda: portfolio_of(
                epic("PORT-1", Stage.IMPLEMENTING_MVP), feature("PAY-2", parent="PORT-1", forecast=600_000)
            ),
            subject="jira:PAY-2",
            settings={"threshold": 500_000},
            expect=Status.PASSED,
        ),
        Example(
            name="the threshold itself is not above the threshold",
            given=lambda: portfolio_of(epic("PORT-1", forecast=500_000)),
            subject="jira:PORT-1",
            settings={"threshold": 500_000},
            expect=Status.PASSED,
        ),
        Example(
            name="without a forecast there is nothing to compare",
            given=lambda: portfolio_of(epic("PORT-1")),
            subject="jira:PORT-1",
            settings={"threshold": 500_000},
            expect=Status.SKIPPED,
        ),
    )

    levels: tuple[Level, ...] = tuple(Level)
    threshold: Annotated[Decimal, Field(gt=0)]
    """In the portfolio's currency; above it an approval is needed."""

    def check(self, item: WorkItem, portfolio: Portfolio) -> Verdict:
        if unknown := unknown_below(item, portfolio):
            return Verdict.error(unknown)
        compared = portfolio.ledger.compared.get(item.ref)
        if compared is None:
            return _NO_FORECAST
        if compared <= self.threshold or is_approved(item, portfolio):
            return PASSED
        if unknown := unknown_above(item, portfolio):
            return Verdict.error(unknown)
        if unmapped := _unknown_approval(item, portfolio):
            return Verdict.skipped(unmapped)
        return Verdict.failed(
            *self.read(item, portfolio),
            threshold=f"above {amount_text(self.threshold, portfolio)} an approval comes before a team has it",
            fix=_nearest_approval(portfolio),
        )

    def read(self, item: WorkItem, portfolio: Portfolio) -> tuple[Reading, ...]:
        compared = portfolio.ledger.compared.get(item.ref)
        is_own = compared == item.implementation_cost_forecast
        source = field_source(item, "implementation_cost_forecast") if is_own else f"sum of the items below {item.key}"
        teams = teams_on(item, portfolio)
        no_team = portfolio.mapped.why_unknown((item.ref.tracker,), ("team",)) or "none yet"
        work = "a team has begun" if item.progress is not Progress.TODO else "not begun"
        return (
            Reading(
                name="forecast",
                shown="none" if compared is None else amount_text(compared, portfolio),
                source=source,
            ),
            Reading(
                name="approval",
                shown="given" if is_approved(item, portfolio) else "none",
                source=f"{item.key} and what stands above it",
            ),
            Reading(
                name="team",
                shown=f"{listed(teams)} ({work})" if teams else no_team,
                source=f"{item.key} and what stands right below it",
            ),
        )


def is_approved(item: WorkItem, portfolio: Portfolio) -> bool:
    """Whether the portfolio approved the item, or any item above it."""
    return _carries_approval(item, portfolio) or any(
        _carries_approval(above, portfolio) for above in portfolio.ancestors(item.ref)
    )


def teams_on(item: WorkItem, portfolio: Portfolio) -> tuple[str, ...]:
    """The teams that have the item or one of its children."""
    given = {item.team} | {child.team for child in portfolio.child_items(item.ref)}
    return tuple(sorted(team for team in given if team))


def _carries_approval(item: WorkItem, portfolio: Portfolio) -> bool:
    approval = portfolio.approval
    if item.stage is not None and item.stage.value in approval.stages:
        return True
    if approval.label is not None:
        labels = {label.lower() for label in (approval.label, *approval.former_labels)}
        if any(own.lower() in labels for own in item.source.labels):
            return True
    return approval.field is not None and item.text(approval.field).casefold() in map(str.casefold, approval.values)


def _unknown_approval(item: WorkItem, portfolio: Portfolio) -> str:
    """Why an approval by field is not known of the item and of those above it; empty where it is."""
    field = portfolio.approval.field
    return "" if field is None else portfolio.mapped.why_unknown((item.ref.tracker,), (field,))


def _nearest_approval(portfolio: Portfolio) -> str:
    approval = portfolio.approval
    stages = [stage.value for stage in Stage if stage.value in approval.stages]
    ways = [
        *([f"take its portfolio epic to {stages[0]}"] if stages else []),
        *([f"let the portfolio office add the label {approval.label}"] if approval.label else []),
        *([f"set {approval.field} to {listed(approval.values)}"] if approval.field and approval.values else []),
    ]
    return f"have the portfolio decide, then {', or '.join(ways)}; or bring the forecast down"
