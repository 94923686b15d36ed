"""Which requests have to wait, because a server asked for it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection
from enum import Enum
from threading import Lock

from lpm_sync.ports import KeptPauses

TURN = 0.05  # seconds between two requests that waited for the same pause


class Reach(Enum):
    """How far a pause that a server asked for, or a rate that it publishes, reaches."""

    EVERYTHING = "everything"  # all requests to that server
    ENDPOINT = "endpoint"  # requests of that method to that path, whatever item it names
    ITEM = "item"  # writes to that item


class Pauses:
    """The pauses that are still running; shared by all threads of a connector.

    A connector lasts for a cycle, a pause may last longer: those at `server` (its origin) go on that were `kept`.
    """

    def __init__(
        self, kept: KeptPauses | None = None, *, server: str = "", monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._monotonic = monotonic
        self._lock = Lock()
        self._kept = kept
        self._prefix = f"{server} "
        self._until: dict[str, float] = {}
        for what, seconds in kept.left().items() if kept is not None else ():
            if what.startswith(self._prefix):
                self._until[what.removeprefix(self._prefix)] = monotonic() + seconds
        self._turns: dict[str, int] = {}

    def hold(self, method: str, path: str, seconds: float, reach: Reach = Reach.ENDPOINT) -> None:
        """Holds what `reach` covers for so many seconds from now; a longer pause that runs already stays."""
        keys = keys_of(method, path)
        key = keys.get(reach, keys[Reach.ENDPOINT])
        with self._lock:
            now = self._monotonic()
            self._until = {other: end for other, end in self._until.items() if end > now}
            self._turns = {other: turn for other, turn in self._turns.items() if other in self._until}
            self._until[key] = max(self._until.get(key, 0.0), now + seconds)
        if self._kept is not None:
            self._kept.keep(f"{self._prefix}{key}", seconds)

    def end(self, method: str, path: str, *, is_read: bool) -> float:
        """The instant at which all pauses of a request are over; 0.0 where there is none."""
        with self._lock:
            return max((end for _, end in self._running(method, path, is_read)), default=0.0)

    def turn(self, method: str, path: str, *, is_read: bool) -> float:
        """The instant at which a request may go that waits from now on; 0.0 where it need not.

        They go one after another when the pause is over, not all at once: the first may be told to wait again.
        """
        with self._lock:
            key, end = max(self._running(method, path, is_read), key=lambda one: one[1], default=("", 0.0))
            if not end:
                return 0.0
            turn = self._turns.get(key, 0)
            self._turns[key] = turn + 1
            return end + turn * TURN

    def _running(self, method: str, path: str, is_read: bool) -> Collection[tuple[str, float]]:
        if not self._until:
            return ()
        now = self._monotonic()
        reaches = (Reach.EVERYTHING, Reach.ENDPOINT) if is_read else Reach  # only writes to an item wait for its pause
        keys = keys_of(method, path)
        ends = ((keys[reach], self._until.get(keys[reach], 0.0)) for reach in reaches if reach in keys)
        return [(key, end) for key, end in ends if end > now]


def keys_of(method: str, path: str) -> dict[Reach, str]:
    """What each reach covers, for this request.

    The endpoint is the path with every part that holds a digit replaced. The item is the path up to its first part
    with a number that is no version (two digits, or a key), so that `/issue/10001/comment/7` waits with `/issue/10001`.
    What stands before the interface (`/rest`, `/_apis`: the id of a site, the name of a project) is no item. A request
    that names none has none.
    """
    parts = path.strip("/").split("/")
    endpoint = "/".join("*" if re.search(r"\d", part) else part for part in parts)
    roots = [n for n, part in enumerate(parts) if part in ("rest", "_apis")]
    begin = roots[0] if roots else -1
    numbered = (n for n, part in enumerate(parts) if n > begin and re.search(r"\d{2}|-\d", part))
    first = next(numbered, None)
    keys = {Reach.EVERYTHING: "*", Reach.ENDPOINT: f"{method} {endpoint}"}
    return keys if first is None else {**keys, Reach.ITEM: f"item {'/'.join(parts[: first + 1])}"}
