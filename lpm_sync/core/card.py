"""The footer that identifies our card on an item: its grammar, its fingerprint, and how a card is found again."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import TypeVar

from lpm_sync.core.document import Document
from lpm_sync.core.finding import Finding, Subject
from lpm_sync.core.work_item import OwnComment, Ref, SourceItem

# The footer is one visible line of ASCII letters, digits, `,` `=` `.` and `-` between words: nothing in it is markup, a
# mention, an issue key or an emoticon in ADF, wiki markup, Markdown or HTML, so every tracker gives it back as it was.
_CODE = re.compile(r"[A-Z][A-Z0-9]{1,15}")
_WORD = re.compile(r"[A-Za-z0-9]{1,40}(?:-[A-Za-z0-9]{1,40}){0,19}")
_HASHED = re.compile(r"h\.[0-9a-f]{12}")
_LABEL = re.compile(r"[a-z0-9]{1,100}(?:-[a-z0-9]{1,100}){0,49}")
_TURNS = re.compile(r"0|[1-9][0-9]{0,3}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CARD_ID = re.compile(r"[0-9a-f]{8}")
_FINGERPRINT = re.compile(r"[0-9a-f]{12}")
_PARTS = ("lpm-sync card ", "fingerprint ", "findings ", "labels ")
_NOTHING = "none"
_PORTFOLIO = "portfolio"
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff"))  # what editors leave in a text
_LONGEST_LINE = 32_767  # characters: the longest comment that any tracker takes

_Token = TypeVar("_Token")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelMemory:
    """A label (name without prefix) that we wrote last on the item, and what people did to it.

    `turns` counts how often a person removed it while its finding lasted; `removed_on` is the day of the last removal
    as long as the label stays away, None while it stands.
    """

    name: str
    turns: int = 0
    removed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """What the last line of a card says. `findings` are tokens (see `finding_token`) with the day since they stand."""

    card_id: str
    fingerprint: str
    findings: tuple[tuple[str, date], ...] = ()
    labels: tuple[LabelMemory, ...] = ()


def card_id(ref: Ref) -> str:
    """The id of an item's card: 8 hexadecimal digits of the SHA-256 of `tracker:id`."""
    return hashlib.sha256(str(ref).encode()).hexdigest()[:8]


def finding_token(finding: Finding) -> str:
    """How a footer names a finding: `DOR001` of the item itself, `GRD101.payments`, `GRD101.portfolio`.

    A stream's id that is not letters, digits and single inner hyphens stands as `h.` and 12 digits of its SHA-256.
    """
    return subject_token(finding.code, finding.subject)


def subject_token(code: str, subject: Subject) -> str:
    """The token of a finding of that rule about that subject."""
    return code + _subject_suffix(subject)


def code_of(token: str) -> str:
    """The rule code in a token."""
    return token.partition(".")[0]


def is_above_items(token: str) -> bool:
    """Whether a token is about a stream or the portfolio, and not about the item that carries it."""
    return "." in token


def fingerprint(content: Document, findings: Iterable[tuple[str, date]], labels: Iterable[LabelMemory]) -> str:
    """12 hexadecimal digits of the SHA-256 over what a card says now: its history lines are not given to it."""
    said = [
        [[type(block).__name__, asdict(block)] for block in content.blocks],
        [[token, since.isoformat()] for token, since in findings],
        [_label_text(label) for label in labels],
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:12]


def render_footer(footer: Footer) -> str:
    """The footer as one line. Raises ValueError where a code, a label or an id does not fit the grammar."""
    values = (
        footer.card_id,
        footer.fingerprint,
        " ".join(f"{token}={since.isoformat()}" for token, since in footer.findings) or _NOTHING,
        " ".join(_label_text(label) for label in footer.labels) or _NOTHING,
    )
    line = ", ".join(part + value for part, value in zip(_PARTS, values, strict=True))
    if parse_footer(line) != footer:
        raise ValueError(f"not fit for the footer of a card: {line[:500]!r}")
    return line


def parse_footer(text: str) -> Footer | None:
    """The footer that ends a comment's plain text; None where its last visible line is not one.

    White space may differ from what was written; the rest is read strictly, in time linear in the text.
    """
    line = (text.translate(_INVISIBLE).rstrip().splitlines() or [""])[-1]
    parts = " ".join(line.split()).split(", ")
    if len(line) > _LONGEST_LINE or len(parts) != len(_PARTS):
        return None
    if not all(map(str.startswith, parts, _PARTS)):
        return None
    identifier, mark, findings, labels = (part.removeprefix(start) for part, start in zip(parts, _PARTS, strict=True))
    try:
        return Footer(
            card_id=_fitting(_CARD_ID, identifier),
            fingerprint=_fitting(_FINGERPRINT, mark),
            findings=_tokens(findings, _finding),
            labels=_tokens(labels, _label),
        )
    except ValueError:
        return None


def find_cards(item: SourceItem) -> tuple[tuple[OwnComment, Footer], ...]:
    """Our comments on the item whose footer carries the item's card id, oldest first."""
    if not item.own_comments:
        return ()
    own = ((comment, parse_footer(comment.text)) for comment in item.own_comments)
    expected = card_id(item.ref)
    return tuple((comment, footer) for comment, footer in own if footer is not None and footer.card_id == expected)


def _subject_suffix(subject: Subject) -> str:
    if subject.kind == "item":
        return ""
    if subject.kind == "portfolio":
        return f".{_PORTFOLIO}"
    if _WORD.fullmatch(subject.id) and subject.id != _PORTFOLIO:
        return f".{subject.id}"
    return ".h." + hashlib.sha256(subject.id.encode()).hexdigest()[:12]


def _label_text(label: LabelMemory) -> str:
    if label.removed_on is not None:
        return f"{label.name}={label.turns}={label.removed_on.isoformat()}"
    # A label that is called like the word for an empty list always shows its count.
    return f"{label.name}={label.turns}" if label.turns or label.name == _NOTHING else label.name


def _tokens(text: str, read: Callable[[str], _Token]) -> tuple[_Token, ...]:
    return () if text == _NOTHING else tuple(read(token) for token in text.split(" "))


def _finding(token: str) -> tuple[str, date]:
    name, _, since = token.partition("=")
    code, dot, subject = name.partition(".")
    _fitting(_CODE, code)
    if dot and not (_WORD.fullmatch(subject) or _HASHED.fullmatch(subject)):
        raise ValueError(token)
    return name, _day(since)


def _label(token: str) -> LabelMemory:
    name, *rest = token.split("=", 3)
    if len(rest) > 2:
        raise ValueError(token)
    return LabelMemory(
        name=_fitting(_LABEL, name),
        turns=int(_fitting(_TURNS, rest[0])) if rest else 0,
        removed_on=_day(rest[1]) if len(rest) == 2 else None,
    )


def _day(text: str) -> date:
    return date.fromisoformat(_fitting(_DAY, text))


def _fitting(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError(text)
    return text
