"""Puts what was said of many items for one reason on one line, with the first of them by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lpm_sync.rules.wording import listed

_VARYING = re.compile(r"“[^”]*”|(?<=/)[0-9]+(?![^/:\s])")  # a quoted value, a number in a path
_BLANK = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Items of which the same was said, but for the values that it quotes."""

    names: tuple[str, ...]
    reason: str

    @property
    def named(self) -> str:
        """The first ten, and how many more there are."""
        return listed(self.names)


def grouped(told: Iterable[tuple[str, str]]) -> Iterator[Group]:
    """Groups pairs of a name and a reason, in the order in which each reason came first.

    Reasons that differ in quoted values only are one; the reason of the group quotes the first ten of these.
    """
    groups: dict[str, list[tuple[str, str]]] = {}
    for name, reason in told:
        groups.setdefault(_VARYING.sub(_BLANK, reason), []).append((name, reason))
    for members in groups.values():
        names = tuple(dict.fromkeys(name for name, _ in members))
        yield Group(names=names, reason=_common([reason for _, reason in members]))


def _common(reasons: list[str]) -> str:
    """What all of them say, with every value that one of them quotes."""
    values = iter([list(dict.fromkeys(place)) for place in zip(*map(_VARYING.findall, reasons), strict=True)])
    return _VARYING.sub(lambda _: _shown(next(values)), reasons[0])


def _shown(values: list[str]) -> str:
    if len(values) > 1 and not values[0].startswith("“"):
        return _BLANK  # numbers in a path say nothing to people
    return listed(values)
