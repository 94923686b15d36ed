"""`lpm-sync demo`: the whole job on embedded trackers, with no account and no configuration."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from lpm_sync.cli.console import complain, figures_text, progress_bar, say, say_json
from lpm_sync.cli.sandbox import start_instant, wait_for_signal, write_configuration

if TYPE_CHECKING:
    from lpm_sync.pipeline.cycle import CycleReport
    from lpm_sync.pipeline.digesting import Posting
    from lpm_sync.pipeline.workplace import Workplace
    from lpm_sync.ports import Sandbox


def demo(
    start: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day on which it starts; default: today.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Decides the sample portfolio.")] = 1,
    serve: Annotated[bool, typer.Option("--serve", help="Go on serving the trackers until interrupted.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Start embedded trackers with a sample portfolio on loopback and run the whole job against them."""
    from lpm_sync import plugins
    from lpm_sync.ports import SandboxRequest

    running = plugins.sandbox()(SandboxRequest(start=start_instant(start), seed=seed))
    try:
        with TemporaryDirectory(prefix="lpm-sync-demo-") as folder:
            story = _Story(running, Path(folder), tell=complain if as_json else say)
            story.perform()
            if as_json:
                say_json(story.result())
            if serve:
                _serve(running, Path(folder))
            if story.failed:
                raise typer.Exit(1)
    finally:
        running.close()


class _Story:
    """The demo, step by step. `tell` is given a line for people at each."""

    def __init__(self, running: Sandbox, folder: Path, tell: Callable[[str], None]) -> None:
        self._sandbox = running
        self._tell = tell
        self._workplace = _workplace(running, folder)
        self._cycles: list[CycleReport] = []
        self._postings: tuple[Posting, ...] = ()

    def perform(self) -> None:
        """First cycle; a second that plans nothing; what people do meanwhile; the cycles after it; the digest."""
        from lpm_sync.pipeline.digesting import post_digest, show_digest
        from lpm_sync.report.digest import digest_text

        for name, address in self._sandbox.addresses.items():
            self._tell(f"{name} listens on {address}")
        self._show_plan()
        self._cycle("The first cycle writes what the policy asks for")
        self._cycle("The second finds nothing to do")
        self._tell("")
        self._tell("Meanwhile, behind our back:")
        for sentence in self._sandbox.go_on():
            self._tell(f"  {sentence}")
        self._show_plan()
        self._cycle("The third writes just what follows from that")
        self._cycle("The fourth finds nothing to do")
        self._tell("")
        for line in digest_text(show_digest(self._workplace).digest).splitlines():
            self._tell(line)
        with progress_bar("posting the digest"):
            self._postings = post_digest(self._workplace, is_scheduled=True)
        for posting in self._postings:
            self._tell(f"digest to {posting.chat}: {posting.status or posting.detail}")

    def result(self) -> dict[str, object]:
        """The figures, as one object."""
        counts = ("pulled", "findings", "planned", "written", "failed")
        return {
            "cycles": [{name: cycle.counts[name] for name in counts} for cycle in self._cycles],
            "escalations": self._cycles[-1].escalations,
            "digest": dict(self._sandbox.accepted_messages()),
        }

    @property
    def failed(self) -> bool:
        """Whether it did not go as it should: something failed, or a cycle that had nothing to do planned something."""
        idle = (self._cycles[1], self._cycles[3])
        return (
            any(cycle.troubles for cycle in self._cycles)
            or any(cycle.planned for cycle in idle)
            or any(cycle.written != cycle.planned for cycle in self._cycles)
            or not all(self._sandbox.accepted_messages().values())
        )

    def _show_plan(self) -> None:
        from lpm_sync.pipeline.cycle import plan_cycle
        from lpm_sync.report.plan import plan_text

        with progress_bar("reading"):
            _, decision = plan_cycle(self._workplace)
        lines = plan_text(decision.plan).splitlines()
        self._tell("")
        for line in lines[:_PLAN_LINES]:
            self._tell(line)
        if len(lines) > _PLAN_LINES:
            self._tell(f"… and {len(lines) - _PLAN_LINES} more lines of this plan")

    def _cycle(self, title: str) -> None:
        from lpm_sync.pipeline.cycle import Control, run_cycle

        with progress_bar(title) as progress:
            report = run_cycle(self._workplace, Control(progress=progress))
        self._cycles.append(report)
        self._tell("")
        self._tell(f"{title}: {figures_text(report.counts)}")
        for trouble in report.troubles:
            self._tell(f"  {trouble}")


_PLAN_LINES = 40


def _workplace(running: Sandbox, folder: Path) -> Workplace:
    from lpm_sync.log import Redactor, configure_logging
    from lpm_sync.pipeline.workplace import Workplace
    from lpm_sync.settings import Secrets, Settings

    redactor = Redactor()
    configure_logging(redactor, level="warning")
    write_configuration(running, folder / "config")
    secrets = Secrets(directory=None, environment=running.environment, on_read=redactor.register)
    settings = Settings(config=folder / "config", state=folder / "state.sqlite3")
    return Workplace(settings=settings, secrets=secrets, clock=running.clock)


def _serve(running: Sandbox, folder: Path) -> None:
    say(f"The trackers go on listening; a configuration for them: . {folder / 'config' / 'environment.sh'}")
    for name, address in running.addresses.items():
        say(f"  {name}: {address}")
    wait_for_signal()
