"""What a server has and where is asked for once, and again where what is remembered of it proves wrong."""

from __future__ import annotations

import gc
import json

import pytest
from requests import Response

from connectors.azure_devops.client import LINKS, REVISIONS
from connectors.azure_devops.package import package
from connectors.sandbox.faults import Fault
from lpm_sync.core.work_item import Ref
from lpm_sync.ports import Previous, Pull, Tracker
from tests.connectors.azure_devops.conftest import PROJECTS, Backdoor

FOUR = ["ConnectionData", "projects", "workItemLinks", "workItemRevisions"]


def create(door: Backdoor) -> Ref:
    return door.create_item(project=PROJECTS[0], type="Feature", title="Refunds")


def started_anew(door: Backdoor) -> Tracker:
    """A tracker in a process that knows nothing of this server; no request is remembered."""
    url = door.root.casefold()
    package().client._locations_cache.pop(url, None)
    package().cache[url] = None
    door.server.wire.requests.clear()
    return door.connect()


def previous(pull: Pull, position: str | None = None) -> Previous:
    return Previous.of(pull.items, position or pull.position or "")


def asked(door: Backdoor) -> list[str]:
    return sorted(one.method if one.method == "OPTIONS" else one.path.rsplit("/", 1)[-1] for one in door.requests)


def test_a_new_process_asks_four_things_where_nothing_changed(azure_devops_backdoor: Backdoor) -> None:
    create(azure_devops_backdoor)
    pull = azure_devops_backdoor.connect().pull()
    for _ in range(2):
        before = previous(pull)
        pull = started_anew(azure_devops_backdoor).pull(before)
        assert pull.is_delta
        assert asked(azure_devops_backdoor) == FOUR


@pytest.mark.parametrize("is_new_process", [True, False])
def test_with_the_census_it_asks_anew_what_the_server_has(
    azure_devops_backdoor: Backdoor, is_new_process: bool
) -> None:
    before = previous(azure_devops_backdoor.connect().pull())
    azure_devops_backdoor.server.wire.requests.clear()
    tracker = started_anew(azure_devops_backdoor) if is_new_process else azure_devops_backdoor.connect()
    tracker.pull(before, census=True)
    assert asked(azure_devops_backdoor).count("OPTIONS") == 1


def test_what_the_server_has_learnt_since_is_found_out_once(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor)
    pull = azure_devops_backdoor.connect().pull()
    position = json.loads(pull.position or "")
    rows = position["locations"]["rows"]
    position["locations"]["rows"] = [row for row in rows if row["id"] not in (LINKS.location, REVISIONS.location)]
    tracker = started_anew(azure_devops_backdoor)
    azure_devops_backdoor.change_title(ref, "Changed")
    again = tracker.pull(previous(pull, json.dumps(position)))
    assert again.is_delta
    assert [item.title for item in again.items] == ["Changed"]
    paths = [one.path for one in azure_devops_backdoor.requests if one.method == "OPTIONS"]
    assert paths.count("/contoso/_apis") == 1
    assert json.loads(again.position or "")["locations"]["rows"] == rows


def test_a_refusal_is_believed_once_the_place_proved_right(azure_devops_backdoor: Backdoor) -> None:
    before = previous(azure_devops_backdoor.connect().pull())
    tracker = started_anew(azure_devops_backdoor)
    fault = Fault(path="workItemRevisions", status=404, times=-1, body=b"{}")
    azure_devops_backdoor.server.wire.faults.append(fault)
    assert not tracker.pull(before).is_delta
    assert not tracker.pull(before).is_delta
    assert asked(azure_devops_backdoor).count("OPTIONS") == 1


def test_another_address_is_asked_itself(azure_devops_backdoor: Backdoor) -> None:
    pull = azure_devops_backdoor.connect().pull()
    position = json.loads(pull.position or "")
    position["locations"]["url"] = "https://dev.azure.com/other"
    tracker = started_anew(azure_devops_backdoor)
    assert tracker.pull(previous(pull, json.dumps(position))).is_delta
    assert asked(azure_devops_backdoor) == sorted(["OPTIONS", *FOUR])


def test_an_answer_is_let_go_of_as_soon_as_it_is_read(azure_devops_backdoor: Backdoor) -> None:
    create(azure_devops_backdoor)
    tracker = azure_devops_backdoor.connect()
    tracker.pull()
    gc.collect()
    gc.disable()
    try:
        tracker.pull()
        assert not [one for one in gc.get_objects() if isinstance(one, Response)]
    finally:
        gc.enable()
