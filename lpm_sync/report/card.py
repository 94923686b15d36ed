"""The card: the one comment that says what is wrong with an item, why, and what clears it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from lpm_sync.core.card import Footer, finding_token, fingerprint, render_footer
from lpm_sync.core.change import Card
from lpm_sync.core.document import Block, Document, Heading, paragraph, plain_text
from lpm_sync.core.finding import Finding
from lpm_sync.core.text import one_line
from lpm_sync.report.card_content import ALL_WELL, NOTHING_HERE, CardContent, DepartedFinding
from lpm_sync.report.card_sections import (
    escalated_finding_section,
    escalation_section,
    finding_section,
    suppressed_text,
)
from lpm_sync.report.text import listed, number_text

_LONGEST_CARD = 24_000  # characters of text: leaves room for the footer and a tracker's markup within 32,767


def render_card(identifier: str, content: CardContent) -> Card:
    """The card with the id `identifier` (see `core.card.card_id`)."""
    history = tuple(paragraph(line) for line in _history(content.departed))
    *body, last = _blocks(content)
    if last == paragraph(ALL_WELL) and not all(one.is_resolved for one in content.departed):
        last = paragraph(NOTHING_HERE)
    return Card(
        document=Document(blocks=(*body, *history, last)), footer=render_footer(card_footer(identifier, content))
    )


def card_footer(identifier: str, content: CardContent) -> Footer:
    """The footer that such a card ends with: the same content gives the same footer, whatever stood there before."""
    findings = _stated(content)
    labels = tuple(sorted(content.labels, key=lambda label: label.name))
    mark = fingerprint(Document(blocks=tuple(_blocks(content))), findings, labels)
    return Footer(card_id=identifier, fingerprint=mark, findings=findings, labels=labels)


def _stated(content: CardContent) -> tuple[tuple[str, date], ...]:
    """Tokens of all findings, in order; the earliest day where two share a token."""
    since: dict[str, date] = {}
    for finding in (*content.findings, *content.reported):
        token = finding_token(finding)
        since[token] = min(finding.since, since.get(token, finding.since))
    return tuple(sorted(since.items()))


def _history(departed: Iterable[DepartedFinding]) -> Iterator[str]:
    """What became of the findings that stood here before: a line for each way in which they went."""
    ways: dict[tuple[int, str], list[str]] = {}
    for one in departed:
        ways.setdefault(_way(one), []).append(_shown_token(one.token))
    for (_, words), tokens in sorted(ways.items()):
        yield f"{words}: {listed(sorted(tokens))}."


def _way(one: DepartedFinding) -> tuple[int, str]:
    """The order in which it is told, and the words for it."""
    if one.is_resolved:
        return 0, "Resolved"
    if one.is_told_elsewhere:
        return 1, f"Now reported on {one_line(one.place)}" if one.place else "No longer reported here"
    return 2, f"No longer governed ({one_line(one.reason)})" if one.reason else "No longer governed"


def _shown_token(token: str) -> str:
    code, _, subject = token.partition(".")
    return f"{code} ({subject})" if subject and not subject.startswith("h.") else code


def _blocks(content: CardContent) -> Iterator[Block]:
    """The current content. The last block is the one that history lines stand before."""
    sections = (
        *(escalation_section(one) for one in sorted(content.escalations, key=lambda one: (one.key, one.url))),
        *(
            escalated_finding_section(one)
            for one in sorted(content.escalated_findings, key=lambda one: (one.key, one.code))
        ),
        *(finding_section(finding, content.stream_names) for finding in sorted(content.findings, key=_order)),
        *(finding_section(finding, content.stream_names) for finding in sorted(content.reported, key=_order)),
    )
    yield Heading(text="lpm-sync: what needs attention" if sections else "lpm-sync")
    yield from _within_limit(sections)
    yield from (paragraph(suppressed_text(label)) for label in sorted(content.suppressed, key=lambda one: one.label))
    if not sections:
        yield paragraph(one_line(content.when_clear))
        return
    yield paragraph(
        "To ask for an exception, talk to the portfolio office. "
        f"The label {content.label_prefix}opt-out takes this item out of the checks."
    )


def _within_limit(sections: Iterable[tuple[Block, ...]]) -> Iterator[Block]:
    room, left = _LONGEST_CARD, 0
    for section in sections:
        size = len(plain_text(Document(blocks=section)))
        if left or size > room:
            left += 1  # once one does not fit, none follows: the order stays what it is
        else:
            room -= size
            yield from section
    if left:
        yield paragraph(f"And {number_text(left, 'more finding that does', 'more findings that do')} not fit here.")


def _order(finding: Finding) -> tuple[str, str, date, str]:
    return finding.code, str(finding.subject), finding.since, finding.threshold
