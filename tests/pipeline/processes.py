"""Cycles in processes of their own."""

from __future__ import annotations

import multiprocessing
from multiprocessing.process import BaseProcess

from lpm_sync.pipeline.cycle import run_cycle
from lpm_sync.pipeline.workplace import Workplace

PATIENCE = 60.0  # seconds until a test gives up

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["connectors.jira.connector", "lpm_sync.pipeline.cycle", "sqlite_utils", "holidays"])


def cycle_of_its_own(workplace: Workplace) -> BaseProcess:
    """A cycle that has begun in another process."""
    process = PROCESSES.Process(target=run_cycle, args=(workplace,))
    process.start()
    return process
