"""How figures, days and lists are written wherever lpm-sync reports."""

from __future__ import annotations

from collections.abc import Iterable

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def number_text(count: int, one: str, many: str) -> str:
    """`one finding`, `12 findings`: numbers up to ten in words."""
    return f"{_NUMBERS[count] if 0 <= count < len(_NUMBERS) else f'{count:,}'} {one if count == 1 else many}"


def listed(words: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *others, last = tuple(words) or ("none",)
    return f"{', '.join(others)} and {last}" if others else last
