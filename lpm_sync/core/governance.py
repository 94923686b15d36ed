"""What the policy lets the planner do: labels, limits, escalation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

RESERVED_HUMAN_LABELS = ("opt-out", "approved")
"""Labels under our prefix that belong to people; lpm-sync reads them and never sets or removes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyLimits:
    """A plan that changes more items than this needs its digest as approval. `max_share` is of the items in scope."""

    max_changes: int = 200
    max_share: float = 0.30


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteBudget:
    """How many changes one tracker takes: on one item in 24 hours, in one cycle, in 60 minutes."""

    item_a_day: int
    cycle: int
    hour: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationTarget:
    """Where escalation epics are created, and the status that closes them (None: left to people)."""

    tracker: str
    project: str
    type: str
    close_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Governance:
    """Labels are `label_prefix` and a name in `[a-z0-9-]`. Cool-down is how long a removed label stays away.

    Labels that begin with one of the `previous_prefixes` are ours, too: they were written before the prefix changed.
    """

    label_prefix: str = "lpm:"
    previous_prefixes: tuple[str, ...] = ()
    safety: SafetyLimits = SafetyLimits()
    escalation: EscalationTarget | None = None
    cool_down: int = 10  # business days
    contested_after: int = 3  # removals of one label from one item

    def is_ours(self, label: str) -> bool:
        """Whether we own a label: ours by prefix, and not one of the reserved human ones."""
        name = name_under(self.prefixes, label)
        return name is not None and name not in RESERVED_HUMAN_LABELS

    @property
    def prefixes(self) -> tuple[str, ...]:
        """All that labels of ours may begin with, the one of today first."""
        return self.label_prefix, *self.previous_prefixes

    def labelled(self, name: str) -> tuple[str, ...]:
        """The label of that name under each of the prefixes, the one of today first."""
        return tuple(prefix + name for prefix in self.prefixes)


def name_under(prefixes: Iterable[str], label: str) -> str | None:
    """A label without the longest of the prefixes that it begins with, lower case; None where it has none of them."""
    lowered = label.lower()
    fitting = max((prefix for prefix in prefixes if lowered.startswith(prefix)), key=len, default=None)
    return None if fitting is None else lowered.removeprefix(fitting)
