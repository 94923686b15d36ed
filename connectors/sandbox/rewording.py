"""Changes to a decoded answer that mean the same for every kind of tracker."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from connectors.sandbox.variation import AS_IT_IS, Variation

Json = dict[str, Any]
Change = Callable[[Json], Json]
Defaults = Sequence[tuple[frozenset[str], Mapping[str, Any]]]
"""Members that an object has by right, with the values for those that it lacks, told by some that it must have."""

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)")
OTHER_ZONE = timezone(timedelta(hours=5, minutes=30))
EXTRA = {"addedLater": {"a": [1, None, "x"], "b": {}}, "x-note": "unknown"}


def everywhere(content: Any, change: Change, untouched: frozenset[str] = frozenset()) -> Any:
    """The content with each object in it changed, from the inside; what stands under those names stays as it is."""
    if isinstance(content, list):
        return [everywhere(one, change, untouched) for one in content]
    if not isinstance(content, dict):
        return content
    inner = {
        name: value if name in untouched else everywhere(value, change, untouched) for name, value in content.items()
    }
    return change(inner)


def with_defaults(found: Json, defaults: Defaults) -> Json:
    """The object with every member that it lacks and may have."""
    for marks, members in defaults:
        if marks <= found.keys():
            found = {**members, **found}
    return found


def with_empties(variation: Variation, found: Json) -> Json:
    """The object with what is empty in it as null, or without it unless nothing would be left."""
    if variation.empties == AS_IT_IS:
        return found
    if variation.empties == "null":
        return {name: None if _is_empty(value) else value for name, value in found.items()}
    return {name: value for name, value in found.items() if not _is_empty(value)} or found


def _is_empty(value: Any) -> bool:
    """A list without anything, or a page of one."""
    return value == [] or (isinstance(value, dict) and "total" in value and not any(value.get(one) for one in value))


def with_extras(found: Json) -> Json:
    """The object with members that no contract names."""
    return {**found, **EXTRA}


def with_times(variation: Variation, content: Any) -> Any:
    """The content with every time in it spelt otherwise, the same instant to the second."""
    if variation.times == AS_IT_IS:
        return content
    if isinstance(content, dict):
        return {name: with_times(variation, value) for name, value in content.items()}
    if isinstance(content, list):
        return [with_times(variation, one) for one in content]
    if isinstance(content, str) and TIME.fullmatch(content):
        return _retold(variation, content)
    return content


def _retold(variation: Variation, text: str) -> str:
    zone = text[19:].lstrip(".0123456789")
    if variation.times == "seconds":
        return text[:19] + zone
    if variation.times == "long fraction":
        return f"{text[:19]}.{text[19:].lstrip('.').removesuffix(zone).ljust(7, '0')}{zone}"
    if text.startswith("9999"):
        return text  # the end of time has no later zone
    moved = datetime.fromisoformat(text).astimezone(OTHER_ZONE).isoformat(timespec="milliseconds")
    return moved if zone == "Z" or ":" in zone else f"{moved[:-3]}{moved[-2:]}"


def number(variation: Variation, value: Any) -> Any:
    """A number of a field, with or without a fraction that says nothing."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    if variation.whole_numbers == "fraction":
        return float(value)
    if variation.whole_numbers == "integer" and float(value).is_integer():
        return int(value)
    return value
