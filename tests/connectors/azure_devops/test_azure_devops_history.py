"""When items last changed their state, and when their dependencies were made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from urllib.parse import parse_qs

import pytest

from connectors.sandbox.faults import Fault
from lpm_sync.core.timeline import TYPE
from lpm_sync.core.work_item import Ref
from lpm_sync.errors import UnavailableError
from tests.connectors.azure_devops.conftest import FIELDS, PROJECTS, Backdoor

MONDAY = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def create(door: Backdoor, title: str = "Feature", project: str = PROJECTS[0]) -> Ref:
    return door.create_item(project=project, type="Feature", title=title)


def feed_requests(door: Backdoor) -> list[dict[str, list[str]]]:
    return [parse_qs(one.query) for one in door.requests if "reporting" in one.path]


def test_an_item_that_never_moved_entered_its_state_when_it_was_created(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor)
    created = azure_devops_backdoor.store.work_item(int(ref.id)).revisions[0].changed
    assert azure_devops_backdoor.connect().history([ref])[ref].last_status_change == created


def test_hundreds_of_updates_are_read_to_the_last(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor)
    for n in range(430):
        azure_devops_backdoor.change_title(ref, f"Title {n}")
    azure_devops_backdoor.change_status(ref, "Active", at=MONDAY)
    assert azure_devops_backdoor.connect().history([ref])[ref].last_status_change == MONDAY


def test_a_page_that_is_shorter_than_an_earlier_one_is_the_last(azure_devops_backdoor: Backdoor) -> None:
    long, short = create(azure_devops_backdoor), create(azure_devops_backdoor)
    for n in range(3):
        azure_devops_backdoor.change_title(long, f"Title {n}")
    tracker = azure_devops_backdoor.connect()
    tracker.history([long])
    azure_devops_backdoor.server.wire.requests.clear()
    assert tracker.history([short])[short].last_status_change
    assert len([one for one in azure_devops_backdoor.requests if one.path.endswith("/updates")]) == 1


@pytest.mark.parametrize("largest", [1, 2, 3])
def test_a_server_that_gives_fewer_updates_than_asked_for_is_read_to_the_last(
    azure_devops_backdoor: Backdoor, largest: int
) -> None:
    refs = [create(azure_devops_backdoor) for _ in range(3)]
    for ref in refs:
        azure_devops_backdoor.change_title(ref, "Title")
        azure_devops_backdoor.change_status(ref, "Active", at=MONDAY)
    azure_devops_backdoor.store.behaviour.largest_page = largest
    told = azure_devops_backdoor.connect(requests_at_once=1).history(refs)
    assert {ref: timeline.last_status_change for ref, timeline in told.items()} == dict.fromkeys(refs, MONDAY)


def test_a_link_that_was_made_again_counts_from_then(azure_devops_backdoor: Backdoor) -> None:
    blocker, blocked = create(azure_devops_backdoor), create(azure_devops_backdoor)
    store = azure_devops_backdoor.store
    store.link(int(blocker.id), int(blocked.id), at=MONDAY)
    store.unlink(int(blocker.id), int(blocked.id), at=MONDAY + timedelta(days=1))
    tracker = azure_devops_backdoor.connect()
    assert dict(tracker.history([blocked])[blocked].link_created) == {}
    store.link(int(blocker.id), int(blocked.id), at=MONDAY + timedelta(days=2))
    assert dict(tracker.history([blocked])[blocked].link_created) == {blocker: MONDAY + timedelta(days=2)}


def test_a_feed_that_tells_links_beside_their_kind_is_understood_too(azure_devops_backdoor: Backdoor) -> None:
    azure_devops_backdoor.store.behaviour.flat_link_changes = True
    blocker, blocked = create(azure_devops_backdoor), create(azure_devops_backdoor)
    azure_devops_backdoor.link(blocker=blocker, blocked=blocked, at=MONDAY)
    assert azure_devops_backdoor.connect().history([blocked])[blocked].link_created == {blocker: MONDAY}


def test_a_dependency_without_its_date_is_no_missing_history(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor)
    told = b'{"values":[{"rel":"Any","attributes":{"sourceId":1,"targetId":2}}],"isLastBatch":true}'
    azure_devops_backdoor.server.wire.faults.append(Fault(path="reporting", status=200, times=-1, body=told))
    with pytest.raises(UnavailableError, match="without its ends, its date or whether it stands"):
        azure_devops_backdoor.connect().history([ref])


def test_the_feed_is_read_in_batches_and_then_only_on_from_its_end(azure_devops_backdoor: Backdoor) -> None:
    refs = [create(azure_devops_backdoor, f"Feature {n}") for n in range(8)]
    for n, (one, other) in enumerate(pairwise(refs)):
        azure_devops_backdoor.link(blocker=one, blocked=other, at=MONDAY + timedelta(hours=n))
    azure_devops_backdoor.store.behaviour.reporting_page_size = 3
    tracker = azure_devops_backdoor.connect(projects=PROJECTS[:1])
    first = tracker.history(refs)
    assert [first[ref].link_created[refs[n]] for n, ref in enumerate(refs[1:])] == [
        MONDAY + timedelta(hours=n) for n in range(7)
    ]
    assert len(feed_requests(azure_devops_backdoor)) == 3
    assert {query["linkTypes"][0] for query in feed_requests(azure_devops_backdoor)} == {"System.LinkTypes.Dependency"}
    assert tracker.history(refs) == first
    assert len(feed_requests(azure_devops_backdoor)) == 4


def test_a_token_that_is_no_longer_taken_costs_one_more_walk(azure_devops_backdoor: Backdoor) -> None:
    blocker, blocked = create(azure_devops_backdoor), create(azure_devops_backdoor)
    azure_devops_backdoor.link(blocker=blocker, blocked=blocked, at=MONDAY)
    tracker = azure_devops_backdoor.connect(projects=PROJECTS[:1])
    first = tracker.history([blocked])
    azure_devops_backdoor.server.wire.faults.append(Fault(path="continuationToken", status=400, body=b"{}"))
    assert tracker.history([blocked]) == first


def test_a_dependency_across_projects_has_its_date(azure_devops_backdoor: Backdoor) -> None:
    blocker, blocked = create(azure_devops_backdoor), create(azure_devops_backdoor, project=PROJECTS[1])
    azure_devops_backdoor.link(blocker=blocker, blocked=blocked, at=MONDAY)
    assert azure_devops_backdoor.connect().history([blocked])[blocked].link_created == {blocker: MONDAY}


def test_without_the_feed_the_state_is_still_told(azure_devops_backdoor: Backdoor) -> None:
    blocker, blocked = create(azure_devops_backdoor), create(azure_devops_backdoor)
    azure_devops_backdoor.link(blocker=blocker, blocked=blocked, at=MONDAY)
    azure_devops_backdoor.change_status(blocker, "Active", at=MONDAY)
    azure_devops_backdoor.server.wire.faults.append(Fault(path="reporting", status=404, times=-1, body=b"{}"))
    history = azure_devops_backdoor.connect().history([blocker])[blocker]
    assert (history.last_status_change, dict(history.link_created)) == (MONDAY, {})


@pytest.mark.parametrize("path", ["reporting", "/updates"])
def test_what_may_not_be_read_is_no_missing_history(azure_devops_backdoor: Backdoor, path: str) -> None:
    ref = create(azure_devops_backdoor)
    azure_devops_backdoor.server.wire.faults.append(Fault(path=path, status=403, times=-1, body=b"{}"))
    with pytest.raises(UnavailableError, match='cannot be read; grant "View work items in this node"'):
        azure_devops_backdoor.connect().history([ref])


def test_a_feed_that_breaks_off_again_is_no_missing_history(azure_devops_backdoor: Backdoor) -> None:
    refs = [create(azure_devops_backdoor, f"Feature {n}") for n in range(4)]
    for n, (one, other) in enumerate(pairwise(refs)):
        azure_devops_backdoor.link(blocker=one, blocked=other, at=MONDAY + timedelta(hours=n))
    azure_devops_backdoor.store.behaviour.reporting_page_size = 1
    fault = Fault(path="continuationToken", status=400, times=-1, body=b"{}")
    azure_devops_backdoor.server.wire.faults.append(fault)
    with pytest.raises(UnavailableError, match="the feed of links broke off"):
        azure_devops_backdoor.connect(projects=PROJECTS[:1]).history(refs)


def test_items_of_another_tracker_are_not_asked_for(azure_devops_backdoor: Backdoor) -> None:
    assert azure_devops_backdoor.connect().history([Ref("jira", "10001")]) == {}
    assert not azure_devops_backdoor.requests


def test_estimate_money_and_type_are_told_by_our_names(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor)
    tracker = azure_devops_backdoor.connect()
    for money in (600_000.0, 750_000.5):
        azure_devops_backdoor.store.edit(int(ref.id), {FIELDS["implementation_cost_forecast"]: money})
    entries = tracker.history([ref])[ref].entries
    assert [(one.before, one.after) for one in entries if one.aspect == "implementation_cost_forecast"] == [
        (None, "600000"),
        ("600000", "750000.5"),
    ]
    assert [(one.before, one.after) for one in entries if one.aspect == TYPE] == [(None, "Feature")]
