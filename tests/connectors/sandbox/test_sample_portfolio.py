"""The sample portfolio is one that a portfolio office would recognise, whatever the day and the seed."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sandbox.sample.model import Home, PlannedDependency, PlannedItem, Sample
from connectors.sandbox.sample.portfolio import plan_sample
from connectors.sandbox.sample.timeline import Timeline
from connectors.sandbox.sample.wording import HOSTILE_TITLES
from lpm_sync.core.calendar import BusinessCalendar
from tests.example_counts import examples

GERMANY = BusinessCalendar(timezone="Europe/Berlin", calendar="DE")

days = st.dates(min_value=date(2024, 1, 1), max_value=date(2034, 12, 31))
seeds = st.integers(min_value=0, max_value=10_000)


def timeline_at(day: date) -> Timeline:
    return Timeline.from_instant(datetime(day.year, day.month, day.day, 9, tzinfo=UTC))


@cache
def sample() -> Sample:
    return plan_sample(timeline_at(date(2026, 11, 23)), seed=1)


def by_name(planned: Sample) -> dict[str, PlannedItem]:
    return {item.name: item for item in planned.items}


def items_of(planned: Sample, kind: str) -> list[PlannedItem]:
    return [item for item in planned.items if item.type == kind]


@given(days)
def test_the_story_starts_on_a_working_day_within_office_hours(day: date) -> None:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    clock = Timeline.from_instant(start).clock_start(start)
    assert GERMANY.is_business_day(GERMANY.day(clock))
    assert 9 <= clock.astimezone(GERMANY.zone).hour <= 17
    assert timedelta(0) <= clock - start < timedelta(days=7)


@given(days)
def test_it_starts_in_the_first_of_two_intervals_and_both_lie_in_the_first_half_year(day: date) -> None:
    timeline = timeline_at(day)
    first, second = timeline.intervals
    half_year, next_half_year = timeline.half_years
    assert first.contains(timeline.today)
    assert first.id != second.id
    assert first.end < second.start
    assert half_year.contains(first.start)
    assert half_year.contains(second.end)
    assert next_half_year.start == half_year.end + timedelta(days=1)


@given(days, st.integers(min_value=0, max_value=30))
def test_business_days_are_counted_back_as_the_calendar_counts_them(day: date, count: int) -> None:
    timeline = timeline_at(day)
    before = timeline.business_days_ago(count)
    assert GERMANY.is_business_day(before)
    assert GERMANY.business_days_between(before, timeline.today) == count


@given(days, seeds)
@settings(max_examples=examples(8))
def test_it_has_epics_and_features_enough_on_any_day_and_with_any_seed(day: date, seed: int) -> None:
    planned = plan_sample(timeline_at(day), seed)
    names = by_name(planned)
    epics, features = items_of(planned, "Epic"), items_of(planned, "Feature")
    assert len(names) == len(planned.items)
    assert len(epics) >= 30
    assert len(features) >= 300
    assert len({feature.title for feature in features}) == len(features)
    assert {feature.home for feature in features} == set(Home)
    assert all(item.parent is None or names[item.parent].home is item.home for item in planned.items)
    assert all(item.created.date() < planned.timeline.today for item in planned.items)
    assert {dependency.blocker for dependency in planned.dependencies} <= names.keys()
    assert {dependency.blocked for dependency in planned.dependencies} <= names.keys()
    assert planned.roles.keys() == {"stuck", "alone", "waiting", "slow"}


def test_the_same_seed_and_day_give_the_same_sample() -> None:
    assert plan_sample(timeline_at(date(2026, 11, 23)), seed=1) == sample()


@pytest.mark.parametrize(("day", "seed"), [(date(2026, 11, 23), 2), (date(2026, 11, 24), 1)])
def test_another_seed_or_day_gives_another_sample(day: date, seed: int) -> None:
    assert plan_sample(timeline_at(day), seed).items != sample().items


def test_the_epics_stand_in_all_columns_of_the_kanban_and_some_in_azure_devops() -> None:
    epics = items_of(sample(), "Epic")
    columns = {"Funnel", "Reviewing", "Analyzing", "Ready", "In Progress", "Persevere", "Done"}
    assert {epic.status for epic in epics if epic.home is Home.JIRA} == columns
    assert 3 <= sum(epic.home is Home.AZURE_DEVOPS for epic in epics) < len(epics) / 3


def test_people_left_labels_and_comments() -> None:
    labels = Counter(label for item in sample().items for label in item.labels)
    assert len(labels) >= 8
    assert sum(bool(item.comments) for item in sample().items) >= 20


def test_hostile_titles_stand_on_features() -> None:
    assert set(HOSTILE_TITLES) <= {item.title for item in sample().items}


def test_dependencies_lead_over_streams_and_trackers_in_both_directions() -> None:
    names = by_name(sample())
    pairs = {(names[dependency.blocker].home, names[dependency.blocked].home) for dependency in sample().dependencies}
    places = {
        (names[dependency.blocker].place, names[dependency.blocked].place) for dependency in sample().dependencies
    }
    assert pairs == {(blocker, blocked) for blocker in Home for blocked in Home}
    assert ("PAY", "MOB") in places
    assert ("MOB", "PAY") in places


def test_one_circle_of_three_stands_in_jira() -> None:
    following: dict[str, set[str]] = {}
    for dependency in sample().dependencies:
        following.setdefault(dependency.blocker, set()).add(dependency.blocked)

    def reached(start: str) -> set[str]:
        found: set[str] = set()
        waiting = [start]
        while waiting:
            new = following.get(waiting.pop(), set()) - found
            found |= new
            waiting += new
        return found

    circle = {name for name in following if name in reached(name)}
    assert len(circle) == 3
    assert {by_name(sample())[name].home for name in circle} == {Home.JIRA}


def test_one_dependency_passes_the_limit_while_the_story_goes_on_and_others_do_not() -> None:
    """The policy's limit is five business days, and five pass."""
    planned, calendar = sample(), GERMANY
    later = planned.timeline.business_days_on(planned.timeline.today, 5)

    def since(dependency: PlannedDependency) -> date:
        moved = by_name(planned)[dependency.blocker].moved
        return calendar.day(max(dependency.made, moved or dependency.made))

    open_ones = [
        dependency
        for dependency in planned.dependencies
        if by_name(planned)[dependency.blocker].status not in ("Done", "Closed")
        and by_name(planned)[dependency.blocker].home is by_name(planned)[dependency.blocked].home
    ]
    before = {
        one.blocked for one in open_ones if calendar.business_days_between(since(one), planned.timeline.today) > 5
    }
    after = {one.blocked for one in open_ones if calendar.business_days_between(since(one), later) > 5}
    assert len(before) >= 3
    assert after - before == {planned.roles["waiting"]}
    assert len(open_ones) - len(after) >= 4
