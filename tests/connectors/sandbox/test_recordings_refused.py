"""Files that hold no recorded issues are refused with the place and the remedy."""

from __future__ import annotations

import json
import runpy
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.server import start
from lpm_sync.errors import ConfigurationError
from lpm_sync.ports import SandboxRequest

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
SCRIPT = Path(__file__).parents[3] / "scripts" / "plan_recorded.py"


def issue(identifier: str, key: str, **fields: Any) -> str:
    basic = {
        "summary": "Refunds",
        "created": "2026-11-01T09:00:00.000+0000",
        "updated": "2026-11-02T09:00:00.000+0000",
        "project": {"id": "10000", "key": key.partition("-")[0], "name": "Payments"},
        "issuetype": {"id": "10001", "name": "Story", "hierarchyLevel": 0},
        "status": {
            "id": "1",
            "name": "To Do",
            "statusCategory": {"id": 2, "key": "new", "name": "To Do", "colorName": "blue-gray"},
        },
    }
    return json.dumps({"id": identifier, "key": key, "fields": basic | fields})


def start_with(tmp_path: Path, *lines: str) -> None:
    file = tmp_path / "issues.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    start(SandboxRequest(start=START, recorded=(file,))).close()


def test_issues_with_what_every_issue_has_are_enough(tmp_path: Path) -> None:
    start_with(tmp_path, issue("1", "PAY-1"), issue("1", "PAY-1"))


@pytest.mark.parametrize(
    "line", ["not json", "[]", '{"id": "1", "key": "PAY-1"}', '{"id": "1", "key": "PAY-1", "fields": {}}']
)
def test_a_line_that_is_no_issue_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(ConfigurationError, match=r"issues\.jsonl:2: no issue as Jira answers it"):
        start_with(tmp_path, issue("1", "PAY-1"), line)


def test_an_issue_with_a_part_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="not as Jira answers it"):
        start_with(tmp_path, issue("1", "PAY-1", created="yesterday"))


def test_issues_of_two_sites_with_one_id_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="MOB-9 has the id of PAY-1"):
        start_with(tmp_path, issue("1", "PAY-1"), issue("1", "MOB-9"))


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no issue in the recorded files"):
        start_with(tmp_path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"absent\.jsonl: cannot be read"):
        start(SandboxRequest(start=START, recorded=(tmp_path / "absent.jsonl",)))


def test_there_is_no_azure_devops_beside_recorded_issues(tmp_path: Path) -> None:
    file = tmp_path / "issues.jsonl"
    file.write_text(issue("1", "PAY-1"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="there are: jira, chat"):
        start(SandboxRequest(start=START, recorded=(file,), listen={"azure-devops": 8001}))


def test_the_script_for_recorded_issues_tells_a_file_that_cannot_be_used_as_wrong_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["plan_recorded.py", str(tmp_path / "absent.jsonl")])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(SCRIPT), run_name="__main__")
    assert ended.value.code == 2
    assert f"plan_recorded.py: {tmp_path / 'absent.jsonl'}: cannot be read" in capsys.readouterr().err
