"""What changed in a week is told as its end shows it: nothing is told both as new and as resolved."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from lpm_sync.core.finding import Subject
from lpm_sync.pipeline.changed_findings import ChangedFindings, changed_findings
from lpm_sync.report.digest_content import FindingNote
from lpm_sync.state.store import State

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_finding_is_new_where_it_stands_and_did_not_and_resolved_where_it_stood_and_does_not(tmp_path: Path) -> None:
    days = (  # from the day before the week on
        ("stands on", "went", "came back"),
        ("stands on", "came", "came and went", "came, went and came"),
        ("stands on", "came", "came back", "came, went and came"),
        ("stands on", "came", "came back", "came and went"),
        ("stands on", "came", "came back", "came, went and came"),
    )
    changed = _week(tmp_path, days)
    assert _told(changed.new) == ["came", "came, went and came"]
    assert _told(changed.resolved) == ["went", "came and went"]
    assert not changed.withdrawn


def _week(folder: Path, days: Collection[tuple[str, ...]]) -> ChangedFindings:
    with State.open(folder / "state", at=START) as state:
        for number, found in enumerate(days):
            state.findings.record(
                {(Subject(kind="item", id=item), "DOR001"): date(2026, 11, 1) for item in found},
                ending_of=lambda subject, code: "resolved",
                at=START + (number - 1) * DAY,
            )
        return changed_findings(state.findings, START, START + 7 * DAY)


def _told(notes: Collection[FindingNote]) -> list[str]:
    return [note.subject.id for note in notes]
