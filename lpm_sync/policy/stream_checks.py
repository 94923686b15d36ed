"""What the portfolio's and its streams' stanzas must hold together: people, periods, money, bands, matches."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import pairwise

from lpm_sync.core.value_stream import Period
from lpm_sync.core.work_item import Horizon
from lpm_sync.policy.mistakes import Remark, meant, plain
from lpm_sync.policy.periods import period_named
from lpm_sync.policy.trackers import TrackersFile
from lpm_sync.policy.value_streams import (
    MatchStanza,
    PeriodStanza,
    PortfolioStanza,
    Targets,
    ValueStreamsFile,
    ValueStreamStanza,
)
from lpm_sync.policy.yaml_source import YamlPath


def check_value_streams(
    file: ValueStreamsFile, trackers: TrackersFile, chats: Collection[str], label_prefixes: tuple[str, ...]
) -> Iterator[Remark]:
    """Everything wrong in `value_streams.yaml` that no single value shows."""
    portfolio = file.portfolio
    yield from _check_portfolio(portfolio, trackers)
    seen: dict[str, int] = {}
    for position, stream in enumerate(file.value_streams):
        path: YamlPath = ("value_streams", position)
        if seen.setdefault(stream.id, position) != position:
            yield (*path, "id"), f"`{stream.id}` is taken by entry {seen[stream.id] + 1}; choose another id"
        for place, owner in enumerate(stream.business_owners):
            if owner not in file.people:
                yield (*path, "business_owners", place), f"`{owner}` is not in `people`; {meant(owner, file.people)}"
        yield from _check_report_on(stream.report_on, trackers, path)
        yield from _check_budgets(stream, portfolio, path)
        yield from check_targets(stream.horizon_targets or {}, (*path, "horizon_targets"))
        yield from _check_capacity(stream.capacity or {}, portfolio, (*path, "capacity"))
        for place, match in enumerate(stream.match):
            yield from _check_match(match, trackers, label_prefixes, (*path, "match", place))
    for person, accounts in file.people.items():
        for place_name in accounts:
            known = (*trackers.trackers, *chats)
            if place_name not in known:
                yield ("people", person, place_name), f"is neither a tracker nor a chat; {meant(place_name, known)}"


def periods_of(portfolio: PortfolioStanza) -> Mapping[str, Period]:
    """Periods with names of their own: those of the portfolio, and its planning intervals."""
    return {stanza.id: period(stanza) for stanza in (*portfolio.planning_intervals, *portfolio.periods)}


def period(stanza: PeriodStanza) -> Period:
    return Period(id=stanza.id, start=stanza.start, end=stanza.end)


def check_targets(targets: Targets, path: YamlPath) -> Iterator[Remark]:
    """Bands must be the right way round, and leave room for 100 percent."""
    for horizon, (lower, upper) in targets.items():
        if lower > upper:
            yield (
                (*path, horizon.value),
                f"the lower end {lower} is above the upper end {upper}; write [{upper}, {lower}]",
            )
    least = sum((lower for lower, _ in targets.values()), Decimal(0))
    most = sum((upper for _, upper in targets.values()), Decimal(0))
    if least > 100:
        yield path, f"the lower ends add up to {least}, and there are only 100 percent; lower some"
    if len(targets) == len(Horizon) and most < 100:
        yield path, f"the upper ends add up to {most}, less than 100 percent; raise some"


def _check_portfolio(portfolio: PortfolioStanza, trackers: TrackersFile) -> Iterator[Remark]:
    path: YamlPath = ("portfolio",)
    yield from _check_report_on(portfolio.report_on, trackers, path)
    yield from _check_periods(portfolio.planning_intervals, (*path, "planning_intervals"))
    yield from _check_periods(portfolio.periods, (*path, "periods"))
    for position, (earlier, later) in enumerate(pairwise(portfolio.planning_intervals), start=1):
        if later.start <= earlier.end:
            message = (
                f"starts on {later.start}, before `{plain(earlier.id)}` has ended on {earlier.end}; put them in order"
            )
            yield (*path, "planning_intervals", position, "start"), message
    taken = {stanza.id for stanza in portfolio.planning_intervals}
    for position, stanza in enumerate(portfolio.periods):
        if stanza.id in taken:
            yield (*path, "periods", position, "id"), f"`{plain(stanza.id)}` is a planning interval; choose another id"
    yield from check_targets(portfolio.horizon_targets, (*path, "horizon_targets"))
    yield from _check_capacity(portfolio.capacity, portfolio, (*path, "capacity"))


def _check_periods(periods: Iterable[PeriodStanza], path: YamlPath) -> Iterator[Remark]:
    seen: set[str] = set()
    for position, stanza in enumerate(periods):
        if stanza.id in seen:
            yield (*path, position, "id"), f"`{plain(stanza.id)}` stands twice; choose another id"
        seen.add(stanza.id)
        if stanza.end < stanza.start:
            yield (*path, position, "end"), f"ends on {stanza.end}, before it starts on {stanza.start}"


def _check_report_on(key: str | None, trackers: TrackersFile, path: YamlPath) -> Iterator[Remark]:
    tracker = key.partition(":")[0] if key else None
    if tracker is not None and tracker not in trackers.trackers:
        yield (*path, "report_on"), f"`{tracker}` is no tracker; {meant(tracker, trackers.trackers)}"


def _check_capacity(capacity: Mapping[str, Decimal], portfolio: PortfolioStanza, path: YamlPath) -> Iterator[Remark]:
    for category in capacity:
        if category not in portfolio.work_categories:
            yield (*path, category), f"is no work category; {meant(category, portfolio.work_categories)}"
    total = sum(capacity.values(), Decimal(0))
    if capacity and total != 100:
        yield path, f"the shares add up to {total}, not to 100 percent"


def _check_budgets(stream: ValueStreamStanza, portfolio: PortfolioStanza, path: YamlPath) -> Iterator[Remark]:
    named = periods_of(portfolio)
    funded: list[Period] = []
    for position, budget in enumerate(stream.budgets):
        place: YamlPath = (*path, "budgets", position, "period")
        span = named.get(budget.period) or period_named(budget.period)
        if span is None:
            forms = "write `2026`, `2026-H2`, `2026-Q4` or `2026-11`, or name it under `portfolio.periods`"
            yield place, f"`{plain(budget.period)}` is no period; {forms}"
            continue
        for other in funded:
            if span.start <= other.end and other.start <= span.end:
                message = f"shares days with `{plain(other.id)}`: money would count twice; keep one of them"
                yield place, f"`{plain(span.id)}` {message}"
        funded.append(span)


def _check_match(
    match: MatchStanza, trackers: TrackersFile, label_prefixes: tuple[str, ...], path: YamlPath
) -> Iterator[Remark]:
    projects = [project for tracker in trackers.trackers.values() for project in tracker.scope.projects]
    fields = [name for tracker in trackers.trackers.values() for name in tracker.fields]
    if not any((match.project, match.area_path, match.label, match.component, match.team, match.field)):
        yield path, "claims every item; name a project, area path, label, component, team or field"
    if match.project and match.project not in projects:
        yield (*path, "project"), f"`{plain(match.project)}` is in no tracker's scope; {meant(match.project, projects)}"
    prefix = next((one for one in label_prefixes if match.label and match.label.lower().startswith(one)), None)
    if prefix is not None:
        message = f"labels that begin with `{prefix}` are written by lpm-sync; name a label of the teams"
        yield (*path, "label"), message
    for name in match.field or {}:
        if name not in fields:
            yield (*path, "field", name), f"no tracker has this field; {meant(name, fields)}"
