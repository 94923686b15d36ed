"""Which items are left exactly as they are: what stands on them could not be told in this cycle."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from lpm_sync.core.card import code_of, find_cards
from lpm_sync.core.finding import Evaluation, Mode, Subject
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import Ref
from lpm_sync.planning.departed import Departures
from lpm_sync.planning.desired import escalation_place, is_escalation_place_lost, is_place_lost, place_of
from lpm_sync.planning.escalation import EscalationPlan
from lpm_sync.planning.untold import names_on, untold


def frozen_items(escalations: EscalationPlan, departures: Departures) -> frozenset[Ref]:
    """Items that are stale, that a rule in error is about, or whose card shows what may be otherwise than it seems."""
    portfolio, evaluation = departures.portfolio, departures.evaluation
    return frozenset(
        (
            *(item.ref for item in portfolio.items.values() if item.is_stale),
            *_places_held(portfolio, evaluation),
            *_cards_about_untold(departures),
            *_escalations_held(portfolio, escalations),
            *_escalated_to_nowhere(portfolio, escalations),
            *_cards_about_unknown(portfolio, escalations),
        )
    )


def _places_held(portfolio: Portfolio, evaluation: Evaluation) -> Iterator[Ref]:
    for subject in evaluation.held:
        if (place := place_of(subject, portfolio)) is not None:
            yield place


def _cards_about_untold(departures: Departures) -> Iterator[Ref]:
    """Cards that state a finding of a stream or of the portfolio which cannot be told now, or not where it stands."""
    for item in departures.portfolio.items.values():
        for _, footer in find_cards(item.source)[:1]:
            stated = ((code_of(token), departures.above_items.get(token)) for token, _ in footer.findings)
            if any(subject is not None and _is_untold(subject, code, departures) for code, subject in stated):
                yield item.ref


def _is_untold(subject: Subject, code: str, departures: Departures) -> bool:
    """Whether its rule is held, its place is lost, or its sums lack items in quarantine, so that it only seems over."""
    portfolio, evaluation = departures.portfolio, departures.evaluation
    if code in evaluation.held.get(subject, ()) or is_place_lost(subject, portfolio):
        return True
    is_governed = departures.modes[code].includes(Mode.COMMENT)
    return bool(portfolio.quarantined) and is_governed and (subject, code) not in departures.failing


def _escalations_held(portfolio: Portfolio, escalations: EscalationPlan) -> Iterator[Ref]:
    """Where the escalation of an item would stand: the portfolio epic above it, the card that shows its finding."""
    names = cache(lambda place: names_on(portfolio.items[place]))
    for ref in escalations.held:
        if (epic := portfolio.portfolio_epic_above(ref)) is not None:
            yield epic.ref
        item = portfolio.items.get(ref)
        place = escalation_place(item, portfolio) if item is not None else None
        if item is not None and place is not None and item.key in names(place):
            yield place


def _escalated_to_nowhere(portfolio: Portfolio, escalations: EscalationPlan) -> Iterator[Ref]:
    """Cards that show findings whose place is lost now."""
    lost = {
        portfolio.items[ref].key
        for ref in (Ref.parse(finding.subject.id) for finding in escalations.without_blocker)
        if is_escalation_place_lost(portfolio.items[ref], portfolio)
    }
    for item in portfolio.items.values() if lost else ():
        if item.key not in lost and lost & names_on(item):
            yield item.ref


def _cards_about_unknown(portfolio: Portfolio, escalations: EscalationPlan) -> Iterator[Ref]:
    unknown = untold(portfolio, escalations)
    return (item.ref for item in portfolio.items.values() if unknown.is_named_on(item))
