"""What a tracker's stanza must hold to be understood as a whole: levels, stages, words, fields."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from lpm_sync.core.work_item import Level, Stage
from lpm_sync.policy.mistakes import Remark, is_secret_key, meant, plain, secret_advice
from lpm_sync.policy.trackers import TrackersFile, TrackerStanza
from lpm_sync.policy.value_streams import PortfolioStanza
from lpm_sync.policy.yaml_source import YamlPath

KNOWN_FIELDS = (
    "acceptance_criteria",
    "actual_spend",
    "benefit_hypothesis",
    "benefit_realised",
    "business_value_actual",
    "business_value_planned",
    "estimate",
    "horizon",
    "implementation_cost_forecast",
    "job_size",
    "mvp_cost_estimate",
    "needed_by",
    "planning_interval",
    "risk_reduction_opportunity_enablement",
    "target_date",
    "team",
    "time_criticality",
    "user_business_value",
    "work_category",
)
"""Fields that have a meaning of their own; any other has to be read by name: by a match, as approval, or by a rule."""

_TEAM_PLACES = ("team", "component", "area_path")


def check_trackers(
    file: TrackersFile, portfolio: PortfolioStanza, connectors: Collection[str], read_by_name: Collection[str]
) -> Iterator[Remark]:
    """Everything wrong in `trackers.yaml` that no single value shows.

    `read_by_name` are the fields that the other files and the installed rules name.
    """
    for name, tracker in file.trackers.items():
        path: YamlPath = ("trackers", name)
        if tracker.connector not in connectors:
            message = f"no connector `{plain(tracker.connector)}` is installed; {meant(tracker.connector, connectors)}"
            yield (*path, "connector"), message
        yield from _check_levels(tracker, path)
        yield from _check_stages(tracker, path)
        yield from _check_fields(tracker, path, read_by_name)
        yield from _check_words(tracker, path, portfolio)
        for key in tracker.options:
            if is_secret_key(key):
                yield (*path, "options", key), secret_advice(path)


def _check_levels(tracker: TrackerStanza, path: YamlPath) -> Iterator[Remark]:
    reached: dict[tuple[str, str], int] = {}
    for position, entry in enumerate(tracker.levels):
        for place, project in enumerate(entry.projects):
            if project not in tracker.scope.projects:
                message = f"`{plain(project)}` is not in scope; {meant(project, tracker.scope.projects)}"
                yield (*path, "levels", position, "projects", place), message
        pairs = [(kind, project) for kind in entry.types for project in entry.projects or tracker.scope.projects]
        if all(pair in reached for pair in pairs):
            earlier = reached[pairs[0]] + 1
            yield (*path, "levels", position), f"is never reached: entry {earlier} fits all of it; put this one first"
        for pair in pairs:
            reached.setdefault(pair, position)


def _check_stages(tracker: TrackerStanza, path: YamlPath) -> Iterator[Remark]:
    levels = {entry.level for entry in tracker.levels}
    mappings: dict[str, Mapping[Level, Iterable[str]]] = {"stages": tracker.stages, "progress": tracker.progress}
    for key, mapping in mappings.items():
        for level, words in mapping.items():
            if level not in levels:
                yield (*path, key, level.value), f"no type stands at this level; {meant(level, levels)}"
            yield from _check_case(words, (*path, key, level.value))
    for level in tracker.stages:
        if level is not Level.PORTFOLIO_EPIC:
            yield (*path, "stages", level.value), "only portfolio epics have stages; map other levels under `progress`"
    if Level.PORTFOLIO_EPIC in levels:
        stages = tracker.stages.get(Level.PORTFOLIO_EPIC, {})
        if not stages:
            yield path, "`stages.portfolio-epic` is missing: map each status of a portfolio epic to its Kanban stage"
        elif Stage.DONE not in stages.values():
            yield (*path, "stages", "portfolio-epic"), "no status leads to `done`; map the one that closes an epic"


def _check_fields(tracker: TrackerStanza, path: YamlPath, read_by_name: Collection[str]) -> Iterator[Remark]:
    known = {*KNOWN_FIELDS, *read_by_name, tracker.team_field}
    for name in tracker.fields:
        if name not in known:
            yield (*path, "fields", name), f"nothing reads a field of that name; {meant(name, known)}"
    if tracker.team_field not in {*tracker.fields, *_TEAM_PLACES}:
        remark = f"is no configured field; {meant(tracker.team_field, (*tracker.fields, *_TEAM_PLACES))}"
        yield (*path, "team_field"), f"`{plain(tracker.team_field)}` {remark}"


def _check_words(tracker: TrackerStanza, path: YamlPath, portfolio: PortfolioStanza) -> Iterator[Remark]:
    yield from _check_case(tracker.horizons, (*path, "horizons"))
    yield from _check_case(tracker.work_categories, (*path, "work_categories"))
    for word, category in tracker.work_categories.items():
        if category not in portfolio.work_categories:
            message = f"`{plain(category)}` is no work category; {meant(category, portfolio.work_categories)}"
            yield (*path, "work_categories", word), message


def _check_case(words: Iterable[str], path: YamlPath) -> Iterator[Remark]:
    """Words of a tracker are compared without case, so two that differ in case only are one."""
    seen: dict[str, str] = {}
    for word in words:
        first = seen.setdefault(word.casefold(), word)
        if first != word:
            yield (*path, word), f"is the same word as `{plain(first)}`, as case does not count; remove one of them"
