"""`lpm-sync sandbox`: the embedded trackers and the chat receiver alone."""

from __future__ import annotations

import shlex
import signal
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lpm_sync.cli.console import say, write_text

_FIRST_YEAR, _LAST_YEAR = 1970, 2200  # the calendars of public holidays reach that far

if TYPE_CHECKING:
    from lpm_sync.ports import Sandbox


class JiraEdition(StrEnum):
    """The embedded Jira that is started."""

    CLOUD = "cloud"
    DATA_CENTER = "data-center"


def sandbox(
    port: Annotated[
        list[str] | None,
        typer.Option(metavar="SERVER=PORT", help="Where a server (jira, azure-devops, chat) listens."),
    ] = None,
    recorded: Annotated[
        list[Path] | None, typer.Option(help="Load recorded issues (JSON lines) instead of the sample.")
    ] = None,
    start: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day on which its clock starts; default: today.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Decides the sample portfolio.")] = 1,
    jira: Annotated[
        JiraEdition | None,
        typer.Option(
            help="Which Jira holds the sample: cloud (API v3, e-mail and API token; the default) "
            "or data-center (API v2, personal access token)."
        ),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="Write a configuration and its environment that fit to this new directory.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write them over what stands there.")] = False,
) -> None:
    """Start the embedded trackers and chat receiver, and go on until interrupted."""
    from lpm_sync import plugins
    from lpm_sync.errors import ConfigurationError
    from lpm_sync.ports import SandboxRequest

    if config is not None and config.exists() and not force and any(config.iterdir()):
        raise ConfigurationError(f"{config}: not empty; name another directory, or write over it with --force")
    request = SandboxRequest(
        start=start_instant(start) if start else datetime.now(UTC),
        seed=seed,
        is_running=True,
        listen=_ports(port or []),
        editions={"jira": jira.value} if jira else {},
        recorded=tuple(recorded or ()),
    )
    running = plugins.sandbox()(request)
    try:
        for name, address in running.addresses.items():
            say(f"{name}: {address}")
        if config is not None:
            write_configuration(running, config)
            say(f"configuration: {config}; its environment: . {config / 'environment.sh'}")
        wait_for_signal()
    finally:
        running.close()


def start_instant(day: datetime | None) -> datetime:
    """The instant at which a sandbox starts: nine o'clock, UTC, of the day, or of today."""
    from lpm_sync.errors import ConfigurationError

    start = (day or datetime.now(UTC)).replace(hour=9, minute=0, second=0, microsecond=0, tzinfo=UTC)
    if not _FIRST_YEAR <= start.year <= _LAST_YEAR:
        raise ConfigurationError(f"--start {start:%Y-%m-%d}: name a day between {_FIRST_YEAR} and {_LAST_YEAR}")
    return start


def write_configuration(running: Sandbox, directory: Path) -> None:
    """Writes a configuration that fits a sandbox, and the variables that reach it, for a shell to read."""
    from lpm_sync.errors import ConfigurationError

    try:
        directory.mkdir(parents=True, exist_ok=True)
        running.write_configuration(directory)
    except OSError as error:
        raise ConfigurationError(f"{directory}: cannot be written: {error.strerror}") from None
    place = directory.resolve()
    variables = {
        **running.environment,
        "LPM_CONFIG": str(place),
        "LPM_STATE": str(place / "state.sqlite3"),
    }
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    environment = directory / "environment.sh"
    environment.touch(mode=0o600)  # it holds tokens, if only of embedded trackers
    write_text(environment, "\n".join(lines) + "\n")


def wait_for_signal() -> None:
    """Waits until the process is interrupted or told to end."""
    received = signal.sigwait({signal.SIGINT, signal.SIGTERM})
    say(f"stopping on {signal.Signals(received).name}")


def _ports(pairs: list[str]) -> dict[str, int]:
    from lpm_sync.errors import ConfigurationError

    listen: dict[str, int] = {}
    for pair in pairs:
        name, _, number = pair.partition("=")
        if not number.isdecimal() or not 0 <= int(number) <= 65_535:
            raise ConfigurationError(f"--port {pair}: write a server and a port, for example jira=8001")
        listen[name] = int(number)
    return listen
