"""Which blockers are escalated, for which blocked items, and to which portfolio epic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from lpm_sync.core.finding import Evaluation, Finding, Mode
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import Edge, Ref, WorkItem


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockedItem:
    """An item that the blocker holds up. `is_first_seen`: no history was to be had."""

    item: WorkItem
    since: date
    is_first_seen: bool
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """One blocker and the items, under one portfolio epic or under none, that it holds up."""

    blocker: WorkItem
    blocked: tuple[BlockedItem, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(sorted({code for blocked in self.blocked for code in blocked.codes}))


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationPlan:
    """Escalations by the portfolio epic that suffers, and those that have none above (by blocker).

    `matters` are findings without a blocker that are escalated all the same. `held` are portfolio epics whose sections
    must stay as they are; `holds_all` says that no escalation may be taken back, since something was not delivered.
    """

    by_epic: Mapping[Ref, tuple[Escalation, ...]] = field(default_factory=dict)
    orphans: tuple[Escalation, ...] = ()
    matters: tuple[Finding, ...] = ()
    held: frozenset[Ref] = frozenset()
    holds_all: bool = False


def plan_escalations(portfolio: Portfolio, evaluation: Evaluation) -> EscalationPlan:
    """Groups what the policy escalates by portfolio epic and blocker.

    A blocked item whose chain of parents leads into quarantine is passed over: where it belongs is not known.
    """
    grouped: dict[tuple[Ref | None, Ref], dict[Ref, set[str]]] = {}
    matters: list[Finding] = []
    for finding in evaluation.findings:
        if not _is_due(finding, portfolio):
            continue
        if not finding.blockers:
            matters.append(finding)
            continue
        blocked = Ref.parse(finding.subject.id)
        if _leads_into_quarantine(blocked, portfolio):
            continue
        epic = portfolio.portfolio_epic_above(blocked)
        for blocker in finding.blockers:
            group = grouped.setdefault((epic.ref if epic else None, blocker), {})
            group.setdefault(blocked, set()).add(finding.code)
    by_epic: dict[Ref, list[Escalation]] = {}
    orphans: list[Escalation] = []
    for (epic_ref, blocker), blocked_items in sorted(grouped.items(), key=_by_epic_and_blocker):
        escalation = _escalation(blocker, blocked_items, portfolio)
        if escalation is not None:
            (orphans if epic_ref is None else by_epic.setdefault(epic_ref, [])).append(escalation)
    held = _held_items(portfolio, evaluation)
    return EscalationPlan(
        by_epic={ref: tuple(escalations) for ref, escalations in by_epic.items()},
        orphans=tuple(orphans),
        matters=tuple(matters),
        held=frozenset(epic.ref for ref in held if (epic := portfolio.portfolio_epic_above(ref)) is not None),
        holds_all=bool(held or portfolio.stale),
    )


def _by_epic_and_blocker(entry: tuple[tuple[Ref | None, Ref], object]) -> tuple[str, Ref]:
    (epic, blocker), _ = entry
    return str(epic), blocker


def _is_due(finding: Finding, portfolio: Portfolio) -> bool:
    if finding.escalate_after is None or not finding.mode.includes(Mode.ENFORCE):
        return False
    passed = portfolio.calendar.business_days_between(finding.since, portfolio.today)
    return finding.escalate_after == 0 or passed > finding.escalate_after


def _escalation(blocker: Ref, blocked: Mapping[Ref, Iterable[str]], portfolio: Portfolio) -> Escalation | None:
    item = portfolio.items.get(blocker)
    if item is None:
        return None
    return Escalation(
        blocker=item,
        blocked=tuple(_blocked_item(item, ref, codes, portfolio) for ref, codes in sorted(blocked.items())),
    )


def _blocked_item(blocker: WorkItem, ref: Ref, codes: Iterable[str], portfolio: Portfolio) -> BlockedItem:
    edge = Edge(blocker.ref, ref)
    since = portfolio.dependencies.blocked_since.get(edge, portfolio.now)
    return BlockedItem(
        item=portfolio.items[ref],
        since=portfolio.calendar.day(since),
        is_first_seen=edge in portfolio.dependencies.first_seen,
        codes=tuple(sorted(codes)),
    )


def _leads_into_quarantine(ref: Ref, portfolio: Portfolio) -> bool:
    chain = [portfolio.items[ref], *portfolio.ancestors(ref)]
    return chain[-1].parent in portfolio.quarantined


def _held_items(portfolio: Portfolio, evaluation: Evaluation) -> set[Ref]:
    """Items whose escalation cannot be told now: an escalating rule is held, or the item is in quarantine and part of
    a dependency (its parent stands in for it, since nothing else of it is known)."""
    escalating = {governed.code for governed in evaluation.governed if governed.escalate_after is not None}
    graph = portfolio.dependencies
    held = {
        Ref.parse(subject.id)
        for subject, codes in evaluation.held.items()
        if subject.kind == "item" and escalating & codes.keys()
    }
    return held | {
        quarantined.parent or quarantined.ref
        for quarantined in portfolio.quarantined.values()
        if quarantined.ref in graph.blockers or quarantined.ref in graph.blocked
    }
