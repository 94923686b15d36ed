"""Lets Python look seldom for circular garbage while a cycle runs.

A portfolio is millions of values that live to the end of the cycle and hold no circle: at the usual thresholds walking
them again and again takes a third of the time.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_THRESHOLDS = (300_000, 20, 100)  # new values that may be garbage, then rounds of that, as gc.set_threshold has them


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Around the block."""
    usual = gc.get_threshold()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
