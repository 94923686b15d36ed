"""The connector to Azure DevOps holds the obligations of every tracker, against the embedded organisation."""

from __future__ import annotations

import pytest

from lpm_sync.testing.backdoor import TrackerBackdoor
from lpm_sync.testing.conformance import TrackerConformance


class TestAzureDevOps(TrackerConformance):
    @pytest.fixture
    def backdoor(self, azure_devops_backdoor: TrackerBackdoor) -> TrackerBackdoor:
        return azure_devops_backdoor
