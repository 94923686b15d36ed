"""`plan`, `apply`, `run` and `serve`: the cycle in halves, whole, and on a schedule."""

from __future__ import annotations

import shlex
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lpm_sync.cli.console import complain, figures_text, progress_bar, say, say_exactly, say_json, write_text
from lpm_sync.cli.workplace import open_workplace

if TYPE_CHECKING:
    from lpm_sync.core.plan import Plan
    from lpm_sync.pipeline.cycle import CycleReport


class PlanFormat(StrEnum):
    """The forms in which a plan is shown."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
ApproveOption = Annotated[
    str | None, typer.Option("--approve", metavar="DIGEST", help="Approve the plan with this digest past the limits.")
]


def plan(
    out: Annotated[Path | None, typer.Option(help="Also write the plan to this file, for `apply`.")] = None,
    form: Annotated[PlanFormat, typer.Option("--format", help="How it is shown.")] = PlanFormat.TEXT,
) -> None:
    """Show everything that would be written, with before, after and the rule that asks for it. Writes nothing."""
    from lpm_sync.pipeline.cycle import exit_status_of, plan_cycle
    from lpm_sync.pipeline.ignoring import ignored_by_type
    from lpm_sync.pipeline.troubles import troubles

    with progress_bar("reading"):
        reading, decision = plan_cycle(open_workplace())
    if out is not None:
        write_text(out, decision.plan.to_json().decode())
    _show(decision.plan, form)
    found = troubles(reading, decision, ())
    if decision.plan.is_empty and not found and form is PlanFormat.TEXT:
        say("The trackers are as they should be.")
    notes = (*reading.warnings, *(one.line for one in ignored_by_type(reading)))
    _end(found, notes, exit_status_of(reading, found))


def apply(
    file: Annotated[Path, typer.Argument(help="A plan, written by: lpm-sync plan --out FILE")],
    skip_moved: Annotated[bool, typer.Option("--skip-moved", help="Write the rest where items have moved.")] = False,
    approve: ApproveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write exactly that plan; refuse where the trackers have moved since."""
    from lpm_sync.cli.stopping import stoppable
    from lpm_sync.core.plan import Plan
    from lpm_sync.errors import ConfigurationError
    from lpm_sync.pipeline.cycle import Control, apply_plan

    try:
        content = file.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read: {error.strerror}") from None
    wanted = Plan.from_json(content, name=str(file))
    with stoppable() as should_stop, progress_bar("writing") as progress:
        control = Control(
            approved_digest=approve,
            approval=f"Approve it with: {_apply_command(file, skip_moved=skip_moved)}",
            should_stop=should_stop,
            progress=progress,
        )
        report = apply_plan(open_workplace(), wanted, skip_moved=skip_moved, control=control)
    _show_report(report, as_json)


def run(
    approve: ApproveOption = None,
    accept_smaller: Annotated[
        bool, typer.Option("--accept-smaller", help="Believe a tracker that brings far fewer items than before.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Run one cycle: pull, decide, plan, write, report."""
    from lpm_sync.cli.stopping import stoppable
    from lpm_sync.pipeline.cycle import Control, run_cycle

    with stoppable() as should_stop, progress_bar("running one cycle") as progress:
        control = Control(
            approved_digest=approve, accept_smaller=accept_smaller, should_stop=should_stop, progress=progress
        )
        report = run_cycle(open_workplace(), control)
    _show_report(report, as_json)


def serve() -> None:
    """Run cycles and the weekly digest on their schedule, and answer /healthz, until stopped."""
    from lpm_sync.service.serve import serve_workplace

    serve_workplace(open_workplace())


def _apply_command(file: Path, *, skip_moved: bool) -> str:
    """What was typed, for a person to type again."""
    return shlex.join(["lpm-sync", "apply", str(file), *(["--skip-moved"] if skip_moved else [])])


def _show(shown: Plan, form: PlanFormat) -> None:
    from lpm_sync.report.plan import plan_markdown, plan_text

    match form:
        case PlanFormat.TEXT:
            for line in plan_text(shown).splitlines():
                say(line, style=_style(line))
        case PlanFormat.JSON:
            say_exactly(shown.to_json().decode())
        case PlanFormat.MARKDOWN:
            say_exactly(plan_markdown(shown))


def _style(line: str) -> str:
    return {"+": "green", "-": "red"}.get(line.strip()[:1], "")


def _show_report(report: CycleReport, as_json: bool) -> None:
    if as_json:
        counted = {one.tracker: dict(one.counts) for one in report.ignored}
        ignored = counted | dict.fromkeys(report.uncounted)  # null: not known, which is not none
        figures = {**report.counts, "ignored_types": ignored, "plan": report.plan_digest}
        say_json({**figures, "troubles": report.troubles, "exit_code": int(report.exit_status)})
    else:
        say(figures_text(report.counts))
    _end(report.troubles, (*report.warnings, *(one.line for one in report.ignored)), report.exit_status)


def _end(found: tuple[str, ...], notes: tuple[str, ...], status: int) -> None:
    """Names what did not go through, and exits with the code for it."""
    for note in notes:
        complain(f"note: {note}")
    for trouble in found:
        complain(trouble)
    if found:
        raise typer.Exit(status)
