"""A first reading as a cycle makes it: what comes goes into the state part by part, and is the snapshot in the end."""

from __future__ import annotations

from pathlib import Path

from lpm_sync.pipeline.collecting import seldom_collecting
from lpm_sync.pipeline.delivering import Withheld, deliver
from lpm_sync.ports import Clock, Tracker
from lpm_sync.state.store import State


@seldom_collecting()  # as in every cycle
def stored(tracker: Tracker, folder: Path, clock: Clock) -> int:
    """How many items there are then. Raises RuntimeError where not all came."""
    name = tracker.name
    with State.open(folder / "state.sqlite3", at=clock.now()) as state:
        delivery = deliver({name: tracker}, {name: None}, state, clock.now())[name]
        if isinstance(delivery.pull, Withheld) or delivery.pull.failures:
            raise RuntimeError(f"{name} did not come whole: {delivery.pull}")
        state.snapshots.save(delivery.pull, clock.now(), kept=delivery.kept)
    return len(delivery.kept) + len(delivery.pull.items)
