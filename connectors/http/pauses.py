"""Which requests have to wait, because a server asked for it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from enum import Enum
from threading import Lock


class Reach(Enum):
    """How far a pause that a server asked for reaches."""

    EVERYTHING = "everything"  # all requests to that server
    ENDPOINT = "endpoint"  # requests of that method to that path, whatever item it names
    ITEM = "item"  # writes to that item


class Pauses:
    """The pauses that are still running; shared by all threads of a connector, and kept between cycles."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = Lock()
        self._until: dict[str, float] = {}

    def hold(self, method: str, path: str, seconds: float, reach: Reach = Reach.ENDPOINT) -> None:
        """Holds what `reach` covers for so many seconds from now; a longer pause that runs already stays."""
        key = _keys(method, path)[reach]
        with self._lock:
            now = self._monotonic()
            self._until = {other: end for other, end in self._until.items() if end > now}
            self._until[key] = max(self._until.get(key, 0.0), now + seconds)

    def due(self, method: str, path: str) -> float:
        """Seconds that a request still has to wait; 0.0 when it may go."""
        keys = _keys(method, path)
        if method in ("GET", "HEAD", "OPTIONS"):
            del keys[Reach.ITEM]  # only writes to an item wait for its pause
        with self._lock:
            now = self._monotonic()
            return max(0.0, *(self._until.get(key, now) - now for key in keys.values()))


def _keys(method: str, path: str) -> dict[Reach, str]:
    """What each reach covers, for this request.

    The endpoint is the path with every part that holds a digit replaced. The item is the path up to its first part
    with a number that is no version (two digits, or a key), so that `/issue/10001/comment/7` waits with `/issue/10001`.
    What stands before the interface (`/rest`, `/_apis`: the id of a site, the name of a project) is no item.
    """
    parts = path.strip("/").split("/")
    endpoint = "/".join("*" if re.search(r"\d", part) else part for part in parts)
    roots = [n for n, part in enumerate(parts) if part in ("rest", "_apis")]
    begin = roots[0] if roots else -1
    numbered = (n for n, part in enumerate(parts) if n > begin and re.search(r"\d{2}|-\d", part))
    first = next(numbered, len(parts) - 1)
    return {
        Reach.EVERYTHING: "*",
        Reach.ENDPOINT: f"{method} {endpoint}",
        Reach.ITEM: f"item {'/'.join(parts[: first + 1])}",
    }
