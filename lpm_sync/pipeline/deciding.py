"""Decides what the trackers should show: rules, memory, plan. Reads the state and writes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from lpm_sync.core.card import code_of, find_cards
from lpm_sync.core.change import Change, OpenEscalation
from lpm_sync.core.finding import Evaluation, Governed, Subject
from lpm_sync.core.plan import Plan
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import Ref
from lpm_sync.pipeline.label_prefixes import check_prefixes
from lpm_sync.pipeline.reading import Reading
from lpm_sync.planning.budgets import PutOff, Spent, within_budgets
from lpm_sync.planning.cardless import Unwritable, without_cards
from lpm_sync.planning.departed import subjects_above_items
from lpm_sync.planning.escalation import EscalationPlan, plan_escalations
from lpm_sync.planning.planner import make_plan
from lpm_sync.policy.configuration import Configuration
from lpm_sync.rules.evaluate import OPT_OUT, evaluate
from lpm_sync.state.intents import Intent
from lpm_sync.state.store import State

SETTLING_TIME = timedelta(hours=1)
"""How long a tracker's index may hide an escalation epic that was just created."""

INDEX_SHOWS = timedelta(minutes=10)
"""After how long a search that finds nothing is believed about a creation that was not answered."""

REFUSAL_LASTS = timedelta(days=1)
"""How long a change is not sent again after its tracker refused it."""

_NOT_ANSWERED = "its creation was not answered a moment ago, and a search may show it only later"

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The findings and the plan. `set_aside` are changes that a tracker refused lately: their items are left out.

    So are those that are `put_off`: their write budget is spent, or they may stand already. The latter are escalation
    epics, `awaited` for one cycle since the creation that was intended last: its id. What is `unwritable`
    waits for another tracker.
    """

    evaluation: Evaluation
    escalations: EscalationPlan
    plan: Plan
    set_aside: tuple[Intent, ...]
    put_off: tuple[PutOff, ...]
    awaited: tuple[int, ...] = ()
    unwritable: tuple[Unwritable, ...] = ()


def decide(configuration: Configuration, reading: Reading, state: State) -> Decision:
    """Evaluates all rules and plans what follows. Raises ConfigurationError where labels have another prefix now."""
    portfolio, governance = reading.portfolio, configuration.governance()
    check_prefixes(portfolio, governance)
    rules = configuration.governed_rules()
    since = _since(portfolio, tuple(rule.governed for rule in rules), state)
    evaluation = evaluate(portfolio, rules, since, governance.labelled(OPT_OUT))
    recent = portfolio.now - SETTLING_TIME
    opened = {one.marker: one.ref for one in state.escalations.open() if one.opened >= recent}
    cardless = {one.tracker: one.pull.without_cards for one in reading.sources if one.pull and one.pull.without_cards}
    possible, unwritable = without_cards(make_plan(portfolio, evaluation, governance, opened=opened), cardless)
    wanted, set_aside = _without_refused(possible, state)
    unanswered = state.intents.unanswered_openings(portfolio.now - INDEX_SHOWS)
    clear, awaited = _without(wanted, unanswered)
    plan, put_off = within_write_budgets(clear, configuration, state, portfolio.now)
    return Decision(
        evaluation=evaluation,
        escalations=plan_escalations(portfolio, evaluation),
        plan=plan,
        set_aside=set_aside,
        put_off=(*put_off, *(PutOff(name=one.title, reason=_NOT_ANSWERED) for one in awaited)),
        awaited=tuple(unanswered[one.marker] for one in awaited),
        unwritable=unwritable,
    )


def within_write_budgets(
    plan: Plan, configuration: Configuration, state: State, now: datetime
) -> tuple[Plan, tuple[PutOff, ...]]:
    """What of a plan may be written now, and what waits for a later cycle; what was written before tells the state."""
    spent = Spent(
        on_items=state.intents.made_by_item(now - _DAY), on_trackers=state.intents.made_by_tracker(now - _HOUR)
    )
    return within_budgets(plan, configuration.write_budgets(), spent)


def _without(plan: Plan, markers: Collection[str]) -> tuple[Plan, tuple[OpenEscalation, ...]]:
    """The plan without the escalation epics with those markers, and these."""
    rest = tuple(one for one in plan.escalations if one.marker not in markers)
    return replace(plan, escalations=rest), tuple(one for one in plan.escalations if one.marker in markers)


def _since(portfolio: Portfolio, governed: tuple[Governed, ...], state: State) -> Mapping[tuple[str, str], date]:
    """Since when each finding stands: as its card says; where it has none, as the state remembers."""
    since = {(str(subject), code): day for (subject, code), day in state.findings.since().items()}
    above_items = subjects_above_items(portfolio, [rule.code for rule in governed])
    for item in portfolio.items.values():
        for _, footer in find_cards(item.source)[:1]:
            for token, day in footer.findings:
                subject = above_items.get(token, Subject(kind="item", id=str(item.ref)))
                since[str(subject), code_of(token)] = day
    return since


def _without_refused(plan: Plan, state: State) -> tuple[Plan, tuple[Intent, ...]]:
    """The plan without the items and escalations of which a change was refused lately in exactly this form."""

    def refusal(ref: Ref, changes: Iterable[Change]) -> Intent | None:
        found = (state.intents.refusal_of(ref, change) for change in changes)
        return next((one for one in found if one and one.created > plan.made_at - REFUSAL_LASTS), None)

    items = [(item, refusal(item.ref, item.changes)) for item in plan.items]
    escalations = [(escalation, refusal(escalation.blocker, [escalation])) for escalation in plan.escalations]
    rest = replace(
        plan,
        items=tuple(item for item, refused in items if refused is None),
        escalations=tuple(escalation for escalation, refused in escalations if refused is None),
    )
    return rest, tuple(refused for _, refused in (*items, *escalations) if refused is not None)
