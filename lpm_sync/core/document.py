"""A small document: what a card or a digest says, before a tracker's or a chat's markup.

Connectors render it. Every text in it is plain: what looks like markup, a mention or a link is shown as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A run of text; `href` makes it a link (http and https only)."""

    text: str
    is_strong: bool = False
    href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BulletList:
    items: tuple[tuple[Span, ...], ...]


Block = Heading | Paragraph | BulletList


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Blocks from top to bottom."""

    blocks: tuple[Block, ...]


def paragraph(text: str) -> Paragraph:
    """A paragraph of plain text."""
    return Paragraph(spans=(Span(text=text),))


def merged(spans: Iterable[Span]) -> Iterator[Span]:
    """Neighbours that look the same as one: what two of them mean together is seen, and no markup stands between."""
    for (is_strong, href), group in groupby(spans, key=lambda span: (span.is_strong, span.href)):
        yield Span(text="".join(span.text for span in group), is_strong=is_strong, href=href)


def plain_text(document: Document) -> str:
    """The document as lines of text, a bullet as `- …`, links as `text (address)`."""
    lines: list[str] = []
    for block in document.blocks:
        match block:
            case Heading(text=text):
                lines.append(text)
            case Paragraph(spans=spans):
                lines.append(_line(spans))
            case BulletList(items=items):
                lines.extend(f"- {_line(spans)}" for spans in items)
    return "\n".join(lines)


def _line(spans: tuple[Span, ...]) -> str:
    return "".join(f"{span.text} ({span.href})" if span.href else span.text for span in spans)
