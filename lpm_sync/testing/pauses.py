"""Pauses as a service keeps them from cycle to cycle, for tests of connectors."""

from __future__ import annotations

import time
from collections.abc import Mapping


class RememberedPauses:
    """The port `KeptPauses`, in memory."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def left(self) -> Mapping[str, float]:
        now = time.monotonic()
        return {what: end - now for what, end in self._until.items() if end > now}

    def keep(self, what: str, seconds: float) -> None:
        self._until[what] = time.monotonic() + seconds
