"""The portfolio Kanban: limits of work in process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from lpm_sync.core.finding import Reading, Status, Verdict
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import Level, Ref, Stage
from lpm_sync.rules.base import PASSED, Example, PortfolioRule
from lpm_sync.rules.example import epic, portfolio_of
from lpm_sync.rules.wording import keys_text, listed


def _limited(limits: Mapping[Stage, int]) -> Mapping[Stage, int]:
    """The funnel takes everything (SAFe: Portfolio Kanban), and what is done is no longer in process."""
    if unlimited := {Stage.FUNNEL, Stage.DONE} & limits.keys():
        raise ValueError(f"{' and '.join(sorted(unlimited))} has no limit; leave it out")
    return limits


class WorkInProcess(PortfolioRule):
    """More portfolio epics in a stage than its limit."""

    code: ClassVar[str] = "KAN101"
    title: ClassVar[str] = "Work in process above its limit"
    family: ClassVar[str] = "kanban"
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            name="three epics are analysed where two may be",
            given=lambda: portfolio_of(epic("PORT-1"), epic("PORT-2"), epic("PORT-3")),
            settings={"wip": {"analyzing": 2}},
            expect=Status.FAILED,
            fix="take 1 epic out of analyzing",
        ),
        Example(
            name="as many epics as the limit",
            given=lambda: portfolio_of(epic("PORT-1"), epic("PORT-2"), epic("PORT-3", Stage.REVIEWING)),
            settings={"wip": {"analyzing": 2}},
            expect=Status.PASSED,
        ),
    )

    wip: Annotated[dict[Stage, Annotated[int, Field(ge=1)]], AfterValidator(_limited)]
    """How many portfolio epics may stand in a stage; a stage that is not named has no limit."""

    def check(self, portfolio: Portfolio) -> Verdict:
        standing = self._standing(portfolio)
        above = {stage: refs for stage, refs in standing.items() if len(refs) > self.wip[stage]}
        if not above:
            return PASSED
        return Verdict.failed(
            *(_reading(stage, refs, portfolio) for stage, refs in above.items()),
            threshold=listed([f"{stage} {self.wip[stage]}" for stage in above]),
            fix="; ".join(
                f"take {_epics(len(refs) - self.wip[stage])} out of {stage} before another comes in"
                for stage, refs in above.items()
            ),
        )

    def read(self, portfolio: Portfolio) -> tuple[Reading, ...]:
        return tuple(_reading(stage, refs, portfolio) for stage, refs in self._standing(portfolio).items())

    def _standing(self, portfolio: Portfolio) -> dict[Stage, list[Ref]]:
        standing: dict[Stage, list[Ref]] = {stage: [] for stage in Stage if stage in self.wip}
        for item in portfolio.items.values():
            if item.level is Level.PORTFOLIO_EPIC and item.stage in standing:
                standing[item.stage].append(item.ref)
        return standing


def _reading(stage: Stage, refs: list[Ref], portfolio: Portfolio) -> Reading:
    named = f" ({keys_text(refs, portfolio)})" if refs else ""
    return Reading(name=stage.value, shown=f"{_epics(len(refs))}{named}", source="stages of the portfolio epics")


def _epics(count: int) -> str:
    return f"{count} epic{'' if count == 1 else 's'}"
