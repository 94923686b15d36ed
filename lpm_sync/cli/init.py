"""`lpm-sync init`: a first configuration, made of what a tracker has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lpm_sync.cli.console import progress_bar, say
from lpm_sync.cli.workplace import open_workplace


def init(
    connector: Annotated[str, typer.Option(help="The installed connector: jira, azure-devops, or another.")],
    url: Annotated[str, typer.Option(help="Where its API is reached; for Azure DevOps with the organisation.")],
    project: Annotated[
        list[str] | None, typer.Option(help="A project in scope: its key (Jira) or name. Repeat it for more.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="What the tracker is called here and in its secrets; default: the connector.")
    ] = None,
    directory: Annotated[Path | None, typer.Option(help="Where the files go; default: LPM_CONFIG, or config.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that stand there already.")] = False,
) -> None:
    """Ask a tracker what it has, and write a first commented configuration for it.

    The credentials are LPM_<NAME>_TOKEN and, on Jira Cloud, LPM_<NAME>_EMAIL.
    """
    from lpm_sync.pipeline.initialising import Request, initialise

    workplace = open_workplace()
    request = Request(connector=connector, name=name or connector, url=url, projects=tuple(project or ()))
    with progress_bar("asking the tracker"):
        paths = initialise(workplace, request, directory or workplace.settings.config, overwrites=force)
    for path in paths:
        say(f"written: {path}")
    say("Read them through, then: lpm-sync doctor")
