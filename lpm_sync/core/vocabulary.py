"""How one tracker's words map onto the portfolio's: types to levels, statuses to stages and progress."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lpm_sync.core.work_item import Horizon, Level, Progress, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelMatch:
    """Types, in these projects (empty: all), that stand at a level. The first match of a vocabulary counts."""

    level: Level
    types: tuple[str, ...]
    projects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """One tracker's words. Status, horizon and category names are compared without case.

    `progress` overrides the tracker's own status category, per level; `stages` is needed for portfolio epics.
    `team_field` names where a team stands: a configured field, `component`, or `area_path` (its last part).
    """

    levels: tuple[LevelMatch, ...]
    stages: Mapping[Level, Mapping[str, Stage]] = field(default_factory=dict)
    progress: Mapping[Level, Mapping[str, Progress]] = field(default_factory=dict)
    horizons: Mapping[str, Horizon] = field(default_factory=dict)
    work_categories: Mapping[str, str] = field(default_factory=dict)
    team_field: str = "team"
