"""Writes what a person or a tracker said as YAML that reads back as exactly that."""

from __future__ import annotations


def quoted(text: str) -> str:
    """The text as a double-quoted scalar of YAML, whatever stands in it (YAML 1.1, escape codes)."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(sign: str) -> str:
    if sign in '"\\':
        return f"\\{sign}"
    if sign.isprintable():
        return sign
    code = ord(sign)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
