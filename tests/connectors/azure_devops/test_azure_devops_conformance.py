"""The connector to Azure DevOps holds the obligations of every tracker, against the service and against a server."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.sandbox.azure_devops.releases import SERVER_2020, Release
from lpm_sync.testing.backdoor import TrackerBackdoor
from lpm_sync.testing.conformance import TrackerConformance


class TestAzureDevOps(TrackerConformance):
    @pytest.fixture
    def backdoor(self, azure_devops_backdoor: TrackerBackdoor) -> TrackerBackdoor:
        return azure_devops_backdoor


class TestAzureDevOpsServer(TrackerConformance):
    @pytest.fixture
    def backdoor(self, open_release: Callable[[Release], TrackerBackdoor]) -> TrackerBackdoor:
        return open_release(SERVER_2020)
