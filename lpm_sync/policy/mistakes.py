"""Mistakes in the configuration: where each stands, and how all of them are told at once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from lpm_sync.policy.yaml_source import YamlDocument, YamlPath

_SHOWN_LENGTH = 60
_SECRET_KEY = re.compile(
    r"token|passw(or)?d|passphrase|secret|credential|authorization|webhook|api_?key|private_?key|access_?key|^pat$"
)

Remark = tuple[YamlPath, str]
"""A mistake before its file is known: where in the document, and what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One mistake, told as `file:line: path: what, and what was meant`."""

    file: str
    line: int
    path: str
    message: str

    @classmethod
    def at(cls, document: YamlDocument, path: YamlPath, message: str) -> Mistake:
        return cls(file=document.name, line=document.line(path), path=path_text(path), message=message)

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}"
        return f"{place}: {self.path}: {self.message}" if self.path else f"{place}: {self.message}"


def in_order(mistakes: Iterable[Mistake]) -> list[Mistake]:
    """Each mistake once, by file in the order in which the files were read, then by line."""
    found = list(dict.fromkeys(mistakes))
    files = list(dict.fromkeys(mistake.file for mistake in found))
    return sorted(found, key=lambda mistake: (files.index(mistake.file), mistake.line))


def path_text(path: YamlPath) -> str:
    """A path as people write it: `trackers.jira.levels[0].level`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            key = part if re.fullmatch(r"[\w-]+", part) else f'"{plain(part)}"'
            text += f".{key}" if text else key
    return text


def plain(text: str) -> str:
    """At most 60 characters of a text, with control and formatting characters written out."""
    cut = text if len(text) <= _SHOWN_LENGTH else f"{text[: _SHOWN_LENGTH - 1]}…"
    return "".join(c.encode("unicode_escape").decode() if unicodedata.category(c)[0] == "C" else c for c in cut)


def meant(word: object, known: Iterable[str]) -> str:
    """What a mistaken word may have meant: `did you mean …?`, or all that is known."""
    names = list(known)
    lowered = {name.lower(): name for name in names}
    close = get_close_matches(str(word).lower(), lowered, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{plain(lowered[close[0]])}`?"
    if not names:
        return "none is configured"
    listed = ", ".join(f"`{plain(name)}`" for name in sorted(names)[:12])
    return f"known: {listed}{', …' if len(names) > 12 else ''}"


def is_secret_key(key: object) -> bool:
    """Whether a key looks as if a secret stood behind it."""
    return bool(_SECRET_KEY.search(str(key).lower().replace("-", "_")))


def secret_advice(path: YamlPath) -> str:
    """What to do with a secret that stands in YAML."""
    match path:
        case ("trackers", str(tracker), *_):
            variable = f"LPM_{tracker.upper().replace('-', '_')}_TOKEN"
        case ("digest", *_):
            variable = "LPM_<CHAT>_WEBHOOK, for example LPM_SLACK_WEBHOOK"
        case _:
            variable = "LPM_<TRACKER>_TOKEN or LPM_<CHAT>_WEBHOOK"
    return (
        f"secrets never stand in YAML; remove it, give it as environment variable {variable} "
        "or as a file of that name in LPM_SECRETS_DIR, and renew it if this file was shared"
    )
