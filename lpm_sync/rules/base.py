"""What a rule is: a frozen model whose YAML stanza is its constructor call, and the policy laid on it."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from lpm_sync.core.finding import Governed, Mode, Reading, Status, Verdict
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.value_stream import ValueStream
from lpm_sync.core.work_item import Level, WorkItem


def _business_days(value: object) -> object:
    """Reads `5 business days` or a bare number; anything else goes on to the model and is refused there."""
    if isinstance(value, str) and (found := re.fullmatch(r"(\d{1,4}) business days?", value.strip())):
        return int(found[1])
    return value


BusinessDays = Annotated[
    int,
    BeforeValidator(_business_days),
    Field(ge=0, le=1000, strict=True),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": 1000},
                {"type": "string", "pattern": "^[0-9]{1,4} business days?$"},
            ]
        }
    ),
]
"""A number of business days, written `5 business days`."""


PASSED = Verdict.passed()
"""The one verdict of all that passes: over a hundred thousand items no other is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A case that is both a test and documentation: what the subject looks like, and what the rule says.

    `given` builds the portfolio; `subject` picks an item by its ref (`jira:PAY-12`), a stream by its id, or the
    portfolio by nothing; `settings` are the rule's own parameters.
    """

    name: str
    given: Callable[[], Portfolio]
    expect: Status
    subject: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    fix: str = ""  # part of the fix that a failure proposes


class _RuleModel(BaseModel, ABC):
    """Common to all rules: its code (never reused), its title, its family, its examples, and which fields it reads.

    `reads` are names of `fields` in `trackers.yaml`: all that the rule may read of items, whatever its settings.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    code: ClassVar[str]
    title: ClassVar[str]
    family: ClassVar[str]
    examples: ClassVar[tuple[Example, ...]] = ()
    reads: ClassVar[tuple[str, ...]] = ()
    weighs_approval: ClassVar[bool] = False
    """Whether it asks if something was approved, which a field may tell."""

    def needs(self) -> tuple[str, ...]:
        """Those fields without which it can tell nothing, as it is set: where a tracker maps none, it is skipped.

        For what it needs of some items only, or to say one thing only, it asks `Portfolio.mapped` itself.
        """
        return self.reads

    def weighs(self) -> tuple[str, ...]:
        """Those fields that it asks about itself, as it is set."""
        return ()


class ItemRule(_RuleModel):
    """A rule about one item. It is asked about open items at its `levels` only."""

    levels: tuple[Level, ...] = (Level.PORTFOLIO_EPIC, Level.FEATURE)
    """The levels whose items are asked about."""

    @abstractmethod
    def check(self, item: WorkItem, portfolio: Portfolio) -> Verdict:
        """Judges one item, in constant time but for the item's own children and dependencies."""

    def read(self, item: WorkItem, portfolio: Portfolio) -> tuple[Reading, ...]:
        """The values that the rule reads of the item: in a failure, and where `explain` asks why it passed."""
        return ()


class StreamRule(_RuleModel):
    """A rule about one value stream. What it needs, it needs of the stream's items at the levels in `counts`."""

    counts: ClassVar[tuple[Level, ...]] = tuple(Level)

    @abstractmethod
    def check(self, stream: ValueStream, portfolio: Portfolio) -> Verdict:
        """Judges one value stream."""

    def read(self, stream: ValueStream, portfolio: Portfolio) -> tuple[Reading, ...]:
        """The values that the rule reads of the stream."""
        return ()


class PortfolioRule(_RuleModel):
    """A rule about the portfolio as a whole; what it needs, it needs of all items."""

    @abstractmethod
    def check(self, portfolio: Portfolio) -> Verdict:
        """Judges the portfolio."""

    def read(self, portfolio: Portfolio) -> tuple[Reading, ...]:
        """The values that the rule reads of the portfolio."""
        return ()


Rule = ItemRule | StreamRule | PortfolioRule


@dataclass(frozen=True, slots=True, kw_only=True)
class GovernedRule:
    """A rule and the policy laid on it."""

    rule: Rule
    mode: Mode
    label: str | None = None
    escalate_after: int | None = None
    place: str = ""  # file:line of its stanza

    @property
    def governed(self) -> Governed:
        return Governed(
            code=self.rule.code,
            title=self.rule.title,
            mode=self.mode,
            label=self.label,
            escalate_after=self.escalate_after,
        )
