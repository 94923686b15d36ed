"""A digest as Adaptive Cards in the envelope of a Workflows webhook, within the size that Teams takes.

Every text is a text run: those know no Markdown, unlike text blocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from lpm_sync.core.digest import Digest, Section
from lpm_sync.core.document import BulletList, Document, Heading, Paragraph, Span
from lpm_sync.core.text import is_web_address, one_line, within_line

Element = dict[str, object]

LARGEST_MESSAGE = 20_000  # bytes, below the 20 KB of trackers and gateways that count in either way
_LARGEST_ELEMENT = 6_000  # bytes: a longer line goes on in the next element
_LONGEST_RUN = 1000  # characters
_LONGEST_ADDRESS = 2000
_TITLE_ROOM = 1_000  # bytes for the title of a card with its number
_LONGEST_TITLE = 150


def render(digest: Digest) -> tuple[bytes, ...]:
    """The messages of a digest as JSON, numbered where there are several."""
    chunks = tuple(_chunks(digest.sections))
    return tuple(_message(digest.title, chunk, n, len(chunks)) for n, chunk in enumerate(chunks, start=1))


def _message(title: str, elements: list[Element], number: int, total: int) -> bytes:
    suffix = f" ({number} of {total})" if total > 1 else ""
    heading = _block([_run(_neutral(one_line(title, _LONGEST_TITLE) + suffix), size="Large", weight="Bolder")])
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "body": [heading, *elements],
        "msteams": {"width": "Full"},
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return msgspec.json.encode({"type": "message", "attachments": [attachment]})


def _chunks(sections: Iterable[Section]) -> Iterator[list[Element]]:
    """Elements for one card each. A heading stays with what follows it."""
    room = LARGEST_MESSAGE - len(_message("", [], 1, 1)) - _TITLE_ROOM
    chunk: list[Element] = []
    size = 0
    for group in (group for section in sections for group in _groups(section)):
        length = sum(_size(element) for element in group)
        if chunk and size + length > room:
            yield chunk
            chunk, size = [], 0
        chunk.extend(group)
        size += length
    yield chunk


def _groups(section: Section) -> Iterator[list[Element]]:
    """The heading with the first element below it, then one element each."""
    heading = _run(_neutral(one_line(section.heading, _LONGEST_TITLE)) or "…", size="Medium", weight="Bolder")
    body = list(_body(section.body))
    yield [{**_block([heading]), "spacing": "Large"}, *body[:1]]
    yield from ([element] for element in body[1:])


def _body(document: Document) -> Iterator[Element]:
    for block in document.blocks:
        match block:
            case Heading(text=text):
                yield from _line((Span(text=text, is_strong=True),))
            case Paragraph(spans=spans):
                yield from _line(spans)
            case BulletList(items=items):
                for spans in items:
                    yield from _line((Span(text="• "), *spans), spacing="Small")


def _line(spans: Iterable[Span], **looks: str) -> Iterator[Element]:
    """One line; as several elements where it is long."""
    runs: list[Element] = []
    size = 0
    for run in (run for span in spans for run in _runs(span)):
        length = _size(run)
        if runs and size + length > _LARGEST_ELEMENT:
            yield {**_block(runs), **looks}
            runs, size = [], 0
        runs.append(run)
        size += length
    if runs:
        yield {**_block(runs), **looks}


def _runs(span: Span) -> Iterator[Element]:
    text = within_line(span.text, _LONGEST_RUN * 4)
    looks: Element = {"weight": "Bolder"} if span.is_strong else {}
    if span.href is not None and len(span.href) <= _LONGEST_ADDRESS and is_web_address(span.href):
        looks |= {"color": "Accent", "selectAction": {"type": "Action.OpenUrl", "url": span.href}}
    for start in range(0, len(text), _LONGEST_RUN):
        yield _run(_neutral(text[start : start + _LONGEST_RUN]), **looks)


def _neutral(text: str) -> str:
    """No `<at>` and no `{{DATE()}}`, not even for whoever takes a run for more than text."""
    return text.replace("<", "<\u200b").replace("{", "{\u200b")


def _run(text: str, **looks: object) -> Element:
    return {"type": "TextRun", "text": text, **looks}


def _block(runs: list[Element]) -> Element:
    return {"type": "RichTextBlock", "inlines": runs}


def _size(element: Element) -> int:
    """Bytes in the message, with the comma after it."""
    return len(msgspec.json.encode(element)) + 1
