from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from lpm_sync.core.figures import day_text, money_text
from lpm_sync.report.text import listed, number_text


def test_days_are_written_with_their_year_and_without_a_leading_zero() -> None:
    assert day_text(date(2026, 11, 3)) == "3 November 2026"


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("2400000", "2,400,000 EUR"),
        ("2400000.00", "2,400,000 EUR"),
        ("1234.5", "1,234.50 EUR"),
        ("0", "0 EUR"),
        ("-1500", "-1,500 EUR"),
        ("1E+6", "1,000,000 EUR"),
    ],
)
def test_money_has_thousands_separators_and_cents_only_where_there_are_any(amount: str, expected: str) -> None:
    assert money_text(Decimal(amount), "EUR") == expected


def test_small_numbers_are_words() -> None:
    assert number_text(1, "finding", "findings") == "one finding"
    assert number_text(0, "finding", "findings") == "no findings"
    assert number_text(1200, "finding", "findings") == "1,200 findings"


def test_lists_read_as_a_sentence() -> None:
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(["a"]) == "a"
    assert listed([]) == "none"
