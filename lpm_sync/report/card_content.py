"""What a card is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from lpm_sync.core.card import LabelMemory
from lpm_sync.core.finding import Finding

ALL_WELL = "All is well: no findings."
NOTHING_HERE = "No findings stand here now."
"""Said once instead, where what stood here before was not resolved."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Limit:
    """What a rule allows, as it is shown (`5 business days`)."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockedItem:
    """An item that waits for a blocker, past these limits.

    `is_first_seen`: the day counts from our first sight, there is no history.
    """

    key: str
    title: str
    url: str
    since: date
    limits: tuple[Limit, ...]
    is_first_seen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationSection:
    """A blocker that is escalated to the item. `at_stake` is money in words, empty where nothing is measured."""

    key: str
    title: str
    url: str
    blocked: tuple[BlockedItem, ...]
    at_stake: str = ""

    @property
    def limits(self) -> tuple[Limit, ...]:
        """Every limit that is past, once."""
        return tuple(sorted({limit for item in self.blocked for limit in item.limits}))

    @property
    def codes(self) -> tuple[str, ...]:
        """The rules that escalate it."""
        return tuple(sorted({limit.code for limit in self.limits}))


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalatedFinding:
    """A finding of another item that lasts too long, shown where its value stream (or the portfolio) reports."""

    key: str
    title: str
    url: str
    code: str
    rule_title: str
    since: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressedLabel:
    """A label (with its prefix) that a person removed and that its lasting finding would set again.

    `until` is the first day on which it may be set again, None where it never is; `turns` counts the removals.
    """

    label: str
    removed_on: date
    until: date | None
    turns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartedFinding:
    """A finding that the card stated before, by its token, and what became of it.

    Resolved; told elsewhere now (`place` is that item's key, empty where no card tells it); or no longer governed, with
    the `reason` where a rule gave one.
    """

    token: str
    is_resolved: bool = False
    is_told_elsewhere: bool = False
    place: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardContent:
    """Everything that a card is made from.

    `findings` are the item's own, `reported` those of streams and the portfolio that name the item in `report_on`.
    `labels` is what the footer remembers. `departed` are findings that stood here before: they are told once.
    `when_clear` is said where nothing is wrong. `stream_names` gives streams their names by id.
    """

    findings: tuple[Finding, ...] = ()
    reported: tuple[Finding, ...] = ()
    escalations: tuple[EscalationSection, ...] = ()
    escalated_findings: tuple[EscalatedFinding, ...] = ()
    labels: tuple[LabelMemory, ...] = ()
    suppressed: tuple[SuppressedLabel, ...] = ()
    departed: tuple[DepartedFinding, ...] = ()
    stream_names: Mapping[str, str] = field(default_factory=dict)
    label_prefix: str = "lpm:"
    when_clear: str = ALL_WELL
