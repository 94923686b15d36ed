"""What an organisation tells of itself, and what is tried on it and taken back."""

from __future__ import annotations

import json

import pytest

from connectors.sandbox.azure_devops.process import BASIC
from connectors.sandbox.faults import Fault
from lpm_sync.core.discovery import FieldKind
from lpm_sync.core.examination import Check
from lpm_sync.core.work_item import Progress
from lpm_sync.errors import RefusedError, UnavailableError
from lpm_sync.testing.conformance.examining import CARD, LABEL
from tests.connectors.azure_devops.conftest import PROJECTS, Backdoor


def test_ranks_come_from_the_backlogs(azure_devops_backdoor: Backdoor) -> None:
    door = azure_devops_backdoor
    door.store.add_work_item_type(PROJECTS[0], "Kapability", {"Neu": "Proposed"}, category="Microsoft.FeatureCategory")
    ranks = {kind.name: kind.rank for kind in door.connect().discover().projects[0].types}
    assert {name: ranks[name] for name in ("Epic", "Feature", "Kapability", "User Story", "Task")} == {
        "Epic": 1,
        "Feature": 0,
        "Kapability": 0,
        "User Story": -1,
        "Task": -2,
    }
    assert ranks["Bug"] is not None
    assert ranks["Bug"] < 0


def test_what_stands_below_the_epics_is_a_feature_whatever_it_is_called(azure_devops_backdoor: Backdoor) -> None:
    door = azure_devops_backdoor
    door.store.add_project("Basic", types=BASIC)
    [project] = door.connect(projects=("Basic",)).discover().projects
    assert {kind.name: kind.rank for kind in project.types} == {"Epic": 1, "Issue": 0, "Task": -1}


def test_without_backlogs_ranks_are_not_told(azure_devops_backdoor: Backdoor) -> None:
    azure_devops_backdoor.server.wire.faults.append(Fault(path="(?i)/workitemtypecategories", times=-1, status=404))
    project = azure_devops_backdoor.connect().discover().projects[0]
    assert {kind.rank for kind in project.types} == {None}


def test_states_come_in_their_order_with_their_categories(azure_devops_backdoor: Backdoor) -> None:
    epic = azure_devops_backdoor.connect().discover().projects[0].type_named("Epic")
    assert epic is not None
    assert [(status.name, status.progress) for status in epic.statuses][:2] == [
        ("New", Progress.TODO),
        ("Active", Progress.DOING),
    ]


def test_kinds_of_fields_are_told_apart(azure_devops_backdoor: Backdoor) -> None:
    kinds = {field.id: field.kind for field in azure_devops_backdoor.connect().discover().fields}
    assert kinds["Custom.BenefitHypothesis"] is FieldKind.TEXT
    assert kinds["Custom.ImplementationCost"] is FieldKind.NUMBER
    assert kinds["Microsoft.VSTS.Scheduling.TargetDate"] is FieldKind.DATE


def test_all_projects_that_the_account_sees_are_told(azure_devops_backdoor: Backdoor) -> None:
    door = azure_devops_backdoor
    door.store.add_project("Another")
    door.hide_project(PROJECTS[1])
    discovery = door.connect(projects=()).discover()
    assert discovery.projects == ()
    assert sorted(discovery.visible_projects) == ["Another", PROJECTS[0]]


def test_an_organisation_that_does_not_answer_is_no_empty_one(azure_devops_backdoor: Backdoor) -> None:
    azure_devops_backdoor.server.wire.faults.append(Fault(path="/fields", times=-1, status=404))
    with pytest.raises(UnavailableError):
        azure_devops_backdoor.connect().discover()


def test_an_item_that_is_there_and_unreadable_is_not_one_that_is_not_there(azure_devops_backdoor: Backdoor) -> None:
    ref = azure_devops_backdoor.create_item(project=PROJECTS[0], type="Feature", title="Refunds")
    body = json.dumps({"value": [{"id": int(ref.id), "rev": 1, "fields": {}}]}).encode()
    azure_devops_backdoor.server.wire.faults.append(Fault(path="(?i)/workitemsbatch", status=200, body=body))
    with pytest.raises(RefusedError, match=ref.id):
        azure_devops_backdoor.connect().find(ref.id)


@pytest.mark.parametrize("key", ["PAY-1", "99999", "1 OR 1=1", ""])
def test_what_is_no_number_of_an_item_is_not_found(azure_devops_backdoor: Backdoor, key: str) -> None:
    assert azure_devops_backdoor.connect().find(key) is None


def test_a_dependency_is_rehearsed_as_a_successor_of_the_blocker(azure_devops_backdoor: Backdoor) -> None:
    assert [check.fault for check in rehearse(azure_devops_backdoor)] == [None, None, None]
    sent = [json.loads(one.body) for one in azure_devops_backdoor.writes() if b"relations" in one.body]
    assert sent[0][0]["value"]["rel"] == "System.LinkTypes.Dependency-Forward"
    assert sent[1][0]["op"] == "remove"


def test_other_links_of_the_item_stay(azure_devops_backdoor: Backdoor) -> None:
    door = azure_devops_backdoor
    parent = door.create_item(project=PROJECTS[0], type="Epic", title="Epic")
    ref = door.create_item(project=PROJECTS[0], type="Feature", title="One", parent=parent)
    other, third = (door.create_item(project=PROJECTS[0], type="Feature", title=title) for title in ("Two", "Three"))
    door.link(blocker=ref, blocked=third)
    checks = door.connect().rehearse(ref, label=LABEL, card=CARD, other=other)
    assert [check.fault for check in checks] == [None, None, None]
    [item] = [item for item in (door.connect().find(ref.id),) if item is not None]
    assert item.parent == parent
    assert {edge.blocked for edge in item.edges} == {third}


def test_a_missing_right_to_make_tags_is_named_and_the_rest_is_tried(azure_devops_backdoor: Backdoor) -> None:
    azure_devops_backdoor.store.behaviour.may_create_tags = False
    label, comment, dependency = rehearse(azure_devops_backdoor)
    assert label.remedy == 'grant "Create tag definition" in the project to the account: the tag is new'
    assert (label.is_ok, comment.is_ok, dependency.is_ok) == (False, True, True)


def rehearse(door: Backdoor) -> list[Check]:
    ref, other = (door.create_item(project=PROJECTS[0], type="Feature", title=title) for title in ("One", "Other"))
    return list(door.connect().rehearse(ref, label=LABEL, card=CARD, other=other))
