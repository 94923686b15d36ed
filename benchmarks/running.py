"""Runs a row: its servers, its preparations, its contestants in turn, and its goals."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace

from benchmarks.control import Server, started
from benchmarks.goals import Judgement, Measured
from benchmarks.measuring import Measurement, Surroundings, medians, run_apart
from benchmarks.rows import Row

Run = Callable[[str, Surroundings], Measurement]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A row with the medians of its contestants, and how its goals came out."""

    row: Row
    measured: Measured
    judgements: tuple[Judgement, ...]

    @property
    def is_reached(self) -> bool:
        return all(judgement.is_met for judgement in self.judgements if judgement.decides)


def run_row(row: Row, runs: int) -> Result:
    """Measures a row. Raises RuntimeError where a contestant fails, or deals with fewer items than there are."""
    with ExitStack() as stack:
        prepared = stack.enter_context(tempfile.TemporaryDirectory(prefix="lpm-sync-bench-"))
        served = row.served or row.items
        servers = [stack.enter_context(started(name, served, is_rich=row.is_rich)) for name in row.servers]
        addresses = {server.name: server.address for server in servers}
        surroundings = Surroundings(servers=addresses, folder="", prepared=prepared, items=row.items)
        if row.prepare:
            run_apart(row.prepare, surroundings)
        _set(servers, row)
        return judged(row, in_turn(row, surroundings, runs, run_apart))


def in_turn(row: Row, surroundings: Surroundings, runs: int, run: Run) -> Mapping[str, list[Measurement]]:
    """Each contestant once, then each once more, so that what disturbs the machine disturbs all of them.

    Who begins changes with each turn. Raises RuntimeError where items are missing.
    """
    names = list(row.contestants)
    found: dict[str, list[Measurement]] = {name: [] for name in names}
    for turn in range(runs):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            measured = run(row.contestants[name], surroundings)
            if measured.figures["items"] != row.items:
                raise RuntimeError(f"{row.name}: {name} dealt with {measured.figures['items']:g} of {row.items} items")
            found[name].append(measured)
            sys.stderr.write(f"{row.name}: {name}: {measured.wall:.2f} s, CPU {measured.cpu:.2f} s\n")
    return found


def judged(row: Row, found: Mapping[str, list[Measurement]]) -> Result:
    """The medians, held against the goals."""
    measured = {name: _with_taken(medians(runs)) for name, runs in found.items()}
    return Result(row=row, measured=measured, judgements=tuple(goal.judge(measured) for goal in row.goals))


def _set(servers: list[Server], row: Row) -> None:
    for server in servers:
        if row.changed:
            server.change(row.changed)
        server.be_late(row.latency)
        server.refuse_each(row.refuse_each)


def _with_taken(measured: Measurement) -> Measurement:
    """Adds by server how many requests were not refused."""
    figures = dict(measured.figures)
    for name in [name for name in figures if name.endswith(" requests")]:
        server = name.removesuffix(" requests")
        figures[f"{server} taken"] = figures[name] - figures[f"{server} refused"]
    return replace(measured, figures=figures)
