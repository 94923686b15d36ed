"""The results as a table in Markdown and as a plot in SVG."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape

from benchmarks.goals import Judgement
from benchmarks.running import Result

WIDTH, BAR, NAMES = 900, 18, 300  # pixels; a bar's height with its gap is BAR + 6
OWN, OTHER = "#2563eb", "#94a3b8"


def markdown(results: Sequence[Result], *, runs: int, at: datetime) -> str:
    """A section a row: the medians, then the goals."""
    machine = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    lines = [
        "# Measured",
        "",
        f"{at:%Y-%m-%d %H:%M} UTC, {machine}; medians of {runs} runs, contestants in turn, each run a fresh process.",
        "Plain clients decode with orjson. Ratios and counts decide; absolute figures are for orientation.",
    ]
    for result in results:
        lines += ["", f"## {result.row.name}: {result.row.title}", "", *_table(result), "", *_goals(result)]
    return "\n".join(lines) + "\n"


def svg(results: Sequence[Result]) -> str:
    """A group of bars a row: seconds by the clock, the longest of each group as wide as the plot."""
    drawn: list[str] = []
    y = 10
    for result in results:
        drawn.append(f'<text x="10" y="{y + 14}" font-weight="bold">{escape(result.row.title)}</text>')
        y += 24
        longest = max(measured.wall for measured in result.measured.values())
        for place, (name, measured) in enumerate(result.measured.items()):
            length = max(1.0, (WIDTH - NAMES - 110) * measured.wall / longest)
            drawn += _bar(name, measured.wall, y, length, OTHER if place else OWN)
            y += BAR + 6
        y += 12
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" font-family="sans-serif"'
    return "\n".join([f'{head} font-size="13">', '<rect width="100%" height="100%" fill="white"/>', *drawn, "</svg>\n"])


def _bar(name: str, seconds: float, y: int, length: float, colour: str) -> Iterator[str]:
    middle = y + BAR - 5
    yield f'<text x="{NAMES - 10}" y="{middle}" text-anchor="end">{escape(name)}</text>'
    yield f'<rect x="{NAMES}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{colour}"/>'
    yield f'<text x="{NAMES + length + 8:.1f}" y="{middle}">{seconds:.2f} s</text>'


def _table(result: Result) -> Iterator[str]:
    yield "| contestant | wall | CPU | peak memory | requests |"
    yield "|---|---:|---:|---:|---:|"
    for name, measured in result.measured.items():
        counts = [f"{count:g}" for figure, count in measured.figures.items() if figure.endswith(" requests")]
        requests = " + ".join(counts) or "–"
        yield f"| {name} | {measured.wall:.2f} s | {measured.cpu:.2f} s | {measured.memory:.0f} MB | {requests} |"


def _goals(result: Result) -> Iterator[str]:
    yield from (f"- {_word(judgement)}: {judgement.goal}: {judgement.reached}" for judgement in result.judgements)
    yield from (f"- {line}" for line in result.row.orientation)


def _word(judgement: Judgement) -> str:
    word = "met" if judgement.is_met else "**missed**"
    return word if judgement.decides else f"{word} (for orientation)"
