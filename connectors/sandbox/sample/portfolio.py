"""Plans the sample portfolio: the same one for the same seed and day."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

from connectors.sandbox.sample.dependencies import entangle
from connectors.sandbox.sample.epics import (
    AZURE_DEVOPS_STATES,
    IN_DELIVERY,
    JIRA_STATUSES,
    PORTFOLIO_PROJECT,
    REPORTS,
    UNDER_DECISION,
    Column,
    EpicSketch,
)
from connectors.sandbox.sample.features import AREAS, FeaturePlanner, PlannedFeature
from connectors.sandbox.sample.flaws import with_flaws
from connectors.sandbox.sample.model import FieldContent, Home, PlannedComment, PlannedItem, Sample
from connectors.sandbox.sample.people import BUSINESS_OWNERS, PORTFOLIO_OFFICE
from connectors.sandbox.sample.timeline import Timeline

JITTER = 0.05  # by which forecasts differ from one seed to the next
TASKS = ("Order new test phones", "Renew the wildcard certificate", "Archive the old wiki", "Prepare the open day")


def plan_sample(timeline: Timeline, seed: int) -> Sample:
    """All items and dependencies of the sample."""
    chance = random.Random(f"{seed} {timeline.today.isoformat()}")  # noqa: S311 a sample, nothing secret
    planning = _Planning(timeline, chance)
    epics = [*planning.epics()]
    features = with_flaws(planning.features, chance)
    entangled = entangle(features, timeline, chance)
    standing = [entangled.changed.get(one.item.name, one.item) for one in features]
    return Sample(
        timeline=timeline,
        items=(*epics, *standing, *planning.tasks()),
        dependencies=entangled.dependencies,
        roles=entangled.roles,
    )


class _Planning:
    def __init__(self, timeline: Timeline, chance: random.Random) -> None:
        self._timeline = timeline
        self._chance = chance
        self._planner = FeaturePlanner(chance, timeline)
        self.features: list[PlannedFeature] = []

    def epics(self) -> Iterator[PlannedItem]:
        """The epics in their order, those for standing findings first; features are planned on the way."""
        for place, sketch in enumerate((*REPORTS, *IN_DELIVERY, *UNDER_DECISION), start=1):
            yield self._epic(sketch, f"epic {place}")

    def tasks(self) -> Iterator[PlannedItem]:
        """Items of a type that takes no part in the portfolio."""
        for place, title in enumerate(TASKS):
            yield PlannedItem(
                name=f"task {place}",
                home=Home.JIRA,
                place=("PAY", "MOB")[place % 2],
                type="Task",
                title=title,
                status="To Do",
                created=self._timeline.at(self._timeline.business_days_ago(10 + place)),
            )

    def _epic(self, sketch: EpicSketch, name: str) -> PlannedItem:
        half_year, next_half_year = self._timeline.half_years
        due = (
            half_year.end - timedelta(days=7) if sketch.column in (Column.MVP, Column.PERSEVERE) else next_half_year.end
        )
        if sketch.column is Column.DONE:
            due = half_year.start - timedelta(days=30)
        fields: dict[str, FieldContent] = {}
        own = self._jittered(sketch.forecast) if sketch.forecast else None
        if sketch.horizon:
            fields |= {"horizon": sketch.horizon, "target_date": due}
        if own:
            fields |= {"implementation_cost_forecast": own, "mvp_cost_estimate": own // 4}
        if sketch.features and sketch.stream:
            total = int((own or self._jittered(sketch.weight)) * sketch.broken_down)
            self.features += self._planner.features_of(sketch, name, sketch.stream, total, due)
        owner = BUSINESS_OWNERS.get(sketch.stream or "", PORTFOLIO_OFFICE)
        is_jira = sketch.home is Home.JIRA
        return PlannedItem(
            name=name,
            home=sketch.home,
            place=PORTFOLIO_PROJECT if is_jira else AREAS[sketch.stream or ""],
            type="Epic",
            title=sketch.title,
            status=(JIRA_STATUSES if is_jira else AZURE_DEVOPS_STATES)[sketch.column],
            created=self._timeline.at(self._timeline.today - timedelta(days=self._chance.randint(160, 300))),
            owner=owner.name,
            labels=(*((f"vs-{sketch.stream}",) if is_jira and sketch.stream else ()), *sketch.labels),
            description=f"{sketch.title}: see the lean business case.",
            fields=fields,
            comments=self._comments(sketch, owner.name),
        )

    def _jittered(self, thousands: int) -> int:
        """The amount in the portfolio's currency, a little up or down, in steps of five thousand."""
        return round(thousands * self._chance.uniform(1 - JITTER, 1 + JITTER) / 5) * 5000

    def _comments(self, sketch: EpicSketch, owner: str) -> tuple[PlannedComment, ...]:
        if sketch.column in (Column.FUNNEL, Column.PERSEVERE) or sketch.home is not Home.JIRA:
            return ()
        written = self._timeline.at(self._timeline.business_days_ago(self._chance.randint(2, 30)))
        return (PlannedComment(author=owner, text="On the agenda of the next portfolio sync.", written=written),)
