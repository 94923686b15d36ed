"""A reading of everything that is stopped half way asks only for the rest when it goes on."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from connectors.sandbox.faults import Fault
from lpm_sync.core.work_item import Ref
from lpm_sync.errors import StoppedError
from lpm_sync.testing.mirror import Mirror, MirroredParts
from tests.connectors.azure_devops.conftest import PROJECTS, Backdoor

ITEMS = 900


def fill(door: Backdoor, count: int = ITEMS) -> list[Ref]:
    """Features in both projects, from half a day ago."""
    refs = [
        door.create_item(project=PROJECTS[number % 2], type="Feature", title=f"Feature {number}")
        for number in range(count)
    ]
    door.clock.move_to(door.clock.now() + timedelta(hours=12))
    return refs


def fetched(door: Backdoor) -> list[int]:
    """The ids that were asked for in batches."""
    bodies = [json.loads(one.body) for one in door.requests if one.path.lower().endswith("workitemsbatch")]
    return [one for body in bodies for one in body["ids"]]


def everything(door: Backdoor) -> dict[Ref, object]:
    return {item.ref: item for item in door.connect().pull().items}


def read_on(mirror: Mirror, door: Backdoor) -> None:
    """Reads as a new process does, with the requests counted from there."""
    door.server.wire.faults.clear()
    door.requests.clear()  # type: ignore[attr-defined]
    mirror.read(door.connect())


def test_after_an_outage_only_the_rest_is_fetched(azure_devops_backdoor: Backdoor) -> None:
    door = azure_devops_backdoor
    fill(door)
    door.server.wire.faults.append(Fault(path="(?i)workitemsbatch", skip=3, times=-1, status=507))
    mirror = Mirror()
    assert mirror.read(door.connect()).failures
    assert mirror.is_unfinished
    kept = set(mirror.parts.items)
    assert 300 <= len(kept) <= 600  # three batches, of 200 or 50
    read_on(mirror, door)
    asked = fetched(door)
    assert len(asked) == len(set(asked)) == ITEMS - len(kept)
    assert not {int(ref.id) for ref in kept} & set(asked)
    assert len(door.requests) <= 20
    assert mirror.items == everything(door)


def test_what_changed_since_is_read_again_and_what_did_not_is_not(azure_devops_backdoor: Backdoor) -> None:
    door = azure_devops_backdoor
    refs = fill(door, 30)
    mirror = Mirror()
    with pytest.raises(StoppedError):
        mirror.read(door.connect(), stop_after=20)
    kept = list(mirror.parts.items)
    door.clock.move_to(door.clock.now() + timedelta(hours=5))
    door.change_title(kept[0], "Another title")
    door.link(blocker=kept[1], blocked=kept[2])
    read_on(mirror, door)
    changed = {int(ref.id) for ref in kept[:3]}
    assert set(fetched(door)) == changed | {int(ref.id) for ref in refs if ref not in kept}
    assert mirror.items == everything(door)


def test_items_with_comments_are_kept_with_them_batch_by_batch(
    azure_devops_backdoor: Backdoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = azure_devops_backdoor
    refs = fill(door, 6)
    for ref in refs:
        door.add_comment(ref, "Of ours", is_ours=True)
    monkeypatch.setattr("connectors.azure_devops.items.ITEMS_A_BATCH", 1)
    parts = MirroredParts()
    assert door.connect(requests_at_once=1).pull(parts=parts).items == ()
    assert all(len(item.own_comments) == 1 for item in parts.items.values())
    paths = [one.path.lower() for one in door.requests]
    batches = [n for n, path in enumerate(paths) if path.endswith("workitemsbatch")]
    comments = [n for n, path in enumerate(paths) if path.endswith("/comments")]
    assert len(batches) == len(comments) == len(refs)
    assert sum(n < batches[-1] for n in comments) >= len(refs) - 3


def test_a_project_that_fails_when_it_goes_on_is_not_taken_for_read(azure_devops_backdoor: Backdoor) -> None:
    door = azure_devops_backdoor
    refs = fill(door, 10)
    of_second = {ref for ref, item in everything(door).items() if item.project == PROJECTS[1]}  # type: ignore[attr-defined]
    mirror = Mirror()
    with pytest.raises(StoppedError):
        mirror.read(door.connect(), stop_after=0)
    discussed = min(of_second)
    door.add_comment(discussed, "Of ours", is_ours=True)
    comments = Fault(path=f"(?i)workitems/{discussed.id}/comments", times=-1, status=507)
    door.server.wire.faults.append(comments)
    for _ in range(2):
        pull = mirror.read(door.connect())
        assert set(pull.failures) == pull.interrupted == {PROJECTS[1]}
        assert pull.position is not None
        tokens = {name: place["tokens"] for name, place in json.loads(pull.position)["projects"].items()}
        assert [name for name, token in tokens.items() if token] == [PROJECTS[0].casefold()]
        assert set(mirror.items) == set(refs) - of_second
    door.server.wire.faults.clear()
    mirror.read(door.connect())
    assert set(mirror.items) == set(refs)


def test_a_server_without_feeds_is_read_without_parts(azure_devops_backdoor: Backdoor) -> None:
    door = azure_devops_backdoor
    fill(door, 4)
    door.server.wire.faults.append(Fault(path="(?i)reporting/", times=-1, status=404))
    parts = MirroredParts()
    pull = door.connect().pull(parts=parts)
    assert (len(pull.items), parts.begun, pull.position) == (4, 0, None)
