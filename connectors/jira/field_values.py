"""The value of a configured field, whatever kind of field it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from connectors.jira import wire
from connectors.jira.fields import is_rich_text
from connectors.jira.render import addresses_in, plain_text
from lpm_sync.core.work_item import FieldValue

# A key (`PAY-12`) or one with its tracker (`ado:431`), where a field names items and not addresses.
_NAME = re.compile(
    r"(?<![\w/:.-])(?:[a-z][a-z0-9_-]{0,30}:[A-Za-z0-9][A-Za-z0-9_-]{0,60}|[A-Z][A-Z0-9_]{1,30}-\d{1,9})(?![\w/:-])"
)
_ADDRESS = re.compile(r"https?://\S{1,2000}", re.IGNORECASE)


def read_value(field: wire.Field, value: Any) -> FieldValue | None:
    """The value in our terms, None where the field is empty.

    Text, dates and options as text, people by their account, numbers as `Decimal`, lists as a tuple of texts, a
    cascading option as `parent / child`. Raises ValueError on anything else, naming the field.
    """
    if value is None or isinstance(value, Decimal):
        return value
    if isinstance(value, list):
        texts = (_text(field, entry) for entry in value if entry is not None)
        return tuple(text for text in texts if text) or None
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return _text(field, value) or None


def read_references(value: Any) -> tuple[str, ...]:
    """The addresses and item names that a field holds, in their order, each once."""
    found: list[str] = []
    for entry in value if isinstance(value, list) else [value]:
        found += addresses_in(entry)
        if isinstance(entry, (str, dict)):
            text = _ADDRESS.sub(" ", entry if isinstance(entry, str) else plain_text(entry))
            found += _names(text)
    return tuple(dict.fromkeys(found))


def _names(text: str) -> Iterator[str]:
    for name in _NAME.finditer(text):
        yield name[0]


def _text(field: wire.Field, value: Any) -> str:
    if isinstance(value, dict):
        return _object_text(field, value)
    if isinstance(value, str):
        return plain_text(value) if is_rich_text(field) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return str(value)
    raise ValueError(f"the field “{field.name}” holds a list of lists")


def _object_text(field: wire.Field, value: dict[str, Any]) -> str:
    if isinstance(option := value.get("value"), str):
        child = value.get("child")
        below = child.get("value") if isinstance(child, dict) else None
        return f"{option} / {below}" if isinstance(below, str) else option
    if value.get("type") == "doc":
        return plain_text(value)
    # People by the account that configuration names them by; then what versions, components and sprints are called.
    for name in ("accountId", "name", "key", "displayName"):
        if isinstance(text := value.get(name), str) and text:
            return text
    raise ValueError(f"the field “{field.name}” ({field.id}) holds an object that is not understood")
