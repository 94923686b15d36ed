"""Rules write days, money and lists in one way."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from lpm_sync.core.figures import day_text
from lpm_sync.rules.example import aside, feature, portfolio_of, ref_of
from lpm_sync.rules.wording import amount_text, days_text, key_of, listed, number_text, percent_of, rounded_up


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "0 EUR"), ("1200000.00", "1,200,000 EUR"), ("0.10", "0.10 EUR"), ("1E+6", "1,000,000 EUR")],
)
def test_money_has_cents_only_where_there_are_any(amount: str, text: str) -> None:
    assert amount_text(Decimal(amount), portfolio_of()) == text


@pytest.mark.parametrize(("number", "text"), [("40", "40"), ("40.50", "40.5"), ("4E+1", "40"), ("100", "100")])
def test_a_number_has_no_exponent_and_no_idle_zeros(number: str, text: str) -> None:
    assert number_text(Decimal(number)) == text


def test_a_day_is_written_out() -> None:
    assert day_text(date(2026, 11, 3)) == "3 November 2026"
    assert (days_text(1), days_text(5)) == ("1 business day", "5 business days")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (list("abcdefghijkl"), "a, b, c, d, e, f, g, h, i, j and 2 more"),
    ],
)
def test_a_long_list_names_ten_and_counts_the_rest(words: list[str], text: str) -> None:
    assert listed(words) == text


@pytest.mark.parametrize(
    ("amount", "step", "rounded"), [("1000.01", "1", 1001), ("1000", "1", 1000), ("1", "100", 100)]
)
def test_a_sum_is_rounded_up_so_that_what_is_above_a_limit_shows(amount: str, step: str, rounded: int) -> None:
    assert rounded_up(Decimal(amount), Decimal(step)) == rounded


def test_half_a_percent_goes_up() -> None:
    assert percent_of(Decimal(1), Decimal(200)) == 1
    assert percent_of(Decimal(2), Decimal(3)) == 67


def test_an_item_is_named_as_far_as_it_is_known() -> None:
    portfolio = portfolio_of(feature("PAY-1"), quarantined=(aside("PAY-2"),))

    assert [key_of(ref_of(key), portfolio) for key in ("PAY-1", "PAY-2", "PAY-3")] == [
        "jira:PAY-1",
        "jira:PAY-2",
        "jira:PAY-3",
    ]
