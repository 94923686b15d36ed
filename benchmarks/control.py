"""Starts the servers of a row, and tells and asks them what no client knows of."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that runs, by its name (`jira`, `ado`, `chat`) and address."""

    name: str
    address: str

    def reset(self) -> None:
        """Forgets what was counted."""
        self._ask("reset")

    def tally(self) -> Mapping[str, float]:
        """What came since: requests, writes, refused writes, hasty ones."""
        told = self._ask("tally")
        return {name: count for name, count in told.items() if name != "paths"}

    def paths(self) -> Mapping[str, int]:
        """How often each endpoint was asked."""
        return dict(self._ask("tally")["paths"])

    def be_late(self, seconds: float) -> None:
        """Lets every answer wait so long."""
        self._ask("latency", seconds)

    def refuse_each(self, count: int) -> None:
        """Refuses each of so many writes with 429."""
        self._ask("refuse", count)

    def advance(self, seconds: float) -> None:
        """Lets its clock go on by so much."""
        self._ask("advance", seconds)

    def change(self, share: float) -> int:
        """Changes that share of its items; returns how many."""
        return int(self._ask("change", share))

    def _ask(self, what: str, value: float = 0) -> Any:
        with urllib.request.urlopen(f"{self.address}/control/{what}?value={value}") as answer:  # noqa: S310 loopback
            return json.load(answer)


@contextmanager
def started(name: str, items: int, *, is_rich: bool) -> Iterator[Server]:
    """A server in a process of its own, until the end of the block."""
    look = "rich" if is_rich else "plain"
    command = [sys.executable, "-m", "benchmarks.servers", name, str(items), look]
    process = subprocess.Popen(  # noqa: S603 our own command
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a process without pipes")
        port = process.stdout.readline().strip()
        if not port:
            raise RuntimeError(f"the server {name} did not start")
        try:
            yield Server(name=name, address=f"http://127.0.0.1:{port}")
        finally:
            process.stdin.close()  # it ends with its input
