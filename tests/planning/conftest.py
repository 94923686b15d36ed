"""Findings, evaluations and plans over the small portfolios of `lpm_sync.rules.example`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from lpm_sync.core.change import ItemChange, OpenEscalation, PutCard
from lpm_sync.core.document import Document, plain_text
from lpm_sync.core.escalation_marker import marker_label
from lpm_sync.core.finding import Evaluation, Finding, Governed, Mode, Subject
from lpm_sync.core.governance import EscalationTarget, Governance
from lpm_sync.core.plan import ItemPlan, Plan
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import OwnComment, WorkItem
from lpm_sync.planning.planner import make_plan
from lpm_sync.rules.example import TODAY, epic, ref_of

GOVERNANCE = Governance(escalation=EscalationTarget(tracker="jira", project="PORT", type="Epic", close_to="Done"))
CODE = "TST101"


def about(key: str) -> Subject:
    """The subject that an item is."""
    return Subject(kind="item", id=str(ref_of(key)))


def finding(subject: Subject | str, **values: Any) -> Finding:
    """A finding of an enforced rule about a subject, or about the item with that key."""
    usual = {"mode": Mode.ENFORCE, "readings": (), "threshold": "none at all", "fix": "clear it", "since": TODAY}
    return Finding(
        code=CODE, title="Test", subject=about(subject) if isinstance(subject, str) else subject, **usual | values
    )


def blocked(key: str, *, by: str, **values: Any) -> Finding:
    """A finding that escalates at once: the item waits for another one."""
    return finding(key, blockers=(ref_of(by),), **{"escalate_after": 0, **values})


def evaluation(
    *findings: Finding, held: Mapping[Subject, str] | None = None, label: str | None = None, escalates: bool = False
) -> Evaluation:
    """The outcome of the one rule; `held` are subjects about which it could not tell, with the reason."""
    mode = findings[0].mode if findings else Mode.ENFORCE
    rule = Governed(code=CODE, title="Test", mode=mode, label=label, escalate_after=0 if escalates else None)
    return Evaluation(
        findings=findings,
        held={subject: {CODE: reason} for subject, reason in (held or {}).items()},
        governed=(rule,),
    )


def planned(portfolio: Portfolio, outcome: Evaluation, **more: Any) -> Plan:
    return make_plan(portfolio, outcome, GOVERNANCE, **more)


def changes_on(key: str, plan: Plan) -> tuple[ItemChange, ...]:
    """What a plan changes on one item."""
    return next((item.changes for item in plan.items if item.ref == ref_of(key)), ())


def carded(item: WorkItem, changes: tuple[ItemChange, ...], **comment: Any) -> WorkItem:
    """The item after the card among the changes was written."""
    [put] = [change for change in changes if isinstance(change, PutCard)]
    text = f"{plain_text(put.card.document)}\n{put.card.footer}"
    written = OwnComment(**{"id": "1", "text": text, "updated": item.source.updated, **comment})
    return replace(item, source=replace(item.source, own_comments=(written,)))


def escalation_epic(key: str, *, blocker: str, **values: Any) -> WorkItem:
    """An epic that our account opened for a blocker."""
    labels = frozenset(("lpm:escalation", marker_label("lpm:", ref_of(blocker))))
    return epic(key, labels=labels, is_ours=True, **values)


def plan_of(changed: int, *, opened: int = 0, in_scope: int = 100) -> Plan:
    """A plan that changes so many items and opens so many escalation epics."""
    portfolio_day = epic("PORT-1").source.created
    items = tuple(
        ItemPlan(ref=ref_of(f"PAY-{n}"), key=f"jira:PAY-{n}", title="", url="", precondition="", changes=())
        for n in range(changed)
    )
    return Plan(
        made_at=portfolio_day,
        portfolio="Northwind",
        items_in_scope=in_scope,
        items=items,
        escalations=tuple(map(_opening, range(opened))),
    )


def _opening(number: int) -> OpenEscalation:
    return OpenEscalation(
        tracker="jira",
        project="PORT",
        type="Epic",
        title=f"Escalation {number}",
        labels=(f"lpm:blocker-jira-{number}",),
        marker=f"lpm:blocker-jira-{number}",
        blocker=ref_of(str(number)),
        document=Document(blocks=()),
        because=(CODE,),
    )
