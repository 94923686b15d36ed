"""What the errors of SQLite and of the file system mean to people: one StateError naming the file and the remedy."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lpm_sync.errors import StateError

START_ANEW = "move it away (the next run starts a new one: history is lost, nothing is duplicated) or restore a copy"
_REMEDIES = {
    "SQLITE_FULL": "the disk is full: make room; nothing was written to a tracker that is not recorded here",
    "SQLITE_IOERR": "the disk does not take it (full, over quota, or failing): make room, or look at the disk",
    "SQLITE_READONLY": "read-only: let the account that runs lpm-sync write it and its folder",
    "SQLITE_CANTOPEN": "cannot be opened: its folder must exist and belong to the account that runs lpm-sync",
    "SQLITE_PERM": "may not be opened by this account: see whom it belongs to",
    "SQLITE_BUSY": "another program holds it: close that, or wait",
    "SQLITE_NOTADB": f"damaged, or never a state of lpm-sync: {START_ANEW}",
    "SQLITE_CORRUPT": f"damaged: {START_ANEW}",
}


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns what a file can do wrong into a StateError; a mistake in our own statements stays what it is."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", None) or ""
        for prefix, remedy in _REMEDIES.items():
            if name.startswith(prefix):
                raise StateError(f"{path}: {remedy}") from error
        if not name and str(error).startswith("Could not decode"):  # Python's own, without a code
            raise damaged(path, "a text that is none") from error
        raise
    except UnicodeDecodeError as error:
        raise damaged(path, "a text that is none") from error
    except OSError as error:
        raise StateError(
            f"{path}: {error.strerror}: the account that runs lpm-sync must be able to write it"
        ) from error


def damaged(path: Path, what: str) -> StateError:
    """The error for content that cannot be what was written."""
    return StateError(f"{path}: damaged ({what}): {START_ANEW}")
