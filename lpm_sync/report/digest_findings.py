"""Findings in a digest, by value stream and rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from lpm_sync.core.digest import Section
from lpm_sync.core.document import Block, Document, Span
from lpm_sync.core.finding import Finding, Mode
from lpm_sync.core.ledger import UNMAPPED
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.text import one_line
from lpm_sync.core.work_item import Ref
from lpm_sync.report.digest_content import (
    LONGEST_TEXT,
    DigestContent,
    Line,
    joined,
    key_span,
    stream_name,
    text,
    top,
)
from lpm_sync.report.text import number_text

_MOST_RULES = 8  # of one value stream
_MOST_ITEMS = 5  # of one rule
_WHOLE = "\0whole"  # sorts before every id, and no configuration can hold it


def told(content: DigestContent) -> tuple[Finding, ...]:
    """The findings that a digest may speak of."""
    return tuple(finding for finding in content.evaluation.findings if finding.mode.includes(Mode.DIGEST))


def findings_section(content: DigestContent) -> Section:
    """For each value stream the rules that fail most, with the first items of each."""
    groups: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in told(content):
        groups[_group(finding, content.portfolio)].append(finding)
    blocks: list[Block] = []
    for group in sorted(groups, key=lambda group: _position(group, content.portfolio)):
        blocks.extend(_group_blocks(group, groups[group], content.portfolio))
    return Section(
        heading="Findings by value stream", body=Document(blocks=tuple(blocks) or (text("All is well: no findings."),))
    )


def _group(finding: Finding, portfolio: Portfolio) -> str:
    """The id of the stream that a finding belongs to, UNMAPPED, or the mark of the whole portfolio."""
    if finding.subject.kind == "portfolio":
        return _WHOLE
    if finding.subject.kind == "stream":
        return finding.subject.id
    stream = portfolio.stream_of(Ref.parse(finding.subject.id))
    return stream.id if stream else UNMAPPED


def _position(group: str, portfolio: Portfolio) -> tuple[int, str]:
    """The whole portfolio first, then the streams as they are defined, what belongs to none last."""
    order = [_WHOLE, *(stream.id for stream in portfolio.definition.value_streams)]
    return (order.index(group) if group in order else len(order)), group


def _group_blocks(group: str, findings: list[Finding], portfolio: Portfolio) -> Iterator[Block]:
    if group == _WHOLE:
        name = "Whole portfolio"
    else:
        name = "Without a value stream" if group == UNMAPPED else stream_name(group, portfolio)
    yield text(f"{name}: {number_text(len(findings), 'finding', 'findings')}")
    by_code: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_code[finding.code].append(finding)
    codes = sorted(by_code, key=lambda code: (-len(by_code[code]), code))
    yield top([_rule_line(by_code[code], portfolio) for code in codes], _MOST_RULES)


def _rule_line(findings: list[Finding], portfolio: Portfolio) -> Line:
    """`GRD301 Significant initiative without approval (14): jira:PAY-1, … and nine more`, the values for a stream."""
    first = min(findings, key=lambda finding: str(finding.subject))
    name = f"{first.code} {one_line(first.title, LONGEST_TEXT)}"
    if first.subject.kind != "item":
        return (Span(text=f"{name}: {_values(first)}"),)
    refs = sorted(_refs(findings), key=lambda ref: _sort_key(ref, portfolio.items))
    left = len(refs) - _MOST_ITEMS
    more = (Span(text=f" and {number_text(left, 'more', 'more')}"),) if left > 0 else ()
    shown = joined(key_span(ref, portfolio) for ref in refs[:_MOST_ITEMS])
    return (Span(text=f"{name} ({len(refs):,}): "), *shown, *more)


def _refs(findings: Iterable[Finding]) -> frozenset[Ref]:
    return frozenset(Ref.parse(finding.subject.id) for finding in findings)


def _sort_key(ref: Ref, items: Mapping[Ref, object]) -> tuple[bool, str, int, str]:
    """Items that are known first, ids by their number."""
    number = int(ref.id) if ref.id.isascii() and ref.id.isdigit() and len(ref.id) < 19 else 0
    return ref not in items, ref.tracker, number, ref.id


def _values(finding: Finding) -> str:
    seen = [f"{one_line(value.name, LONGEST_TEXT)} {one_line(value.shown, LONGEST_TEXT)}" for value in finding.readings]
    limit = f"threshold {one_line(finding.threshold, LONGEST_TEXT)}" if finding.threshold else ""
    return "; ".join(filter(None, (*seen[:_MOST_ITEMS], limit)))
