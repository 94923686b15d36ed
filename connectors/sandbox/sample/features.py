"""Features of the sample: sound ones, planned over two intervals, with money and effort that add up."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from connectors.sandbox.sample import wording
from connectors.sandbox.sample.epics import Column, EpicSketch
from connectors.sandbox.sample.model import FieldContent, Home, PlannedComment, PlannedItem, Stand
from connectors.sandbox.sample.people import PRODUCT_MANAGERS
from connectors.sandbox.sample.timeline import Timeline

PROJECTS = {"payments": "PAY", "mobile": "MOB"}
AREAS = {"logistics": "Logistics", "platform": "Foundation"}
TEAMS = {
    "payments": ("Acquiring", "Ledger", "Checkout"),
    "mobile": ("App", "Onboarding", "Checkout"),  # Checkout serves two streams
    "logistics": ("Routing", "Warehouse"),
    "platform": ("Identity", "Data", "Runtime"),
}
STATUSES = {
    Home.JIRA: {Stand.WAITING: "To Do", Stand.BEGUN: "In Progress", Stand.FINISHED: "Done"},
    Home.AZURE_DEVOPS: {Stand.WAITING: "New", Stand.BEGUN: "Active", Stand.FINISHED: "Closed"},
}

ESTIMATES = (5, 8, 8, 13, 13, 20)
SCORES = (1, 2, 3, 5, 8, 13, 20)
EFFORT_SPLIT = {"Business Feature": 60, "Enabler": 25, "Tech Debt": 10, "Maintenance": 5}
FIRST_INTERVAL_SHARE = 0.6
FINISHED_SHARE, BEGUN_SHARE = 0.3, 0.4  # of those in the interval that runs


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFeature:
    """A feature with what the sample knows of it beyond its tracker."""

    item: PlannedItem
    stream: str
    stand: Stand
    is_current: bool  # planned for the interval that runs


class FeaturePlanner:
    """Plans features epic by epic. Titles are used once; each stream's effort keeps to the split of categories."""

    def __init__(self, chance: random.Random, timeline: Timeline) -> None:
        self._chance = chance
        self._timeline = timeline
        self._titles = {stream: _titles(stream, chance) for stream in wording.CAPABILITIES}
        self._effort: defaultdict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(EFFORT_SPLIT, 0))
        self._count = 0

    def features_of(
        self, epic: EpicSketch, name: str, stream: str, forecast: int, due: date
    ) -> Iterator[PlannedFeature]:
        """The features below an epic; `forecast` (in the portfolio's currency) is what they come to together."""
        amounts = _split(forecast, epic.features, self._chance)
        for stand, is_current, amount in zip(*self._stands(epic), amounts, strict=True):
            self._count += 1
            yield self._feature(epic, name, stream, stand, is_current=is_current, amount=amount, due=due)

    def _stands(self, epic: EpicSketch) -> tuple[Sequence[Stand], Sequence[bool]]:
        """How far each feature is, and whether it is in the current interval; none is where the epic has not begun."""
        current = round(epic.features * FIRST_INTERVAL_SHARE) if epic.column >= Column.MVP else 0
        finished, begun = round(current * FINISHED_SHARE), round(current * BEGUN_SHARE)
        stands = [Stand.FINISHED] * finished + [Stand.BEGUN] * begun
        stands += [Stand.WAITING] * (epic.features - len(stands))
        return stands, [place < current for place in range(epic.features)]

    def _feature(
        self, epic: EpicSketch, parent: str, stream: str, stand: Stand, *, is_current: bool, amount: int, due: date
    ) -> PlannedFeature:
        capability, title = self._titles[stream].pop()
        created = self._timeline.today - timedelta(days=self._chance.randint(40, 150))
        item = PlannedItem(
            name=f"feature {self._count}",
            home=epic.home,
            place=PROJECTS.get(stream) or f"{AREAS[stream]}\\{self._chance.choice(TEAMS[stream])}",
            type="Feature",
            title=title,
            status=STATUSES[epic.home][stand],
            created=self._timeline.at(created),
            parent=parent,
            owner=self._chance.choice(PRODUCT_MANAGERS).name,
            labels=self._labels(),
            description=wording.description(title, epic.title),
            interval=self._timeline.intervals[0 if is_current else 1].id,
            fields=self._fields(stream, capability, stand, amount, is_current=is_current, due=due),
            comments=self._remarks(epic.home),
        )
        return PlannedFeature(item=item, stream=stream, stand=stand, is_current=is_current)

    def _fields(
        self, stream: str, capability: str, stand: Stand, amount: int, *, is_current: bool, due: date
    ) -> dict[str, FieldContent]:
        estimate = self._chance.choice(ESTIMATES)
        interval = self._timeline.intervals[0 if is_current else 1]
        spent = {Stand.WAITING: 0.0, Stand.BEGUN: 0.45, Stand.FINISHED: 0.95}[stand]
        fields: dict[str, FieldContent] = {
            "benefit_hypothesis": wording.benefit_hypothesis(capability),
            "acceptance_criteria": wording.acceptance_criteria(capability),
            "estimate": estimate,
            "work_category": self._category(stream, estimate) if is_current else self._chance.choice([*EFFORT_SPLIT]),
            "implementation_cost_forecast": amount,
            "target_date": min(interval.end - timedelta(days=7 * self._chance.randint(0, 3)), due),
        }
        if spent:
            fields["actual_spend"] = int(amount * spent)
        if stream in PROJECTS:
            fields["team"] = self._chance.choice(TEAMS[stream])
        if is_current:
            names = ("user_business_value", "time_criticality", "risk_reduction_opportunity_enablement")
            fields |= {name: self._chance.choice(SCORES) for name in names}
            fields |= {"job_size": self._chance.choice(SCORES), "business_value_planned": self._chance.randint(1, 10)}
        return fields

    def _category(self, stream: str, estimate: int) -> str:
        """The category that lacks most of its share of the stream's effort."""
        effort = self._effort[stream]
        whole = sum(effort.values()) + estimate
        category = max(EFFORT_SPLIT, key=lambda name: EFFORT_SPLIT[name] * whole / 100 - effort[name])
        effort[category] += estimate
        return category

    def _labels(self) -> tuple[str, ...]:
        return (self._chance.choice(wording.HUMAN_LABELS),) if self._chance.random() < 0.25 else ()

    def _remarks(self, home: Home) -> tuple[PlannedComment, ...]:
        if self._chance.random() >= (0.12 if home is Home.JIRA else 0.05):
            return ()
        written = self._timeline.business_days_ago(self._chance.randint(1, 20))
        author = self._chance.choice(PRODUCT_MANAGERS).name
        text = self._chance.choice(wording.REMARKS)
        return (PlannedComment(author=author, text=text, written=self._timeline.at(written)),)


def _titles(stream: str, chance: random.Random) -> list[tuple[str, str]]:
    """Every capability in every setting, in an order of chance."""
    titles = [
        (capability, f"{capability} {setting}")
        for capability in wording.CAPABILITIES[stream]
        for setting in wording.SETTINGS[stream]
    ]
    chance.shuffle(titles)
    return titles


def _split(amount: int, parts: int, chance: random.Random) -> list[int]:
    """The amount in parts of different sizes, in whole thousands as far as they go."""
    weights = [chance.uniform(0.6, 1.4) for _ in range(parts)]
    return [round(amount * weight / sum(weights) / 500) * 500 for weight in weights]
