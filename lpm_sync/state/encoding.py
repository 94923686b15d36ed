"""How core values stand in the columns of the state."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import msgspec
from pydantic import Discriminator, TypeAdapter

from lpm_sync.core.change import Change
from lpm_sync.core.work_item import FieldValue, SourceItem
from lpm_sync.state.failures import damaged

_ITEM_FIELDS = tuple(field.name for field in fields(SourceItem))


def instant_text(instant: datetime) -> str:
    """An instant as UTC with microseconds: such texts sort as the instants do. Raises ValueError without a zone."""
    if instant.tzinfo is None:
        raise ValueError(f"an instant without a zone: {instant.isoformat()}")
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def instant(text: str) -> datetime:
    """The instant, in UTC; raises ValueError where the text is not one."""
    return datetime.fromisoformat(text)


def optional_instant(text: str | None) -> datetime | None:
    return None if text is None else instant(text)


@contextmanager
def decoding(path: Path, what: str) -> Iterator[None]:
    """Content that does not read as it was written is damage."""
    try:
        yield
    except (ValueError, msgspec.MsgspecError) as error:
        raise damaged(path, what) from error


def digest(content: bytes) -> bytes:
    """16 bytes that tell one content from another."""
    return hashlib.blake2b(content, digest_size=16).digest()


def item_text(item: SourceItem) -> bytes:
    """The item as JSON; equal items give equal texts, numbers in fields stay numbers to their last zero."""
    return _encoder().encode(item)


def item(text: bytes) -> SourceItem:
    """The item again. Raises msgspec.MsgspecError or ValueError where the text is none of this version."""
    stored = _decoder().decode(text)
    values: dict[str, Any] = {name: getattr(stored, name) for name in _ITEM_FIELDS}
    values["fields"] = _field_values(stored.fields)
    return SourceItem(**values)


def change_text(change: Change) -> str:
    """The change as JSON, its kind included."""
    return _changes().dump_json(change).decode()


def change(text: str) -> Change:
    """The change again; raises ValueError where the text is none of this version."""
    return _changes().validate_json(text)


def _field_values(stored: Mapping[str, msgspec.Raw]) -> dict[str, FieldValue]:
    values: dict[str, FieldValue] = {}
    for name, raw in stored.items():
        text = bytes(raw)
        if text.startswith(b'"'):
            values[name] = msgspec.json.decode(text, type=str)
        elif text.startswith(b"["):
            values[name] = msgspec.json.decode(text, type=tuple[str, ...])
        else:
            values[name] = msgspec.json.decode(text, type=Decimal)
    return values


@lru_cache(maxsize=1)
def _encoder() -> msgspec.json.Encoder:
    return msgspec.json.Encoder(order="deterministic", decimal_format="number")


@lru_cache(maxsize=1)
def _decoder() -> msgspec.json.Decoder[Any]:
    """Reads `SourceItem` with its fields raw, because a text and a decimal cannot share a place in msgspec's types.

    What has a default may be absent, so that an item written before a value was added to it still reads.
    """
    hints: dict[str, Any] = {**get_type_hints(SourceItem), "fields": dict[str, msgspec.Raw]}
    optional = {field.name: field.default for field in fields(SourceItem) if field.default is not MISSING}
    optional |= {"fields": msgspec.field(default_factory=dict)}
    definition = [(name, hint, optional[name]) if name in optional else (name, hint) for name, hint in hints.items()]
    return msgspec.json.Decoder(msgspec.defstruct("StoredItem", definition, kw_only=True))


@lru_cache(maxsize=1)
def _changes() -> TypeAdapter[Change]:
    return TypeAdapter(Annotated[Change, Discriminator("kind")])
