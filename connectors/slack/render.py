"""A digest as Block Kit messages, within Slack's limits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lpm_sync.core.digest import Digest, Section
from lpm_sync.core.document import BulletList, Document, Heading, Paragraph, Span
from lpm_sync.core.text import is_web_address, one_line, shortened, within_line

Block = dict[str, object]

MOST_BLOCKS = 50  # of a message
LONGEST_SECTION = 3000
LONGEST_HEADER = 150
LONGEST_MESSAGE = 12_000  # characters in all blocks: Slack refuses a message well above this as too long
_LONGEST_LINK = 2000
_LONGEST_SPAN = 3000

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# In mrkdwn there is no way to escape what formats: signs that look alike stand for it. Mentions and the names of emoji
# are broken by a space without width.
_UNFORMATTED = str.maketrans({"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ", "@": "@\u200b"})
_EMOJI = re.compile(r":(?=[a-z0-9_+'-]+:)")


def render(digest: Digest) -> tuple[dict[str, object], ...]:
    """The messages of a digest, numbered where there are several."""
    chunks = tuple(_chunks(digest.sections))
    return tuple(_message(digest.title, chunk, n, len(chunks)) for n, chunk in enumerate(chunks, start=1))


def _message(title: str, blocks: list[Block], number: int, total: int) -> dict[str, object]:
    suffix = f" ({number} of {total})" if total > 1 else ""
    heading = _header(title, suffix)
    return {"text": _escaped_within(title, suffix), "blocks": [heading, *blocks]}


def _chunks(sections: Iterable[Section]) -> Iterator[list[Block]]:
    """Blocks for one message each. A heading stays with what follows it."""
    chunk: list[Block] = []
    size = 0
    for group in (group for section in sections for group in _groups(section)):
        length = sum(_length(block) for block in group)
        if chunk and (len(chunk) + len(group) >= MOST_BLOCKS or size + length > LONGEST_MESSAGE):
            yield chunk
            chunk, size = [], 0
        chunk.extend(group)
        size += length
    yield chunk


def _groups(section: Section) -> Iterator[list[Block]]:
    """The heading with the first block below it, then one block each."""
    body = list(_body(section.body))
    yield [_header(section.heading), *body[:1]]
    yield from ([block] for block in body[1:])


def _body(document: Document) -> Iterator[Block]:
    for block in document.blocks:
        match block:
            case Heading(text=text):
                yield from _sections([(Span(text=text, is_strong=True),)])
            case Paragraph(spans=spans):
                yield from _sections([spans])
            case BulletList(items=items):
                yield from _sections([(Span(text="• "), *spans) for spans in items])


def _sections(lines: list[tuple[Span, ...]]) -> Iterator[Block]:
    """Lines as sections: plain text, in which nothing acts, unless a link or a strong word needs mrkdwn."""
    is_formatted = any(is_web_address(span.href) or span.is_strong for line in lines for span in line)
    for text in _packed([_atoms(line, is_formatted=is_formatted) for line in lines]):
        kind: dict[str, object] = (
            {"type": "mrkdwn", "verbatim": True} if is_formatted else {"type": "plain_text", "emoji": False}
        )
        yield {"type": "section", "text": {**kind, "text": text}}


def _atoms(line: tuple[Span, ...], *, is_formatted: bool) -> list[str]:
    """Pieces that are never cut: a character, a link, a strong word."""
    atoms: list[str] = []
    for span in line:
        text = within_line(span.text, _LONGEST_SPAN)
        if not is_formatted:
            atoms.extend(character.translate(_ESCAPES) for character in text)
            continue
        safe = _EMOJI.sub(":\u200b", text).translate(_UNFORMATTED)
        whole = _whole(span, safe)
        atoms.extend([whole] if whole else (character.translate(_ESCAPES) for character in safe))
    if is_formatted and atoms and atoms[0] == "&gt;":
        atoms[0] = "›"  # at the start of a line it would quote
    return atoms


def _whole(span: Span, safe: str) -> str | None:
    """A link or a strong text in mrkdwn; None where it is plain, or too long for one piece."""
    text = safe.translate(_ESCAPES)
    if span.href is not None and is_web_address(span.href) and text.strip():
        text = f"<{span.href.translate(_ESCAPES)}|{text.strip()}>"
    elif span.is_strong and text.strip():
        text = f"{' ' * text[0].isspace()}*{text.strip()}*{' ' * text[-1].isspace()}"
    else:
        return None
    return text if _units(text) <= _LONGEST_LINK else None


def _packed(lines: Iterable[list[str]]) -> Iterator[str]:
    """Lines together as far as a section can hold them; a longer line goes on in the next."""
    text = ""
    for atoms in lines:
        line = "".join(atoms).strip()
        if _units(text) + 1 + _units(line) <= LONGEST_SECTION:
            text = f"{text}\n{line}" if text and line else text or line
            continue
        if text:
            yield text
        *full, text = _cut(atoms)
        yield from full
    if text:
        yield text


def _cut(atoms: list[str]) -> list[str]:
    pieces, size = [""], 0
    for atom in atoms:
        size += _units(atom)
        if size > LONGEST_SECTION:
            pieces.append("")
            size = _units(atom)
        pieces[-1] += atom
    return [piece.strip() for piece in pieces if piece.strip()] or [""]


def _header(text: str, suffix: str = "") -> Block:
    return {"type": "header", "text": {"type": "plain_text", "emoji": False, "text": _escaped_within(text, suffix)}}


def _escaped_within(text: str, suffix: str = "") -> str:
    """A plain text escaped, as much of it as a header holds."""
    line = one_line(text, LONGEST_HEADER) or "…"
    longest = len(line)
    while _units((shown := shortened(line, longest)).translate(_ESCAPES) + suffix) > LONGEST_HEADER:
        longest -= 1
    return shown.translate(_ESCAPES) + suffix


def _length(block: Block) -> int:
    inner = block["text"]
    return _units(str(inner["text"])) if isinstance(inner, dict) else 0


def _units(text: str) -> int:
    """Length in UTF-16, the larger of the two ways in which Slack may count."""
    return len(text) + sum(character > "\uffff" for character in text)
