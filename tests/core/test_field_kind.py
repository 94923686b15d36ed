"""A field that certainly holds something else than it has to is told by its kind, before any item is read."""

from __future__ import annotations

import pytest

from lpm_sync.core.field_kind import Held, misfit


@pytest.mark.parametrize("name", ["estimate", "implementation_cost_forecast", "actual_spend"])
@pytest.mark.parametrize("held", [Held.TEXT, Held.PERSON, Held.DATE, Held.LIST, Held.FLAG])
def test_an_amount_is_no_text_no_person_no_date_and_no_list(name: str, held: Held) -> None:
    assert misfit(name, held) == f"holds {held}, and {name} has to be a number: name another field"


@pytest.mark.parametrize("held", [Held.NUMBER, Held.PERSON, Held.TEXT])
def test_a_day_is_no_number_no_person_and_no_text(held: Held) -> None:
    assert misfit("needed_by", held) == f"holds {held}, and needed_by has to be a date: name another field"


@pytest.mark.parametrize("name", ["owner", "benefit_hypothesis"])
@pytest.mark.parametrize("held", [Held.NUMBER, Held.DATE])
def test_a_text_is_no_number_and_no_date(name: str, held: Held) -> None:
    assert misfit(name, held) == f"holds {held}, and {name} has to be a text: name another field"


@pytest.mark.parametrize("held", [Held.LINE, Held.CHOICE])
@pytest.mark.parametrize("name", ["estimate", "needed_by", "owner"])
def test_a_line_and_an_option_may_hold_a_number_or_a_date(name: str, held: Held) -> None:
    assert misfit(name, held) is None


@pytest.mark.parametrize("held", [None, *Held])
def test_a_name_without_a_meaning_of_its_own_fits_every_field(held: Held | None) -> None:
    assert misfit("colour", held) is None


@pytest.mark.parametrize("name", ["estimate", "needed_by", "owner", "horizon"])
def test_nothing_is_said_where_the_tracker_tells_nothing(name: str) -> None:
    assert misfit(name, None) is None


@pytest.mark.parametrize(
    ("name", "held"), [("estimate", Held.NUMBER), ("target_date", Held.DATE), ("owner", Held.PERSON)]
)
def test_what_fits_fits(name: str, held: Held) -> None:
    assert misfit(name, held) is None
