"""Where the program begins, and the exit code of each way in which it ends."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping, Sequence
from enum import IntEnum
from io import TextIOWrapper
from itertools import pairwise
from typing import TYPE_CHECKING

from lpm_sync import __version__
from lpm_sync.cli.usage import USAGE
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
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # what a terminal cannot show must not end a command
    try:
        code = _answer(sys.argv[1:])
        sys.stdout.flush()
    except OSError as error:
        if _takes_output():
            raise
        sys.stderr.write(f"lpm-sync: standard output cannot be written: {error.strerror}; lead it elsewhere\n")
        code = ExitCode.FAILED
    sys.exit(code)


def _answer(words: Sequence[str]) -> int:
    """Does what was typed, and returns the exit code for how it ended."""
    if words == ["--version"]:  # at once: nothing has to be imported for it
        sys.stdout.write(f"lpm-sync {__version__}\n")
        return ExitCode.DONE
    if words == ["--help"]:
        sys.stdout.write(USAGE)
        return ExitCode.DONE
    if not words:
        sys.stderr.write(USAGE)
        return ExitCode.USAGE
    try:
        return _run(words)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except LpmSyncError as error:
        from lpm_sync.cli.console import complain

        code = _exit_code(error)
        _tell_script(words, _as_json(error, code))
        complain(f"lpm-sync: {error}")
        return code


def _takes_output() -> bool:
    """Whether standard output takes one more line; where it does not, what is left is dropped."""
    try:
        sys.stdout.write("\n")
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True


def _run(words: Sequence[str]) -> int:
    """Runs the command and returns its exit code. What was typed wrongly is told to a script, too."""
    application = _application()
    from lpm_sync.cli.application import UsageError

    try:
        ended = application(standalone_mode=False)
    except UsageError as error:
        error.show()
        _tell_script(words, {"error": error.format_message(), "exit_code": int(ExitCode.USAGE)})
        return ExitCode.USAGE
    return ended if isinstance(ended, int) else ExitCode.DONE


def _tell_script(words: Sequence[str], ending: Mapping[str, object]) -> None:
    """Prints how the command ended where a script reads the output."""
    from lpm_sync.cli.console import say_json

    if _is_json_wanted(words):
        say_json(ending)


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
    return "--json" in options or "--format=json" in options or ("--format", "json") in pairwise(options)


def _as_json(error: LpmSyncError, code: ExitCode) -> dict[str, object]:
    """The error, and what is known of the cycle that it ended."""
    known: dict[str, object] = {"error": str(error), "exit_code": int(code)}
    if isinstance(error, UnsafePlanError):
        known |= {**error.figures, "plan": error.digest}
    return known
