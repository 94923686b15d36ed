"""How core values stand in the columns of the state."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import msgspec
from pydantic import Discriminator, TypeAdapter

from lpm_sync.core.change import Change
from lpm_sync.state.failures import damaged


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


def change_text(change: Change) -> str:
    """The change as JSON, its kind included."""
    return _changes().dump_json(change).decode()


def change(text: str) -> Change:
    """The change again; raises ValueError where the text is none of this version."""
    return _changes().validate_json(text)


@lru_cache(maxsize=1)
def _changes() -> TypeAdapter[Change]:
    return TypeAdapter(Annotated[Change, Discriminator("kind")])
