"""Wiki markup: what version 2 of Jira's interface takes and gives as rich text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace

from lpm_sync.core.document import Block, BulletList, Heading, Paragraph, Span, merged
from lpm_sync.core.text import is_web_address, visible

HEADING_LEVEL = 3
# Each of these begins or ends markup somewhere: emphasis, links, images, macros, tables, lists, mentions, emoticons.
_SPECIAL = frozenset("*_?-+^~{}[]|!#()")
_QUIET_IN_WORDS = frozenset("_-")  # markup only at the edge of a word, so keys and dates stay readable
_ENTITIES = {"\\": "&#92;", "&": "&amp;"}  # two backslashes are a line break, so a backslash cannot quote itself
_BLOCK_MARK = re.compile(r"(\s*(?:bq|h[1-6]))\.", re.IGNORECASE)  # at the start of a line, after any blanks
# Begins an address that would become a link, or an emoticon.
_COLON_MARK = re.compile(r":(?:/|[DPp](?!\w))|(?<=mailto):|(?<=file):|(?<=news):|(?<=nntp):|(?<=irc):", re.IGNORECASE)

_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])|(&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|amp|lt|gt|quot);)")
_LIST = re.compile(r"[*#-]{1,10} +")
_HEADING = re.compile(r"h[1-6]\. ")
_LINK = re.compile(r"(?<!\\)\[([^\[\]|\n]{1,2000})\|((?:https?|mailto):[^\[\]|\s]{1,2000})\]")
_ADDRESS = re.compile(r"(?:https?)://[^\s\[\]|<>\"'{}]{1,2000}", re.IGNORECASE)


def block_markup(block: Block) -> str:
    """A block as markup: text in it is escaped."""
    match block:
        case Heading(text=text):
            return f"h{HEADING_LEVEL}. {escape(text)}"
        case Paragraph(spans=spans):
            return _spans_markup(spans)
        case BulletList(items=items):
            return "\n".join(f"* {_spans_markup(spans)}" for spans in items)


def escape(text: str) -> str:
    """Text that the wiki shows character by character, whatever stands in it."""
    return _guarded(_inline(visible(text)))


def _inline(plain: str) -> str:
    return "".join(_escaped(plain, position) for position in range(len(plain)))


def _guarded(line: str) -> str:
    """A line that is no heading and no quotation."""
    return _BLOCK_MARK.sub(r"\1&#46;", line, count=1) if _BLOCK_MARK.match(line) else line


def text_of(markup: str) -> str:
    """Markup as plain lines: bullets as `- …`, links as `text (address)`, escapes resolved; emphasis stays as it is."""
    return "\n".join(_line(line) for line in markup.replace("\r\n", "\n").split("\n"))


def addresses_in(markup: str) -> Iterator[str]:
    """The addresses in markup, as links or bare."""
    for found in _ADDRESS.finditer(markup):
        yield found[0].rstrip(".,;:!?)")


def _escaped(text: str, position: int) -> str:
    character = text[position]
    if character == ":":
        return "&#58;" if _COLON_MARK.match(text, position) else ":"
    if character in _ENTITIES:
        return _ENTITIES[character]
    if character not in _SPECIAL:
        return character
    before, after = text[position - 1 : position], text[position + 1 : position + 2]
    is_quiet = character in _QUIET_IN_WORDS and before.isalnum() and after.isalnum()
    return character if is_quiet else f"\\{character}"


def _spans_markup(spans: tuple[Span, ...]) -> str:
    pieces: list[str] = []
    cleaned = (replace(span, text=visible(span.text)) for span in spans)
    spans = tuple(merged(span for span in cleaned if span.text))
    for number, span in enumerate(spans):
        text = _inline(span.text)
        if span.href is not None and is_web_address(span.href) and text.strip():
            text = f"[{text}|{span.href}]"
        before = spans[number - 1].text[-1:] if number else " "
        after = spans[number + 1].text[:1] if number + 1 < len(spans) else " "
        is_word = text == text.strip() != "" and not before.isalnum() and not after.isalnum()
        # Emphasis shows its asterisks where a letter stands beside it.
        pieces.append(f"*{text}*" if span.is_strong and is_word else text)
    return _guarded("".join(pieces))


def _line(line: str) -> str:
    if heading := _HEADING.match(line):
        line = line[heading.end() :]
    elif bullet := _LIST.match(line):
        line = f"- {line[bullet.end() :]}"
    return _ESCAPED.sub(_unescaped, _LINK.sub(_shown_link, line))


def _shown_link(link: re.Match[str]) -> str:
    return link[1] if link[1] == link[2] else f"{link[1]} ({link[2]})"


def _unescaped(found: re.Match[str]) -> str:
    return found[1] or html.unescape(found[2])
