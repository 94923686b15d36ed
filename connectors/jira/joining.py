"""Whether an edit brings a comment along on this Jira: tried with the first card, looked at, and known from then on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock


@dataclass(slots=True)
class Joining:
    """`works` counts once it `is_known`. An answer without an error is no proof: a server may pass over what it does
    not know, and the card would be told as written and stand nowhere."""

    is_known: bool = False
    works: bool = True
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def trial(self) -> Iterator[None]:
        """While it is not known one thread tries, and the others wait for what it finds."""
        with self._lock:
            if not self.is_known:
                yield
                return
        yield

    def settle(self, works: bool) -> None:
        """What was found."""
        self.works, self.is_known = works, True
