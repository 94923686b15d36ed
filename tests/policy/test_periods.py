"""Budget periods are understood by their name."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpm_sync.policy.periods import period_named


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-H1", date(2026, 1, 1), date(2026, 6, 30)),
        ("2026-H2", date(2026, 7, 1), date(2026, 12, 31)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_a_name_tells_its_days(name: str, start: date, end: date) -> None:
    period = period_named(name)
    assert period is not None
    assert (period.id, period.start, period.end) == (name, start, end)


@pytest.mark.parametrize(
    "name", ["", "26", "2026-H3", "2026-Q0", "2026-Q5", "2026-13", "2026-00", "2026-", "PI-2026.4"]
)
def test_another_name_tells_nothing(name: str) -> None:
    assert period_named(name) is None


@given(st.integers(2000, 2099), st.sampled_from([("H", 2), ("Q", 4), ("", 12)]))
def test_the_parts_of_a_year_fill_it_without_a_gap(year: int, parts: tuple[str, int]) -> None:
    kind, count = parts
    names = [f"{year}-{kind}{part}" if kind else f"{year}-{part:02}" for part in range(1, count + 1)]
    periods = [period for name in names if (period := period_named(name))]
    assert periods[0].start == date(year, 1, 1)
    assert periods[-1].end == date(year, 12, 31)
    assert all(after.start - before.end == timedelta(days=1) for before, after in pairwise(periods))
