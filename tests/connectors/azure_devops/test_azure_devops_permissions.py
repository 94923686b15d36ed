"""What an organisation does not permit is told with the permission and the place where it is granted."""

from __future__ import annotations

import pytest

from connectors.azure_devops.permissions import permission_for
from connectors.sandbox.faults import Fault
from lpm_sync.core.change import AddLabel, Result
from lpm_sync.core.work_item import Ref
from tests.connectors.azure_devops.conftest import PROJECTS, Backdoor

VIEWING = '"View work items in this node"'
EDITING = '"Edit work items in this node"'
READING = '"Work items (read)"'
WRITING = '"Work items (read & write)"'


@pytest.mark.parametrize("root", ["/northwind", "/tfs/Default%20Collection", ""])
@pytest.mark.parametrize(
    ("request_line", "told"),
    [
        (
            "GET /_apis/projects",
            '"View project-level information" in each configured project, and "Project and team (read)"',
        ),
        ("GET /_apis/wit/fields", f'"View project-level information" in at least one project, and {READING}'),
        (
            "GET /Mobile%20O%27Hara/_apis/wit/workItemTypes",
            f'"View project-level information" in project "Mobile O\'Hara", and {READING}',
        ),
        (
            "GET /Payments/_apis/wit/workitemtypecategories",
            f"\"View project-level information\" in project 'Payments', and {READING}",
        ),
        ("POST /_apis/wit/wiql", f"{VIEWING} in each configured project, and {READING}"),
        ("POST /_apis/wit/workitemsbatch", f"{VIEWING} in each configured project, and {READING}"),
        ("GET /Payments/_apis/wit/reporting/workitemlinks", f"{VIEWING} in each configured project, and {READING}"),
        ("GET /_apis/wit/workItems/431", f"{VIEWING} in the area of that work item, and {READING}"),
        ("GET /_apis/wit/workItems/431/updates", f"{VIEWING} in the area of that work item, and {READING}"),
        ("GET /Payments/_apis/wit/workItems/431/comments", f"{VIEWING} in project 'Payments', and {READING}"),
        ("POST /Payments/_apis/wit/workItems/431/comments", f"{EDITING} in project 'Payments', and {WRITING}"),
        ("DELETE /Payments/_apis/wit/workItems/431/comments/7", f"{EDITING} in project 'Payments', and {WRITING}"),
        ("POST /Payments/_apis/wit/workitems/$Epic", f"{EDITING} in project 'Payments', and {WRITING}"),
        ("POST /Payments/_apis/wit/workitems/%24Epic", f"{EDITING} in project 'Payments', and {WRITING}"),
        ("PATCH /_apis/wit/workItems/431", f"{EDITING} in the area of that work item, and {WRITING}"),
    ],
)
def test_each_request_has_a_permission(root: str, request_line: str, told: str) -> None:
    method, _, path = request_line.partition(" ")
    assert permission_for(f"ado: {method} {root}{path}") == f"{told} to its token"


@pytest.mark.parametrize("path", ["connectionData", "wit"])
def test_what_everybody_may_ask_has_none(path: str) -> None:
    assert permission_for(f"ado: GET /northwind/_apis/{path}") is None
    assert permission_for("ado: workitems/431") is None


def test_every_request_of_a_cycle_that_may_be_refused_has_one(azure_devops_backdoor: Backdoor) -> None:
    ref = item(azure_devops_backdoor)
    azure_devops_backdoor.add_comment(ref, "Hello")
    tracker = azure_devops_backdoor.connect()
    tracker.examine()
    tracker.discover()
    tracker.pull()
    tracker.history([ref])
    tracker.apply(ref, [AddLabel(label="lpm:not-ready", because=("DOR001",))], None)
    asked = {f"{one.method} {one.path}" for one in azure_devops_backdoor.requests if one.method != "OPTIONS"}
    unnamed = {one for one in asked if permission_for(f"ado: {one}") is None}
    assert {one.rpartition("/")[2].casefold() for one in unnamed} == {"connectiondata"}


def item(door: Backdoor) -> Ref:
    return door.create_item(project=PROJECTS[1], type="Feature", title="Refunds")


def test_a_label_that_may_not_be_set_names_the_permission(azure_devops_backdoor: Backdoor) -> None:
    ref = item(azure_devops_backdoor)
    tracker = azure_devops_backdoor.connect()
    tracker.pull()
    fault = Fault(path="(?i)/workitems/", method="PATCH", times=-1, status=403, body=b"{}")
    azure_devops_backdoor.server.wire.faults.append(fault)
    [outcome] = tracker.apply(ref, [AddLabel(label="lpm:not-ready", because=("DOR001",))], None)
    assert outcome.result is Result.REFUSED
    assert f"grant the account this permission: {EDITING} in the area of that work item" in outcome.detail


def test_a_project_whose_types_may_not_be_asked_for_names_the_permission(azure_devops_backdoor: Backdoor) -> None:
    item(azure_devops_backdoor)
    fault = Fault(path="(?i)Payments/_apis/wit/workitemtypes$", times=-1, status=403, body=b"{}")
    azure_devops_backdoor.server.wire.faults.append(fault)
    reason = azure_devops_backdoor.connect().pull().failures[PROJECTS[0]]
    assert "\"View project-level information\" in project 'Payments'" in reason
