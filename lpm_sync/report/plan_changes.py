"""Each change of a plan in words: what is written, what stood there before, and the rules that asked for it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from lpm_sync.core.card import parse_footer
from lpm_sync.core.change import (
    AddLabel,
    AddLink,
    Change,
    CloseEscalation,
    OpenEscalation,
    PutCard,
    RemoveCard,
    RemoveLabel,
)
from lpm_sync.core.document import plain_text
from lpm_sync.core.text import one_line

_MOST_LINES = 40  # of one card's difference
_LONGEST_LINE = 200  # characters
_MOST_COMPARED = 400  # lines of either card
_BULLETS = ("- ", "* ", "• ")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChange:
    """One change: `sign` is `+`, `-` or `~`; `difference` are lines that begin with `+ `, `- ` or `  `."""

    sign: str
    what: str
    because: tuple[str, ...]
    difference: tuple[str, ...] = ()

    @property
    def headline(self) -> str:
        """`+ label lpm:not-ready (DOR001)`."""
        return f"{self.sign} {self.what}" + (f" ({', '.join(self.because)})" if self.because else "")


def shown(change: Change) -> ShownChange:
    """A change in words; every text in it is one visible line."""
    sign, what = _words(change)
    difference: tuple[str, ...] = ()
    if isinstance(change, PutCard):
        difference = _card_difference(change)
    elif isinstance(change, OpenEscalation):
        lines = [f"labels: {', '.join(sorted(change.labels))}", *plain_text(change.document).splitlines()]
        difference = _cut([f"+ {one_line(line, _LONGEST_LINE)}" for line in lines])
    return ShownChange(sign=sign, what=what, because=tuple(map(one_line, change.because)), difference=difference)


def _words(change: Change) -> tuple[str, str]:
    match change:
        case AddLabel(label=label):
            return "+", f"label {one_line(label)}"
        case RemoveLabel(label=label):
            return "-", f"label {one_line(label)}"
        case PutCard(comment_id=None):
            return "+", "card"
        case PutCard():
            return "~", "card"
        case RemoveCard(comment_id=comment_id):
            return "-", f"second card, comment {one_line(comment_id)}"
        case AddLink(target_title=title, target_url=url):
            return "+", f"link to {one_line(title)}, {one_line(url)}"
        case CloseEscalation(status=status):
            return "~", f"status {one_line(status)}"
        case OpenEscalation(project=project, type=kind, title=title):
            return "+", f"{one_line(kind)} in {one_line(project)}: {one_line(title)}"


def _card_difference(change: PutCard) -> tuple[str, ...]:
    """Line by line, without the footers: what those remember is for the machine."""
    before = _lines(change.before)
    if parse_footer(change.before) is not None:
        before = before[:-1]
    after = _lines(plain_text(change.card.document))
    return _cut(list(_difference(before[:_MOST_COMPARED], after[:_MOST_COMPARED]))) or ("  only what the footer keeps",)


def _difference(before: list[str], after: list[str]) -> Iterator[str]:
    """Removed and added lines, each change with a line around it."""
    for group in difflib.SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(1):
        for kind, start, end, new_start, new_end in group:
            if kind == "equal":
                yield from (f"  {line}" for line in before[start:end])
            else:
                yield from (f"- {line}" for line in before[start:end])
                yield from (f"+ {line}" for line in after[new_start:new_end])


def _lines(text: str) -> list[str]:
    """Visible lines, with every tracker's bullet written as ours."""
    lines = (one_line(raw, _LONGEST_LINE) for raw in text.splitlines())
    return [f"- {line[2:].lstrip()}" if line.startswith(_BULLETS) else line for line in lines if line]


def _cut(lines: list[str]) -> tuple[str, ...]:
    left = len(lines) - _MOST_LINES
    return (*lines[:_MOST_LINES], f"  … {left:,} more lines") if left > 0 else tuple(lines)
