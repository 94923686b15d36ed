"""Whole commands, from the start of the process to its end."""

from __future__ import annotations

import os
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
    """Started once before, since an installed program is compiled."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def start() -> None:
        subprocess.run(words, check=True, capture_output=True, env=environment)  # noqa: S603 our own commands

    def work() -> Mapping[str, float]:
        for _ in range(TIMES):
            start()
        return {"items": 1}

    start()

    return work
