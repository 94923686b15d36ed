"""The weekly digest: what the portfolio office wants to know, with the most pressing first."""

from __future__ import annotations

from collections.abc import Iterator

from lpm_sync.core.digest import Digest, Section
from lpm_sync.core.document import Block, Document, Span, plain_text
from lpm_sync.core.figures import day_text
from lpm_sync.core.finding import Mode
from lpm_sync.core.text import one_line
from lpm_sync.report.digest_content import (
    LONGEST_TEXT,
    ContestedLabel,
    DigestContent,
    FindingNote,
    Line,
    item_spans,
    subject_spans,
    text,
    top,
)
from lpm_sync.report.digest_escalations import escalation_count, escalations_section
from lpm_sync.report.digest_findings import findings_section, told
from lpm_sync.report.digest_money import money_section
from lpm_sync.report.text import number_text

_MOST_LINES = 12  # of a list


def make_digest(content: DigestContent, slot: str) -> Digest:
    """The digest of `slot`; the same content gives the same digest."""
    day = content.portfolio.today
    name = one_line(content.portfolio.definition.name, LONGEST_TEXT)
    return Digest(
        title=f"{name}: portfolio digest, {day_text(day)}", slot=slot, day=day, sections=tuple(_sections(content))
    )


def digest_text(digest: Digest) -> str:
    """The digest for a terminal."""
    parts = [one_line(digest.title)]
    parts += [f"{one_line(section.heading)}\n{plain_text(section.body)}" for section in digest.sections]
    return "\n\n".join(parts) + "\n"


def _sections(content: DigestContent) -> Iterator[Section]:
    yield _overview(content)
    if incomplete := tuple(_incomplete(content)):
        yield Section(heading="Not complete", body=Document(blocks=incomplete))
    yield _changes(content)
    yield escalations_section(content)
    yield money_section(content)
    yield findings_section(content)
    if content.contested:
        lines = [
            _contested_line(one, content) for one in sorted(content.contested, key=lambda one: (one.ref, one.label))
        ]
        yield Section(heading="Contested labels", body=Document(blocks=(top(lines, _MOST_LINES),)))


def _overview(content: DigestContent) -> Section:
    findings = number_text(len(told(content)), "finding", "findings")
    escalated = number_text(escalation_count(content), "open escalation", "open escalations")
    sentence = f"{findings} and {escalated} over {content.items_in_scope:,} items in scope."
    return Section(heading="Overview", body=Document(blocks=(text(sentence[0].upper() + sentence[1:]),)))


def _incomplete(content: DigestContent) -> Iterator[Block]:
    """What could not be read whole, so that nobody takes a part for all."""
    portfolio = content.portfolio
    places = {place for place, _ in content.troubles}
    lines: list[Line] = [
        (Span(text=f"{one_line(place, LONGEST_TEXT)}: {one_line(reason)}"),)
        for place, reason in (
            *sorted(content.troubles),
            *((name, "not read; its last complete reading is shown") for name in sorted(portfolio.stale - places)),
        )
    ]
    if lines:
        yield text("Not read whole; nothing is concluded from what is missing:")
        yield top(lines, _MOST_LINES)
    if portfolio.quarantined:
        aside = sorted(portfolio.quarantined.values(), key=lambda one: one.key)
        yield text(f"{number_text(len(aside), 'item', 'items').capitalize()} in quarantine:")
        yield top([(Span(text=f"{one_line(one.key)}: {one_line(one.reason)}"),) for one in aside], _MOST_LINES)


def _changes(content: DigestContent) -> Section:
    told_codes = {rule.code for rule in content.evaluation.governed if rule.mode.includes(Mode.DIGEST)}
    blocks: list[Block] = []
    for words, notes in (
        ("New", [note for note in content.new if note.code in told_codes]),
        ("Resolved", [note for note in content.resolved if note.code in told_codes]),
        ("No longer governed", list(content.withdrawn)),
    ):
        if notes:
            blocks.append(text(f"{words}: {number_text(len(notes), 'finding', 'findings')}"))
            blocks.append(top([_note_line(note, content) for note in sorted(notes, key=_note_order)], _MOST_LINES))
    body = Document(blocks=tuple(blocks) or (text("No finding came or went."),))
    return Section(heading="What changed this week", body=body)


def _note_line(note: FindingNote, content: DigestContent) -> Line:
    titles = {rule.code: rule.title for rule in content.evaluation.governed}
    about = one_line(f"{note.code} {titles.get(note.code, '')}", LONGEST_TEXT)
    return (*subject_spans(note.subject, content.portfolio), Span(text=f": {about}"))


def _note_order(note: FindingNote) -> tuple[str, str]:
    return note.code, str(note.subject)


def _contested_line(contested: ContestedLabel, content: DigestContent) -> Line:
    times = number_text(contested.turns, "time", "times")
    words = f": {one_line(contested.label)} was removed {times} and is no longer set"
    return (*item_spans(contested.ref, content.portfolio), Span(text=words))
