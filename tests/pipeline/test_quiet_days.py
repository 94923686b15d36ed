"""What an unchanged portfolio is spared, and what people who take our labels away are: no nagging, day after day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from lpm_sync.core.calendar import BusinessCalendar
from lpm_sync.core.card import Footer, find_cards
from lpm_sync.core.work_item import Ref
from lpm_sync.pipeline.deciding import Decision

CALENDAR = BusinessCalendar(timezone="Europe/Berlin", calendar="DE")
COOL_DOWN = 10  # business days
DURATION = re.compile(
    r"\b(ago|today|yesterday|tomorrow|now|currently|so far|(last|this|next) (week|month)|for \d+ (business )?days?)\b",
    re.IGNORECASE,
)


def footers(office) -> Iterator[tuple[Ref, Footer]]:
    for item, _ in office.everything().values():
        for _, footer in find_cards(item)[:1]:
            yield item.ref, footer


def crossed(office, decision: Decision) -> tuple[object, ...]:
    """Everything that a day can bring by itself: findings, escalations, and removed labels that may return."""
    today = CALENDAR.day(office.clock.now())
    escalations = decision.escalations
    return (
        {(finding.subject, finding.code) for finding in decision.evaluation.findings},
        {(epic, one.blocker.ref) for epic, some in escalations.by_epic.items() for one in some},
        {one.blocker.ref for one in escalations.orphans},
        {(finding.subject, finding.code) for finding in escalations.without_blocker},
        {
            (ref, label.name)
            for ref, footer in footers(office)
            for label in footer.labels
            if label.removed_on and CALENDAR.business_days_between(label.removed_on, today) >= COOL_DOWN
        },
    )


def test_the_plan_stays_empty_for_fourteen_days_unless_a_threshold_is_crossed(quick, begin, go_on) -> None:
    @quick(examples=15)
    @given(data=st.data())
    def over_random_portfolios(data) -> None:
        office = begin(data)
        office.cycle()
        go_on(office, data)
        office.cycle()
        office.pass_days(4 - office.clock.now().weekday() % 4)  # a card may have waited for the next working day
        office.cycle()
        before = crossed(office, office.decide())
        for _ in range(14):
            office.pass_days(1)
            decision = office.decide()
            if crossed(office, decision) == before:
                assert decision.plan.is_empty

    over_random_portfolios()
