"""Where the program begins, and the exit code of each way in which it ends."""

from __future__ import annotations

import gc
import sys
from enum import IntEnum
from io import TextIOWrapper
from typing import TYPE_CHECKING

from lpm_sync import __version__
from lpm_sync.errors import ConfigurationError, LpmSyncError, UnsafePlanError

if TYPE_CHECKING:
    import typer


class ExitCode(IntEnum):
    """How a command ended."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    REFUSED = 3
    PARTIAL = 4
    INTERRUPTED = 130


def main() -> None:
    """Runs the command that was typed and exits with its code."""
    if sys.argv[1:] == ["--version"]:  # at once: nothing has to be imported for it
        sys.stdout.write(f"lpm-sync {__version__}\n")
        sys.exit(ExitCode.DONE)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # what a terminal cannot show must not end a command
    try:
        _application()()
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
    except LpmSyncError as error:
        from lpm_sync.cli.console import complain

        complain(f"lpm-sync: {error}")
        sys.exit(_exit_code(error))


def _application() -> typer.Typer:
    """The command line, without looking for garbage meanwhile: nothing that an import makes is any."""
    is_collecting = gc.isenabled()
    gc.disable()
    try:
        from lpm_sync.cli.application import build_application

        return build_application()
    finally:
        if is_collecting:
            gc.enable()


def _exit_code(error: LpmSyncError) -> ExitCode:
    if isinstance(error, ConfigurationError):
        return ExitCode.USAGE
    return ExitCode.REFUSED if isinstance(error, UnsafePlanError) else ExitCode.FAILED
