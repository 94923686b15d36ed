"""The parts of a card: one for each finding and each escalated dependency, and the words about labels."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from lpm_sync.core.document import Block, BulletList, Paragraph, Span
from lpm_sync.core.figures import day_text
from lpm_sync.core.finding import Finding, Reading, Subject
from lpm_sync.core.text import is_web_address, one_line
from lpm_sync.report.card_content import BlockedItem, EscalatedFinding, EscalationSection, Limit, SuppressedLabel
from lpm_sync.report.text import number_text

_LONGEST_LIST = 20  # values of a finding, blocked items of an escalation


def finding_section(finding: Finding, stream_names: Mapping[str, str]) -> tuple[Block, ...]:
    """A finding: its rule, the values seen, the threshold, since when, and what clears it."""
    about = "" if finding.subject.kind == "item" else f" – {_subject_text(finding.subject, stream_names)}"
    facts = [f"Seen: {_reading_text(reading)}" for reading in finding.readings[:_LONGEST_LIST]]
    if (left := len(finding.readings) - _LONGEST_LIST) > 0:
        facts.append(f"Seen: {left:,} more")
    if finding.threshold:
        facts.append(f"Threshold: {one_line(finding.threshold)}")
    facts.append(f"Since: {day_text(finding.since)}")
    if finding.fix:
        facts.append(f"To clear it: {one_line(finding.fix, 600)}")
    return (
        Paragraph(spans=(Span(text=f"{finding.code} {one_line(finding.title)}{about}", is_strong=True),)),
        BulletList(items=tuple((Span(text=fact),) for fact in facts)),
    )


def _reading_text(reading: Reading) -> str:
    seen = f"{one_line(reading.name)}: {one_line(reading.shown)}"
    return f"{seen} ({one_line(reading.source)})" if reading.source else seen


def _subject_text(subject: Subject, stream_names: Mapping[str, str]) -> str:
    if subject.kind == "stream":
        return f"value stream {one_line(stream_names.get(subject.id, subject.id))}"
    return f"portfolio {one_line(subject.id)}"


def escalation_section(section: EscalationSection) -> tuple[Block, ...]:
    """A blocker that is escalated to the item, and all that waits for it."""
    ordered = sorted(section.blocked, key=lambda item: item.key)
    left = len(ordered) - _LONGEST_LIST
    shared = tuple(limit for limit in section.limits if all(limit in item.limits for item in ordered))
    waiting = [_blocked_spans(item, shared) for item in ordered[:_LONGEST_LIST]]
    if left > 0:
        waiting.append((Span(text=f"and {left:,} more"),))
    facts = [f"Limit: {_limits_text(shared)}"] if shared else []
    facts += [f"At stake: {one_line(section.at_stake)}"] if section.at_stake else []
    return (
        Paragraph(
            spans=(
                Span(text="Escalated dependency: ", is_strong=True),
                _link(section.key, section.url),
                Span(text=f" {'. '.join((one_line(section.title), *facts, 'It blocks:'))}"),
            )
        ),
        BulletList(items=tuple(waiting)),
    )


def _blocked_spans(item: BlockedItem, shared: Collection[Limit]) -> tuple[Span, ...]:
    """The item, with those of its limits that others do not share."""
    since = f"first seen {day_text(item.since)}" if item.is_first_seen else f"blocked since {day_text(item.since)}"
    own = [limit for limit in sorted(item.limits) if limit not in shared]
    limits = f"; limit: {_limits_text(own)}" if own else ""
    return _link(item.key, item.url), Span(text=f" {one_line(item.title)}, {since}{limits}")


def _limits_text(limits: Iterable[Limit]) -> str:
    return "; ".join(f"{one_line(limit.text)} ({limit.code})" for limit in limits)


def _link(key: str, url: str) -> Span:
    return Span(text=one_line(key), href=url if is_web_address(url) else None)


def escalated_finding_section(escalated: EscalatedFinding) -> tuple[Block, ...]:
    """A finding of another item that nobody has cleared in time."""
    return (
        Paragraph(
            spans=(
                Span(text="Escalated finding: ", is_strong=True),
                _link(escalated.key, escalated.url),
                Span(
                    text=f" {one_line(escalated.title)}. {escalated.code} {one_line(escalated.rule_title)}, "
                    f"since {day_text(escalated.since)}"
                ),
            )
        ),
    )


def suppressed_text(label: SuppressedLabel) -> str:
    """Why a label that a finding asks for is not there."""
    if label.until is None:
        times = number_text(label.turns, "time", "times")
        return f"The label {label.label} is no longer set: it was removed {times}."
    return (
        f"A person removed the label {label.label} (seen {day_text(label.removed_on)}): "
        f"it is not set again before {day_text(label.until)}."
    )
