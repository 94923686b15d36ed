"""One exclusive lock a state: the second instance is told who works on it."""

from __future__ import annotations

import fcntl
import os
import socket
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from lpm_sync.errors import StateError

_LONGEST_NOTE = 200  # bytes of the lock file that are shown


class StateLock:
    """A lock on `<state>.lock`, held from `acquire` to `release`; the kernel lets go of it when the process dies.

    The file stays behind on purpose: removing it would let two processes lock two files of one name.
    """

    def __init__(self, state: Path) -> None:
        self._state = state
        self._path = state.with_name(state.name + ".lock")
        self._descriptor: int | None = None

    def acquire(self, at: datetime) -> None:
        """Takes the lock and writes down who has it since `at`; raises StateError where another has it."""
        while self._descriptor is None:
            descriptor = self._open()
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                holder = os.pread(descriptor, _LONGEST_NOTE, 0).decode(errors="replace").strip()
                os.close(descriptor)
                raise StateError(
                    f"{self._state}: in use by {holder or 'another process'}; wait until it is done, or stop it"
                ) from error
            if self._is_current(descriptor):
                self._descriptor = descriptor
            else:
                os.close(descriptor)
        note = f"process {os.getpid()} on {socket.gethostname()} since {at.isoformat(timespec='seconds')}\n"
        with suppress(OSError):  # a full disk: the lock holds without the note
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, note.encode(), 0)

    def release(self) -> None:
        """Lets go of the lock; does nothing where it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        try:
            return os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StateError(f"{self._path}: cannot be opened to lock the state: {error.strerror}") from error

    def _is_current(self, descriptor: int) -> bool:
        """Whether the file that was locked is still the one that has the name."""
        try:
            return os.path.samestat(os.fstat(descriptor), self._path.stat())
        except FileNotFoundError:
            return False
