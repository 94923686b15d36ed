"""Reads HTML and Markdown back as plain text, line by line, in time linear in their length."""

from __future__ import annotations

import html
import re

BLOCKS = (
    "address article blockquote br dd dl dt div footer h1 h2 h3 h4 h5 h6 header hr ol ul p pre section"
    " table tbody td tfoot th thead tr"
)
# What stands for a tag; other elements leave nothing. Names are looked up as they come first, then in small letters.
OPENING = {**dict.fromkeys(BLOCKS.split(), "\n"), "li": "\n- "}
CLOSING = dict.fromkeys(OPENING, "\n")
BARE_BLOCK = re.compile(rf"</?(?:{BLOCKS.replace(' ', '|')})>|</li>")
HIDDEN = frozenset(("script", "style", "head", "title"))
HIDING = re.compile(r"<(?:!--|(?i:script|style|head|title)(?![a-zA-Z0-9]))")
# Possessive, so that a tag that never ends is given up at once. Groups: whether it closes, name, attributes.
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)([^<>]*+)>")
MARK_OR_TAG = re.compile(rf"(<!--|-->)|{TAG.pattern}")
NOTHING = "<i>"  # keeps apart what stands before and after
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
    bare = BARE_BLOCK.sub("\n", text).replace("<li>", "\n- ")
    if "<" not in bare:  # as in most texts: then these were all the tags that there are
        return _tidy(html.unescape(bare) if "&" in bare else bare)
    parts = TAG.split(text if HIDING.search(text) is None else _without_hidden(text))
    parts[::4] = [html.unescape(part) if "&" in part else part for part in parts[::4]]
    pieces = parts[:1]
    link: tuple[int, str] | None = None  # where the label begins, and the address
    for closes, name, attributes, following in zip(parts[1::4], parts[2::4], parts[3::4], parts[4::4], strict=True):
        breaks = CLOSING if closes else OPENING
        if name in breaks:
            pieces.append(breaks[name])
        elif (element := name.lower()) != "a":
            pieces.append(breaks.get(element, ""))
        elif not closes:
            address = _address(attributes)
            link = (len(pieces), address) if address else link
        elif link:
            start, address = link
            link = None
            if "".join(pieces[start:]).strip() != address:
                pieces.append(f" ({address})")
        pieces.append(following)
    return _tidy("".join(pieces))


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
    has_only_single_ones = text.isascii() and not ("  " in text or "\t" in text or "\x1f" in text)
    lines = map(str.strip if has_only_single_ones else _single_blanks, text.splitlines())
    return "\n".join(filter(None, lines))


def _single_blanks(line: str) -> str:
    """The line without blanks around it, and with single ones in it; most lines have no others."""
    if "  " in line or not line.isprintable():
        return " ".join(line.split())
    return line.strip()


def _address(attributes: str) -> str:
    found = ADDRESS.search(attributes)
    return html.unescape(found[1] or found[2] or found[3]) if found else ""


def _without_hidden(text: str) -> str:
    """With a tag that leaves nothing in place of each comment and script, up to its end."""
    kept: list[str] = []
    hidden_until = ""
    position = 0
    for found in MARK_OR_TAG.finditer(text):
        mark, closes, name, _ = found.groups()
        if hidden_until:
            if hidden_until == (mark or f"{closes}{name.lower()}"):
                hidden_until = ""
                kept.append(NOTHING)
                position = found.end()
        elif mark == "<!--" or (not closes and name and name.lower() in HIDDEN):
            kept.append(text[position : found.start()])
            hidden_until = "-->" if mark else f"/{name.lower()}"
    if not hidden_until:
        kept.append(text[position:])
    return "".join(kept)
