"""Each of the three trackers, embedded, for what holds for all of them when the network or the server misbehaves."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from connectors.sandbox.faults import Fault
from tests.connectors.azure_devops.conftest import Backdoor, azure_devops_server
from tests.connectors.jira.conftest import JiraSite, jira_server

__all__ = ["azure_devops_server", "jira_server"]

Office = JiraSite | Backdoor
COMMENTS = re.compile(r"/comments?(\?.*)?$")


@pytest.fixture(params=["Jira Cloud", "Jira Data Center", "Azure DevOps"])
def office(request: pytest.FixtureRequest) -> Iterator[Office]:
    """Each of them; what a test changes of the wire does not outlast it."""
    opened: Office
    if request.param == "Azure DevOps":
        opened = Backdoor(*request.getfixturevalue("azure_devops_server"))
    else:
        deployment = "Cloud" if request.param == "Jira Cloud" else "Server"
        opened = JiraSite(*request.getfixturevalue("jira_server"), deployment)
    opened.server.wire.most_at_once = 0
    yield opened
    opened.server.wire.latency = 0.0
    opened.server.wire.faults.clear()
    opened.close()


def fail(office: Office, fault: Fault) -> None:
    office.server.wire.faults.append(fault)


def sent_comments(office: Office) -> int:
    """How often the connector tried to add a comment."""
    return sum(one.method == "POST" and bool(COMMENTS.search(one.path)) for one in office.requests)
