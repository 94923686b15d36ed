"""What a Jira does not permit is told with the permission, the place where it is granted, and nothing is lost of it."""

from __future__ import annotations

import pytest

from connectors.jira.permissions import permission_for
from lpm_sync.core.change import AddLabel, Result
from lpm_sync.errors import UnavailableError
from tests.connectors.jira.conftest import JiraSite


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize(
    ("request_line", "permission"),
    [
        ("GET project/PAY", "Browse Projects in project PAY"),
        ("GET project/R%26D", "Browse Projects in project R&D"),
        ("GET project/PAY/statuses", "Browse Projects in project PAY"),
        ("GET project/search", "Browse Projects in each configured project"),
        ("GET project", "Browse Projects in each configured project"),
        ("POST search/jql", "Browse Projects in each configured project"),
        ("POST search", "Browse Projects in each configured project"),
        ("POST search/approximate-count", "Browse Projects in each configured project"),
        ("POST issue/bulkfetch", "Browse Projects in each configured project"),
        ("POST changelog/bulkfetch", "Browse Projects in each configured project"),
        ("GET issueLinkType", "Browse Projects in at least one project"),
        ("GET issuetype", "Browse Projects in at least one project"),
        ("GET field", "Browse Projects in at least one project"),
        ("GET issue/createmeta/PORT/issuetypes/10000", "Create Issues in project PORT"),
        ("GET issue/10001", "Browse Projects in the project of that issue"),
        ("GET issue/10001/comment", "Browse Projects in the project of that issue"),
        ("GET issue/10001/changelog", "Browse Projects in the project of that issue"),
        ("GET issue/10001/remotelink", "Browse Projects in the project of that issue"),
        ("GET issue/10001/transitions", "Browse Projects in the project of that issue"),
        ("GET issue/10001/editmeta", "Edit Issues in the project of that issue"),
        ("PUT issue/10001", "Edit Issues in the project of that issue"),
        ("POST issue/10001/comment", "Add Comments in the project of that issue"),
        ("PUT issue/10001/comment/7", "Edit Own Comments in the project of that issue"),
        ("DELETE issue/10001/comment/7", "Delete Own Comments in the project of that issue"),
        ("POST issue/10001/remotelink", "Link Issues in the project of that issue"),
        ("POST issue/10001/transitions", "Transition Issues in the project of that issue"),
        ("POST issue", "Create Issues in the project that escalation.create_in of policy.yaml names"),
        ("POST issueLink", "Link Issues in the projects of both issues"),
        ("DELETE issueLink/12", "Link Issues in the projects of both issues"),
    ],
)
def test_each_request_has_a_permission(version: int, request_line: str, permission: str) -> None:
    method, _, path = request_line.partition(" ")
    told = permission_for(f"jira: {method} /ex/jira/1/rest/api/{version}/{path}")
    reads = "Browse" in permission or method == "GET"
    assert told == f"{permission}, and {'read' if reads else 'write'}:jira-work to a token with scopes"


@pytest.mark.parametrize("path", ["serverInfo", "myself", "mypermissions"])
def test_what_everybody_may_ask_has_none(path: str) -> None:
    assert permission_for(f"jira: GET /rest/api/3/{path}") is None
    assert permission_for("jira: who we are") is None


def test_every_request_of_a_cycle_that_may_be_refused_has_one(site: JiraSite) -> None:
    ref = site.create_item(project="PAY", type="Feature", title="Refund")
    tracker = site.connect()
    tracker.examine()
    tracker.discover()
    tracker.pull()
    tracker.history([ref])
    tracker.apply(ref, [AddLabel(label="lpm:not-ready", because=("DOR001",))], None)
    asked = {f"{one.method} {one.path}" for one in site.requests}
    unnamed = {one for one in asked if permission_for(f"jira: {one}") is None}
    assert {one.rpartition("/")[2] for one in unnamed} <= {"serverInfo", "myself", "mypermissions"}


def test_a_label_that_may_not_be_set_names_the_permission(site: JiraSite) -> None:
    ref = site.create_item(project="PAY", type="Feature", title="Refund")
    tracker = site.connect()
    tracker.pull()
    site.fail(f"/issue/{ref.id}", method="PUT", times=-1, status=403, body=b"{}")
    [outcome] = tracker.apply(ref, [AddLabel(label="lpm:not-ready", because=("DOR001",))], None)
    assert outcome.result is Result.REFUSED
    assert "grant the account this permission: Edit Issues in the project of that issue" in outcome.detail


def test_a_project_that_may_not_be_read_names_itself_and_the_permission(site: JiraSite) -> None:
    site.create_item(project="PAY", type="Feature", title="Refund")
    site.fail("/project/PORT", times=-1, status=403, body=b"{}")
    reason = site.connect().pull().failures["PORT"]
    assert "grant the account this permission: Browse Projects in project PORT" in reason


def test_types_of_links_that_may_not_be_asked_for_are_not_taken_for_none(site: JiraSite) -> None:
    site.create_item(project="PAY", type="Feature", title="Refund")
    site.fail("/issueLinkType", times=-1, status=403, body=b"{}")
    with pytest.raises(UnavailableError, match=r"issueLinkType: 403: .*: Browse Projects in at least one project"):
        site.connect().pull()


def test_an_examination_names_the_permission_for_what_it_may_not_ask(site: JiraSite) -> None:
    site.fail("/issueLinkType", times=-1, status=403, body=b"{}")
    [fault] = [one for one in site.connect().examine().faults if one.subject == "types of links"]
    assert fault.remedy.startswith("grant the account this permission: Browse Projects in at least one project")
