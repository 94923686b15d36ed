"""`lpm-sync docs`: the generated files, written or compared."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lpm_sync.cli.console import complain, say, write_text


def docs(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 where a file is stale.")] = False,
    directory: Annotated[Path, typer.Option(help="The project's folder.")] = Path(),
) -> None:
    """Write the JSON Schema of the configuration and the rule reference from the code."""
    from lpm_sync import plugins
    from lpm_sync.policy.reference import generated_files

    stale = []
    for name, content in sorted(generated_files(plugins.rule_classes()).items()):
        path = directory / name
        if path.is_file() and path.read_bytes() == content.encode():
            continue
        stale.append(name)
        if not check:
            write_text(path, content)
            say(f"written: {name}")
    if check and stale:
        for name in stale:
            complain(f"{name} is not up to date: run lpm-sync docs")
        raise typer.Exit(1)
