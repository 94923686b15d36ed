"""Dependencies of the sample: over teams, streams and trackers, resolved, young, old, late, and in a circle."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta

from connectors.sandbox.sample.features import PlannedFeature
from connectors.sandbox.sample.model import FieldContent, PlannedDependency, PlannedItem, Stand
from connectors.sandbox.sample.timeline import Timeline

THIS_MORNING = time(8, 30)
AFTERNOON = time(15)

RESOLVED = 12  # dependencies whose blocker is done


@dataclass(frozen=True, slots=True, kw_only=True)
class Entangled:
    """The features that dependencies changed, the dependencies, and who plays which part in the story."""

    changed: Mapping[str, PlannedItem]
    dependencies: tuple[PlannedDependency, ...]
    roles: Mapping[str, str]


def entangle(features: Sequence[PlannedFeature], timeline: Timeline, chance: random.Random) -> Entangled:
    """Draws dependencies between features that teams have begun, each feature in one part only."""
    drawing = _Drawing(features, timeline, chance)
    drawing.draw_overdue()
    drawing.draw_young()
    drawing.draw_circle()
    drawing.draw_over_trackers()
    drawing.draw_late()
    drawing.draw_resolved()
    return Entangled(changed=drawing.changed, dependencies=tuple(drawing.dependencies), roles=drawing.roles)


class _Drawing:
    """A drawing in progress. Days are business days before the start; the limit of the policy is five."""

    def __init__(self, features: Sequence[PlannedFeature], timeline: Timeline, chance: random.Random) -> None:
        self._timeline = timeline
        self._chance = chance
        self._free: dict[tuple[str, Stand], list[PlannedItem]] = {}
        for one in features:
            if one.is_current and one.item.parent is not None:
                self._free.setdefault((one.stream, one.stand), []).append(one.item)
        for pool in self._free.values():
            chance.shuffle(pool)
        self.changed: dict[str, PlannedItem] = {}
        self.dependencies: list[PlannedDependency] = []
        self.roles: dict[str, str] = {}

    def draw_overdue(self) -> None:
        """Past the limit: within Jira, within Azure DevOps, and one blocker that also holds up an item of no epic."""
        self._block(self._begun("mobile"), self._begun("payments"), made=9)
        moved = replace(
            self._begun("platform"), moved=self._timeline.at(self._timeline.business_days_ago(8), AFTERNOON)
        )
        self._block(moved, self._begun("logistics"), made=12)
        stuck = self._begun("payments")
        alone = replace(self._begun("payments"), parent=None)
        self._block(stuck, alone, made=7)
        self._block(stuck, self._begun("mobile"), made=7)
        self.roles |= {"stuck": stuck.name, "alone": alone.name}

    def draw_young(self) -> None:
        """Within the limit: one that passes it while the story goes on, and two that do not yet."""
        waiting, slow = self._begun("mobile"), self._begun("payments")
        self._block(slow, waiting, made=3)
        self.roles |= {"waiting": waiting.name, "slow": slow.name}
        moved = replace(self._begun("mobile"), moved=self._timeline.at(self._timeline.today, THIS_MORNING))
        self._block(moved, self._begun("payments"), made=15)
        self._block(self._begun("platform"), self._begun("platform"), made=0)

    def draw_circle(self) -> None:
        """Three features of Jira wait for each other since this morning; Azure DevOps refuses circles."""
        first, second, third = self._begun("payments"), self._begun("mobile"), self._begun("payments")
        for blocker, blocked in ((first, second), (second, third), (third, first)):
            self._block(blocker, blocked, made=0)

    def draw_over_trackers(self) -> None:
        """Both directions; of one the day by which it was needed has passed."""
        late = self._timeline.business_days_ago(9)
        self._block(_without_target(self._begun("platform")), self._begun("payments"), made=14, needed_by=late)
        self._block(self._begun("logistics"), self._begun("mobile"), made=6)
        self._block(self._begun("mobile"), self._begun("platform"), made=2)
        self._block(self._begun("payments"), self._begun("logistics"), made=4)

    def draw_late(self) -> None:
        """A blocker that is due after the day on which it is needed."""
        blocker = self._begun("payments")
        due = blocker.fields["target_date"]
        if isinstance(due, date):
            self._block(blocker, self._begun("mobile"), made=0, needed_by=due - timedelta(days=10))

    def draw_resolved(self) -> None:
        """What was blocked once: the blockers are done."""
        pairs = (("payments", "mobile"), ("mobile", "payments"), ("platform", "logistics"), ("platform", "platform"))
        for place in range(RESOLVED):
            blocking, blocked = pairs[place % len(pairs)]
            self._block(self._draw(blocking, Stand.FINISHED), self._begun(blocked), made=20 + place)

    def _begun(self, stream: str) -> PlannedItem:
        return self._draw(stream, Stand.BEGUN)

    def _draw(self, stream: str, stand: Stand) -> PlannedItem:
        return self._free[stream, stand].pop()

    def _block(self, blocker: PlannedItem, blocked: PlannedItem, *, made: int, needed_by: date | None = None) -> None:
        """The blocked item names the day by which it needs the other: in time, unless another day is given."""
        days = [day for day in (needed_by, *self._days(blocker, blocked)) if day is not None]
        fields: dict[str, FieldContent] = {**blocked.fields, "needed_by": days[0]}
        self.changed[blocker.name] = self.changed.get(blocker.name, blocker)
        self.changed[blocked.name] = replace(self.changed.get(blocked.name, blocked), fields=fields)
        day = self._timeline.business_days_ago(made)
        hour = AFTERNOON if made else THIS_MORNING
        self.dependencies.append(
            PlannedDependency(blocker=blocker.name, blocked=blocked.name, made=self._timeline.at(day, hour))
        )

    def _days(self, *items: PlannedItem) -> Iterator[date]:
        """A week after the blocker is due, or after the blocked item is."""
        for item in items:
            due = item.fields.get("target_date")
            if isinstance(due, date):
                yield due + timedelta(days=7)


def _without_target(item: PlannedItem) -> PlannedItem:
    return replace(item, fields={name: value for name, value in item.fields.items() if name != "target_date"})
