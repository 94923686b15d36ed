"""What people removed stays away as long as is said, and no longer."""

from __future__ import annotations

from datetime import date

import pytest

from lpm_sync.core.calendar import BusinessCalendar
from lpm_sync.core.card import LabelMemory
from lpm_sync.core.governance import Governance
from lpm_sync.planning.labels import LabelDecision, decide_labels

CALENDAR = BusinessCalendar(timezone="Europe/Berlin")
MONDAY = date(2026, 11, 9)


def decide(today: date, *, present: tuple[str, ...] = (), turns: int = 1) -> LabelDecision:
    return decide_labels(
        desired=("not-ready",),
        present=present,
        remembered=(LabelMemory(name="not-ready", turns=turns, removed_on=MONDAY),),
        today=today,
        calendar=CALENDAR,
        governance=Governance(cool_down=10, contested_after=3),
    )


@pytest.mark.parametrize(("today", "added"), [(date(2026, 11, 20), ()), (date(2026, 11, 23), ("not-ready",))])
def test_it_comes_back_on_the_tenth_business_day(today: date, added: tuple[str, ...]) -> None:
    assert CALENDAR.add_business_days(MONDAY, 10) == date(2026, 11, 23)
    assert decide(today).add == added


@pytest.mark.parametrize(("turns", "added"), [(2, ("not-ready",)), (3, ())])
def test_after_the_third_removal_it_never_comes_back(turns: int, added: tuple[str, ...]) -> None:
    decision = decide(date(2027, 11, 9), turns=turns)
    assert decision.add == added
    assert decision.memory[0].turns == turns


def test_one_that_a_person_set_again_stands_and_its_removals_are_remembered() -> None:
    decision = decide(MONDAY, present=("not-ready",), turns=2)
    assert (decision.add, decision.remove) == ((), ())
    assert decision.memory == (LabelMemory(name="not-ready", turns=2, removed_on=None),)
