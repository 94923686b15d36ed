"""The command line itself, `docs` and `demo`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from lpm_sync.cli.application import build_application
from lpm_sync.cli.usage import USAGE
from tests.cli.conftest import Desk

ROOT = Path(__file__).parents[2]
FULL = Path("/dev/full")


def test_the_version_is_told(desk: Desk) -> None:
    assert desk.type("--version").out.startswith("lpm-sync ")


@pytest.mark.parametrize("words", [("pln",), ("plan", "--nonsense"), ("apply",), ("sandbox", "--port", "jira=many")])
def test_wrong_usage_ends_with_two(desk: Desk, words: tuple[str, ...]) -> None:
    assert desk.type(*words).code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("run", "--json", "--nonsense"),
        ("plan", "--json"),
        ("plan", "--format", "json", "--out"),
        ("explain", "--json"),
        ("pln", "--json"),
        ("demo", "--json", "--start", "yesterday"),
        ("run", "--json"),  # of a configuration that is not there
    ],
)
def test_a_script_is_told_of_wrong_usage_in_one_object(desk: Desk, words: tuple[str, ...]) -> None:
    refused = desk.type(*words)
    told = json.loads(refused.out)
    assert (refused.code, told.keys(), told["exit_code"]) == (2, {"error", "exit_code"}, 2)
    assert told["error"] in refused.err


def test_the_usage_names_every_command_and_option_within_eighty_columns(desk: Desk) -> None:
    group = typer.main.get_command(build_application())
    assert isinstance(group, TyperGroup)
    described = re.findall(r"^  (\S+) +(\S.*)$", USAGE, re.MULTILINE)
    assert [name for name, text in described if text and name in group.commands] == list(group.commands)
    assert max(map(len, USAGE.splitlines())) <= 80
    assert desk.type("--help").out == USAGE
    untold = desk.type()
    assert (untold.code, untold.out, untold.err) == (2, "", USAGE)


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize("words", [("docs",), ("init", "--help"), ("--version",), ("run", "--json")])
def test_an_output_that_takes_nothing_is_one_line_and_no_traceback(tmp_path: Path, words: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "lpm_sync", *words]
    with FULL.open("w") as full:
        ran = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60, cwd=tmp_path
        )
    assert ran.returncode == 1
    told = "lpm-sync: standard output cannot be written: No space left on device; lead it elsewhere\n"
    assert ran.stderr == told


def test_docs_says_that_a_folder_below_a_file_is_none(desk: Desk) -> None:
    (desk.folder / "file").touch()
    refused = desk.type("docs", "--directory", str(desk.folder / "file" / "below"))
    assert refused.code == 2
    assert "policy.schema.json: cannot be written: Not a directory" in refused.err


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
