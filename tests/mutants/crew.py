"""Several workshops at work at the same time."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Self, TypeVar

from tests.mutants.workshop import Trial, Workshop

Job = TypeVar("Job")


class Crew:
    """A context manager; raises WorkshopError on entering. What has not begun when it is left is not begun any more."""

    def __init__(self, root: Path, size: int) -> None:
        self._root = root
        self._size = size
        self._stack = ExitStack()
        self._idle: SimpleQueue[Workshop] = SimpleQueue()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for number in range(self._size):
                directory = stack.enter_context(tempfile.TemporaryDirectory(prefix=f"mutants-{number}-"))
                self._idle.put(Workshop(self._root, Path(directory)))
            self._threads = ThreadPoolExecutor(max_workers=self._size)
            stack.callback(self._threads.shutdown, cancel_futures=True)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, traceback)

    def run(self, trial: Callable[[Workshop, Job], Trial], jobs: Sequence[Job]) -> Iterable[Trial]:
        """The trials in the order of the jobs, each as soon as it and those before it are done."""

        def attempt(job: Job) -> Trial:
            workshop = self._idle.get()
            try:
                return trial(workshop, job)
            finally:
                self._idle.put(workshop)

        return self._threads.map(attempt, jobs)
