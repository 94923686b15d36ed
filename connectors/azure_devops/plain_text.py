"""Reads HTML and Markdown back as plain text, line by line, in time linear in their length."""

from __future__ import annotations

import html
import re

BREAKS = re.compile(
    r"address|article|blockquote|br|d[dlt]|div|footer|h[1-6]|header|hr|li|[ou]l|p|pre|section|t(?:able|body|d|foot|h|head|r)"
)
HIDDEN = re.compile(r"script|style|head|title")
# Possessive, so that a tag that never ends is given up at once.
TAG = re.compile(r"<!--|-->|<(/?)([a-zA-Z][a-zA-Z0-9]*+)([^<>]*+)>")
ADDRESS = re.compile(r"""\bhref\s*+=\s*+(?:"(https?:[^"]*+)"|'(https?:[^']*+)'|(https?:[^\s"'>]++))""", re.IGNORECASE)
MARKDOWN = re.compile(
    r"\\([!-/:-@\[-`{-~])"  # an escaped sign
    r"|(&(?:[a-zA-Z]{2,31}|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});)"
    r"|(\*\*)"
    r"|(?<!!)\[((?:\\.|[^\[\]\\])*+)\]\(((?:\\.|[^()\[\]\\\s])*+)\)"
)
MARKDOWN_HEADING = re.compile(r"^#{1,6}[ \t]+")


def html_to_text(text: str) -> str:
    """What a reader of the HTML sees: a line a block, `- ` before list items, links as `text (address)`."""
    if "<" not in text and "&" not in text:
        return _tidy(text)
    reader = _HtmlReader()
    position = 0
    for found in TAG.finditer(text):
        reader.read_text(text[position : found.start()])
        reader.read_tag(found)
        position = found.end()
    reader.read_text(text[position:])
    return _tidy("".join(reader.pieces))


def markdown_to_text(text: str) -> str:
    """What a reader of the Markdown sees, with the same lines and links. Undoes what `render` does."""
    lines = (MARKDOWN_HEADING.sub("", line.strip()) for line in text.splitlines())
    return _tidy("\n".join(MARKDOWN.sub(_without_markup, line) for line in lines))


def _without_markup(found: re.Match[str]) -> str:
    sign, entity, strong, label, address = found.groups()
    if sign is not None:
        return sign
    if entity is not None:
        return html.unescape(entity)
    if strong is not None:
        return ""
    return f"{MARKDOWN.sub(_without_markup, label)} ({html.unescape(address)})"


def _tidy(text: str) -> str:
    """Lines with single blanks, without those that are empty."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


class _HtmlReader:
    """Collects the text between tags; what is hidden (comments, scripts) is left out up to its end."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._hidden_until = ""
        self._link: tuple[int, str] | None = None  # where the label begins, and the address

    def read_text(self, text: str) -> None:
        if not self._hidden_until:
            self.pieces.append(html.unescape(text))

    def read_tag(self, found: re.Match[str]) -> None:
        if self._hidden_until:
            if self._hidden_until in (found[0], f"{found[1]}{found[2]}".lower()):
                self._hidden_until = ""
        elif found[2] is None:
            self._read_comment_mark(found[0])
        elif found[1]:
            self._close(found[2].lower())
        else:
            self._open(found[2].lower(), found[3])

    def _read_comment_mark(self, mark: str) -> None:
        if mark == "<!--":
            self._hidden_until = "-->"
        else:
            self.pieces.append(mark)

    def _open(self, element: str, attributes: str) -> None:
        if HIDDEN.fullmatch(element):
            self._hidden_until = f"/{element}"
        elif BREAKS.fullmatch(element):
            self.pieces.append("\n- " if element == "li" else "\n")
        elif element == "a" and (address := ADDRESS.search(attributes)):
            self._link = len(self.pieces), html.unescape(next(filter(None, address.groups())))

    def _close(self, element: str) -> None:
        if BREAKS.fullmatch(element):
            self.pieces.append("\n")
        elif element == "a" and self._link:
            start, address = self._link
            self._link = None
            if "".join(self.pieces[start:]).strip() != address:
                self.pieces.append(f" ({address})")
