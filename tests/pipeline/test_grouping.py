"""What was said of many items for one reason stands on one line, and no line names more than ten."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lpm_sync.pipeline.grouping import Group, grouped

REASON = "its estimate {} is not an amount: write a number from 0 up"


def test_one_item_is_told_as_it_was() -> None:
    assert list(grouped([("jira:PAY-1", REASON.format("“big”"))])) == [
        Group(names=("jira:PAY-1",), reason=REASON.format("“big”"))
    ]


def test_reasons_that_differ_in_what_they_quote_are_one_and_every_quote_is_kept() -> None:
    told = [(f"jira:PAY-{number}", REASON.format(f"“{value}”")) for number, value in enumerate(["big", "small", "big"])]
    [group] = grouped(told)
    assert group.named == "jira:PAY-0, jira:PAY-1 and jira:PAY-2"
    assert group.reason == REASON.format("“big” and “small”")


def test_ten_are_named_and_the_others_counted() -> None:
    told = [(f"jira:PAY-{number}", REASON.format(f"“{number}”")) for number in range(23)]
    [group] = grouped(told)
    assert group.named.endswith("jira:PAY-9 and 13 more")
    assert group.reason.endswith("“9” and 13 more is not an amount: write a number from 0 up")


def test_different_reasons_stay_apart_in_their_order() -> None:
    told = [("a", "no status"), ("b", "no key"), ("c", "no status")]
    assert [(group.named, group.reason) for group in grouped(told)] == [("a and c", "no status"), ("b", "no key")]


def test_the_number_of_an_issue_in_a_path_is_no_difference() -> None:
    path = "jira: GET /rest/api/3/issue/{}/comment: 403: not permitted"
    [group] = grouped([("jira:PAY-1", path.format(10001)), ("jira:PAY-2", path.format(10002))])
    assert group.reason == path.format("…")


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.text(alphabet="x“”/1 ", max_size=12)), max_size=30))
def test_every_name_is_told_with_its_reason_and_none_is_lost(told: list[tuple[str, str]]) -> None:
    groups = list(grouped(told))
    assert {name for group in groups for name in group.names} == {name for name, _ in told}
    assert len(groups) <= len({reason for _, reason in told})
