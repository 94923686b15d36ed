"""The tracker in memory passes the suite that every connector passes."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from lpm_sync.ports import Tracker
from lpm_sync.testing.backdoor import TrackerBackdoor
from lpm_sync.testing.conformance import TrackerConformance
from lpm_sync.testing.in_memory import InMemoryTracker
from lpm_sync.testing.in_memory_store import InMemoryStore


class InMemoryBackdoor(InMemoryStore):
    def connect(self, *, projects: tuple[str, ...] | None = None, pinned: Mapping[str, str] | None = None) -> Tracker:
        return InMemoryTracker(self, projects=projects, pinned=pinned)


class TestInMemoryTracker(TrackerConformance):
    @pytest.fixture
    def backdoor(self) -> TrackerBackdoor:
        return InMemoryBackdoor()
