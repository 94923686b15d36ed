"""The preflight says in a sentence each what would keep the connector from serving, and writes nothing."""

from __future__ import annotations

import pytest

from lpm_sync.errors import UnauthorisedError
from tests.connectors.azure_devops.conftest import PROJECTS, SECRET, Backdoor


def with_items(door: Backdoor) -> Backdoor:
    for project in PROJECTS:
        door.create_item(project=project, type="Feature", title="Refunds")
    return door


def test_all_is_well_with_and_without_items(azure_devops_backdoor: Backdoor) -> None:
    assert list(azure_devops_backdoor.connect().check()) == []
    assert list(with_items(azure_devops_backdoor).connect().check()) == []


def test_it_writes_nothing(azure_devops_backdoor: Backdoor) -> None:
    with_items(azure_devops_backdoor).connect().check()
    store = azure_devops_backdoor.store
    assert azure_devops_backdoor.count_writes() == 0
    assert [len(item.revisions) for item in store.items.values()] == [1, 1]
    assert all(not store.project(project).tags for project in PROJECTS)


def test_each_field_that_is_unknown_is_named(azure_devops_backdoor: Backdoor) -> None:
    tracker = azure_devops_backdoor.connect(
        fields={"budget": "No Such", "horizon": "Horizn"}, reference_fields={"blocks": "Waits For"}
    )
    reasons = tracker.check()
    assert [reason.split(":")[1].strip() for reason in reasons] == ["budget", "horizon", "blocks"]


def test_a_type_that_no_project_has_is_named_with_those_that_there_are(azure_devops_backdoor: Backdoor) -> None:
    [reason] = azure_devops_backdoor.connect(types=("Epic", "Capability")).check()
    assert "'Capability'" in reason
    assert "User Story" in reason


def test_a_project_that_is_hidden_is_named_with_the_permission(azure_devops_backdoor: Backdoor) -> None:
    azure_devops_backdoor.hide_project(PROJECTS[1])
    [reason] = azure_devops_backdoor.connect().check()
    assert PROJECTS[1] in reason
    assert "View work items in this node" in reason


@pytest.mark.parametrize("has_items", [True, False])
def test_missing_permissions_are_named_with_what_to_grant(azure_devops_backdoor: Backdoor, has_items: bool) -> None:
    if has_items:
        with_items(azure_devops_backdoor)
    azure_devops_backdoor.store.behaviour.may_create_tags = False
    reasons = azure_devops_backdoor.connect().check()
    assert len(reasons) == 2
    assert all('grant "Create tag definition"' in reason for reason in reasons)
    azure_devops_backdoor.forbid_writing()
    assert all("Edit work items in this node" in reason for reason in azure_devops_backdoor.connect().check())


def test_a_clause_that_the_server_refuses_is_named(azure_devops_backdoor: Backdoor) -> None:
    reasons = azure_devops_backdoor.connect(scope_query="[No.Such] = 1").check()
    assert len(reasons) == 2
    assert all("scope_query" in reason for reason in reasons)


def test_a_credential_that_is_not_accepted_is_raised_without_showing_it(azure_devops_backdoor: Backdoor) -> None:
    azure_devops_backdoor.revoke_credential()
    with pytest.raises(UnauthorisedError) as raised:
        azure_devops_backdoor.connect().check()
    assert SECRET not in str(raised.value)
