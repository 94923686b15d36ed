"""The tracker in memory passes the suite that every connector passes."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from lpm_sync.ports import Parts, Previous, Pull, Tracker
from lpm_sync.testing.backdoor import TrackerBackdoor
from lpm_sync.testing.conformance import TrackerConformance
from lpm_sync.testing.in_memory import InMemoryTracker
from lpm_sync.testing.in_memory_store import InMemoryStore


class ReadsEverything(InMemoryTracker):
    """What the port allows: a connector that has no position to go on from."""

    def pull(self, previous: Previous | None = None, *, census: bool = False, parts: Parts | None = None) -> Pull:
        return super().pull(census=census, parts=parts)


class InMemoryBackdoor(InMemoryStore):
    def connect(self, *, projects: tuple[str, ...] | None = None, pinned: Mapping[str, str] | None = None) -> Tracker:
        return InMemoryTracker(self, projects=projects, pinned=pinned)


class WholeBackdoor(InMemoryStore):
    def connect(self, *, projects: tuple[str, ...] | None = None, pinned: Mapping[str, str] | None = None) -> Tracker:
        return ReadsEverything(self, projects=projects, pinned=pinned)


class TestInMemoryTracker(TrackerConformance):
    @pytest.fixture
    def backdoor(self) -> TrackerBackdoor:
        return InMemoryBackdoor()


class TestTrackerThatReadsEverything(TrackerConformance):
    reads_on = False

    @pytest.fixture
    def backdoor(self) -> TrackerBackdoor:
        return WholeBackdoor()
