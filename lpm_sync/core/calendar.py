"""Business days by the portfolio's calendar."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessCalendar:
    """Days from Monday to Friday without the public holidays of `calendar` (`DE`, `DE-BY`, or empty for none)."""

    timezone: str
    calendar: str = ""
    zone: ZoneInfo = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "zone", ZoneInfo(self.timezone))

    def day(self, instant: datetime) -> date:
        """The local date of an instant."""
        return instant.astimezone(self.zone).date()

    def is_business_day(self, day: date) -> bool:
        return _is_business_day(self.calendar, day)

    def business_days_between(self, since: date, until: date) -> int:
        """Business days after `since`, up to and including `until`: Tuesday to the next Tuesday is 5."""
        return sum(self.is_business_day(since + timedelta(days=n)) for n in range(1, (until - since).days + 1))

    def add_business_days(self, since: date, count: int) -> date:
        """The first day by which `count` business days have passed after `since`."""
        return _business_days_after(self.calendar, since, count)


def is_known_calendar(calendar: str) -> bool:
    """Whether holidays are known for `calendar`."""
    try:
        _holidays(calendar, 2026)
    except NotImplementedError:
        return False
    return True


def _is_business_day(calendar: str, day: date) -> bool:
    return day.weekday() < 5 and day not in _holidays(calendar, day.year)


@lru_cache(maxsize=4096)  # a rule asks for the same day for every item
def _business_days_after(calendar: str, since: date, count: int) -> date:
    day = since
    while count > 0:
        day += timedelta(days=1)
        count -= _is_business_day(calendar, day)
    return day


@lru_cache(maxsize=256)
def _holidays(calendar: str, year: int) -> frozenset[date]:
    if not calendar:
        return frozenset()
    country, _, subdivision = calendar.partition("-")
    return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=year))
