"""Plain text on its way into markup: without what would change how a line is read."""

from __future__ import annotations

import unicodedata

# Embeddings, overrides and isolates turn the text after them around; marks and joiners only concern their neighbours.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str) -> str:
    """The text on one line, without control characters, lone surrogates and characters that turn it around."""
    return "".join(" " if _is_break(character) else character for character in text if not _is_dropped(character))


def is_web_address(href: str) -> bool:
    """Whether an address may be made a link: http and https only, nothing in it that would end it early."""
    is_web = href.lower().startswith(("https://", "http://"))
    return is_web and all(character.isprintable() and character not in ' "<>|\\^`{}[]' for character in href)


def _is_break(character: str) -> bool:
    return character in "\t\n\r\v\f\x85\u2028\u2029"


def _is_dropped(character: str) -> bool:
    return character in _TURNING or (unicodedata.category(character) in ("Cc", "Cs") and not _is_break(character))
