"""The weekly digest as a value; chats render it within their limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lpm_sync.core.document import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the digest: plain heading, and what stands below it."""

    heading: str
    body: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What is told once a slot. `slot` identifies it (`2026-11-23` or another key of its schedule)."""

    title: str
    slot: str
    day: date
    sections: tuple[Section, ...]
