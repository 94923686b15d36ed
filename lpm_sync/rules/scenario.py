"""Scenario files: small portfolios, the rules laid on them and what is expected, as people write them in YAML."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from lpm_sync.core.dependency import blocked_since
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.value_stream import Band, Budget, Match, Period, ValueStream
from lpm_sync.core.work_item import Horizon, Level, Progress, Stage, WorkItem
from lpm_sync.errors import ConfigurationError
from lpm_sync.rules.example import Setting, aside, epic, item, portfolio_of


def _as_written(value: object) -> object:
    """YAML reads 100.01 as a binary fraction; its shortest decimal is what was written."""
    return Decimal(str(value)) if isinstance(value, float) else value


def _one_or_many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _named_alone(value: object) -> object:
    """A list of blockers of which nothing more is told."""
    return {key: {} for key in value} if isinstance(value, list) else value


Number = Annotated[Decimal, BeforeValidator(_as_written)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_one_or_many)]
Percents = tuple[Number, Number]


class _Stanza(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)


class GivenBudget(_Stanza):
    """Money allocated from one day to another, both included."""

    period: str
    start: date = Field(alias="from")
    end: date = Field(alias="to")
    amount: Number


class GivenMatch(_Stanza):
    """What claims an item; every criterion that is set must fit."""

    project: str | None = None
    area_path: str | None = None
    label: str | None = None
    component: str | None = None
    team: str | None = None


class GivenStream(_Stanza):
    """A value stream."""

    match: tuple[GivenMatch, ...] = ()
    teams: tuple[str, ...] = ()
    business_owners: tuple[str, ...] = ()
    budgets: tuple[GivenBudget, ...] = ()
    horizon_targets: dict[Horizon, Percents] | None = None
    capacity: dict[str, Number] | None = None


class GivenInterval(_Stanza):
    """A planning interval, both days included."""

    id: str
    start: date
    end: date


class GivenPortfolio(_Stanza):
    """What the portfolio office defines; the same for all scenarios of a file."""

    currency: str = "EUR"
    timezone: str = "Europe/Berlin"
    calendar: str = ""
    value_streams: dict[str, GivenStream] = {}
    planning_intervals: tuple[GivenInterval, ...] = ()
    horizon_targets: dict[Horizon, Percents] = {}
    capacity: dict[str, Number] = {}


class GivenLink(_Stanza):
    """What the trackers tell of a dependency. Without `link_made` the day on which it was first seen counts."""

    link_made: date | None = None
    blocker_moved: date | None = None
    first_seen: date | None = None


class GivenItem(_Stanza):
    """An item. One with a stage is a portfolio epic, any other a feature unless its level says otherwise."""

    level: Level | None = None
    stage: Stage | None = None
    progress: Progress | None = None
    title: str = "An item"
    area_path: str | None = None
    components: tuple[str, ...] = ()
    labels: Annotated[frozenset[str], BeforeValidator(_one_or_many)] = frozenset()
    parent: str | None = None
    owner: str | None = None
    team: str | None = None
    horizon: Horizon | None = None
    work_category: str | None = None
    estimate: Number | None = None
    forecast: Number | None = None
    spend: Number | None = None
    target_date: date | None = None
    needed_by: date | None = None
    planning_interval: str | None = None
    fields: dict[str, str] = {}
    blocked_by: Annotated[dict[str, GivenLink], BeforeValidator(_named_alone)] = {}
    is_stale: bool = False
    quarantined: str | None = None


class GivenRule(_Stanza):
    """A rule and its settings, as in the policy."""

    model_config = ConfigDict(extra="allow")

    rule: str

    @property
    def settings(self) -> dict[str, Any]:
        """The rule's own settings."""
        return dict(self.model_extra or {})


class Expected(_Stanza):
    """What is expected of an item, a stream, `portfolio` or `unmapped`; what is left out is not looked at.

    `findings` and `held` are exactly the codes. `says` are parts of what the findings say. `since` is the day of the
    earliest finding. `goes_to` is the portfolio epic that would hear of it. `share` is what an item adds to its stream,
    `compared` what a threshold is compared with; `forecast` and `spend` are a stream's sums.
    """

    findings: tuple[str, ...] | None = None
    held: tuple[str, ...] | None = None
    says: Texts = ()
    since: date | None = None
    blockers: tuple[str, ...] | None = None
    goes_to: str | None = None
    value_stream: str | None = None
    share: Number | None = None
    compared: Number | None = None
    forecast: Number | None = None
    spend: Number | None = None


class Scenario(_Stanza):
    """One day of a small portfolio. Its own `rules` take the place of the file's."""

    name: str
    today: date
    items: dict[str, GivenItem] = {}
    rules: tuple[GivenRule, ...] | None = None
    expect: dict[str, Expected] = Field(min_length=1)


class ScenarioFile(_Stanza):
    """Scenarios that share a portfolio and rules. Without rules they are run against the policy."""

    about: str = ""
    portfolio: GivenPortfolio = GivenPortfolio()
    rules: tuple[GivenRule, ...] = ()
    scenarios: tuple[Scenario, ...] = Field(min_length=1)


def read_scenarios(content: object, place: str) -> ScenarioFile:
    """Reads what a YAML reader made of a scenario file; raises ConfigurationError that names `place` and the path."""
    try:
        return ScenarioFile.model_validate(content)
    except ValidationError as error:
        faults = [
            f"{place}: {'.'.join(str(part) for part in fault['loc']) or 'the file'}: {fault['msg']}"
            for fault in error.errors()
        ]
        raise ConfigurationError("\n".join(faults)) from error


def portfolio_in(scenario: Scenario, given: GivenPortfolio) -> Portfolio:
    """The portfolio of a scenario, assembled as a cycle assembles one."""
    days, first_seen = _links(scenario)
    setting = Setting(
        today=scenario.today,
        streams=tuple(_stream(name, stream) for name, stream in given.value_streams.items()),
        blocked_since=days,
        first_seen=first_seen,
        quarantined=tuple(
            aside(key, item.quarantined, item.parent) for key, item in scenario.items.items() if item.quarantined
        ),
        definition={
            "currency": given.currency,
            "timezone": given.timezone,
            "calendar": given.calendar,
            "planning_intervals": tuple(
                Period(id=interval.id, start=interval.start, end=interval.end) for interval in given.planning_intervals
            ),
            "horizon_targets": _bands(given.horizon_targets),
            "capacity": given.capacity,
        },
    )
    items = (_item(key, item) for key, item in scenario.items.items() if not item.quarantined)
    return portfolio_of(*items, setting=setting)


def _item(key: str, given: GivenItem) -> WorkItem:
    own = given.model_dump(exclude={"level", "stage", "blocked_by", "quarantined"}, exclude_none=True)
    own["blocked_by"] = tuple(given.blocked_by)
    if given.stage is not None:
        return epic(key, given.stage, **own)
    return item(key, given.level or Level.FEATURE, **own)


def _links(scenario: Scenario) -> tuple[dict[tuple[str, str], date], frozenset[tuple[str, str]]]:
    """Since when each edge blocks, by its ends, and those that were only seen."""
    days: dict[tuple[str, str], date] = {}
    only_seen: set[tuple[str, str]] = set()
    for blocked, given in scenario.items.items():
        for blocker, link in given.blocked_by.items():
            seen = _noon(link.first_seen or scenario.today)
            since, is_first_seen = blocked_since(
                _noon(link.link_made) if link.link_made else None,
                _noon(link.blocker_moved) if link.blocker_moved else None,
                seen,
            )
            days[blocker, blocked] = since.date()
            if is_first_seen:
                only_seen.add((blocker, blocked))
    return days, frozenset(only_seen)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def _stream(name: str, given: GivenStream) -> ValueStream:
    return ValueStream(
        id=name,
        name=name,
        business_owners=given.business_owners,
        teams=given.teams,
        matches=tuple(Match(**match.model_dump()) for match in given.match),
        budgets=tuple(
            Budget(period=Period(id=budget.period, start=budget.start, end=budget.end), amount=budget.amount)
            for budget in given.budgets
        ),
        horizon_targets=None if given.horizon_targets is None else _bands(given.horizon_targets),
        capacity=given.capacity,
    )


def _bands(targets: dict[Horizon, Percents]) -> dict[Horizon, Band]:
    return {horizon: Band(lower=lower, upper=upper) for horizon, (lower, upper) in targets.items()}
