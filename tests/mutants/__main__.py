"""Tries every mutant of the list: `python -m tests.mutants`. Each must turn a test red."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from fnmatch import fnmatchcase
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

from tests.mutants.catalogue import MUTANTS
from tests.mutants.mutant import Mutant, StaleError
from tests.mutants.workshop import Trial, Verdict, Workshop, WorkshopError

ROOT = Path(__file__).parents[2]
WORKERS = 2

Job = TypeVar("Job")


def main(arguments: Sequence[str]) -> int:
    """Returns 0 when all chosen mutants were caught, 1 when not, 2 on wrong usage."""
    options = _parser().parse_args(arguments)
    chosen = tuple(mutant for mutant in MUTANTS if _is_chosen(mutant, options.only))
    if not chosen:
        print(f"no mutant is called {' or '.join(options.only)}; see --list")
        return 2
    return _list(chosen) if options.list else _try_all(chosen)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument(
        "--only", action="append", metavar="NAME", help="a mutant, or a pattern like jira-*; repeatable"
    )
    parser.add_argument("--list", action="store_true", help="say what there is, and what is stale; try nothing")
    return parser


def _is_chosen(mutant: Mutant, only: Sequence[str] | None) -> bool:
    return only is None or any(fnmatchcase(mutant.name, pattern) for pattern in only)


def _list(chosen: Iterable[Mutant]) -> int:
    is_whole = True
    for mutant in chosen:
        print(f"{mutant.name}: {mutant.breaks} ({mutant.file})")
        try:
            mutant.applied_to((ROOT / mutant.file).read_text(encoding="utf-8"))
        except StaleError as error:
            is_whole = False
            print(f"  STALE: {error}")
    return 0 if is_whole else 1


def _try_all(chosen: Sequence[Mutant]) -> int:
    begun = time.monotonic()
    with ExitStack() as stack:
        workshops: SimpleQueue[Workshop] = SimpleQueue()
        for number in range(min(WORKERS, len(chosen))):
            directory = stack.enter_context(tempfile.TemporaryDirectory(prefix=f"mutants-{number}-"))
            try:
                workshops.put(Workshop(ROOT, Path(directory)))
            except WorkshopError as error:
                print(error)
                return 1
        pool = stack.enter_context(ThreadPoolExecutor(max_workers=WORKERS))

        def with_a_workshop(trial: Callable[[Workshop, Job], Trial], jobs: Sequence[Job]) -> Iterable[Trial]:
            def attempt(job: Job) -> Trial:
                workshop = workshops.get()
                try:
                    return trial(workshop, job)
                finally:
                    workshops.put(workshop)

            return pool.map(attempt, jobs)

        selections = sorted({mutant.tests for mutant in chosen})
        baselines = with_a_workshop(lambda workshop, tests: workshop.baseline(tests), selections)
        if not _are_green(selections, baselines):
            return 1
        trials = with_a_workshop(lambda workshop, mutant: workshop.try_out(mutant), chosen)
        return _reported(chosen, trials, begun)


def _are_green(selections: Sequence[tuple[str, ...]], trials: Iterable[Trial]) -> bool:
    """Tests that fail without a mutant would catch everything."""
    is_green = True
    for tests, trial in zip(selections, trials, strict=True):
        if trial.verdict is not Verdict.SURVIVED:
            is_green = False
            print(f"not green without a mutant: {' '.join(tests)}: {trial.verdict} {trial.detail}", flush=True)
    return is_green


def _reported(chosen: Sequence[Mutant], trials: Iterable[Trial], begun: float) -> int:
    caught = 0
    for mutant, trial in zip(chosen, trials, strict=True):
        caught += trial.verdict is Verdict.CAUGHT
        said = trial.detail if trial.verdict is Verdict.CAUGHT else f"{mutant.breaks}. {trial.detail}".strip()
        print(f"{trial.verdict.upper():8} {mutant.name} ({trial.seconds:.1f} s) {said}", flush=True)
    print(f"{caught} of {len(chosen)} mutants caught in {time.monotonic() - begun:.0f} s")
    return 0 if caught == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
