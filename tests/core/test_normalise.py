"""An item is laid out in the portfolio's words, or set aside with what to do about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from lpm_sync.core.normalise import Normaliser
from lpm_sync.core.portfolio import Quarantined
from lpm_sync.core.value_stream import Period, PortfolioDefinition
from lpm_sync.core.vocabulary import LevelMatch, Vocabulary
from lpm_sync.core.work_item import UNCATEGORISED, Horizon, Level, Progress, Ref, SourceItem, Stage, WorkItem

_VOCABULARY = Vocabulary(
    levels=(
        LevelMatch(level=Level.PORTFOLIO_EPIC, types=("Epic",), projects=("PORT",)),
        LevelMatch(level=Level.FEATURE, types=("Feature", "Epic")),
        LevelMatch(level=Level.STORY, types=("Story",)),
    ),
    stages={Level.PORTFOLIO_EPIC: {"Funnel": Stage.FUNNEL, "In Progress": Stage.IMPLEMENTING_MVP, "Done": Stage.DONE}},
    progress={Level.FEATURE: {"Parked": Progress.TODO}},
    horizons={"Horizon 1": Horizon.INVESTING},
    work_categories={"Shiny": "business_feature", "Other": "unheard_of"},
)
_DEFINITION = PortfolioDefinition(
    name="Northwind",
    currency="EUR",
    timezone="Europe/Berlin",
    calendar="DE",
    value_streams=(),
    planning_intervals=(Period(id="PI-2026.4", start=date(2026, 10, 5), end=date(2026, 12, 18)),),
)
_CREATED = datetime(2026, 11, 1, tzinfo=UTC)


def _source(**values: Any) -> SourceItem:
    source = SourceItem(
        ref=Ref("jira", "10012"),
        key="PAY-12",
        url="https://jira.example/PAY-12",
        project="PAY",
        type="Feature",
        title="Refunds",
        status="To Do",
        progress=Progress.TODO,
        created=_CREATED,
        updated=_CREATED,
    )
    return structs.replace(source, **values)


def _item(vocabulary: Vocabulary = _VOCABULARY, **values: Any) -> WorkItem:
    found = Normaliser(vocabulary, _DEFINITION).item(_source(**values))
    assert isinstance(found, WorkItem), found
    return found


def _aside(**values: Any) -> Quarantined:
    found = Normaliser(_VOCABULARY, _DEFINITION).item(_source(**values))
    assert isinstance(found, Quarantined), found
    return found


def test_a_type_at_no_level_is_ignored() -> None:
    assert Normaliser(_VOCABULARY, _DEFINITION).item(_source(type="Sub-task")) is None


@pytest.mark.parametrize(
    ("kind", "project", "status", "level"),
    [
        ("Epic", "PORT", "Funnel", Level.PORTFOLIO_EPIC),
        ("Epic", "PAY", "To Do", Level.FEATURE),
        ("feature", "PAY", "To Do", Level.FEATURE),
        ("Story", "PAY", "To Do", Level.STORY),
    ],
)
def test_the_first_match_of_type_and_project_is_the_level(kind: str, project: str, status: str, level: Level) -> None:
    assert _item(type=kind, project=project, status=status).level is level


@pytest.mark.parametrize(
    ("status", "stage", "progress"),
    [
        ("Funnel", Stage.FUNNEL, Progress.TODO),
        ("in progress", Stage.IMPLEMENTING_MVP, Progress.DOING),
        ("Done", Stage.DONE, Progress.DONE),
    ],
)
def test_the_progress_of_a_portfolio_epic_follows_from_its_stage(status: str, stage: Stage, progress: Progress) -> None:
    epic = _item(type="Epic", project="PORT", status=status, progress=None)

    assert (epic.stage, epic.progress) == (stage, progress)


def test_a_feature_keeps_the_trackers_own_progress_unless_the_vocabulary_overrides_it() -> None:
    assert _item(status="Odd", progress=Progress.DOING).progress is Progress.DOING
    assert _item(status="parked", progress=Progress.DOING).progress is Progress.TODO
    assert _item(status="Parked", progress=None).stage is None


def test_an_unknown_status_sets_the_item_aside_with_its_name_and_the_remedy() -> None:
    epic = _aside(type="Epic", project="PORT", status="Incubating", parent=Ref("jira", "1"))
    feature = _aside(status="Limbo", progress=None)

    assert epic.key == "jira:PAY-12"
    assert epic.parent == Ref("jira", "1")
    assert "“Incubating”" in epic.reason
    assert "stages.portfolio-epic of tracker jira" in epic.reason
    assert "“Limbo”" in feature.reason
    assert "progress.feature" in feature.reason


def test_an_escalation_epic_of_ours_needs_no_stage_and_a_copy_by_others_does() -> None:
    values: dict[str, Any] = {
        "type": "Epic",
        "project": "PORT",
        "status": "Backlog",
        "labels": frozenset({"LPM:Escalation"}),
    }

    assert _item(**values, is_ours=True).stage is None
    assert "Backlog" in _aside(**values, is_ours=False).reason


def test_all_fields_are_read() -> None:
    item = _item(
        fields={
            "team": " Ledger ",
            "horizon": "horizon 1",
            "work_category": "Tech Debt",
            "estimate": Decimal("12.5"),
            "implementation_cost_forecast": "250000.005",
            "mvp_cost_estimate": Decimal("1E+3"),
            "actual_spend": Decimal("0.1"),
            "benefit_realised": Decimal(0),
            "target_date": "2026-11-30",
            "needed_by": "2026-11-29T23:00:00Z",
            "planning_interval": ("Sprint 3", "pi-2026.4"),
        }
    )

    assert (item.team, item.horizon, item.work_category) == ("Ledger", Horizon.INVESTING, "tech_debt")
    assert item.estimate == Decimal("12.5")
    assert item.implementation_cost_forecast == Decimal("250000.01")
    assert item.mvp_cost_estimate == 1000
    assert item.actual_spend == Decimal("0.10")
    assert item.benefit_realised == 0
    assert (item.target_date, item.needed_by) == (date(2026, 11, 30), date(2026, 11, 30))
    assert item.planning_interval == "PI-2026.4"


def test_an_empty_field_is_not_zero() -> None:
    item = _item(fields={"estimate": "", "target_date": " "})

    assert item.estimate is None
    assert item.implementation_cost_forecast is None
    assert item.target_date is None
    assert (item.team, item.horizon, item.planning_interval) == (None, None, None)


@pytest.mark.parametrize(
    ("word", "category"),
    [("Shiny", "business_feature"), ("ENABLER", "enabler"), ("Other", UNCATEGORISED), ("Fun", UNCATEGORISED)],
)
def test_an_unknown_work_category_is_uncategorised(word: str, category: str) -> None:
    assert _item(fields={"work_category": word}).work_category == category


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("implementation_cost_forecast", "abc"),
        ("implementation_cost_forecast", "-1"),
        ("implementation_cost_forecast", "1,200"),
        ("implementation_cost_forecast", ("1", "2")),
        ("actual_spend", Decimal("NaN")),
        ("actual_spend", Decimal("Infinity")),
        ("mvp_cost_estimate", Decimal("-0.01")),
        ("benefit_realised", Decimal("1E+400")),
        ("estimate", "many"),
        ("horizon", "Horizon 9"),
        ("target_date", "soon"),
        ("needed_by", "2026-02-30"),
        ("needed_by", "0001-01-01T00:00:01+14:00"),
    ],
)
def test_a_value_that_cannot_be_read_sets_the_item_aside_with_field_value_and_remedy(field: str, value: Any) -> None:
    reason = _aside(fields={field: value}).reason

    assert field in reason
    assert any(remedy in reason for remedy in ("write", "choose"))


def test_a_strangers_value_is_shortened_and_stripped_of_control_characters() -> None:
    reason = _aside(fields={"estimate": "\x1b[31m\u202e" + "9" * 500 + "x"}).reason

    assert reason.isprintable()
    assert len(reason) < 200


@pytest.mark.parametrize(
    ("team_field", "team"),
    [("component", "Refunds"), ("area_path", "Acquirers"), ("squad", "Blue"), ("nothing", None)],
)
def test_the_team_stands_where_the_vocabulary_says(team_field: str, team: str | None) -> None:
    vocabulary = replace(_VOCABULARY, team_field=team_field)

    item = _item(
        vocabulary,
        components=("Refunds", "Fees"),
        area_path="Platform\\Payments\\Acquirers",
        fields={"squad": "Blue"},
    )

    assert item.team == team


def test_the_planning_interval_may_stand_in_the_iteration_path() -> None:
    assert _item(iteration_path="Platform\\PI-2026.4\\Sprint 2").planning_interval == "PI-2026.4"
    assert _item(fields={"planning_interval": "PI-2019.1"}).planning_interval == "PI-2019.1"


def test_a_day_without_time_is_that_day_in_every_time_zone() -> None:
    for timezone in ("America/Los_Angeles", "Pacific/Auckland", "UTC"):
        definition = replace(_DEFINITION, timezone=timezone)
        found = Normaliser(_VOCABULARY, definition).item(_source(fields={"target_date": "2026-11-30T00:00:00Z"}))
        assert isinstance(found, WorkItem)
        assert found.target_date == date(2026, 11, 30)


def test_what_comes_from_the_last_snapshot_is_marked() -> None:
    found = Normaliser(_VOCABULARY, _DEFINITION).item(_source(), is_stale=True)

    assert isinstance(found, WorkItem)
    assert found.is_stale
