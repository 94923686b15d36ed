"""The connector to Jira keeps the obligations of the port `Tracker`, on Cloud and on Data Center."""

from __future__ import annotations

import pytest

from lpm_sync.testing.backdoor import TrackerBackdoor
from lpm_sync.testing.conformance import TrackerConformance


class TestJiraCloud(TrackerConformance):
    @pytest.fixture
    def backdoor(self, request: pytest.FixtureRequest) -> TrackerBackdoor:
        backdoor: TrackerBackdoor = request.getfixturevalue("cloud")
        return backdoor


class TestJiraDataCenter(TrackerConformance):
    @pytest.fixture
    def backdoor(self, request: pytest.FixtureRequest) -> TrackerBackdoor:
        backdoor: TrackerBackdoor = request.getfixturevalue("data_center")
        return backdoor
