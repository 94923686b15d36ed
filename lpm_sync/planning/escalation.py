"""Which blockers are escalated, for which blocked items, and to which portfolio epic."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from lpm_sync.core.figures import money_text
from lpm_sync.core.finding import Evaluation, Finding, Mode
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import Edge, Ref, WorkItem
from lpm_sync.report.card_content import BlockedItem, EscalationSection, Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """One blocker and the items, under one portfolio epic or under none, that it holds up."""

    blocker: WorkItem
    blocked: tuple[WorkItem, ...]
    section: EscalationSection


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationPlan:
    """Escalations by the portfolio epic that suffers, and those that have none above (by blocker).

    `without_blocker` are findings that no other item causes and that are escalated all the same. `held` are items whose
    escalation cannot be told now; `passed_over` names those below something unknown: where they belong is unknown too.
    `holds_all` says that no escalation may be taken back, since something was not delivered.
    """

    by_epic: Mapping[Ref, tuple[Escalation, ...]] = field(default_factory=dict)
    orphans: tuple[Escalation, ...] = ()
    without_blocker: tuple[Finding, ...] = ()
    held: frozenset[Ref] = frozenset()
    passed_over: frozenset[str] = frozenset()
    holds_all: bool = False

    @property
    def blockers(self) -> frozenset[Ref]:
        """Every blocker that is escalated, wherever it is shown."""
        grouped = (*self.by_epic.values(), self.orphans)
        return frozenset(escalation.blocker.ref for group in grouped for escalation in group)


def plan_escalations(portfolio: Portfolio, evaluation: Evaluation) -> EscalationPlan:
    """Groups what the policy escalates by portfolio epic and blocker.

    An item whose chain of parents leads to something unknown is passed over: where it belongs is not known.
    """
    grouped: dict[tuple[Ref | None, Ref], dict[Ref, list[Finding]]] = {}
    without_blocker: list[Finding] = []
    passed_over: set[str] = set()
    for finding in evaluation.findings:
        if finding.subject.kind != "item" or not _is_due(finding, portfolio):
            continue
        ref = Ref.parse(finding.subject.id)
        if _leads_to_unknown(ref, portfolio):
            passed_over.add(portfolio.items[ref].key)
        elif not finding.blockers:
            without_blocker.append(finding)
        else:
            epic = portfolio.portfolio_epic_above(ref)
            for blocker in finding.blockers:
                group = grouped.setdefault((epic.ref if epic else None, blocker), {})
                group.setdefault(ref, []).append(finding)
    by_epic: dict[Ref, list[Escalation]] = {}
    orphans: list[Escalation] = []
    for (epic_ref, blocker), blocked_items in sorted(grouped.items(), key=_by_epic_and_blocker):
        escalation = _escalation(blocker, blocked_items, portfolio)
        if escalation is not None:
            (orphans if epic_ref is None else by_epic.setdefault(epic_ref, [])).append(escalation)
    held = frozenset(_held_items(portfolio, evaluation))
    return EscalationPlan(
        by_epic={ref: tuple(escalations) for ref, escalations in by_epic.items()},
        orphans=tuple(orphans),
        without_blocker=tuple(without_blocker),
        held=held,
        passed_over=frozenset(passed_over),
        holds_all=bool(held or passed_over or portfolio.stale),
    )


def _by_epic_and_blocker(entry: tuple[tuple[Ref | None, Ref], object]) -> tuple[str, Ref]:
    (epic, blocker), _ = entry
    return str(epic), blocker


def _is_due(finding: Finding, portfolio: Portfolio) -> bool:
    if finding.escalate_after is None or not finding.mode.includes(Mode.ENFORCE):
        return False
    passed = portfolio.calendar.business_days_between(finding.since, portfolio.today)
    return finding.escalate_after == 0 or passed > finding.escalate_after


def _escalation(blocker: Ref, blocked: Mapping[Ref, list[Finding]], portfolio: Portfolio) -> Escalation | None:
    item = portfolio.items.get(blocker)
    if item is None:
        return None
    section = EscalationSection(
        key=item.key,
        title=item.title,
        url=item.source.url,
        blocked=tuple(_blocked_item(Edge(blocker, ref), blocked[ref], portfolio) for ref in sorted(blocked)),
        at_stake=_at_stake(blocked, portfolio),
    )
    return Escalation(blocker=item, blocked=tuple(portfolio.items[ref] for ref in sorted(blocked)), section=section)


def _at_stake(blocked: Collection[Ref], portfolio: Portfolio) -> str:
    """The forecasts of what is blocked, each unit of money once; in two digits, or every edit would rewrite the card.

    Empty where nothing of it is measured: that is not nothing.
    """
    compared = portfolio.ledger.compared
    counted = [ref for ref in blocked if not any(above.ref in blocked for above in portfolio.ancestors(ref))]
    measured = [compared[ref] for ref in counted if ref in compared]
    total = sum(measured, Decimal(0))
    if not total:
        return ""
    rounded = total.quantize(Decimal(1).scaleb(max(total.adjusted() - 1, 0)), ROUND_HALF_UP)
    without = len(counted) - len(measured)
    return f"about {money_text(rounded, portfolio.definition.currency)} of forecasts" + (
        f", and {without:,} without one" if without else ""
    )


def _blocked_item(edge: Edge, findings: Collection[Finding], portfolio: Portfolio) -> BlockedItem:
    graph, item = portfolio.dependencies, portfolio.items[edge.blocked]
    return BlockedItem(
        key=item.key,
        title=item.title,
        url=item.source.url,
        since=portfolio.calendar.day(graph.blocked_since.get(edge, portfolio.now)),
        limits=tuple(sorted({Limit(code=finding.code, text=finding.threshold) for finding in findings})),
        is_first_seen=edge in graph.first_seen,
    )


def _leads_to_unknown(ref: Ref, portfolio: Portfolio) -> bool:
    """Whether the chain of parents ends at one in quarantine, or at one that a stale tracker did not deliver."""
    chain = [portfolio.items[ref], *portfolio.ancestors(ref)]
    parent = chain[-1].parent
    if parent is None or parent in portfolio.items:
        return False
    return parent in portfolio.quarantined or parent.tracker in portfolio.stale


def _held_items(portfolio: Portfolio, evaluation: Evaluation) -> Iterator[Ref]:
    """Items whose escalation cannot be told now: an escalating rule is held, or the item is in quarantine and part of
    a dependency (its parent stands in for it, since nothing else of it is known)."""
    escalating = {governed.code for governed in evaluation.governed if governed.escalate_after is not None}
    for subject, codes in evaluation.held.items():
        if subject.kind == "item" and escalating & codes.keys():
            yield Ref.parse(subject.id)
    graph = portfolio.dependencies
    for aside in portfolio.quarantined.values():
        if aside.ref in graph.blockers or aside.ref in graph.blocked:
            yield aside.parent or aside.ref
