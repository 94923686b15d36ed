"""Escalations in a digest: who holds up whom, the longest wait first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from lpm_sync.core.digest import Section
from lpm_sync.core.document import Document, Span
from lpm_sync.core.figures import day_text
from lpm_sync.core.text import one_line
from lpm_sync.report.card_content import BlockedItem, EscalatedFinding, EscalationSection, Limit
from lpm_sync.report.digest_content import LONGEST_TEXT, DigestContent, Line, joined, link, text, top
from lpm_sync.report.text import number_text

_MOST_LINES = 12  # escalations that are named
_MOST_BLOCKED = 5  # items that one escalation names


@dataclass(frozen=True, slots=True, kw_only=True)
class _Blocker:
    """One blocker, with what waits for it under any portfolio epic."""

    section: EscalationSection
    blocked: tuple[BlockedItem, ...]
    limits: tuple[Limit, ...]

    @property
    def since(self) -> date:
        return min(item.since for item in self.blocked)


def escalation_count(content: DigestContent) -> int:
    """Blockers and findings that are escalated, each counted once."""
    return len(_blockers(content)) + len(content.escalated_findings)


def escalations_section(content: DigestContent) -> Section:
    """All escalations that are open."""
    lines = [_blocker_line(blocker) for blocker in _blockers(content)]
    findings = sorted(content.escalated_findings, key=lambda one: (one.since, one.key, one.code))
    lines += [_finding_line(finding) for finding in findings]
    body = Document(blocks=(top(lines, _MOST_LINES) if lines else text("Nothing is escalated."),))
    return Section(heading="Escalations", body=body)


def _blockers(content: DigestContent) -> list[_Blocker]:
    """One a blocker, although its section stands on several cards; the longest wait first."""
    grouped: dict[tuple[str, str], list[EscalationSection]] = {}
    for section in content.escalations:
        grouped.setdefault((section.key, section.url), []).append(section)
    return sorted(_merged(grouped.values()), key=lambda blocker: (blocker.since, blocker.section.key))


def _merged(groups: Iterable[list[EscalationSection]]) -> Iterator[_Blocker]:
    for sections in groups:
        blocked = {item.key: item for section in sections for item in section.blocked}
        if blocked:
            yield _Blocker(
                section=sections[0],
                blocked=tuple(blocked[key] for key in sorted(blocked)),
                limits=tuple(sorted({limit for section in sections for limit in section.limits})),
            )


def _blocker_line(blocker: _Blocker) -> Line:
    section, left = blocker.section, len(blocker.blocked) - _MOST_BLOCKED
    more = f" and {number_text(left, 'more', 'more')}" if left > 0 else ""
    return (
        link(section.key, section.url),
        Span(text=f" {one_line(section.title, LONGEST_TEXT)} blocks "),
        *joined(link(item.key, item.url) for item in blocker.blocked[:_MOST_BLOCKED]),
        Span(text=f"{more} since {day_text(blocker.since)}; limit: {_limits_text(blocker.limits)}"),
    )


def _limits_text(limits: Iterable[Limit]) -> str:
    """The limit of each rule; where its items have different ones, only that: each stands on the card."""
    by_rule: dict[str, list[str]] = {}
    for limit in limits:
        by_rule.setdefault(limit.code, []).append(one_line(limit.text, LONGEST_TEXT))
    return "; ".join(
        f"{texts[0] if len(texts) == 1 else 'of each item its own'} ({code})" for code, texts in by_rule.items()
    )


def _finding_line(finding: EscalatedFinding) -> Line:
    rule = one_line(f"{finding.code} {finding.rule_title}", LONGEST_TEXT)
    title = one_line(finding.title, LONGEST_TEXT)
    return link(finding.key, finding.url), Span(text=f" {title}: {rule}, since {day_text(finding.since)}")
