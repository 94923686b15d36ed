"""`lpm-sync explain`: why an item, a value stream or the portfolio has its findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from lpm_sync.cli.console import progress_bar, say, say_json
from lpm_sync.cli.workplace import open_workplace

if TYPE_CHECKING:
    from lpm_sync.core.finding import Verdict
    from lpm_sync.pipeline.explaining import Explanation
    from lpm_sync.rules.base import GovernedRule

_STYLES = {"failed": "red", "passed": "green", "error": "yellow", "skipped": "dim"}


def explain(
    reference: Annotated[str, typer.Argument(metavar="REF", help="An item (jira:PAY-12), stream:ID, or portfolio.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show each rule about an item with its outcome, the values it read, where they came from, and the policy line."""
    from lpm_sync.pipeline.explaining import explain_reference

    with progress_bar("reading"):
        explanation = explain_reference(open_workplace(), reference)
    if as_json:
        say_json(_as_json(explanation))
        return
    say(explanation.name, style="bold")
    for line in explanation.facts:
        say(line)
    for rule, verdict in explanation.verdicts:
        _show(rule, verdict)


def _show(rule: GovernedRule, verdict: Verdict) -> None:
    say(f"{verdict.status:<8} {rule.rule.code} {rule.rule.title}  [{rule.mode}, {rule.place}]", _STYLES[verdict.status])
    for reading in verdict.readings:
        source = f"  ({reading.source})" if reading.source else ""
        say(f"           {reading.name}: {reading.shown}{source}")
    for word, text in (("threshold", verdict.threshold), ("to clear it", verdict.fix), ("because", verdict.reason)):
        if text:
            say(f"           {word}: {text}")


def _as_json(explanation: Explanation) -> dict[str, Any]:
    return {
        "subject": explanation.name,
        "facts": explanation.facts,
        "rules": [
            {
                "code": rule.rule.code,
                "title": rule.rule.title,
                "mode": rule.mode,
                "policy": rule.place,
                "status": verdict.status,
                "readings": [
                    {"name": reading.name, "shown": reading.shown, "source": reading.source}
                    for reading in verdict.readings
                ],
                "threshold": verdict.threshold,
                "fix": verdict.fix,
                "reason": verdict.reason,
                "since": verdict.since.isoformat() if verdict.since else None,
            }
            for rule, verdict in explanation.verdicts
        ],
    }
