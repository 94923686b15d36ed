"""A copy of the repository, in which one mutant at a time is tried."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.mutants.mutant import Mutant, StaleError

COPIED = ("lpm_sync", "connectors", "tests", "config", "pyproject.toml")
PACKAGES = ("lpm_sync", "connectors")
LONGEST_RUN = 180.0  # seconds
PYTEST = ("-x", "-q", "--tb=line", "-rfE", "-p", "no:cacheprovider", "--hypothesis-seed=0")
# What pytest's exit codes say; all others (nothing collected, a crash, a wrong name) say nothing about the mutant.
PASSED, FAILED = 0, 1


class WorkshopError(Exception):
    """The copy is not fit for trying anything in it."""


class Verdict(StrEnum):
    """What became of a mutant: only one that turned a test red is caught."""

    CAUGHT = "caught"
    SURVIVED = "survived"
    STALE = "stale"
    HUNG = "hung"
    BROKEN = "broken"  # the tests did not run: the mutant is a mistake that anybody would notice, or is misspelt


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How one run of tests ended. `detail` is the first test that failed, or why there is no verdict."""

    verdict: Verdict
    seconds: float = 0.0
    detail: str = ""


class Workshop:
    """A copy in `directory`, which is the caller's to delete. One thread works in it.

    Bytecode in it is checked by the hash of its source: a mutant of the same length, written in the same second, would
    else be taken for the code that it replaces.
    """

    def __init__(self, root: Path, directory: Path) -> None:
        self._root = root
        self._tree = directory / "tree"
        self._temporary = directory / "temporary"
        self._temporary.mkdir(parents=True)
        self._environment = self._prepared_environment()
        self._copy()
        self._check_imports()

    def baseline(self, selection: Sequence[str]) -> Trial:
        """Runs tests on the code as it is; it must survive."""
        return self._run(selection)

    def try_out(self, mutant: Mutant) -> Trial:
        """Runs a mutant's tests with its mistake in place, and takes it out again."""
        path = self._tree / mutant.file
        text = path.read_text(encoding="utf-8")
        try:
            path.write_text(mutant.applied_to(text), encoding="utf-8")
        except StaleError as error:
            return Trial(verdict=Verdict.STALE, detail=str(error))
        try:
            return self._run(mutant.selection)
        finally:
            path.write_text(text, encoding="utf-8")

    def _prepared_environment(self) -> dict[str, str]:
        """Imports come from the copy, and what the tests leave behind goes with it.

        Contracts and recordings are left out: what catches a mutant stands in the repository.
        """
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return environment | {
            "PYTHONPATH": str(self._tree),
            "TMPDIR": str(self._temporary),
            "LPM_CONTRACTS": str(self._temporary / "no contracts"),
        }

    def _copy(self) -> None:
        ignored = shutil.ignore_patterns("__pycache__", ".hypothesis", ".*_cache")
        for name in COPIED:
            source, target = self._root / name, self._tree / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=ignored)
            else:
                shutil.copyfile(source, target)
        compiled = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "checked-hash", *PACKAGES]
        subprocess.run(compiled, cwd=self._tree, env=self._environment, check=True)

    def _check_imports(self) -> None:
        """The installed packages lie at the root itself: were they imported, every mutant would survive."""
        asked = "; ".join(("import sys", *(f"import {name}; print({name}.__file__)" for name in PACKAGES)))
        answer = subprocess.run(
            [sys.executable, "-c", asked],
            cwd=self._temporary,
            env=self._environment,
            check=True,
            capture_output=True,
            text=True,
        )
        for place in answer.stdout.splitlines():
            if not Path(place).resolve().is_relative_to(self._tree.resolve()):
                raise WorkshopError(f"the tests would import {place} and not the copy in {self._tree}")

    def _run(self, selection: Sequence[str]) -> Trial:
        begun = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *PYTEST, *selection],
            cwd=self._tree,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(timeout=LONGEST_RUN)
        except subprocess.TimeoutExpired:
            return Trial(verdict=Verdict.HUNG, seconds=LONGEST_RUN, detail="no test failed in time")
        finally:
            _end(process)
        return _judged(process.returncode, output, time.monotonic() - begun)


def _end(process: subprocess.Popen[str]) -> None:
    """Ends a run that is still going, with everything that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _judged(exit_code: int, output: str, seconds: float) -> Trial:
    if exit_code == PASSED:
        return Trial(verdict=Verdict.SURVIVED, seconds=seconds)
    if exit_code == FAILED:
        failed = re.search(r"^(?:FAILED|ERROR) (?:\S+::)?(\S+)", output, re.MULTILINE)
        return Trial(verdict=Verdict.CAUGHT, seconds=seconds, detail=failed[1] if failed else "")
    return Trial(verdict=Verdict.BROKEN, seconds=seconds, detail=f"pytest ended with {exit_code}:\n{output[-2000:]}")
