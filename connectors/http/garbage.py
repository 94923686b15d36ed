"""Keeps the search for cyclic garbage out of the way while many values that stay are made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

RARELY = 200_000
"""New containers before the youngest are searched: with the usual 700 a large reading spends a third of its time so."""

_lock = Lock()
_before: list[tuple[int, int, int]] = []
"""The thresholds to go back to; one for each reading that goes on, since several trackers are read at a time."""


@contextmanager
def rare_collections() -> Iterator[None]:
    """Searches for cyclic garbage rarely until the end of the block, in all threads, then as before.

    What is read stays until the end of a cycle and holds no cycles: each search would look at all of it again.
    """
    with _lock:
        _before.append(gc.get_threshold())
        gc.set_threshold(RARELY, *_before[0][1:])
    try:
        yield
    finally:
        with _lock:
            first = _before[0]
            _before.pop()
            if not _before:
                gc.set_threshold(*first)
