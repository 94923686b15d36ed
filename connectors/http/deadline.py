"""How long something may still take, for a request or a whole cycle."""

from __future__ import annotations

import time
from collections.abc import Callable


class Deadline:
    """Ends `seconds` after it was made, by a clock that nobody sets; may be shared between threads."""

    __slots__ = ("_end", "_monotonic")

    def __init__(self, seconds: float, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._end = monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left; 0.0 once it is over."""
        return max(0.0, self._end - self._monotonic())

    @property
    def is_over(self) -> bool:
        return self.remaining() <= 0.0
