"""Makes other people's texts safe to show: one visible line, of a bounded length."""

from __future__ import annotations

import unicodedata

_JOINERS = frozenset("\u200c\u200d")  # format characters that scripts and emoji need
_BREAKING = frozenset({"Cc", "Zl", "Zp", "Zs"})  # control characters, line and paragraph separators, spaces
_HIDDEN = frozenset({"Cf", "Co"})  # bidirectional marks and tags, private use


def one_line(text: str, longest: int = 300) -> str:
    """Somebody's text on one line of at most `longest` characters, without control, direction and hidden characters.

    Escape sequences lose what makes them act; lone surrogates, which no encoding takes, become the replacement sign.
    """
    start = text[: longest * 4]  # nobody reads more: a text of megabytes is not walked to its end
    return shortened(" ".join(visible(start).split()), longest)


def visible(text: str) -> str:
    """Somebody's text without what one cannot see in it or what turns it around; every break of a line is a blank."""
    return text if text.isprintable() else "".join(map(_visible, text))


def within_line(text: str, longest: int = 300) -> str:
    """A part of a line, cleaned like `one_line`; a blank at either end stays as one."""
    line = one_line(text, longest)
    if not line:
        return " " if text[:longest].isspace() else ""
    return " " * text[0].isspace() + line + " " * text[-1].isspace()


def shortened(text: str, longest: int) -> str:
    """At most `longest` characters; what is cut off is shown by `…`."""
    return text if len(text) <= longest else text[: max(longest - 1, 0)].rstrip() + "…"


def is_web_address(address: str | None) -> bool:
    """Whether an address may become a link: http or https, and without blanks, quotes and brackets."""
    if address is None or not address.startswith(("https://", "http://")):
        return False
    return address.isprintable() and not any(character in " <>\"'`|\\()[]{}" for character in address)


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in _BREAKING:
        return " "
    if category == "Cs":
        return "\ufffd"
    if category in _HIDDEN and character not in _JOINERS:
        return ""
    return "\ufffd" if _is_noncharacter(ord(character)) else character


def _is_noncharacter(code: int) -> bool:
    """Unicode 23.7: code points that are never characters; some trackers refuse a text that holds one."""
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
