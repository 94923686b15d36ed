"""What is pinned, held against what is there now."""

from __future__ import annotations

import pytest

from lpm_sync.core.resolution import Resolution, changed, renamed

PIN = Resolution(id="customfield_1", name="Horizon", kind="select")


def test_the_same_thing_under_the_same_name_is_not_worth_a_word() -> None:
    for now in (PIN, Resolution(id="customfield_1", name=" Horizon ", kind="select")):
        assert (changed({"fields.horizon": PIN}, {"fields.horizon": now, "fields.team": PIN})) == {}
        assert renamed({"fields.horizon": PIN}, {"fields.horizon": now}) == {}


def test_another_name_is_told_and_no_fault() -> None:
    now = {"fields.horizon": Resolution(id="customfield_1", name="Investment Horizon", kind="select")}
    assert changed({"fields.horizon": PIN}, now) == {}
    assert "customfield_1 (“Horizon”), which is called “Investment Horizon” now" in str(
        renamed({"fields.horizon": PIN}, now)
    )


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (None, "not there any more, or hidden from the account"),
        (Resolution(id="customfield_2", name="Horizon", kind="select"), "leads to customfield_2 (“Horizon”)"),
        (Resolution(id="customfield_1", name="Horizon", kind="float"), "was select and is float now"),
    ],
)
def test_another_thing_or_none_is_a_fault_and_not_another_name(now: Resolution | None, said: str) -> None:
    found = {} if now is None else {"fields.horizon": now}
    assert said in changed({"fields.horizon": PIN}, found)["fields.horizon"]
    assert renamed({"fields.horizon": PIN}, found) == {}


def test_a_project_that_is_lost_is_the_business_of_its_project() -> None:
    assert changed({"projects.PAY": Resolution(id="10001", name="PAY")}, {}) == {}
