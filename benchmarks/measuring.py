"""Runs one contestant in a process of its own, once its preparations are made, and says what it took."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from statistics import median

from benchmarks.control import Server

MEGABYTE = 1024 * 1024
Work = Callable[[], Mapping[str, float]]
"""What is timed; returns figures of its own, among them `items`: how many it dealt with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a contestant is given: servers by name, a folder of its own, one that its row prepared, how many items."""

    servers: Mapping[str, str]
    folder: str
    prepared: str
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One run: seconds of wall and of CPU, the most memory of the process in MB, and figures by name."""

    wall: float
    cpu: float
    memory: float
    figures: Mapping[str, float] = field(default_factory=dict)


def run_apart(case: str, surroundings: Surroundings) -> Measurement:
    """Runs a contestant (`module:function` below `benchmarks.contestants`) in a fresh process.

    Raises RuntimeError with what the process wrote where it fails.
    """
    with tempfile.TemporaryDirectory(prefix="lpm-sync-bench-") as folder:
        given = Path(folder) / "given.json"
        told = {"case": case, "surroundings": {**asdict(surroundings), "folder": folder}}
        given.write_text(json.dumps(told), encoding="utf-8")
        command = [sys.executable, "-m", "benchmarks.measuring", str(given)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 our own command
        if ended.returncode:
            raise RuntimeError(f"{case} failed:\n{ended.stderr[-4000:]}")
        return Measurement(**json.loads((Path(folder) / "measured.json").read_text(encoding="utf-8")))


def medians(runs: Sequence[Measurement]) -> Measurement:
    """The median of each measure over the runs."""
    return Measurement(
        wall=median(run.wall for run in runs),
        cpu=median(run.cpu for run in runs),
        memory=median(run.memory for run in runs),
        figures={name: median(run.figures[name] for run in runs) for name in runs[0].figures},
    )


def measure(work: Work, servers: Sequence[Server] = ()) -> Measurement:
    """Times the work in this process, its threads and its children; counts what it asks the servers for."""
    for server in servers:
        server.reset()
    cpu, wall = _cpu(), time.perf_counter()
    figures = dict(work())
    wall, cpu = time.perf_counter() - wall, _cpu() - cpu
    for server in servers:
        figures |= {f"{server.name} {name}": count for name, count in server.tally().items()}
    return Measurement(wall=wall, cpu=cpu, memory=_most_memory(), figures=figures)


def _cpu() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _most_memory() -> float:
    """MB that the process, or the largest of its children, ever held."""
    unit = 1 if sys.platform == "darwin" else 1024
    largest = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return largest * unit / MEGABYTE


def main() -> None:
    """The measured process: makes the preparations, then measures."""
    given = Path(sys.argv[1])
    told = json.loads(given.read_text(encoding="utf-8"))
    surroundings = Surroundings(**told["surroundings"])
    module, _, name = told["case"].partition(":")
    prepare: Callable[[Surroundings], Work] = getattr(import_module(f"benchmarks.contestants.{module}"), name)
    servers = [Server(name=name, address=address) for name, address in surroundings.servers.items()]
    measured = measure(prepare(surroundings), servers)
    given.with_name("measured.json").write_text(json.dumps(asdict(measured)), encoding="utf-8")


if __name__ == "__main__":
    main()
