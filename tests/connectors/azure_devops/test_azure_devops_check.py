"""An examination says check by check what would keep the connector from serving, and writes nothing."""

from __future__ import annotations

import json

import pytest

from connectors.sandbox.faults import Fault
from lpm_sync.core.examination import Check
from lpm_sync.core.governance import EscalationTarget
from lpm_sync.errors import UnauthorisedError
from tests.connectors.azure_devops.conftest import PROJECTS, SECRET, Backdoor

TO_THE_FIRST = EscalationTarget(tracker="ado", project=PROJECTS[0], type="Epic")


def with_items(door: Backdoor) -> Backdoor:
    for project in PROJECTS:
        door.create_item(project=project, type="Feature", title="Refunds")
    return door


def faults(door: Backdoor, escalation: EscalationTarget | None = None, **differences: object) -> list[Check]:
    found = list(door.connect(**differences).examine(escalation).faults)
    assert all(check.remedy for check in found)
    return found


def test_all_is_well_with_and_without_items(azure_devops_backdoor: Backdoor) -> None:
    assert faults(azure_devops_backdoor, TO_THE_FIRST) == []
    assert faults(with_items(azure_devops_backdoor), TO_THE_FIRST) == []


def test_it_says_who_we_are_and_that_the_clocks_agree(azure_devops_backdoor: Backdoor) -> None:
    examination = azure_devops_backdoor.connect().examine()
    assert examination.account == azure_devops_backdoor.store.account.unique_name
    assert examination.clock_skew is not None
    assert abs(examination.clock_skew.total_seconds()) < 1


def test_it_writes_nothing(azure_devops_backdoor: Backdoor) -> None:
    with_items(azure_devops_backdoor).connect().examine(TO_THE_FIRST)
    store = azure_devops_backdoor.store
    assert azure_devops_backdoor.count_writes() == 0
    assert [len(item.revisions) for item in store.items.values()] == [1, 1]
    assert all(not store.project(project).tags for project in PROJECTS)


def test_each_field_that_is_unknown_is_named(azure_devops_backdoor: Backdoor) -> None:
    found = faults(
        azure_devops_backdoor,
        fields={"budget": "No Such", "horizon": "Horizn"},
        reference_fields={"blocks": "Waits For"},
    )
    assert [fault.subject for fault in found] == ["field budget", "field horizon", "field blocks"]


def test_a_field_that_no_type_in_scope_has_is_one_that_nobody_can_fill(azure_devops_backdoor: Backdoor) -> None:
    types = [{"name": "Feature", "states": [], "fields": [{"referenceName": "System.Title"}]}]
    body = json.dumps({"count": 1, "value": types}).encode()
    azure_devops_backdoor.server.wire.faults.append(Fault(path="(?i)/workitemtypes$", times=-1, status=200, body=body))
    [first, second] = faults(azure_devops_backdoor)
    assert (first.subject, second.subject) == ("field benefit_hypothesis", "field implementation_cost_forecast")
    assert "Benefit Hypothesis (Custom.BenefitHypothesis)" in str(first.fault)


def test_a_project_that_is_hidden_is_named_with_the_permission(azure_devops_backdoor: Backdoor) -> None:
    azure_devops_backdoor.hide_project(PROJECTS[1])
    [fault] = faults(azure_devops_backdoor)
    assert fault.subject == f"project {PROJECTS[1]}"
    assert "View work items in this node" in fault.remedy


@pytest.mark.parametrize("has_items", [True, False])
def test_missing_permissions_are_named_with_what_to_grant(azure_devops_backdoor: Backdoor, has_items: bool) -> None:
    if has_items:
        with_items(azure_devops_backdoor)
    azure_devops_backdoor.store.behaviour.may_create_tags = False
    found = faults(azure_devops_backdoor)
    assert [fault.subject for fault in found] == [
        f'project {project}: permission "Create tag definition"' for project in PROJECTS
    ]
    azure_devops_backdoor.forbid_writing()
    found = faults(azure_devops_backdoor)
    assert [fault.subject for fault in found] == [
        f'project {project}: permission "Edit work items in this node"' for project in PROJECTS
    ]


def test_what_the_process_refuses_is_not_to_be_granted(azure_devops_backdoor: Backdoor) -> None:
    rule = b'{"message": "TF401320: Rule Error for field Risk. Error code: Required."}'
    refusing = Fault(path="validateOnly", method="PATCH", times=-1, status=400, body=rule)
    with_items(azure_devops_backdoor).server.wire.faults.append(refusing)
    for fault in faults(azure_devops_backdoor):
        assert "Rule Error for field Risk" in str(fault.fault)
        assert fault.remedy.startswith("the process does not let work item ")


def test_a_server_that_fails_leaves_permissions_unknown(azure_devops_backdoor: Backdoor) -> None:
    failing = Fault(path="validateOnly", method="PATCH", times=-1, status=500, body=b"{}")
    with_items(azure_devops_backdoor).server.wire.faults.append(failing)
    examination = azure_devops_backdoor.connect().examine()
    assert examination.faults == ()
    unsure = [check for check in examination.checks if check.unknown is not None]
    assert [check.subject for check in unsure] == [
        f'project {project}: permission "Edit work items in this node"' for project in PROJECTS
    ]
    assert all("grant" not in check.line for check in unsure)


@pytest.mark.parametrize(
    ("path", "subject", "permission"),
    [
        ("(?i)/wit/fields", "fields", "View project-level information"),
        ("(?i)/wiql", f"project {PROJECTS[0]}: items", "View work items in this node"),
    ],
)
def test_what_may_not_be_asked_names_the_permission_and_the_rest_is_examined(
    azure_devops_backdoor: Backdoor, path: str, subject: str, permission: str
) -> None:
    azure_devops_backdoor.server.wire.faults.append(Fault(path=path, times=-1, status=403, body=b"{}"))
    examination = azure_devops_backdoor.connect().examine()
    fault = next(fault for fault in examination.faults if fault.subject == subject)
    assert permission in fault.remedy
    assert "trackers.yaml" not in fault.line
    assert "feeds of changes" in {check.subject for check in examination.checks}


def test_an_escalation_type_that_the_project_does_not_have_is_named(azure_devops_backdoor: Backdoor) -> None:
    [fault] = faults(azure_devops_backdoor, EscalationTarget(tracker="ado", project=PROJECTS[0], type="Capability"))
    assert fault.subject == f"project {PROJECTS[0]}: create Capability"
    assert "escalation.create_in" in fault.remedy


def test_a_clause_that_the_server_refuses_is_named(azure_devops_backdoor: Backdoor) -> None:
    found = faults(azure_devops_backdoor, scope_query="[No.Such] = 1")
    assert [fault.subject for fault in found] == [f"project {project}: items" for project in PROJECTS]
    assert all("scope.query" in fault.remedy for fault in found)


def test_a_credential_that_is_not_accepted_is_raised_without_showing_it(azure_devops_backdoor: Backdoor) -> None:
    azure_devops_backdoor.revoke_credential()
    with pytest.raises(UnauthorisedError) as raised:
        azure_devops_backdoor.connect().examine()
    assert SECRET not in str(raised.value)


def test_a_field_of_the_wrong_kind_is_named(azure_devops_backdoor: Backdoor) -> None:
    [fault] = faults(azure_devops_backdoor, fields={"estimate": "Benefit Hypothesis"})
    assert fault.subject == "field estimate"
    assert "Custom.BenefitHypothesis (Benefit Hypothesis) holds a text of many lines" in str(fault.fault)
    assert "estimate has to be a number" in str(fault.fault)


def test_how_many_items_are_ignored_by_type_is_told_and_is_no_fault(azure_devops_backdoor: Backdoor) -> None:
    for number in range(3):
        azure_devops_backdoor.create_item(project=PROJECTS[0], type="Bug", title=f"Bug {number}")
    examination = with_items(azure_devops_backdoor).connect().examine()
    told = {check.subject: check for check in examination.checks}
    assert told[f"project {PROJECTS[0]}: ignored by type"].note == "3 Bug"
    assert told[f"project {PROJECTS[0]}: ignored by type"].is_ok
    assert f"project {PROJECTS[1]}: ignored by type" not in told


def test_what_a_server_carries_out_that_it_was_only_asked_to_validate_is_taken_back_and_told(
    azure_devops_backdoor: Backdoor,
) -> None:
    store = with_items(azure_devops_backdoor).store
    store.behaviour.validates = False
    examination = azure_devops_backdoor.connect().examine(TO_THE_FIRST)
    assert not list(examination.faults)
    said = [check.note for check in examination.checks if check.note]
    assert len([note for note in said if "carried out what it was to validate" in note]) == 1
    assert len([note for note in said if note.startswith("not tried")]) == 4
    assert not [comment for item in store.items for comment in store.comments_of(item)]
    assert all(not item.tags for item in store.items.values())


def test_an_item_that_a_server_makes_though_it_was_only_asked_whether_it_could_is_deleted(
    azure_devops_backdoor: Backdoor,
) -> None:
    store = azure_devops_backdoor.store
    store.behaviour.validates = False
    examination = azure_devops_backdoor.connect().examine(TO_THE_FIRST)
    assert not list(examination.faults)
    assert any("is in the recycle bin" in check.note for check in examination.checks)
    assert all(item.deleted for item in store.items.values())
