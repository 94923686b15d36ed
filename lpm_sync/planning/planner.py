"""Compares what should stand with what does: the plan of one cycle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lpm_sync.core.card import Footer, LabelMemory, card_id, code_of, find_cards, finding_token
from lpm_sync.core.change import ItemChange
from lpm_sync.core.finding import Evaluation
from lpm_sync.core.governance import Governance
from lpm_sync.core.plan import ItemPlan, Plan
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import OwnComment, Ref, WorkItem
from lpm_sync.planning.departed import Departures
from lpm_sync.planning.desired import Desired, desired_state
from lpm_sync.planning.escalation import plan_escalations
from lpm_sync.planning.escalation_epics import plan_escalation_epics
from lpm_sync.planning.frozen import frozen_items
from lpm_sync.planning.item_plan import put_card, remove_doubles, tie
from lpm_sync.planning.labels import NOBODY_ASKS, LabelPlan, plan_labels
from lpm_sync.report.card_content import ALL_WELL, CardContent
from lpm_sync.rules.evaluate import OPT_OUT, label_among


def make_plan(
    portfolio: Portfolio,
    evaluation: Evaluation,
    governance: Governance,
    *,
    opened: Mapping[str, Ref] | None = None,
) -> Plan:
    """Everything that has to be written so that the trackers show what the policy says; empty when they do.

    `opened` are escalation epics that were created lately, by marker: one that a slow index does not show yet is not
    created again.
    """
    departures = Departures.of(portfolio, evaluation)
    situation = _Situation(portfolio=portfolio, evaluation=evaluation, governance=governance, departures=departures)
    escalations = plan_escalations(portfolio, evaluation)
    desired = desired_state(portfolio, evaluation, escalations)
    frozen = frozen_items(escalations, departures)
    epics = plan_escalation_epics(portfolio, governance, escalations, opened or {})
    items = (*_item_plans(situation, desired, frozen), *epics.items)
    return Plan(
        made_at=portfolio.now,
        portfolio=portfolio.definition.name,
        items_in_scope=len(portfolio.items),
        items=tuple(sorted(items, key=lambda plan: plan.ref)),
        escalations=epics.to_open,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Situation:
    portfolio: Portfolio
    evaluation: Evaluation
    governance: Governance
    departures: Departures


def _item_plans(situation: _Situation, desired: Mapping[Ref, Desired], frozen: frozenset[Ref]) -> Iterator[ItemPlan]:
    nothing = Desired()
    for ref, item in situation.portfolio.items.items():
        want = desired.get(ref, nothing)
        if ref in frozen or (want is nothing and not _carries_ours(item, situation.governance)):
            continue
        changes = tuple(_changes(item, want, situation))
        if changes:
            yield tie(item, changes)


def _carries_ours(item: WorkItem, governance: Governance) -> bool:
    return bool(item.source.own_comments) or any(map(governance.is_ours, item.source.labels))


def _changes(item: WorkItem, want: Desired, situation: _Situation) -> Iterator[ItemChange]:
    cards = find_cards(item.source)
    comment, previous = cards[0] if cards else (None, None)
    labels = plan_labels(
        item,
        want.labels,
        previous,
        situation.portfolio,
        situation.governance,
        asked_before=lambda name: _asked_before(name, previous, want, situation.evaluation),
    )
    yield from labels.changes
    content = _content(item, want, labels, previous, situation)
    is_due = not want.is_empty or previous is not None
    if is_due and not _may_wait(comment, previous, content, situation):
        yield from put_card(card_id(item.ref), content, comment, previous)
    yield from remove_doubles(cards)


def _asked_before(label: str, previous: Footer | None, want: Desired, evaluation: Evaluation) -> tuple[str, ...]:
    """The rules that asked for a label and do so no more: their findings stood on the card. Where none is told there,
    all that is known is that no rule asks for it.

    A finding that still stands does not ask because its rule went down a mode, or never asked: it is named last.
    """
    told = {code_of(token) for token, _ in previous.findings} if previous else set()
    asked = {rule.code for rule in evaluation.governed if rule.label == label} & told
    over = asked - {finding.code for finding in (*want.findings, *want.reported)}
    return tuple(sorted(over or asked)) or (NOBODY_ASKS,)


def _content(
    item: WorkItem, want: Desired, labels: LabelPlan, previous: Footer | None, situation: _Situation
) -> CardContent:
    portfolio, governance = situation.portfolio, situation.governance
    opt_out = label_among(item, governance.labelled(OPT_OUT))
    stated = {finding_token(finding) for finding in (*want.findings, *want.reported)}
    return CardContent(
        findings=tuple(want.findings),
        reported=tuple(want.reported),
        escalations=tuple(want.escalations),
        escalated_findings=tuple(want.escalated_findings),
        labels=labels.memory,
        suppressed=labels.suppressed,
        departed=tuple(situation.departures.departed(item, previous, stated)),
        stream_names={stream.id: stream.name for stream in portfolio.definition.value_streams},
        label_prefix=governance.label_prefix,
        when_clear=f"Not checked: this item carries the label {opt_out}." if opt_out else ALL_WELL,
    )


def _may_wait(comment: OwnComment | None, previous: Footer | None, content: CardContent, situation: _Situation) -> bool:
    """Whether a card with figures of a stream or the portfolio was written on this day already and says the same.

    Such figures move with every edit somewhere: their card is rewritten once a day unless its findings change.
    """
    if comment is None or previous is None or not content.reported:
        return False
    calendar, today = situation.portfolio.calendar, situation.portfolio.today
    is_rested = calendar.is_business_day(today) and calendar.day(comment.updated) < today
    return not is_rested and _same_findings(previous, content) and previous.labels == _sorted(content.labels)


def _same_findings(previous: Footer, content: CardContent) -> bool:
    stated = {finding_token(finding) for finding in (*content.findings, *content.reported)}
    return stated == {token for token, _ in previous.findings}


def _sorted(labels: tuple[LabelMemory, ...]) -> tuple[LabelMemory, ...]:
    return tuple(sorted(labels, key=lambda label: label.name))
