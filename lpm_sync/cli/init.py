"""`lpm-sync init`: a first configuration, made of what a tracker has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from lpm_sync.cli.console import progress_bar, say
from lpm_sync.cli.workplace import open_workplace
from lpm_sync.errors import ConfigurationError


def init(  # noqa: PLR0913, PLR0917 each is an option of the command
    connector: Annotated[str, typer.Option(help="The installed connector: jira, azure-devops, or another.")],
    url: Annotated[str, typer.Option(help="Where its API is reached; for Azure DevOps with the organisation.")],
    project: Annotated[
        list[str] | None, typer.Option(help="A project in scope: its key (Jira) or name. Repeat it for more.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="What the tracker is called here and in its secrets; default: the connector.")
    ] = None,
    directory: Annotated[Path | None, typer.Option(help="Where the files go; default: LPM_CONFIG, or config.")] = None,
    site_url: Annotated[str | None, typer.Option(help="Where people open it, when that is another address.")] = None,
    credential: Annotated[
        str | None, typer.Option(help="The kind of its credential, where the secrets do not tell: managed-identity.")
    ] = None,
    option: Annotated[
        list[str] | None, typer.Option(help="A setting that only this connector knows: NAME=VALUE. Repeat it for more.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that stand there already.")] = False,
) -> None:
    """Ask a tracker what it has, and write a first commented configuration for it.

    The credential is LPM_<NAME>_TOKEN and, on Jira Cloud, LPM_<NAME>_EMAIL; or another of those that the README names.
    """
    from lpm_sync.pipeline.initialising import Request, initialise, pin

    workplace = open_workplace()
    request = Request(
        connector=connector,
        name=name or connector,
        url=url,
        projects=tuple(project or ()),
        site_url=site_url,
        credential=credential,
        options=_options(option or ()),
    )
    place = directory or workplace.settings.config
    with progress_bar("asking the tracker"):
        paths = initialise(workplace, request, place, overwrites=force)
    for path in paths:
        say(f"written: {path}")
    with progress_bar("pinning what the names lead to"):
        lock = pin(workplace, place)
    say(f"written: {lock}")
    say("Read them through; once they are right: lpm-sync doctor --pin")


def _options(texts: Sequence[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts]
    if not all(name and separator for name, separator, _ in pairs):
        raise ConfigurationError("--option: write NAME=VALUE")
    return {name: value for name, _, value in pairs}
