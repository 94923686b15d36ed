"""Ends a command that writes when it is told to: after the write in flight, and within seconds."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lpm_sync.cli.main import ExitCode
from lpm_sync.service.process import ending_signals

GRACE = 8.0  # seconds
_LEFT = b"lpm-sync: a tracker did not answer in time; the next cycle finds out what became of the last write\n"


@contextmanager
def stoppable() -> Iterator[Callable[[], bool]]:
    """Yields the question whether SIGTERM or SIGINT asked to stop. A second signal ends the process at once.

    What has not settled within the grace is left behind, as a crash would: its intent is recorded.
    """
    with ending_signals(on_first=_leave_after_the_grace) as received:
        yield lambda: bool(received)


def _leave_after_the_grace() -> None:
    """The alarm stays set when the command is done: threads that wait for a tracker would hold the process up."""
    signal.signal(signal.SIGALRM, _leave)
    signal.setitimer(signal.ITIMER_REAL, GRACE)


def _leave(_number: int, _frame: object) -> None:
    os.write(2, _LEFT)
    os._exit(ExitCode.PARTIAL)
