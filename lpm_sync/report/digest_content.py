"""What a digest is made from, and how it names items."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lpm_sync.core.document import BulletList, Paragraph, Span
from lpm_sync.core.finding import Evaluation, Subject
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.text import is_web_address, one_line
from lpm_sync.core.work_item import Ref
from lpm_sync.report.card_content import EscalatedFinding, EscalationSection

Line = tuple[Span, ...]

LONGEST_TEXT = 120  # characters of one title or value: a digest is skimmed


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingNote:
    """A finding that came or went since the last digest: which rule, about what."""

    code: str
    subject: Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestedLabel:
    """A label (with its prefix) that people removed from an item so often that it is not set again."""

    ref: Ref
    label: str
    turns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestContent:
    """Everything that a digest is made from.

    `escalations` are the sections of all cards; those of one blocker are told as one. `withdrawn` findings ended
    because their rule no longer governs. `troubles` are pairs of place and reason for what could not be read whole: a
    tracker, or a project of one.
    `spend_source` says where spend comes from. `items_in_scope` counts what was read, also what is in quarantine.
    """

    portfolio: Portfolio
    evaluation: Evaluation
    items_in_scope: int
    escalations: tuple[EscalationSection, ...] = ()
    escalated_findings: tuple[EscalatedFinding, ...] = ()
    new: tuple[FindingNote, ...] = ()
    resolved: tuple[FindingNote, ...] = ()
    withdrawn: tuple[FindingNote, ...] = ()
    contested: tuple[ContestedLabel, ...] = ()
    troubles: tuple[tuple[str, str], ...] = ()
    spend_source: str = "tracker field"


def subject_spans(subject: Subject, portfolio: Portfolio) -> Line:
    """An item by its key, as a link, with its title; a stream by its name; the portfolio by its own."""
    if subject.kind == "item":
        return item_spans(Ref.parse(subject.id), portfolio)
    if subject.kind == "stream":
        return (Span(text=f"value stream {stream_name(subject.id, portfolio)}"),)
    return (Span(text=f"portfolio {one_line(subject.id, LONGEST_TEXT)}"),)


def item_spans(ref: Ref, portfolio: Portfolio) -> Line:
    """`jira:PAY-1 Instant refunds`, the key as a link; the ref where the item is not in the portfolio any more."""
    item = portfolio.items.get(ref)
    if item is None:
        aside = portfolio.quarantined.get(ref)
        return (Span(text=one_line(aside.key if aside else str(ref), LONGEST_TEXT)),)
    return link(item.key, item.source.url), Span(text=f" {one_line(item.title, LONGEST_TEXT)}")


def key_span(ref: Ref, portfolio: Portfolio) -> Span:
    """The key of an item as a link."""
    return item_spans(ref, portfolio)[0]


def stream_name(identifier: str, portfolio: Portfolio) -> str:
    """The name of a stream; its id where it is not defined any more."""
    names = {stream.id: stream.name for stream in portfolio.definition.value_streams}
    return one_line(names.get(identifier, identifier), LONGEST_TEXT)


def link(text: str, url: str) -> Span:
    """A link where the address can be one, else the text alone."""
    return Span(text=one_line(text, LONGEST_TEXT), href=url if is_web_address(url) else None)


def text(words: str) -> Paragraph:
    """A paragraph of our own words."""
    return Paragraph(spans=(Span(text=words),))


def top(lines: Sequence[Line], most: int) -> BulletList:
    """The first lines as a list; how many are left out is its last line."""
    left = len(lines) - most
    return BulletList(items=(*lines[:most], *([(Span(text=f"and {left:,} more"),)] if left > 0 else ())))


def joined(spans: Iterable[Span], separator: str = ", ") -> Line:
    """Spans with a separator between."""
    found: list[Span] = []
    for span in spans:
        found += [Span(text=separator), span] if found else [span]
    return tuple(found)
