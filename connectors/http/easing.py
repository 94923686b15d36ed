"""A second look at answers that do not fit at first: other servers write the same contract in looser ways."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

Found = TypeVar("Found")
FAULTS = ("errorMessages", "errors", "error", "message", "typeKey")
"""Members of an answer that tells of a mistake: what it lacks is not empty."""

PERSON = re.compile(r"\s*([^<>]*?)\s*(?:<([^<>]+)>)?\s*")
_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """By the names of members: how looser servers of one interface write them.

    `texts` may come as numbers, `numbers` as texts, `times` without a zone (they are in UTC), and `people` as what they
    are called alone. `lists` are what pages hold: one that is null is empty; one that is missing is empty in an object
    that any of `pages` shows to be a page, or that by `counts` has nothing, or nothing from its `start` on. Where a
    mistake is told nothing is empty. A null is as good as a member that is missing, but for those of `nulls`.
    """

    texts: Collection[str] = ()
    numbers: Collection[str] = ()
    times: Collection[str] = ()
    people: Collection[str] = ()
    lists: Collection[str] = ()
    pages: Collection[str] = ()
    counts: Collection[str] = ()
    start: str = ""
    nulls: Collection[str] = ()

    def leniently(self, decode: Callable[[Any], Found], content: bytes | msgspec.Raw) -> Found:
        """What `decode` makes of JSON, as it is or else as the contract has it: whoever keeps that is read once.

        Raises what `decode` raises of the answer as it is.
        """
        try:
            return decode(content)
        except (msgspec.ValidationError, ValueError) as error:
            if isinstance(error, msgspec.DecodeError) and not isinstance(error, msgspec.ValidationError):
                raise
            try:
                return decode(_ENCODER.encode(self._eased(_DECODER.decode(content))))
            except (msgspec.MsgspecError, ValueError, RecursionError):
                pass
            raise

    def _eased(self, value: Any) -> Any:  # whatever JSON holds there
        if isinstance(value, list):
            return [self._eased(one) for one in value]
        if not isinstance(value, dict):
            return value
        told = {name: self._member(name, one) for name, one in value.items() if one is not None or name in self.nulls}
        return {**{name: [] for name in self._empty(value)}, **told}

    def _member(self, name: str, value: Any) -> Any:
        if name in self.people:
            return _person(value)
        if name in self.texts and isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, str):
            if name in self.numbers and value.isdecimal():
                return int(value)
            if name in self.times:
                return _zoned(value)
        return self._eased(value)

    def _empty(self, value: Mapping[str, Any]) -> Collection[str]:
        if any(value.get(name) for name in FAULTS):
            return ()
        counted = [value[name] for name in self.counts if value.get(name) is not None]
        is_page = bool(counted) or not value.keys().isdisjoint(self.pages)
        is_empty = is_page and all(_number(count) <= _number(value.get(self.start)) for count in counted)
        return [name for name in self.lists if is_empty or (name in value and value[name] is None)]


def _number(value: Any) -> int:  # whatever JSON holds there
    return int(value) if isinstance(value, (int, str, Decimal)) and str(value).isdecimal() else 0


def _zoned(text: str) -> str:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).isoformat()


def _person(value: Any) -> Any:  # whatever JSON holds there
    """Someone of whom only `Name <unique name>` is told, or one of both; the id of a person is a text."""
    if isinstance(value, dict):
        return {name: str(one) if name == "id" else one for name, one in value.items() if one is not None}
    return _named(value) if isinstance(value, str) else value


def _named(text: str) -> dict[str, str]:
    found = PERSON.fullmatch(text)
    name, unique = (found[1], found[2]) if found else (text.strip(), None)
    if unique is None and "@" in name and " " not in name:
        unique = name
    return {"displayName": name, **({"uniqueName": unique} if unique else {})}
