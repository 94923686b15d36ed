"""`python -m benchmarks`: measures the rows, writes a table and a plot; 1 where a goal is missed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.report import markdown, svg
from benchmarks.rows import rows
from benchmarks.running import run_row

RESULTS = Path(__file__).parent / "results"
RUNS = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures; returns the exit code."""
    asked = _parser().parse_args(arguments)
    known = {row.name: row for row in rows(is_quick=asked.quick)}
    chosen = [known[name] for name in asked.row or known]
    results = [run_row(row, asked.runs) for row in chosen]
    text = markdown(results, runs=asked.runs, at=datetime.now(UTC))
    asked.results.mkdir(parents=True, exist_ok=True)
    (asked.results / "latest.md").write_text(text, encoding="utf-8")
    (asked.results / "latest.svg").write_text(svg(results), encoding="utf-8")
    sys.stdout.write(text)
    return 0 if all(result.is_reached for result in results) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--row", action="append", choices=[row.name for row in rows()], help="only this row")
    parser.add_argument("--runs", type=int, default=RUNS, help=f"how often each contestant runs (default: {RUNS})")
    parser.add_argument("--quick", action="store_true", help="few items: to try the bench, not to conclude from it")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the table and the plot go")
    return parser


if __name__ == "__main__":
    sys.exit(main())
