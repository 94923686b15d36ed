"""Budget periods that their name explains: `2026`, `2026-H2`, `2026-Q4`, `2026-11`."""

from __future__ import annotations

import re
from datetime import date, timedelta

from lpm_sync.core.value_stream import Period

_MONTHS = {"": 12, "H": 6, "Q": 3}
_NAMED = re.compile(r"(?P<year>20\d\d)(-(?P<kind>H(?=[12]$)|Q(?=[1-4]$))(?P<part>\d)|-(?P<month>0[1-9]|1[0-2]))?")


def period_named(identifier: str) -> Period | None:
    """The calendar year, half, quarter or month of that name; None where it names none."""
    found = _NAMED.fullmatch(identifier)
    if not found:
        return None
    year = int(found["year"])
    if found["month"]:
        months, first = 1, int(found["month"])
    else:
        months = _MONTHS[found["kind"] or ""]
        first = (int(found["part"] or 1) - 1) * months + 1
    following = date(year + (first + months > 12), (first + months - 1) % 12 + 1, 1)
    return Period(id=identifier, start=date(year, first, 1), end=following - timedelta(days=1))
