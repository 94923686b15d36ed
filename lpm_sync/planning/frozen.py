"""Which items are left exactly as they are: what stands on them could not be told in this cycle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from lpm_sync.core.card import code_of, find_cards, finding_token, is_above_items
from lpm_sync.core.finding import Evaluation, Mode
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import Ref
from lpm_sync.planning.desired import Desired, escalation_place, place_of
from lpm_sync.planning.escalation import EscalationPlan
from lpm_sync.planning.untold import names_on, untold


def frozen_items(
    portfolio: Portfolio, evaluation: Evaluation, escalations: EscalationPlan, desired: Mapping[Ref, Desired]
) -> frozenset[Ref]:
    """Items that are stale, that a rule in error is about, or whose card shows what may be otherwise than it seems."""
    return frozenset(
        (
            *(item.ref for item in portfolio.items.values() if item.is_stale),
            *_places_held(portfolio, evaluation),
            *_escalations_held(portfolio, escalations),
            *_cards_about_unknown(portfolio, escalations),
            *_sums_over_too_little(portfolio, evaluation, desired),
        )
    )


def _places_held(portfolio: Portfolio, evaluation: Evaluation) -> Iterator[Ref]:
    for subject in evaluation.held:
        if (place := place_of(subject, portfolio)) is not None:
            yield place


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


def _cards_about_unknown(portfolio: Portfolio, escalations: EscalationPlan) -> Iterator[Ref]:
    unknown = untold(portfolio, escalations)
    return (item.ref for item in portfolio.items.values() if unknown.is_named_on(item))


def _sums_over_too_little(
    portfolio: Portfolio, evaluation: Evaluation, desired: Mapping[Ref, Desired]
) -> Iterator[Ref]:
    """Cards on which a finding about a stream or the portfolio would be resolved while items are in quarantine: their
    money and their work may be what is missing from the sum."""
    if not portfolio.quarantined:
        return
    governed = {rule.code for rule in evaluation.governed if rule.mode.includes(Mode.COMMENT)}
    for item in portfolio.items.values():
        for _, footer in find_cards(item.source)[:1]:
            stated = {token for token, _ in footer.findings if is_above_items(token) and code_of(token) in governed}
            here = desired.get(item.ref)
            if stated - {finding_token(finding) for finding in (here.reported if here else ())}:
                yield item.ref
