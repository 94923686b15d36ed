"""Lays one tracker's vocabulary on its items: the portfolio's words, or quarantine with the reason and the remedy."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import TypeVar

from lpm_sync.core.escalation_marker import EscalationMarks
from lpm_sync.core.field_reading import UnreadableError, read_date, read_money, read_number, read_text, shown
from lpm_sync.core.portfolio import Quarantined
from lpm_sync.core.value_stream import PortfolioDefinition
from lpm_sync.core.vocabulary import Vocabulary
from lpm_sync.core.work_item import UNCATEGORISED, Horizon, Level, Progress, SourceItem, Stage, WorkItem

_Value = TypeVar("_Value")
_EPIC = Level.PORTFOLIO_EPIC  # to read a member off its enumeration takes ten times as long


class Normaliser:
    """Puts the items of one tracker into the portfolio's words.

    Each word is looked up once: few occur, and on many items.
    """

    def __init__(
        self, vocabulary: Vocabulary, definition: PortfolioDefinition, marks: EscalationMarks | None = None
    ) -> None:
        self._marks = marks or EscalationMarks()
        self._timezone = definition.timezone
        self._team_field = vocabulary.team_field
        self._level = cache(partial(_level, vocabulary))
        self._stage = cache(partial(_stage, vocabulary))
        self._progress = cache(partial(_progress, vocabulary))
        self._horizon = cache(partial(_horizon, vocabulary))
        self._work_category = cache(partial(_work_category, vocabulary, definition))
        self._planning_interval = cache(partial(_planning_interval, definition))

    def item(self, source: SourceItem, *, is_stale: bool = False) -> WorkItem | Quarantined | None:
        """The item in the portfolio's words; None where its type stands at no level.

        An unknown status or an unreadable value sets it aside, with the remedy. Escalation epics of ours need no stage.
        """
        if (level := self._level(source.project, source.type)) is None:
            return None
        try:
            stage, progress = self._state(source, level)
            return WorkItem(
                source=source,
                level=level,
                progress=progress,
                stage=stage,
                team=self._team(source),
                horizon=self._horizon_of(source),
                work_category=self._work_category(read_text(source, "work_category")),
                estimate=read_number(source, "estimate"),
                implementation_cost_forecast=read_money(source, "implementation_cost_forecast"),
                mvp_cost_estimate=read_money(source, "mvp_cost_estimate"),
                actual_spend=read_money(source, "actual_spend"),
                benefit_realised=read_money(source, "benefit_realised"),
                target_date=read_date(source, "target_date", self._timezone),
                needed_by=read_date(source, "needed_by", self._timezone),
                planning_interval=self._planning_interval(_named_intervals(source), source.iteration_path),
                is_stale=is_stale,
            )
        except UnreadableError as unreadable:
            return _set_aside(source, str(unreadable))

    def _state(self, source: SourceItem, level: Level) -> tuple[Stage | None, Progress]:
        if level is _EPIC:
            stage = self._stage(source.status)
            if stage is not None:
                return stage, _progress_at(stage)
            if not self._marks.is_escalation_epic(source):
                raise _unknown_status(source, f"stages.{level}")
        progress = self._progress(level, source.status) or source.progress
        if progress is None:
            raise _unknown_status(source, f"progress.{level}")
        return None, progress

    def _team(self, source: SourceItem) -> str | None:
        match self._team_field:
            case "component":
                return next(iter(source.components), None)
            case "area_path":
                return (source.area_path or "").rstrip("\\").rpartition("\\")[2].strip() or None
            case name:
                return read_text(source, name) or None

    def _horizon_of(self, source: SourceItem) -> Horizon | None:
        if not (text := read_text(source, "horizon")):
            return None
        if (horizon := self._horizon(text)) is None:
            raise UnreadableError(
                f"its horizon {shown(text)} is not known: choose one of {', '.join(Horizon)}, "
                f"or add the word to horizons of tracker {source.ref.tracker}"
            )
        return horizon


def _set_aside(source: SourceItem, reason: str) -> Quarantined:
    return Quarantined(ref=source.ref, key=f"{source.ref.tracker}:{source.key}", reason=reason, parent=source.parent)


def _level(vocabulary: Vocabulary, project: str, kind: str) -> Level | None:
    """The level of the first match of the vocabulary that has the item's type and project; None: at no level."""
    for match in vocabulary.levels:
        if match.projects and project not in match.projects:
            continue
        if kind.casefold() in map(str.casefold, match.types):
            return match.level
    return None


def _stage(vocabulary: Vocabulary, status: str) -> Stage | None:
    return _look_up(vocabulary.stages.get(_EPIC, {}), status)


def _progress(vocabulary: Vocabulary, level: Level, status: str) -> Progress | None:
    return _look_up(vocabulary.progress.get(level, {}), status)


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


def _horizon(vocabulary: Vocabulary, text: str) -> Horizon | None:
    if (horizon := _look_up(vocabulary.horizons, text)) is not None:
        return horizon
    return next((horizon for horizon in Horizon if horizon.value == text.casefold()), None)


def _work_category(vocabulary: Vocabulary, definition: PortfolioDefinition, text: str) -> str:
    category = _look_up(vocabulary.work_categories, text) or text.casefold().replace(" ", "_").replace("-", "_")
    return category if category in definition.work_categories else UNCATEGORISED


def _named_intervals(source: SourceItem) -> tuple[str, ...]:
    value = source.fields.get("planning_interval", ())
    return value if isinstance(value, tuple) else (str(value).strip(),)


def _planning_interval(
    definition: PortfolioDefinition, named: tuple[str, ...], iteration_path: str | None
) -> str | None:
    """The interval that the field names, else the one whose id is a part of the iteration path.

    A text that is no interval of the portfolio (an older one, say) stays as it is.
    """
    path = iteration_path.split("\\") if iteration_path else ()
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
