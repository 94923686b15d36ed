"""What goes to a terminal: colours and progress only there, errors on stderr, JSON as one object."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lpm_sync.errors import ConfigurationError


def say(line: str = "", style: str = "") -> None:
    """One line on standard output. Nothing in it is taken as markup, or as a command to the terminal."""
    from rich.console import Console
    from rich.text import Text

    Console(highlight=False, soft_wrap=True).print(Text(_printable(line), style=style))


def complain(line: str) -> None:
    """One line on standard error."""
    from rich.console import Console
    from rich.text import Text

    Console(stderr=True, highlight=False, soft_wrap=True).print(Text("\n".join(map(_printable, line.split("\n")))))


def say_json(value: Mapping[str, Any]) -> None:
    """One JSON object on standard output."""
    say_exactly(json.dumps(value, ensure_ascii=False) + "\n")


def say_exactly(text: str) -> None:
    """Text for a machine on standard output, as it is."""
    sys.stdout.write(text)
    sys.stdout.flush()  # whoever reads it need not wait for the process to end


def figures_text(figures: Mapping[str, int]) -> str:
    """Figures by name, as a line for people."""
    return ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in figures.items())


def write_text(path: Path, text: str) -> None:
    """Writes a file whole, with the folders above it; raises ConfigurationError where that cannot be done."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written: {error.strerror}") from None


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[str, int, int], None]]:
    """A bar in a terminal; elsewhere nothing. Yields what is told about progress: a word, how many, of how many."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)

        def tell(word: str, done: int, total: int) -> None:
            bar.update(task, description=word, completed=done, total=total)

        yield tell


def _printable(line: str) -> str:
    """The line without anything that moves a cursor or turns the direction of writing."""
    return "".join(character if character.isprintable() else " " for character in line)
