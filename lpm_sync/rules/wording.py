"""How rules write days, money, shares, counts and lists of items: dates and thresholds, never durations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from heapq import nsmallest

from lpm_sync.core.figures import money_text
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import Ref

_NAMED = 10  # items that a text names before it counts the rest


def amount_text(amount: Decimal, portfolio: Portfolio) -> str:
    """Money in the portfolio's currency: `1,200,000 EUR`."""
    return money_text(amount, portfolio.definition.currency)


def rounded_up(amount: Decimal, step: Decimal) -> Decimal:
    """The least multiple of `step` that is not below the amount: what is above a limit is shown above it."""
    return (amount / step).to_integral_value(ROUND_CEILING) * step


def number_text(number: Decimal) -> str:
    """`40` or `12.5`, without an exponent or idle zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent_of(part: Decimal, whole: Decimal) -> int:
    """A share in whole percent, half up. `whole` is above zero."""
    return int((part * 100 / whole).to_integral_value(ROUND_HALF_UP))


def days_text(business_days: int) -> str:
    """`1 business day`, `5 business days`."""
    return f"{business_days} business day{'' if business_days == 1 else 's'}"


def listed(words: Sequence[str]) -> str:
    """`a, b and c`; past ten: `a, …, j and 3 more`."""
    return _listed(words[:_NAMED], len(words))


def _listed(words: Sequence[str], count: int) -> str:
    """The first of `count` words, and how many more there are."""
    if count > len(words):
        return f"{', '.join(words)} and {count - len(words)} more"
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def key_of(ref: Ref, portfolio: Portfolio) -> str:
    """The display name of an item, also of one in quarantine; its ref where nothing more is known."""
    item = portfolio.items.get(ref) or portfolio.quarantined.get(ref)
    return str(ref) if item is None else item.key


def keys_text(refs: Iterable[Ref], portfolio: Portfolio) -> str:
    """The items by their display names, in the order of their refs."""
    found = list(refs)
    return _listed([key_of(ref, portfolio) for ref in nsmallest(_NAMED, found)], len(found))
