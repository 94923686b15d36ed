"""The command line with all its commands."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from lpm_sync import __version__
from lpm_sync.cli.cycle_commands import apply, plan, run, serve
from lpm_sync.cli.demo import demo
from lpm_sync.cli.digest import digest
from lpm_sync.cli.docs import docs
from lpm_sync.cli.doctor import doctor
from lpm_sync.cli.explain import explain
from lpm_sync.cli.init import init
from lpm_sync.cli.sandbox import sandbox

UsageError: Any = typer.BadParameter.__base__
"""What Typer raises for words that are no command line; its base has no public name."""


def build_application() -> typer.Typer:
    """The command line with all its commands."""
    application = typer.Typer(
        name="lpm-sync",
        help="Governance as code for Lean Portfolio Management, on the trackers a company already has.",
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    application.callback()(_options)
    for command in (demo, sandbox, init, doctor, plan, apply, run, serve, explain, digest, docs):
        application.command()(command)
    return application


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lpm-sync {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Options that stand before a command."""
