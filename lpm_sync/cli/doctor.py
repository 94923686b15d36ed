"""`lpm-sync doctor`: what would keep a cycle from working, and what to grant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from lpm_sync.cli.console import progress_bar, say, say_json
from lpm_sync.cli.workplace import open_workplace

if TYPE_CHECKING:
    from lpm_sync.pipeline.doctor import Diagnosis


def doctor(
    write_test: Annotated[
        list[str] | None,
        typer.Option(
            "--write-test",
            metavar="REF",
            help="A scratch item (jira:PAY-12) to write to and take it back; a second one for a dependency.",
        ),
    ] = None,
    pin: Annotated[
        bool,
        typer.Option(
            "--pin",
            help="Write to trackers.lock.yaml what the names in trackers.yaml lead to now: check that file in.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check credentials, projects, permissions, fields, statuses, links and chats. Writes nothing by itself.

    Names of fields, links and projects that are pinned in trackers.lock.yaml are held against it.
    """
    from lpm_sync.pipeline.doctor import diagnose

    diagnoses = []
    with progress_bar("examining") as progress:
        for diagnosis in diagnose(open_workplace(), write_test or (), pins=pin):
            diagnoses.append(diagnosis)
            progress(f"examining {diagnosis.place}", len(diagnoses), 0)
    code = 0 if all(diagnosis.check.is_ok for diagnosis in diagnoses) else 1
    if as_json:
        say_json({"checks": [_as_json(diagnosis) for diagnosis in diagnoses], "exit_code": code})
    else:
        for diagnosis in diagnoses:
            _show(diagnosis)
    if code:
        raise typer.Exit(code)


def _show(diagnosis: Diagnosis) -> None:
    check = diagnosis.check
    word, style = ("ok", "") if check.is_ok else ("fault", "red")
    if check.is_warning:
        word, style = "note", "yellow"
    if check.unknown is not None:
        word, style = "unsure", "yellow"
    say(f"{word:<6} {diagnosis.place}: {check.line}", style)


def _as_json(diagnosis: Diagnosis) -> dict[str, Any]:
    check = diagnosis.check
    return {
        "place": diagnosis.place,
        "check": check.subject,
        "ok": None if check.unknown is not None else check.is_ok,
        "note": check.note,
        "fault": check.fault,
        "unknown": check.unknown,
        "remedy": check.remedy or None,
    }
