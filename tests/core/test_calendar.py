"""Business days follow the portfolio's calendar and zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpm_sync.core.calendar import BusinessCalendar, is_known_calendar

_GERMAN = BusinessCalendar(timezone="Europe/Berlin", calendar="DE")
_DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        (date(2026, 11, 3), date(2026, 11, 10), 5),
        (date(2026, 11, 3), date(2026, 11, 11), 6),
        (date(2026, 11, 10), date(2026, 11, 11), 1),
        (date(2026, 11, 6), date(2026, 11, 8), 0),
        (date(2026, 12, 24), date(2026, 12, 28), 1),
        (date(2026, 11, 11), date(2026, 11, 3), 0),
    ],
)
def test_business_days_leave_out_weekends_and_holidays(since: date, until: date, days: int) -> None:
    assert _GERMAN.business_days_between(since, until) == days


@given(_DAYS, st.integers(1, 60))
def test_adding_days_leads_to_the_first_day_by_which_they_have_passed(since: date, count: int) -> None:
    day = _GERMAN.add_business_days(since, count)

    assert _GERMAN.business_days_between(since, day) == count
    assert _GERMAN.business_days_between(since, day - timedelta(days=1)) == count - 1


def test_an_instant_is_the_local_day() -> None:
    late = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)

    assert _GERMAN.day(late) == date(2026, 11, 11)
    assert BusinessCalendar(timezone="America/New_York").day(late) == date(2026, 11, 10)


def test_holidays_of_a_part_of_a_country_count_there_only() -> None:
    epiphany = date(2026, 1, 6)

    assert not BusinessCalendar(timezone="Europe/Berlin", calendar="DE-BY").is_business_day(epiphany)
    assert _GERMAN.is_business_day(epiphany)
    assert BusinessCalendar(timezone="Europe/Berlin").is_business_day(date(2026, 12, 25))


def test_unknown_calendars_are_told() -> None:
    assert is_known_calendar("DE-BY")
    assert is_known_calendar("")
    assert not is_known_calendar("XX")
    assert not is_known_calendar("DE-XX")
