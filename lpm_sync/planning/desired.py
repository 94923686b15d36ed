"""What should stand on each item as far as lpm-sync owns it: findings, escalations, labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lpm_sync.core.finding import Evaluation, Finding, Mode, Subject
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import Ref
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
        place = _place_of(finding.subject, portfolio)
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


def frozen_items(portfolio: Portfolio, evaluation: Evaluation, escalations: EscalationPlan) -> frozenset[Ref]:
    """Items that are left exactly as they are: something about them could not be told in this cycle."""
    held = (_place_of(subject, portfolio) for subject in evaluation.held)
    stale = (item.ref for item in portfolio.items.values() if item.is_stale)
    return frozenset(ref for ref in (*held, *stale, *escalations.held) if ref is not None)


def report_place(subject: Subject, portfolio: Portfolio) -> Ref | None:
    """The item that `report_on` names for a stream (or for the portfolio), where it is in the portfolio."""
    definition = portfolio.definition
    place = portfolio.stream(subject.id).report_on if subject.kind == "stream" else definition.report_on
    return place if place in portfolio.items else None


def _place_of(subject: Subject, portfolio: Portfolio) -> Ref | None:
    if subject.kind != "item":
        return report_place(subject, portfolio)
    ref = Ref.parse(subject.id)
    return ref if ref in portfolio.items else None


def _escalate_finding(finding: Finding, portfolio: Portfolio, desired: dict[Ref, Desired]) -> None:
    """A finding that nobody else holds up is escalated to where its value stream reports, or else the portfolio."""
    item = portfolio.items.get(Ref.parse(finding.subject.id)) if finding.subject.kind == "item" else None
    if item is None:
        return
    stream = portfolio.stream_of(item.ref)
    places: Iterable[Ref | None] = (
        report_place(Subject(kind="stream", id=stream.id), portfolio) if stream else None,
        report_place(Subject(kind="portfolio", id=portfolio.definition.name), portfolio),
    )
    place = next((ref for ref in places if ref is not None), None)
    if place is not None and place != item.ref:
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
