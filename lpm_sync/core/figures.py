"""How days and money are written, wherever lpm-sync shows them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def day_text(day: date) -> str:
    """`3 November 2026`, in every locale."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def money_text(amount: Decimal, currency: str) -> str:
    """`2,400,000 EUR`; cents only where there are any."""
    digits = 0 if amount == amount.to_integral_value() else 2
    return f"{amount:,.{digits}f} {currency}"
