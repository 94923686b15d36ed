"""What an issue looks like where certain fields are asked for: prepared once a pull, used for every issue."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from connectors.http import NOT_DECODED, Decoding
from connectors.jira import wire
from connectors.jira.field_values import read_references, read_value
from connectors.jira.fields import Fields, is_rich_text
from lpm_sync.core.work_item import FieldValue, ForeignLink

SYSTEM_FIELDS = tuple(field.name for field in msgspec.structs.fields(wire.SystemFields))
LARGEST_ISSUE = 2 * 1024 * 1024  # bytes; texts are limited to 32,767 characters, so a whole one is far smaller
_SYSTEM = frozenset(SYSTEM_FIELDS)


class _Configured(NamedTuple):
    """A configured field: our name, its id, its definition. `is_line`: a text in it stays as it is."""

    name: str
    id: str
    definition: wire.Field
    is_line: bool


class IssueForm:
    """Reads issues that have these fields beside the system's; fractions come as `Decimal`.

    `decoder` is for one issue, `page` for many that were asked for by their ids.
    """

    __slots__ = ("_configured", "_parents", "_references", "decoder", "page")

    def __init__(self, fields: Fields) -> None:
        shape = _shape(fields)
        self.decoder: msgspec.json.Decoder[wire.Issue] = msgspec.json.Decoder(shape, float_hook=Decimal)
        self.page = _Page(shape)
        self._configured = tuple(
            _Configured(name, field.id, field, is_line=not is_rich_text(field))
            for name, field in fields.configured.items()
        )
        self._references = tuple((field.id, direction) for direction, field in fields.references.items())
        self._parents = fields.parents

    def values(self, fields: wire.SystemFields) -> dict[str, FieldValue]:
        """The configured fields that hold anything, by our names. Raises ValueError where one cannot be read."""
        values: dict[str, FieldValue] = {}
        for name, field_id, definition, is_line in self._configured:
            value = getattr(fields, field_id)
            if value is None:
                continue
            if is_line and value.__class__ is str:  # as most are: they need no further look
                if value:
                    values[name] = value
            elif (read := read_value(definition, _plain(field_id, value))) is not None:
                values[name] = read
        return values

    def references(self, fields: wire.SystemFields) -> tuple[ForeignLink, ...]:
        """What the reference fields name. Raises ValueError where one cannot be read."""
        return tuple(
            ForeignLink(url=address, direction=direction)
            for field_id, direction in self._references
            for address in read_references(_plain(field_id, getattr(fields, field_id)))
        )

    def parent_key(self, fields: wire.SystemFields) -> str | None:
        """Data Center names parents by key, in one of two fields: `trackers.md`, Hierarchy and fields."""
        if fields.parent is not None and fields.parent.id is None:
            return fields.parent.key
        for field_id in self._parents:
            value = getattr(fields, field_id)
            if isinstance(value, dict):  # newer versions wrap it
                data = value.get("data")
                value = value.get("key") or (data.get("key") if isinstance(data, dict) else None)
            if isinstance(value, str) and value:
                return value
        return None


class _Page(Decoding[Sequence[wire.Issue | msgspec.Raw]]):
    """The issues of a page, decoded with it. Where one of them cannot be read, all stay as they came."""

    def __init__(self, shape: Any) -> None:
        whole: Any = msgspec.defstruct("PageOfIssues", [("issues", list[shape])])
        self._whole = msgspec.json.Decoder(whole, float_hook=Decimal)
        self._apart = msgspec.json.Decoder(wire.FetchedIssues)

    def decode(self, body: bytes) -> Sequence[wire.Issue | msgspec.Raw]:
        if len(body) <= LARGEST_ISSUE:  # else one of them may be larger than that
            with suppress(*NOT_DECODED):
                issues: Sequence[wire.Issue] = self._whole.decode(body).issues
                return issues
        return self._apart.decode(body).issues


def _shape(fields: Fields) -> Any:
    """A `wire.Issue` that has those fields too."""
    extra = [(name, Any, None) for name in fields.wanted if name not in SYSTEM_FIELDS]
    all_fields = msgspec.defstruct("AllFields", extra, bases=(wire.SystemFields,), kw_only=True, gc=False)
    return msgspec.defstruct("IssueWithFields", [("fields", all_fields)], bases=(wire.Issue,), kw_only=True, gc=False)


def _plain(field_id: str, value: Any) -> Any:
    """A value as JSON has it: the system's fields have structs of their own."""
    return msgspec.json.decode(msgspec.json.encode(value)) if field_id in _SYSTEM else value
