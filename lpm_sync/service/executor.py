"""Runs the scheduler's jobs one after another, in a thread that the end of the process does not wait for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from apscheduler.executors.base import BaseExecutor, run_job


class OneAtATime(BaseExecutor):  # type: ignore[misc]  # APScheduler carries no types
    """An executor with one daemon thread.

    A cycle and a digest never meet over the state. The pool that APScheduler brings would hold the process until its
    job ends, however long a tracker takes to answer.
    """

    def __init__(self) -> None:
        super().__init__()
        self._waiting: SimpleQueue[tuple[Any, Sequence[datetime]] | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="jobs", daemon=True)

    def start(self, scheduler: Any, alias: str) -> None:
        super().start(scheduler, alias)
        self._thread.start()

    def shutdown(self, wait: bool = True) -> None:
        """Drops what has not begun; with `wait`, waits for what has."""
        self._drop()
        self._waiting.put(None)
        if wait:
            self._thread.join()

    def is_done_within(self, seconds: float) -> bool:
        """After `shutdown`: whether the job that had begun ended within that time."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _do_submit_job(self, job: Any, run_times: Sequence[datetime]) -> None:
        self._waiting.put((job, run_times))

    def _drop(self) -> None:
        while True:
            try:
                self._waiting.get_nowait()
            except Empty:
                return

    def _work(self) -> None:
        while (task := self._waiting.get()) is not None:
            job, run_times = task
            self._run_job_success(job.id, run_job(job, job._jobstore_alias, run_times, self._logger.name))
