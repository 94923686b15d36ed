"""Reads a configured field of an item as money, number, date or text, or says why it cannot be read."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from lpm_sync.core.text import one_line
from lpm_sync.core.work_item import SourceItem

_CENT = Decimal("0.01")
_LIMIT = Decimal(10) ** 13  # sums of a million such amounts, to the cent, are still exact in 28 digits
_LONGEST_SHOWN = 40  # characters


class UnreadableError(ValueError):
    """A value that cannot be read; the message names the field, the value and the remedy."""


def shown(text: str) -> str:
    """A stranger's text for a message: quoted, shortened, without control and direction characters."""
    return f"“{one_line(text, _LONGEST_SHOWN)}”"


def read_text(source: SourceItem, name: str) -> str:
    """The field as text, stripped, a list joined by commas; empty where the item does not have it."""
    value = source.fields.get(name, "")
    if isinstance(value, str):
        return value.strip()
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def read_number(source: SourceItem, name: str) -> Decimal | None:
    """A number from zero up; None where the field is empty. Raises UnreadableError on anything else."""
    value = source.fields.get(name)
    if value is None or value == "":
        return None
    number = value if isinstance(value, Decimal) else _parsed(value)
    if number is None or not number.is_finite() or not 0 <= number < _LIMIT:
        raise UnreadableError(
            f"its {name} {shown(_as_text(value))} is not an amount: write a number from 0 up, such as 250000 or 12.5"
        )
    return number


def read_money(source: SourceItem, name: str) -> Decimal | None:
    """An amount in the portfolio's currency, to the cent (half a cent up); None where the field is empty.

    Raises UnreadableError on what is not an amount, not finite, or negative.
    """
    if name not in source.fields:
        return None
    number = read_number(source, name)
    if number is None or number.same_quantum(_CENT):
        return number
    return number.quantize(_CENT, rounding=ROUND_HALF_UP)


def read_date(source: SourceItem, name: str, timezone: str) -> date | None:
    """A day; None where the field is empty. Raises UnreadableError on what is neither a date nor an instant.

    Trackers keep a day that was picked without a time as midnight UTC: that is the day itself. Any other instant counts
    as the day that it is in the portfolio's `timezone`.
    """
    if name not in source.fields or not (text := read_text(source, name)):
        return None
    try:
        if len(text) == len("2026-11-03"):
            return date.fromisoformat(text)
        instant = datetime.fromisoformat(text)
        is_bare_day = not instant.utcoffset() and (instant.tzinfo is None or instant.time() == time.min)
        return instant.date() if is_bare_day else instant.astimezone(ZoneInfo(timezone)).date()
    except (ValueError, OverflowError):
        raise UnreadableError(f"its {name} {shown(text)} is not a date: write it as 2026-11-30") from None


def _parsed(value: str | tuple[str, ...]) -> Decimal | None:
    text = "" if isinstance(value, tuple) else value.strip()
    if not re.fullmatch(r"[0-9]{1,40}(\.[0-9]{1,40})?", text, re.ASCII):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _as_text(value: str | Decimal | tuple[str, ...]) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)
