"""What an unchanged portfolio is spared, and what people who take our labels away are: no nagging, day after day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from lpm_sync.core.calendar import BusinessCalendar
from lpm_sync.core.card import Footer, find_cards, parse_footer
from lpm_sync.core.work_item import Ref
from lpm_sync.pipeline.deciding import Decision
from tests.pipeline.random_portfolio import EXAMPLES, LONG, begin, go_on

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


@LONG
@given(data=st.data())
def test_the_plan_stays_empty_for_fourteen_days_unless_a_threshold_is_crossed(data, make_office) -> None:
    office = begin(make_office, data)
    office.cycle()
    go_on(office, data)
    office.cycle()
    office.pass_days(1 if office.clock.now().weekday() < 4 else 7 - office.clock.now().weekday())
    office.cycle()  # on a working day after the last edit: no card waits for one
    before = crossed(office, office.decide())
    for _ in range(14):
        office.pass_days(1)
        decision = office.decide()
        if crossed(office, decision) == before:
            assert decision.plan.is_empty


@EXAMPLES
@given(data=st.data())
def test_a_card_tells_days_and_limits_and_never_how_long_ago(data, make_office) -> None:
    office = begin(make_office, data)
    office.cycle()
    for days in (6, 20):
        office.pass_days(days)
        go_on(office, data)
        office.cycle()
    assert [found[0] for text in office.our_comments() if (found := DURATION.search(text))] == []


@LONG
@given(steps=st.lists(st.tuples(st.integers(0, 9), st.sampled_from([0, 1, 3])), min_size=3, max_size=10))
def test_a_card_that_reports_is_rewritten_once_a_working_day_unless_its_findings_change(steps, make_office) -> None:
    office = make_office()
    payments, dearer = reporting_portfolio(office)
    office.cycle()
    written: dict[date, int] = {}
    for amount, days in steps:
        office.pass_days(days)
        office.jira.items[dearer] = replace(office.jira.items[dearer], fields=forecast(amount * 10_000))
        before = card_of(office, payments)
        office.cycle()
        after, today = card_of(office, payments), CALENDAR.day(office.clock.now())
        if after != before and tokens(after) == tokens(before):
            assert CALENDAR.is_business_day(today)
            assert written.setdefault(today, 0) == 0
            written[today] += 1
        assert office.plan().is_empty


def reporting_portfolio(office) -> tuple[Ref, Ref]:
    """The epic on which the stream's money is reported, and one whose forecast moves it around the budget."""
    create = office.jira.create_item
    create(project="PORT", type="Epic", title="The portfolio", status="Done")
    payments = create(project="PORT", type="Epic", title="Payments", status="Done")
    create(project="PORT", type="Epic", title="Steady", status="Doing", fields=forecast(60_000))
    return payments, create(project="PORT", type="Epic", title="Dearer", status="Doing", fields=forecast(70_000))


def forecast(amount: int) -> dict[str, Decimal]:
    return {"implementation_cost_forecast": Decimal(amount)}


def card_of(office, ref: Ref) -> str:
    return next(iter(office.our_comments(ref)), "")


def tokens(card: str) -> tuple[object, ...]:
    footer = parse_footer(card)
    return (footer.findings, footer.labels) if footer else ()


@LONG
@given(moves=st.lists(st.tuples(st.sampled_from(["remove", "add", "nothing"]), st.integers(0, 20)), max_size=9))
@example(moves=[("remove", 20), ("remove", 20), ("remove", 20)])
def test_a_label_that_people_remove_stays_away_for_the_cool_down_and_after_the_third_time_for_ever(
    moves, make_office
) -> None:
    office = make_office()
    ref = office.jira.create_item(project="PAY", type="Feature", title="Vouchers", fields={"estimate": Decimal(5)})
    office.cycle()
    stands, turns, removed_on = True, 0, CALENDAR.day(office.clock.now())
    for move, days in moves:
        if move == "remove" and stands:
            office.jira.remove_label(ref, "lpm:not-ready")
            stands, turns, removed_on = False, turns + 1, CALENDAR.day(office.clock.now())
        elif move == "add" and not stands:
            office.jira.add_label(ref, "lpm:not-ready")
            stands = True
        office.cycle()
        office.lose_state()
        office.pass_days(days)
        office.cycle()
        is_over = CALENDAR.business_days_between(removed_on, CALENDAR.day(office.clock.now())) >= COOL_DOWN
        stands = stands or (is_over and turns < 3)
        assert ("lpm:not-ready" in office.jira.labels(ref)) == stands
        assert office.plan().is_empty
        assert ("no longer set" in card_of(office, ref)) == (turns >= 3 and not stands)
