"""Renders cards as Markdown or HTML for comments, and HTML for descriptions; whatever a text holds, it stays text."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator

from lpm_sync.core.change import Card
from lpm_sync.core.document import Block, BulletList, Document, Heading, Paragraph, Span, merged, paragraph
from lpm_sync.core.text import is_web_address, one_line, within_line

LONGEST_SPAN = 32_767  # characters: what a whole comment has at most
LONGEST_CARD = 500_000  # characters of markup; a text of an item has at most a million
SHORTENED = paragraph("This text is longer than the tracker takes, and ends here.")
LONGEST_TITLE = 255  # characters of System.Title; also of a link's comment
# Escaped wherever they stand. `#` would link a work item, `@` mention someone, `:` start an emoji or an address.
MARKUP = re.compile(r"[\\`*_{}\[\]#@~|$]|:(?=[^\s\d])|(?<=\bwww)\.", re.IGNORECASE)
LINE_START = re.compile(r"^(?:([-+=])|(\d{1,9})([.)]))")
HTML_ENTITIES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "@": "&#64;", "#": "&#35;"}
)


def short_line(text: str) -> str:
    """The text on one line, cut to what a title or the comment of a link may have."""
    return one_line(text, LONGEST_TITLE)


def card_markdown(card: Card) -> str:
    """The card as Markdown; its footer is the last paragraph."""
    blocks = [*_fitting(card.document.blocks, _markdown_block), escaped_line(card.footer)]
    return "\n\n".join(block for block in blocks if block)


def card_html(card: Card) -> str:
    """The card as HTML, for comments of servers without Markdown; its footer is the last paragraph."""
    return f"{document_html(card.document)}<p>{_html_text(card.footer)}</p>"


def escaped_line(text: str) -> str:
    """The text as a line of Markdown that shows it as it is."""
    return _guarded(escaped(text))


def escaped(text: str) -> str:
    """The text as Markdown inside a line; HTML's own characters as entities, for readers that take it for HTML."""
    return MARKUP.sub(r"\\\g<0>", html.escape(within_line(text, LONGEST_SPAN), quote=False))


def document_html(document: Document) -> str:
    """The document as HTML, for System.Description."""
    return "".join(_fitting(document.blocks, _html_block))


def _fitting(blocks: Iterable[Block], render: Callable[[Block], str]) -> Iterator[str]:
    """The blocks as far as they fit, and a notice where not all of them do."""
    room = LONGEST_CARD
    for block in blocks:
        rendered = render(block)
        room -= len(rendered)
        if room < 0:
            yield render(SHORTENED)
            return
        yield rendered


def _markdown_block(block: Block) -> str:
    match block:
        case Heading(text=text):
            shown = escaped(text).strip()
            return f"### {shown}" if shown else ""
        case Paragraph(spans=spans):
            return _markdown_line(spans)
        case BulletList(items=items):
            return "\n".join(f"- {line}" for line in map(_markdown_line, items) if line)


def _markdown_line(spans: Iterable[Span]) -> str:
    return _guarded("".join(_markdown_span(span) for span in merged(spans)))


def _guarded(line: str) -> str:
    """A line that starts no list, heading, rule or code block."""
    return LINE_START.sub(lambda found: rf"\{found[1]}" if found[1] else rf"{found[2]}\{found[3]}", line.strip())


def _markdown_span(span: Span) -> str:
    text = escaped(span.text)
    bare = text.strip()
    if not bare:
        return " " if text else ""
    marked = f"[{bare}]({html.escape(span.href or '', quote=False)})" if is_web_address(span.href) else bare
    if span.is_strong:
        marked = f"**{marked}**"
    # Blanks stand outside: inside they would keep `**` from being read as emphasis.
    return (" " if text[0] == " " else "") + marked + (" " if text[-1] == " " else "")


def _html_block(block: Block) -> str:
    match block:
        case Heading(text=text):
            return f"<h3>{_html_text(text)}</h3>"
        case Paragraph(spans=spans):
            return f"<p>{_html_line(spans)}</p>"
        case BulletList(items=items):
            return "<ul>" + "".join(f"<li>{_html_line(item)}</li>" for item in items) + "</ul>"


def _html_line(spans: Iterable[Span]) -> str:
    return "".join(map(_html_span, spans))


def _html_span(span: Span) -> str:
    text = _html_text(span.text)
    if is_web_address(span.href):
        text = f'<a href="{html.escape(span.href or "")}">{text}</a>'
    return f"<strong>{text}</strong>" if span.is_strong else text


def _html_text(text: str) -> str:
    """Plain text; `@` and `#` as entities, so that no editor takes them for mentions and work items."""
    return within_line(text, LONGEST_SPAN).translate(HTML_ENTITIES)
