"""What the portfolio office defines: value streams, their budgets, planning intervals, targets, people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from lpm_sync.core.work_item import Horizon, Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A named span of days, both ends included."""

    id: str
    start: date
    end: date

    def contains(self, day: date) -> bool:
        return self.start <= day <= self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A target band in percent of the whole, both ends included."""

    lower: Decimal
    upper: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Claims an item when **every** criterion that is set fits. `area_path` claims the paths below it too."""

    project: str | None = None
    area_path: str | None = None
    label: str | None = None
    component: str | None = None
    team: str | None = None
    field: tuple[str, str] | None = None  # configured field name and its value

    @property
    def read(self) -> tuple[str, ...]:
        """The names of `fields` that it is compared with."""
        return (*(["team"] if self.team is not None else []), *(self.field[:1] if self.field is not None else ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Money allocated to a value stream for a period, in the portfolio's currency."""

    period: Period
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueStream:
    """A value stream. `horizon_targets` and `capacity` override the portfolio's where they are set.

    `is_report_on_lost` says that an item was named to report on, and that there is none such.
    """

    id: str
    name: str
    business_owners: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    matches: tuple[Match, ...] = ()
    budgets: tuple[Budget, ...] = ()
    horizon_targets: Mapping[Horizon, Band] | None = None
    capacity: Mapping[str, Decimal] | None = None
    report_on: Ref | None = None
    is_report_on_lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person and the accounts that trackers and chats know: `accounts` maps a tracker's name to an account."""

    id: str
    accounts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioDefinition:
    """The portfolio as its office defines it.

    `capacity` are percent of effort per work category. `timezone` is an IANA name, `calendar` a country code with an
    optional subdivision (`DE`, `DE-BY`) or empty for no holidays. `is_report_on_lost` is as in a value stream.
    """

    name: str
    currency: str
    timezone: str
    calendar: str
    value_streams: tuple[ValueStream, ...]
    planning_intervals: tuple[Period, ...] = ()
    horizon_targets: Mapping[Horizon, Band] = field(default_factory=dict)
    capacity: Mapping[str, Decimal] = field(default_factory=dict)
    work_categories: tuple[str, ...] = ("business_feature", "enabler", "tech_debt", "maintenance")
    people: tuple[Person, ...] = ()
    report_on: Ref | None = None
    is_report_on_lost: bool = False

    def planning_interval(self, identifier: str) -> Period | None:
        return next((interval for interval in self.planning_intervals if interval.id == identifier), None)

    def current_interval(self, day: date) -> Period | None:
        return next((interval for interval in self.planning_intervals if interval.contains(day)), None)
