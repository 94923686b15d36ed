"""Which findings came and which went in a period, as its end shows it: none is both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lpm_sync.report.digest_content import FindingNote
from lpm_sync.state.findings import Findings, RecordedFinding


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFindings:
    """What stands now and did not before, and what ended since and does not stand, by how it ended."""

    new: tuple[FindingNote, ...]
    resolved: tuple[FindingNote, ...]
    withdrawn: tuple[FindingNote, ...]


def changed_findings(findings: Findings, start: datetime, end: datetime) -> ChangedFindings:
    """From `start` to `end`: one that came and went is told as gone, one that went and came back not at all."""
    appeared, ended = findings.new_between(start, end), findings.ended_between(start, end)
    standing = {_note(one): one for one in appeared if one.ended is None}
    before = {_note(one) for one in ended if one.first_seen < start}
    gone = {_note(one): one.ending for one in ended if _note(one) not in standing}
    return ChangedFindings(
        new=tuple(note for note in standing if note not in before),
        resolved=tuple(note for note, ending in gone.items() if ending == "resolved"),
        withdrawn=tuple(note for note, ending in gone.items() if ending == "withdrawn"),
    )


def _note(finding: RecordedFinding) -> FindingNote:
    return FindingNote(code=finding.code, subject=finding.subject)
