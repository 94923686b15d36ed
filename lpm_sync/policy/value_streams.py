"""`value_streams.yaml`: the portfolio, its value streams with teams and budgets, and its people."""

from __future__ import annotations

import re
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field

from lpm_sync.core.calendar import is_known_calendar
from lpm_sync.core.work_item import Horizon
from lpm_sync.policy.currencies import CURRENCIES
from lpm_sync.policy.mistakes import meant
from lpm_sync.policy.models import Amount, Day, FieldName, ItemKey, Percent, Slug, Stanza, Text


def _currency(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError("not a currency code of ISO 4217; write three capital letters, for example `EUR`")
    return code


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # an odd name may be a path, a folder, or simply unknown
        raise ValueError(f"not a time zone of the IANA list; {meant(name, available_timezones())}") from None
    return name


def _calendar(code: str) -> str:
    if code and not (re.fullmatch("[A-Z]{2,3}(-[A-Z0-9]{1,5})?", code) and is_known_calendar(code)):
        raise ValueError(
            "no holidays are known for it; write a country code with an optional subdivision (`DE`, `DE-BY`), "
            "or leave it empty for none"
        )
    return code


Targets = dict[
    Horizon, Annotated[tuple[Percent, Percent], Field(description="The least and the most percent, as `[5, 15]`.")]
]
"""The lower and upper end of each horizon's share, in percent of the money."""
Capacity = dict[FieldName, Percent]
"""The share of each work category, in percent of the effort; they add up to 100."""


class PeriodStanza(Stanza):
    """A named span of days, both ends included."""

    id: Text
    start: Day
    end: Day


class PortfolioStanza(Stanza):
    """The portfolio as a whole."""

    name: Text
    currency: Annotated[str, AfterValidator(_currency)]
    """The one currency of all figures, by its ISO 4217 code."""
    timezone: Annotated[str, AfterValidator(_timezone)]
    """The IANA time zone of dates and schedules."""
    calendar: Annotated[str, AfterValidator(_calendar)] = ""
    """Whose public holidays are no business days: a country with an optional subdivision."""
    report_on: ItemKey | None = None
    """The item whose card carries findings about the whole portfolio."""
    planning_intervals: tuple[PeriodStanza, ...] = ()
    """Planning intervals in their order."""
    periods: tuple[PeriodStanza, ...] = ()
    """Budget periods with names of their own. `2026`, `2026-H2`, `2026-Q4` and `2026-11` are understood anyway."""
    horizon_targets: Targets = Field(default_factory=dict)
    """The band of each investment horizon; a value stream may have its own."""
    capacity: Capacity = Field(default_factory=dict)
    """The agreed split of effort; a value stream may have its own."""
    work_categories: Annotated[tuple[FieldName, ...], Field(min_length=1)] = (
        "business_feature",
        "enabler",
        "tech_debt",
        "maintenance",
    )
    """The work categories that the portfolio knows."""


class MatchStanza(Stanza):
    """Claims an item when every criterion that is set fits."""

    project: Text | None = None
    area_path: Text | None = None
    """Also claims the paths below it."""
    label: Text | None = None
    component: Text | None = None
    team: Text | None = None
    field: Annotated[dict[FieldName, Text], Field(min_length=1, max_length=1)] | None = None
    """One configured field and the value that it must have."""


class BudgetStanza(Stanza):
    """Money for a period, in the portfolio's currency."""

    period: Text
    """`2026`, `2026-H2`, `2026-Q4`, `2026-11`, a planning interval, or one of `periods`."""
    amount: Amount


class ValueStreamStanza(Stanza):
    """A value stream: who owns it, who works for it, which items are its, and what it may spend."""

    id: Slug
    name: Text | None = None
    """The name that people see; made of the id where there is none."""
    business_owners: tuple[Slug, ...] = ()
    """Ids of `people`."""
    report_on: ItemKey | None = None
    """The item whose card carries findings about this value stream."""
    teams: tuple[Text, ...] = ()
    match: Annotated[tuple[MatchStanza, ...], Field(min_length=1)]
    """An item belongs to the stream when any entry fits."""
    budgets: tuple[BudgetStanza, ...] = ()
    horizon_targets: Targets | None = None
    """Instead of the portfolio's."""
    capacity: Capacity | None = None
    """Instead of the portfolio's."""


class ValueStreamsFile(Stanza):
    """The portfolio and its value streams. Owner: the portfolio office."""

    portfolio: PortfolioStanza
    value_streams: Annotated[tuple[ValueStreamStanza, ...], Field(min_length=1)]
    people: dict[Slug, dict[Slug, Text]] = Field(default_factory=dict)
    """One person, all accounts: by tracker or chat, the account there."""
