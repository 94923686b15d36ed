"""What one tracker alone says or wants: limits by reason, rates of an issue, a warning on a success."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from connectors.http import RetryPolicy
from connectors.jira.connector import JiraTracker
from lpm_sync.core.change import AddLabel, RemoveLabel, Result
from lpm_sync.core.work_item import precondition
from lpm_sync.errors import UnavailableError
from lpm_sync.testing.conformance.base import BECAUSE, feature
from tests.connectors.azure_devops.conftest import Backdoor
from tests.connectors.network.conftest import Office

LABEL = "lpm:not-ready"
NEVER = "86400"


@pytest.mark.parametrize("office", ["Jira Cloud", "Jira Data Center"], indirect=True)
def test_an_issue_gets_no_more_writes_than_jira_takes(office: Office) -> None:
    assert not isinstance(office, Backdoor)
    ref = feature(office)
    office.store.limits.issue_writes, office.store.limits.issue_window = 20, timedelta(seconds=2)
    office.store.limits.retry_after = NEVER  # whoever comes too often has failed

    waited: list[float] = []
    started, began = office.clock.now(), time.monotonic()

    def passed() -> float:
        """The server's clock runs on, and every wait is over at once."""
        seconds = time.monotonic() - began + sum(waited)
        office.clock.move_to(max(office.clock.now(), started + timedelta(seconds=seconds)))
        return seconds

    def wait(seconds: float) -> None:
        waited.append(seconds)
        passed()

    tracker = JiraTracker(office.connection, office.clock, retries=RetryPolicy(), wait=wait)
    [item] = tracker.pull().items
    before, expected = passed(), precondition(item)
    for number in range(50):
        passed()
        change = RemoveLabel if number % 2 else AddLabel
        outcomes = tracker.apply(ref, (change(label=LABEL, because=BECAUSE),), None if number else expected)
        assert [one.result for one in outcomes] == [Result.WRITTEN]
    assert passed() - before >= 4.0
    tracker.close()


@pytest.mark.parametrize("office", ["Azure DevOps"], indirect=True)
def test_azure_devops_that_warns_on_a_success_is_asked_more_slowly_before_it_refuses(office: Office) -> None:
    assert isinstance(office, Backdoor)
    refs = [feature(office, f"Feature {number}") for number in range(3)]
    for ref in refs:
        office.add_comment(ref, "Hello", is_ours=True)
    tracker = office.connect(cycle_timeout=600.0)
    tracker.pull()
    office.store.behaviour.warn_with_retry_after, office.store.behaviour.retry_after = True, "7"
    assert len(tracker.pull().items) == 3  # three comments pages of one endpoint, among others
    waited = [seconds for seconds in office.waits if seconds >= 6.9]
    assert len(waited) >= 2


@pytest.mark.parametrize("office", ["Azure DevOps"], indirect=True)
def test_a_pause_past_the_cycle_is_kept_by_the_next_one_too(office: Office) -> None:
    feature(office)
    office.server.wire.requests.clear()
    assert isinstance(office, Backdoor)
    office.store.behaviour.throttled_requests, office.store.behaviour.retry_after = 1, NEVER
    for _ in range(3):  # cycles
        with pytest.raises(UnavailableError, match="longer than this cycle may take"):
            office.connect(is_restart=False).pull()
    refused = office.requests[-1]
    assert len([one for one in office.requests if (one.method, one.path) == (refused.method, refused.path)]) == 1
    assert len(office.connect().pull().items) == 1
