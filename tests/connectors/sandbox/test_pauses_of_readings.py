"""Whatever request a reading ends at because its tracker asked to be left alone: the next cycle sends nothing there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from connectors.sandbox.faults import Fault, Wire
from connectors.sandbox.variation import Variation
from lpm_sync.pipeline.cycle import ExitStatus, run_cycle
from tests.connectors.sandbox.varied_office import Office, Street, open_street


@pytest.fixture(scope="module")
def street() -> Iterator[Street]:
    with open_street() as opened:
        yield opened


@pytest.mark.parametrize(
    ("tracker", "path"),
    [
        ("jira", "/search/jql"),
        ("jira", "/changelog/bulkfetch"),
        ("ado", "/_apis/connectionData"),
        ("ado", "/_apis/wit/workItemsBatch"),
    ],
)
def test_the_next_cycle_leaves_that_tracker_alone_and_does_the_other(street: Street, tracker: str, path: str) -> None:
    with closing(Office(street, Variation())) as office:
        switch = street.jira if tracker == "jira" else street.ado
        wire = switch.application = Wire(switch.application)
        wire.faults.append(Fault(path=f"(?i){path}", status=429, headers={"Retry-After": "3600"}, body=b"{}", times=-1))
        assert run_cycle(office.workplace).exit_status is ExitStatus.PARTIAL
        assert wire.requests
        wire.faults.clear()
        wire.requests.clear()
        if tracker == "jira":
            office.ado.create_work_item("Platform", "Feature", "New")
        else:
            office.jira.create_issue("PAY", "Feature", "New")
        report = run_cycle(office.workplace)
        assert (report.exit_status, report.written > 0, wire.requests) == (ExitStatus.PARTIAL, True, [])
        assert [line for line in report.troubles if line.startswith(f"{tracker}: it asked to be left alone until ")]
