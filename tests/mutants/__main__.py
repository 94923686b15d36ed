"""Tries every mutant of the list: `python -m tests.mutants`. Each must turn a test red."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from tests.mutants.catalogue import MUTANTS
from tests.mutants.crew import Crew
from tests.mutants.mutant import Mutant, StaleError
from tests.mutants.workshop import Trial, Verdict, Workshop, WorkshopError

ROOT = Path(__file__).parents[2]
WORKERS = 2


def main(arguments: Sequence[str]) -> int:
    """Returns 0 when all chosen mutants were caught, 1 when not, 2 on wrong usage."""
    options = _parser().parse_args(arguments)
    chosen = tuple(mutant for mutant in MUTANTS if _is_chosen(mutant, options.only))
    if not chosen:
        print(f"no mutant is called {' or '.join(options.only)}; see --list")
        return 2
    if options.list:
        return _list(chosen)
    try:
        with Crew(ROOT, min(WORKERS, len(chosen))) as crew:
            return _try_all(crew, chosen)
    except WorkshopError as error:
        print(error)
        return 1


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


def _try_all(crew: Crew, chosen: Sequence[Mutant]) -> int:
    begun = time.monotonic()
    selections = sorted({mutant.selection for mutant in chosen})
    if not _are_green(selections, crew.run(Workshop.baseline, selections)):
        return 1
    caught = 0
    for mutant, trial in zip(chosen, crew.run(Workshop.try_out, chosen), strict=True):
        caught += trial.verdict is Verdict.CAUGHT
        said = trial.detail if trial.verdict is Verdict.CAUGHT else f"{mutant.breaks}. {trial.detail}".strip()
        print(f"{trial.verdict.upper():8} {mutant.name} ({trial.seconds:.1f} s) {said}", flush=True)
    print(f"{caught} of {len(chosen)} mutants caught in {time.monotonic() - begun:.0f} s")
    return 0 if caught == len(chosen) else 1


def _are_green(selections: Sequence[tuple[str, ...]], trials: Iterable[Trial]) -> bool:
    """Tests that fail without a mutant would catch everything."""
    is_green = True
    for selection, trial in zip(selections, trials, strict=True):
        if trial.verdict is not Verdict.SURVIVED:
            is_green = False
            print(f"not green without a mutant: {' '.join(selection)}: {trial.verdict} {trial.detail}", flush=True)
    return is_green


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
