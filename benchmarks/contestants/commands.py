"""Whole commands, from the start of the process to its end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.measuring import Surroundings, Work

TIMES = 5  # a single start is too short to be measured


def version(surroundings: Surroundings) -> Work:
    return _command(str(Path(sys.executable).with_name("lpm-sync")), "--version")


def usage(surroundings: Surroundings) -> Work:
    return _command(str(Path(sys.executable).with_name("lpm-sync")), "--help")


def python(surroundings: Surroundings) -> Work:
    return _command(sys.executable, "-c", "pass")


def _command(*words: str) -> Work:
    def work() -> Mapping[str, float]:
        for _ in range(TIMES):
            subprocess.run(words, check=True, capture_output=True)  # noqa: S603 our own commands
        return {"items": 1}

    return work
