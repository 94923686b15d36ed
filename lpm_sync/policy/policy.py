"""`policy.yaml`: which rules govern, how far each may go, and what lpm-sync may write."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from lpm_sync.core.finding import Mode
from lpm_sync.core.work_item import Stage
from lpm_sync.policy.models import Duration, FieldName, LabelName, Slug, Stanza, Text, shaped, within
from lpm_sync.rules.base import BusinessDays


class Weekday(StrEnum):
    """The days of the week, Monday first."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class SafetyStanza(Stanza):
    """A plan that changes more items than this needs its digest as approval."""

    max_changes: Annotated[int, Field(ge=0, le=100_000)] = 200
    """Items changed by one plan."""
    max_share: Annotated[float, Field(ge=0, le=1)] = 0.30
    """Items changed by one plan, as a share of the items in scope."""


class CreateInStanza(Stanza):
    """Where escalation epics are created."""

    tracker: Slug
    project: Text
    type: Text


class EscalationStanza(Stanza):
    """Escalation epics for blockers of items that have no portfolio epic above them."""

    create_in: CreateInStanza
    close_to: Text | None = None
    """The status that a resolved escalation epic is moved to; left to people where there is none."""


class ApprovalStanza(Stanza):
    """What counts as a portfolio approval; any of these."""

    stages: tuple[Stage, ...] = (Stage.READY, Stage.IMPLEMENTING_MVP, Stage.IMPLEMENTING_PERSEVERE, Stage.DONE)
    """Stages of the portfolio Kanban that an epic reaches only with an approval."""
    label: Text | None = None
    """The label that approves; `approved` under our prefix where nothing is said."""
    field: FieldName | None = None
    """A configured field that approves when it holds one of `values`."""
    values: tuple[Text, ...] = ()


class KanbanStanza(Stanza):
    """The portfolio Kanban."""

    wip: dict[Stage, Annotated[int, Field(ge=1, le=10_000)]] = Field(default_factory=dict)
    """How many epics may stand in a stage. Rule KAN101 reads it where its own stanza has no `wip`."""


class ChatStanza(Stanza):
    """A chat that the digest is posted to. Its address is a secret: `LPM_<NAME>_WEBHOOK`."""

    chat: Text
    """The installed chat: `slack`, `teams`, or another."""
    name: Slug | None = None
    """What the chat is called here, where one kind of chat is used more than once."""

    @property
    def called(self) -> str:
        """The name of its secret and in messages."""
        return self.name or self.chat


class DigestScheduleStanza(Stanza):
    """When the digest is posted, in the portfolio's time zone."""

    weekday: Weekday = Weekday.MONDAY
    time: Annotated[str, *shaped("([01][0-9]|2[0-3]):[0-5][0-9]", "a time; write `09:00`")] = "09:00"
    """Hours and minutes: `09:00`."""


class DigestStanza(Stanza):
    """The weekly digest."""

    schedule: DigestScheduleStanza = DigestScheduleStanza()
    chats: tuple[ChatStanza, ...] = ()


class ScheduleStanza(Stanza):
    """How often `serve` runs a cycle."""

    every: Annotated[Duration, within(timedelta(minutes=1), timedelta(hours=24))] = timedelta(minutes=15)


class EscalateStanza(Stanza):
    """Puts a finding before the portfolio when it has lasted."""

    after: BusinessDays
    """Business days since the finding began, written `5 business days`; more than that many must have passed."""


class OnFailStanza(Stanza):
    """What a failure asks for; it takes effect in mode `enforce`."""

    label: LabelName | None = None
    """A label, without the prefix."""
    escalate: EscalateStanza | None = None


class RuleStanza(Stanza):
    """A rule, how far it may go, and its settings: every other key is one."""

    model_config = ConfigDict(extra="allow")

    rule: Text
    """The rule's code."""
    mode: Mode = Mode.OBSERVE
    """`observe` records; `digest` tells the digest too; `comment` the card too; `enforce` also labels and escalates."""
    on_fail: OnFailStanza = OnFailStanza()

    @property
    def settings(self) -> dict[str, Any]:
        """The rule's own settings."""
        return dict(self.model_extra or {})


LabelPrefix = Annotated[
    str, *shaped("[a-z][a-z0-9-]*[:/._-]", "a prefix; write lower-case letters and a colon: `lpm:`", longest=20)
]


class PolicyFile(Stanza):
    """The policy. Owner: governance."""

    label_prefix: LabelPrefix = "lpm:"
    """What every label of ours begins with: lower-case letters, then a colon, slash, dot, hyphen or underscore."""
    previous_label_prefixes: tuple[LabelPrefix, ...] = ()
    """What they began with before, as long as any such label is left: they are renamed, and those of people count."""
    safety: SafetyStanza = SafetyStanza()
    escalation: EscalationStanza | None = None
    approval: ApprovalStanza = ApprovalStanza()
    kanban: KanbanStanza = KanbanStanza()
    cool_down: Annotated[BusinessDays, Field(ge=1)] = 10
    """How long a label stays away that a person removed."""
    contested_after: Annotated[int, Field(ge=1, le=20)] = 3
    """After so many removals a label is never set again for that finding."""
    digest: DigestStanza = DigestStanza()
    schedule: ScheduleStanza = ScheduleStanza()
    rules: Annotated[tuple[RuleStanza, ...], Field(min_length=1)]
    """The rules that govern. A rule that is not listed does not run, and what it wrote is withdrawn; so a file without
    any is refused: it is more often cut off than meant."""
