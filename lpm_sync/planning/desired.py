"""What should stand on each item as far as lpm-sync owns it: findings, escalations, labels."""

from __future__ import annotations

from dataclasses import dataclass, field

from lpm_sync.core.finding import Evaluation, Finding, Mode, Subject
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import Ref, WorkItem
from lpm_sync.planning.escalation import EscalationPlan
from lpm_sync.report.card_content import EscalatedFinding, EscalationSection


@dataclass(slots=True)
class Desired:
    """What one item is to show. `labels` are names without prefix, each with the codes of the rules that ask for it."""

    findings: list[Finding] = field(default_factory=list)
    reported: list[Finding] = field(default_factory=list)
    escalations: list[EscalationSection] = field(default_factory=list)
    escalated_findings: list[EscalatedFinding] = field(default_factory=list)
    labels: dict[str, set[str]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (self.findings or self.reported or self.escalations or self.escalated_findings)


def desired_state(portfolio: Portfolio, evaluation: Evaluation, escalations: EscalationPlan) -> dict[Ref, Desired]:
    """Lays every finding on the item where it is to be seen. A finding with no such place is left to the digest."""
    desired: dict[Ref, Desired] = {}
    for finding in evaluation.findings:
        place = place_of(finding.subject, portfolio)
        if place is None or not finding.mode.includes(Mode.COMMENT):
            continue
        here = desired.setdefault(place, Desired())
        (here.findings if finding.subject.kind == "item" else here.reported).append(finding)
        if finding.label is not None and finding.mode.includes(Mode.ENFORCE):
            here.labels.setdefault(finding.label, set()).add(finding.code)
    for epic, found in escalations.by_epic.items():
        desired.setdefault(epic, Desired()).escalations.extend(escalation.section for escalation in found)
    for finding in escalations.without_blocker:
        _escalate_finding(finding, portfolio, desired)
    return desired


def place_of(subject: Subject, portfolio: Portfolio) -> Ref | None:
    """The item whose card shows findings about the subject: itself, or the one that `report_on` names."""
    match subject.kind:
        case "item":
            place: Ref | None = Ref.parse(subject.id)
        case "stream":
            place = portfolio.stream(subject.id).report_on
        case "portfolio":
            place = portfolio.definition.report_on
    return place if place in portfolio.items else None


def is_place_lost(subject: Subject, portfolio: Portfolio) -> bool:
    """Whether `report_on` names an item for findings about the subject, and that one is not to be had."""
    match subject.kind:
        case "item":
            return False
        case "stream":
            stream = portfolio.stream(subject.id)
            is_named = stream.report_on is not None or stream.is_report_on_lost
        case "portfolio":
            definition = portfolio.definition
            is_named = definition.report_on is not None or definition.is_report_on_lost
    return is_named and place_of(subject, portfolio) is None


def is_escalation_place_lost(item: WorkItem, portfolio: Portfolio) -> bool:
    """Whether the place that is named for findings escalated from the item is not to be had."""
    stream, definition = portfolio.stream_of(item.ref), portfolio.definition
    if stream is not None and (stream.report_on or stream.is_report_on_lost):
        return is_place_lost(Subject(kind="stream", id=stream.id), portfolio)
    return is_place_lost(Subject(kind="portfolio", id=definition.name), portfolio)


def escalation_place(item: WorkItem, portfolio: Portfolio) -> Ref | None:
    """Where a finding that no other item causes is escalated to: where its value stream reports, or else the portfolio.

    None where the item itself is that place, and where the one that is named cannot be told now.
    """
    stream = portfolio.stream_of(item.ref)
    if stream is not None and stream.is_report_on_lost:
        return None
    named = (stream.report_on if stream else None) or portfolio.definition.report_on
    return named if named in portfolio.items and named != item.ref else None


def _escalate_finding(finding: Finding, portfolio: Portfolio, desired: dict[Ref, Desired]) -> None:
    item = portfolio.items[Ref.parse(finding.subject.id)]
    place = escalation_place(item, portfolio)
    if place is not None:
        desired.setdefault(place, Desired()).escalated_findings.append(
            EscalatedFinding(
                key=item.key,
                title=item.title,
                url=item.source.url,
                code=finding.code,
                rule_title=finding.title,
                since=finding.since,
            )
        )
