"""The command line itself, `docs` and `demo`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Desk

ROOT = Path(__file__).parents[2]


def test_the_version_is_told(desk: Desk) -> None:
    assert desk.type("--version").out.startswith("lpm-sync ")


@pytest.mark.parametrize("words", [("pln",), ("plan", "--nonsense"), ("apply",), ("sandbox", "--port", "jira=many")])
def test_wrong_usage_ends_with_two(desk: Desk, words: tuple[str, ...]) -> None:
    assert desk.type(*words).code == 2


def test_generated_files_are_up_to_date(desk: Desk) -> None:
    assert desk.type("docs", "--check", "--directory", str(ROOT)).code == 0


def test_docs_names_the_file_that_is_not_and_writes_it(desk: Desk) -> None:
    stale = desk.type("docs", "--check", "--directory", str(desk.folder))
    assert stale.code == 1
    assert "docs/rules.md" in stale.err
    assert desk.type("docs", "--directory", str(desk.folder)).code == 0
    assert desk.type("docs", "--check", "--directory", str(desk.folder)).code == 0


def test_the_demo_does_the_whole_job() -> None:
    command = [sys.executable, "-m", "lpm_sync", "demo", "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=170)
    told = json.loads(ran.stdout)
    first, second, third, fourth = told["cycles"]
    assert first["written"] == first["planned"] > 0
    assert (second["planned"], second["written"]) == (0, 0)
    assert third["written"] == third["planned"] > 0
    assert fourth["planned"] == 0
    assert told["escalations"] > 0
    assert told["digest"]["slack"] > 0
    assert told["digest"]["teams"] > 0
