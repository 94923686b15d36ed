"""The days of the sample: office hours, business days, planning intervals and half-years around its start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from lpm_sync.core.calendar import BusinessCalendar
from lpm_sync.core.value_stream import Period

TIMEZONE = "Europe/Berlin"
COUNTRY = "DE"

OPENING, CLOSING = time(9), time(17)
INTERVAL = timedelta(weeks=13)  # twelve weeks of work and one to inspect and adapt
WEEKS_GONE = timedelta(weeks=4)  # of the first interval, when the story starts
FIRST_INTERVAL = date(2020, 1, 6)  # PI-0 began on this Monday; the numbers of later ones count from it

_CALENDAR = BusinessCalendar(timezone=TIMEZONE, calendar=COUNTRY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The calendar of the sample, seen from the working day `today` on which it starts."""

    today: date

    @classmethod
    def from_instant(cls, start: datetime) -> Timeline:
        """The first working day from the local date of `start` on."""
        day = _CALENDAR.day(start)
        while not _CALENDAR.is_business_day(day):
            day += timedelta(days=1)
        return cls(today=day)

    @classmethod
    def until_instant(cls, start: datetime) -> Timeline:
        """The last working day up to the local date of `start`."""
        day = _CALENDAR.day(start)
        while not _CALENDAR.is_business_day(day):
            day -= timedelta(days=1)
        return cls(today=day)

    def clock_start(self, start: datetime) -> datetime:
        """The instant within the office hours of `today` that is nearest to `start`, in UTC."""
        opening, closing = self.at(self.today, OPENING), self.at(self.today, CLOSING)
        return min(max(start, opening), closing).astimezone(UTC)

    def at(self, day: date, hour: time = OPENING) -> datetime:
        """That hour of a day in the portfolio's time zone."""
        return datetime.combine(day, hour, tzinfo=_CALENDAR.zone)

    def business_days_ago(self, count: int) -> date:
        """The latest working day after which `count` business days have passed until today, today included."""
        day = self.today
        while count > 0 or not _CALENDAR.is_business_day(day):
            count -= _CALENDAR.is_business_day(day)
            day -= timedelta(days=1)
        return day

    def business_days_on(self, day: date, count: int) -> date:
        """The first day by which `count` business days have passed after `day`."""
        return _CALENDAR.add_business_days(day, count)

    @property
    def intervals(self) -> tuple[Period, Period]:
        """Two planning intervals, from a Monday to a Friday; today lies in the fifth week of the first."""
        first = self.today - timedelta(days=self.today.weekday()) - WEEKS_GONE
        number = (first - FIRST_INTERVAL) // INTERVAL
        return _interval(number, first), _interval(number + 1, first + INTERVAL)

    @property
    def half_years(self) -> tuple[Period, Period]:
        """Two fiscal half-years of 26 weeks; both planning intervals lie in the first."""
        first = self.intervals[0].start
        second = first + 2 * INTERVAL
        end = second + 2 * INTERVAL - timedelta(days=1)
        year = f"FY{end.year % 100:02d}"
        return (
            Period(id=f"{year}-H1", start=first, end=second - timedelta(days=1)),
            Period(id=f"{year}-H2", start=second, end=end),
        )


def _interval(number: int, start: date) -> Period:
    return Period(id=f"PI-{number}", start=start, end=start + INTERVAL - timedelta(days=3))
