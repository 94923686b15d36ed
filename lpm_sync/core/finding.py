"""What rules say: verdicts, and the findings that come of those that failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

from lpm_sync.core.work_item import Ref


class Mode(StrEnum):
    """How far a rule may go; each includes the ones before it."""

    OBSERVE = "observe"
    DIGEST = "digest"
    COMMENT = "comment"
    ENFORCE = "enforce"

    def includes(self, other: Mode) -> bool:
        """Whether a rule in this mode does what `other` allows."""
        order = tuple(Mode)
        return order.index(self) >= order.index(other)


class Status(StrEnum):
    """The four outcomes of a rule."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a verdict is about: an item (`id` is its ref), a value stream (its id) or the portfolio (its name)."""

    kind: Literal["item", "stream", "portfolio"]
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Subject:
        """Reads what `str` gives; raises ValueError on anything else."""
        kind, _, identifier = text.partition(":")
        match kind:
            case "item" | "stream" | "portfolio":
                return cls(kind=kind, id=identifier)
        raise ValueError(f"not a subject: {text!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A value that a rule read: its name, how it is shown, and where it came from (`jira:PAY-12 field forecast`)."""

    name: str
    shown: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One rule about one subject.

    FAILED carries readings, threshold and nearest fix; SKIPPED and ERROR a `reason`. `blockers` are the items that the
    subject waits for, on dependency rules. `since` is when the fault began, where the rule can tell (otherwise
    it counts from the first time it was seen). Texts hold dates and thresholds, never durations or "today".
    """

    status: Status
    readings: tuple[Reading, ...] = ()
    threshold: str = ""
    fix: str = ""
    reason: str = ""
    blockers: tuple[Ref, ...] = ()
    since: date | None = None

    @classmethod
    def passed(cls, *readings: Reading) -> Verdict:
        return cls(status=Status.PASSED, readings=readings)

    @classmethod
    def failed(
        cls,
        *readings: Reading,
        threshold: str,
        fix: str,
        blockers: tuple[Ref, ...] = (),
        since: date | None = None,
    ) -> Verdict:
        return cls(
            status=Status.FAILED, readings=readings, threshold=threshold, fix=fix, blockers=blockers, since=since
        )

    @classmethod
    def skipped(cls, reason: str) -> Verdict:
        """The rule does not apply to the subject."""
        return cls(status=Status.SKIPPED, reason=reason)

    @classmethod
    def error(cls, reason: str) -> Verdict:
        """The rule could not tell (it crashed, or a source that it needs is stale): what stands is left as it is."""
        return cls(status=Status.ERROR, reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A FAILED verdict under the policy that governs its rule.

    `since` is the portfolio's local date. `label` (without prefix) and `escalate_after` (business days since `since`,
    None: never) are what the policy asks for; they take effect in mode `enforce` only.
    """

    code: str
    title: str
    subject: Subject
    mode: Mode
    readings: tuple[Reading, ...]
    threshold: str
    fix: str
    since: date
    blockers: tuple[Ref, ...] = ()
    label: str | None = None
    escalate_after: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Governed:
    """A rule under policy, as the evaluation sees it: which rule, how far it may go, what a failure asks for."""

    code: str
    title: str
    mode: Mode
    label: str | None = None
    escalate_after: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a finding that stood came to an end: its rule passed or its subject is done (`is_resolved`), or the rule says
    nothing of the subject any more, for the `reason`, where there is more to tell than that it does not govern."""

    is_resolved: bool
    reason: str = ""


WITHDRAWN = Ending(is_resolved=False)
"""The end of a finding whose rule does not govern any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The outcome of all rules over the whole portfolio.

    `held` names, for each subject, the codes of rules in ERROR with their reason: what they wrote before stays.
    `endings` tells of findings that stood before, by subject and rule, and that are neither found nor held now.
    """

    findings: tuple[Finding, ...]
    held: dict[Subject, dict[str, str]]
    governed: tuple[Governed, ...]
    endings: Mapping[tuple[Subject, str], Ending] = field(default_factory=dict)

    def ending(self, subject: Subject, code: str) -> Ending:
        """How the finding of that rule about that subject ended; nothing is called resolved that was not seen to be."""
        return self.endings.get((subject, code), WITHDRAWN)
