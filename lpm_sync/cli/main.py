"""Where the program begins, and the exit code of each way in which it ends."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from enum import IntEnum
from io import TextIOWrapper
from typing import TYPE_CHECKING

from lpm_sync import __version__
from lpm_sync.errors import ConfigurationError, LpmSyncError, StoppedError, UnsafePlanError

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
        from lpm_sync.cli.console import complain, say_json

        code = _exit_code(error)
        if _is_json_wanted(sys.argv[1:]):
            say_json(_as_json(error, code))
        complain(f"lpm-sync: {error}")
        sys.exit(code)


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
    match error:
        case ConfigurationError():
            return ExitCode.USAGE
        case UnsafePlanError():
            return ExitCode.REFUSED
        case StoppedError():
            return ExitCode.PARTIAL
    return ExitCode.FAILED


def _is_json_wanted(words: Sequence[str]) -> bool:
    """Whether a script reads the output: it is to get an object also where the command came to nothing."""
    options = list(words[: words.index("--")] if "--" in words else words)
    pairs = zip(options, (*options[1:], ""), strict=True)
    return "--json" in options or "--format=json" in options or ("--format", "json") in pairs


def _as_json(error: LpmSyncError, code: ExitCode) -> dict[str, object]:
    """The error, and what is known of the cycle that it ended."""
    known: dict[str, object] = {"error": str(error), "exit_code": int(code)}
    if isinstance(error, UnsafePlanError):
        known |= {**error.figures, "plan": error.digest}
    return known
