"""Lays one tracker's vocabulary on its items: the portfolio's words, or quarantine with the reason and the remedy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from lpm_sync.core.escalation_marker import is_escalation_epic
from lpm_sync.core.field_reading import UnreadableError, read_date, read_money, read_number, read_text, shown
from lpm_sync.core.portfolio import Quarantined
from lpm_sync.core.value_stream import PortfolioDefinition
from lpm_sync.core.vocabulary import Vocabulary
from lpm_sync.core.work_item import UNCATEGORISED, Horizon, Level, Progress, SourceItem, Stage, WorkItem

_Value = TypeVar("_Value")
_EPIC = Level.PORTFOLIO_EPIC  # to read a member off its enumeration takes ten times as long


def normalise(
    source: SourceItem,
    vocabulary: Vocabulary,
    definition: PortfolioDefinition,
    is_stale: bool = False,
    label_prefix: str = "lpm:",
) -> WorkItem | Quarantined | None:
    """The item in the portfolio's words; None where its type stands at no level.

    An unknown status or an unreadable value sets it aside, with the remedy. Escalation epics of ours need no stage.
    """
    if (level := level_of(source, vocabulary)) is None:
        return None
    try:
        stage, progress = _state(source, level, vocabulary, is_escalation_epic(label_prefix, source))
        return WorkItem(
            source=source,
            level=level,
            progress=progress,
            stage=stage,
            team=_team(source, vocabulary),
            horizon=_horizon(source, vocabulary),
            work_category=_work_category(source, vocabulary, definition),
            estimate=read_number(source, "estimate"),
            implementation_cost_forecast=read_money(source, "implementation_cost_forecast"),
            mvp_cost_estimate=read_money(source, "mvp_cost_estimate"),
            actual_spend=read_money(source, "actual_spend"),
            benefit_realised=read_money(source, "benefit_realised"),
            target_date=read_date(source, "target_date", definition.timezone),
            needed_by=read_date(source, "needed_by", definition.timezone),
            planning_interval=_planning_interval(source, definition),
            is_stale=is_stale,
        )
    except UnreadableError as unreadable:
        return _set_aside(source, str(unreadable))


def _set_aside(source: SourceItem, reason: str) -> Quarantined:
    return Quarantined(ref=source.ref, key=f"{source.ref.tracker}:{source.key}", reason=reason, parent=source.parent)


def level_of(source: SourceItem, vocabulary: Vocabulary) -> Level | None:
    """The level of the first match of the vocabulary that has the item's type and project; None: at no level."""
    for match in vocabulary.levels:
        if match.projects and source.project not in match.projects:
            continue
        if source.type in match.types or source.type.casefold() in map(str.casefold, match.types):
            return match.level
    return None


def _state(
    source: SourceItem, level: Level, vocabulary: Vocabulary, is_escalation: bool
) -> tuple[Stage | None, Progress]:
    if level is _EPIC:
        stage = _look_up(vocabulary.stages.get(level, {}), source.status)
        if stage is not None:
            return stage, _progress_at(stage)
        if not is_escalation:
            raise _unknown_status(source, f"stages.{level}")
    progress = _look_up(vocabulary.progress.get(level, {}), source.status) or source.progress
    if progress is None:
        raise _unknown_status(source, f"progress.{level}")
    return None, progress


def _progress_at(stage: Stage) -> Progress:
    match stage:
        case Stage.IMPLEMENTING_MVP | Stage.IMPLEMENTING_PERSEVERE:
            return Progress.DOING
        case Stage.DONE:
            return Progress.DONE
        case _:
            return Progress.TODO


def _unknown_status(source: SourceItem, setting: str) -> UnreadableError:
    return UnreadableError(
        f"its status {shown(source.status)} is not known: add it to {setting} of tracker {source.ref.tracker}, "
        "or move the item to a status that stands there"
    )


def _team(source: SourceItem, vocabulary: Vocabulary) -> str | None:
    match vocabulary.team_field:
        case "component":
            return next(iter(source.components), None)
        case "area_path":
            return (source.area_path or "").rstrip("\\").rpartition("\\")[2].strip() or None
        case name:
            return read_text(source, name) or None


def _horizon(source: SourceItem, vocabulary: Vocabulary) -> Horizon | None:
    text = read_text(source, "horizon")
    if not text:
        return None
    if (horizon := _look_up(vocabulary.horizons, text)) is not None:
        return horizon
    try:
        return Horizon(text.casefold())
    except ValueError:
        raise UnreadableError(
            f"its horizon {shown(text)} is not known: choose one of {', '.join(Horizon)}, "
            f"or add the word to horizons of tracker {source.ref.tracker}"
        ) from None


def _work_category(source: SourceItem, vocabulary: Vocabulary, definition: PortfolioDefinition) -> str:
    text = read_text(source, "work_category")
    category = _look_up(vocabulary.work_categories, text) or text.casefold().replace(" ", "_").replace("-", "_")
    return category if category in definition.work_categories else UNCATEGORISED


def _planning_interval(source: SourceItem, definition: PortfolioDefinition) -> str | None:
    """The interval that the field names, else the one whose id is a part of the iteration path.

    A text that is no interval of the portfolio (an older one, say) stays as it is.
    """
    value = source.fields.get("planning_interval", ())
    named = value if isinstance(value, tuple) else (str(value).strip(),)
    path = source.iteration_path.split("\\") if source.iteration_path else ()
    for text in (*named, *path):
        folded = text.casefold()
        for interval in definition.planning_intervals:
            if interval.id.casefold() == folded:
                return interval.id
    return next((text for text in named if text), None)


def _look_up(words: Mapping[str, _Value], text: str) -> _Value | None:
    """The meaning of a word, without case."""
    if text in words:
        return words[text]
    if not words:
        return None
    folded = text.casefold()
    return next((meaning for word, meaning in words.items() if word.casefold() == folded), None)
