"""Recorded issues can stand in for the sample: the real job finds items and findings in them."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.sandbox.server import RecordedTracker, start
from lpm_sync.pipeline.cycle import plan_cycle, run_cycle
from lpm_sync.pipeline.workplace import Workplace
from lpm_sync.policy.loader import load_configuration
from lpm_sync.ports import SandboxRequest
from lpm_sync.settings import Secrets, Settings
from tests.contracts import contract

RECORDINGS = contract("realdata/jira")

FILES = sorted(RECORDINGS.glob("issues_*.jsonl"))
START = datetime(2026, 11, 23, 9, tzinfo=UTC)


def start_recorded(*files: Path) -> RecordedTracker:
    sandbox = start(SandboxRequest(start=START, recorded=files))
    assert isinstance(sandbox, RecordedTracker)
    return sandbox


def workplace(sandbox: RecordedTracker, directory: Path) -> Workplace:
    sandbox.write_configuration(directory / "config")
    return Workplace(
        settings=Settings(config=directory / "config", state=directory / "state.sqlite3"),
        secrets=Secrets(directory=None, environment=sandbox.environment),
        clock=sandbox.clock,
    )


@pytest.mark.parametrize("files", [*((file,) for file in FILES), tuple(FILES)], ids=[*(f.stem for f in FILES), "all"])
def test_a_plan_of_recorded_issues_has_items_and_findings_and_nothing_in_quarantine(
    files: tuple[Path, ...], tmp_path: Path
) -> None:
    with closing(start_recorded(*files)) as sandbox:
        place = workplace(sandbox, tmp_path)
        reading, decision = plan_cycle(place)
        assert reading.pulled == len(sandbox.jira.issues) > 0
        assert not reading.portfolio.quarantined
        assert decision.evaluation.findings
        written = run_cycle(place)
        assert written.written == written.planned > 0
        assert run_cycle(place).planned == 0


def test_localised_types_and_statuses_are_mapped_by_what_most_records_say(tmp_path: Path) -> None:
    with closing(start_recorded(RECORDINGS / "issues_cloud_agile.jsonl")) as sandbox:
        sandbox.write_configuration(tmp_path)
        tracker = load_configuration(tmp_path).tracker("jira")
        levels = {kind: entry.level.value for entry in tracker.levels for kind in entry.types}
        assert levels["故事"] == levels["任务"] == levels["缺陷"] == levels["Story"] == "feature"
        assert levels["Epic"] == "portfolio-epic"
        assert levels["子任务"] == "story"
        progress = {level.value: dict(words) for level, words in tracker.progress.items()}
        assert progress["feature"]["已完成"].value == "done"  # though one record shows the category of new ones


@pytest.mark.parametrize(
    ("name", "is_cloud"), [("issues_cloud_agile.jsonl", True), ("issues_dc_agile_with_links.jsonl", False)]
)
def test_the_records_tell_cloud_from_data_center(name: str, *, is_cloud: bool) -> None:
    with closing(start_recorded(RECORDINGS / name)) as sandbox:
        assert sandbox.jira.is_cloud is is_cloud
        assert ("LPM_JIRA_EMAIL" in sandbox.environment) is is_cloud
        assert sandbox.addresses.keys() == {"jira", "slack", "teams"}


def test_time_passes_and_nobody_does_anything() -> None:
    with closing(start_recorded(FILES[0])) as sandbox:
        assert sandbox.go_on() == ("5 business days passed.",)
        assert sandbox.clock.now() > START
