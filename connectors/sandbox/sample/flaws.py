"""What is wrong in the sample on purpose: features that are not ready, items of nobody and of two, hostile titles."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

from connectors.sandbox.sample import wording
from connectors.sandbox.sample.features import PROJECTS, PlannedFeature
from connectors.sandbox.sample.model import FieldContent, Home, PlannedItem, Stand

UNREADY = {"payments": 11, "mobile": 10, "logistics": 5, "platform": 5}
"""How many features of each stream are not ready though their interval runs."""

WITHOUT_VALUE = 3  # features of logistics to which nobody gave a business value

_LACKING: Sequence[tuple[str, ...]] = (
    ("benefit_hypothesis",),
    ("acceptance_criteria",),
    ("estimate",),
    ("work_category",),
    ("benefit_hypothesis", "acceptance_criteria"),
    ("owner",),
    ("parent",),
    ("large",),
)
"""What they lack, in turn; `large` is an estimate that fits no interval."""


def with_flaws(features: Sequence[PlannedFeature], chance: random.Random) -> list[PlannedFeature]:
    """The same features, some of them spoilt."""
    changed: dict[str, PlannedItem] = {}
    for stream, count in UNREADY.items():
        waiting = [one.item for one in _current(features, stream, Stand.WAITING)]
        for place, item in enumerate(chance.sample(waiting, min(count, len(waiting)))):
            changed[item.name] = _without(item, _LACKING[place % len(_LACKING)])
    _rename(changed, chance)
    for one in chance.sample(_current(features, "logistics", Stand.FINISHED), WITHOUT_VALUE):
        changed[one.item.name] = replace(one.item, fields=_less(one.item.fields, "business_value_planned"))
    changed |= _claimed_oddly(features, changed, chance)
    return [replace(one, item=changed.get(one.item.name, one.item)) for one in features]


def _current(features: Sequence[PlannedFeature], stream: str, stand: Stand) -> list[PlannedFeature]:
    return [one for one in features if one.is_current and one.stream == stream and one.stand is stand]


def _without(item: PlannedItem, lacking: Sequence[str]) -> PlannedItem:
    if "owner" in lacking:
        return replace(item, owner=None)
    if "parent" in lacking:
        return replace(item, parent=None)
    if "large" in lacking:
        return replace(item, fields={**item.fields, "estimate": 55})
    return replace(item, fields=_less(item.fields, *lacking))


def _less(fields: Mapping[str, FieldContent], *names: str) -> dict[str, FieldContent]:
    return {name: value for name, value in fields.items() if name not in names}


def _rename(changed: dict[str, PlannedItem], chance: random.Random) -> None:
    """Hostile titles stand on items with findings, so that cards, plan and digest have to show them."""
    for name, title in zip(
        chance.sample(sorted(changed), len(wording.HOSTILE_TITLES)), wording.HOSTILE_TITLES, strict=True
    ):
        changed[name] = replace(changed[name], title=title)


def _claimed_oddly(
    features: Sequence[PlannedFeature], taken: Mapping[str, PlannedItem], chance: random.Random
) -> dict[str, PlannedItem]:
    """One feature that two streams claim, and two in Azure DevOps that none does."""
    untouched = [one.item for one in features if one.stand is not Stand.BEGUN and one.item.name not in taken]
    mobile = [item for item in untouched if item.place == PROJECTS["mobile"] and item.status == "To Do"]
    double = chance.choice(mobile)
    lost = chance.sample([item for item in untouched if item.home is Home.AZURE_DEVOPS and item.status == "New"], 2)
    return {
        double.name: replace(double, labels=(*double.labels, "vs-payments")),
        lost[0].name: replace(lost[0], place="", parent=None),
        lost[1].name: replace(lost[1], place="Incubator", parent=None),
    }
