"""Terse builders of small portfolios, for the examples of rules, for scenario files and for tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from lpm_sync.core.assembly import Gathered, assemble
from lpm_sync.core.mapped_fields import EVERYTHING, MappedFields
from lpm_sync.core.portfolio import Approval, Portfolio, Quarantined
from lpm_sync.core.value_stream import Band, Budget, Match, Period, PortfolioDefinition, ValueStream
from lpm_sync.core.work_item import Edge, Horizon, Level, Progress, Ref, SourceItem, Stage, WorkItem

TODAY = date(2026, 11, 10)
"""A Tuesday, in the second half-year and in the interval of these portfolios."""

HALF_YEAR = Period(id="2026-H2", start=date(2026, 7, 1), end=date(2026, 12, 31))
LAST_INTERVAL = Period(id="PI-2026.3", start=date(2026, 7, 6), end=date(2026, 9, 18))
THIS_INTERVAL = Period(id="PI-2026.4", start=date(2026, 10, 5), end=date(2026, 12, 18))

_CREATED = datetime(2026, 9, 1, 8, tzinfo=UTC)
_OF_THE_SOURCE = frozenset(SourceItem.__struct_fields__)
_SHORT = {"forecast": "implementation_cost_forecast", "spend": "actual_spend"}
_AMOUNTS = frozenset({"estimate", "implementation_cost_forecast", "mvp_cost_estimate", "actual_spend"})


def ref_of(key: str) -> Ref:
    """`PAY-12` in tracker `jira`, `ado:431` where it says so."""
    return Ref.parse(key if ":" in key else f"jira:{key}")


def item(key: str, level: Level, *, blocked_by: Iterable[str] = (), **values: Any) -> WorkItem:
    """An item with that key. `values` are fields of the item or of its source; `forecast` and `spend` are short names.

    Parents and blockers are named by their keys; amounts may be plain numbers.
    """
    ref = ref_of(key)
    named = {_SHORT.get(name, name): value for name, value in values.items()}
    if isinstance(named.get("parent"), str):
        named["parent"] = ref_of(named["parent"])
    amounts = {name: Decimal(str(named[name])) for name in _AMOUNTS & named.keys() if named[name] is not None}
    source: dict[str, Any] = {
        "key": ref.id,
        "url": f"https://{ref.tracker}.example/{ref.id}",
        "project": ref.id.partition("-")[0],
        "type": level.value,
        "title": f"Title of {ref.id}",
        "status": "as it is",
        "progress": named.get("progress", Progress.TODO),
        "created": _CREATED,
        "updated": _CREATED,
        "edges": frozenset(Edge(ref_of(blocker), ref) for blocker in blocked_by),
    } | {name: value for name, value in named.items() if name in _OF_THE_SOURCE}
    own = {name: value for name, value in named.items() if name not in _OF_THE_SOURCE} | amounts
    own.setdefault("progress", source["progress"])
    return WorkItem(source=SourceItem(ref=ref, **source), level=level, **own)


def epic(key: str, stage: Stage = Stage.ANALYZING, **values: Any) -> WorkItem:
    """A portfolio epic; its progress follows from its stage."""
    progress = {
        Stage.IMPLEMENTING_MVP: Progress.DOING,
        Stage.IMPLEMENTING_PERSEVERE: Progress.DOING,
        Stage.DONE: Progress.DONE,
    }.get(stage, Progress.TODO)
    return item(key, Level.PORTFOLIO_EPIC, stage=stage, **{"progress": progress, **values})


def feature(key: str, **values: Any) -> WorkItem:
    """A feature."""
    return item(key, Level.FEATURE, **values)


def aside(key: str, reason: str = "its status is not known", parent: str | None = None) -> Quarantined:
    """An item in quarantine."""
    ref = ref_of(key)
    return Quarantined(ref=ref, key=str(ref), reason=reason, parent=None if parent is None else ref_of(parent))


def stream(identifier: str, *projects: str, budget: int | None = None, **values: Any) -> ValueStream:
    """A value stream that claims those projects, with a budget for the half-year."""
    budgets = () if budget is None else (Budget(period=HALF_YEAR, amount=Decimal(budget)),)
    matches = tuple(Match(project=project) for project in projects)
    return ValueStream(id=identifier, name=identifier.title(), **{"matches": matches, "budgets": budgets, **values})


def bands(**percents: tuple[int, int]) -> dict[Horizon, Band]:
    """Target bands by horizon: `bands(investing=(40, 70))`."""
    return {
        Horizon(horizon): Band(lower=Decimal(lower), upper=Decimal(upper))
        for horizon, (lower, upper) in percents.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What lies around the items. `blocked_since` are days by blocker and blocked; an edge without one is first seen.

    `first_seen` marks edges whose day is not from a history. `definition` are fields of the portfolio's definition.
    """

    today: date = TODAY
    streams: tuple[ValueStream, ...] = ()
    blocked_since: Mapping[tuple[str, str], date] = field(default_factory=dict)
    first_seen: frozenset[tuple[str, str]] = frozenset()
    quarantined: tuple[Quarantined, ...] = ()
    stale: frozenset[str] = frozenset()
    approval: Approval = field(default_factory=Approval)
    mapped: MappedFields = EVERYTHING
    definition: Mapping[str, Any] = field(default_factory=dict)


def portfolio_of(*items: WorkItem, setting: Setting | None = None, **values: Any) -> Portfolio:
    """The portfolio of those items; `values` are fields of `Setting`, where none is given."""
    setting = setting or Setting(**values)
    definition = PortfolioDefinition(
        **{
            "name": "Northwind",
            "currency": "EUR",
            "timezone": "Europe/Berlin",
            "calendar": "DE",
            "value_streams": setting.streams,
            "planning_intervals": (LAST_INTERVAL, THIS_INTERVAL),
            **setting.definition,
        }
    )
    noon = time(12, tzinfo=ZoneInfo(definition.timezone))
    return assemble(
        Gathered(
            now=datetime.combine(setting.today, noon),
            definition=definition,
            items=items,
            quarantined=setting.quarantined,
            blocked_since={_edge(ends): datetime.combine(day, noon) for ends, day in setting.blocked_since.items()},
            first_seen=frozenset(map(_edge, setting.first_seen)),
            stale=setting.stale,
            approval=setting.approval,
            mapped=setting.mapped,
        )
    )


def _edge(ends: tuple[str, str]) -> Edge:
    blocker, blocked = ends
    return Edge(ref_of(blocker), ref_of(blocked))
