"""What all configuration models share: their strictness, and the kinds of value that they are made of."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.fields import FieldInfo

_SECONDS = {"second": 1, "minute": 60, "hour": 3600}


class Stanza(BaseModel):
    """A frozen model that knows its keys. A number where text is due is taken as it was written (`2026`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True, use_attribute_docstrings=True)


def _duration(value: object) -> object:
    """Reads `15 minutes`, or a bare number of seconds."""
    if isinstance(value, str) and (found := re.fullmatch(r"(\d{1,6}) (second|minute|hour)s?", value.strip())):
        return timedelta(seconds=int(found[1]) * _SECONDS[found[2]])
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return timedelta(seconds=float(value))
    if isinstance(value, timedelta):
        return value
    raise ValueError("not a duration; write for example `30 seconds` or `15 minutes`")


def _duration_text(span: timedelta) -> str:
    """The span in the largest unit that divides it: `15 minutes`."""
    seconds = int(span.total_seconds())
    unit = next(unit for unit in ("hour", "minute", "second") if seconds % _SECONDS[unit] == 0)
    count = seconds // _SECONDS[unit]
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def within(least: timedelta, most: timedelta) -> AfterValidator:
    """What keeps a duration between two others, both included."""

    def check(span: timedelta) -> timedelta:
        if not least <= span <= most:
            raise ValueError(f"out of range; write from `{_duration_text(least)}` to `{_duration_text(most)}`")
        return span

    return AfterValidator(check)


def _written(value: object) -> object:
    """A truth value as the word that stood there, for places that hold any text."""
    return str(value).lower() if isinstance(value, bool) else value


def label_name(text: str) -> str:
    """The label name that a text comes nearest to: lower case, hyphens between words."""
    return "-".join(re.findall(r"[a-z0-9]+", text.lower()))


def _label(value: object) -> object:
    if isinstance(value, str) and (len(value) > 50 or value != label_name(value)):
        raise ValueError(
            f"not a label name; write lower-case letters, digits and hyphens, for example `{label_name(value)[:50]}`"
        )
    return value


def shaped(pattern: str, meaning: str, *, longest: int = 50) -> tuple[AfterValidator, FieldInfo]:
    """What makes a text a value of one form; a mistake says `not` and the meaning."""
    form = re.compile(pattern)

    def check(text: str) -> str:
        if len(text) > longest or not form.fullmatch(text):
            raise ValueError(f"not {meaning}")
        return text

    extra: dict[str, JsonValue] = {"pattern": f"^({pattern})$", "maxLength": longest}
    return AfterValidator(check), Field(json_schema_extra=extra)


def _day(value: object) -> object:
    if isinstance(value, date) or (isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value)):
        return value
    raise ValueError("not a date; write year, month and day: `2026-10-05`")


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
"""A name as the tracker or a person writes it."""

Slug = Annotated[str, *shaped("[a-z][a-z0-9-]*", "a name; write lower-case letters, digits and hyphens")]
"""A name of our own."""

FieldName = Annotated[str, *shaped("[a-z][a-z0-9_]*", "a name; write lower-case letters, digits and underscores")]
"""Our name of a field or a work category."""

LabelName = Annotated[str, BeforeValidator(_label), Field(json_schema_extra={"pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"})]
"""A label without its prefix."""

ItemKey = Annotated[
    str, *shaped(r"[a-z][a-z0-9-]*:[^\s:]+", "an item; write tracker and key: `jira:PORT-1`", longest=100)
]
"""An item as people call it."""

Day = Annotated[date, BeforeValidator(_day)]
"""A date, written `2026-10-05`."""

Amount = Annotated[
    Decimal,
    Field(ge=0, max_digits=20, decimal_places=2),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0},
                {"type": "string", "pattern": "^[0-9]+(_[0-9]+)*(\\.[0-9]{1,2})?$"},
            ]
        }
    ),
]
"""Money in the portfolio's currency; figures may be grouped: `2_400_000`."""

Percent = Annotated[Decimal, Field(ge=0, le=100), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100})]
"""Percent of a whole."""

Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    PlainSerializer(_duration_text, return_type=str),
    WithJsonSchema(
        {"anyOf": [{"type": "number"}, {"type": "string", "pattern": "^[0-9]{1,6} (second|minute|hour)s?$"}]}
    ),
]
"""A span of time, written `15 minutes`."""

Option = Annotated[
    str,
    BeforeValidator(_written),
    StringConstraints(max_length=500),
    WithJsonSchema({"type": ["string", "number", "boolean"]}),
]
"""A setting that only a plug-in understands."""
