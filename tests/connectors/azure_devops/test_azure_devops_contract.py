"""Everything that the connector sends fits the published contract: paths, parameters, versions, bodies."""

from __future__ import annotations

import pytest

from connectors.sandbox.faults import Request
from lpm_sync.core.change import AddLabel, AddLink, CloseEscalation, OpenEscalation, RemoveCard, RemoveLabel, Result
from lpm_sync.core.document import Document, paragraph
from lpm_sync.core.governance import EscalationTarget
from lpm_sync.core.work_item import Direction, Ref, precondition
from lpm_sync.ports import Tracker
from lpm_sync.testing.conformance.base import footer, put_card
from lpm_sync.testing.conformance.examining import CARD, LABEL
from tests.connectors.azure_devops.conftest import PROJECTS, Backdoor
from tests.contracts import contract
from tests.request_contracts import IN_NO_CONTRACT, ContractError, check_request

contract("specs/azure-devops-wit-7.1.swagger.json")
contract("specs/azure-devops-wit-7.1.overlay.schema.json")

BECAUSE = ("DOR001",)


@pytest.fixture
def sent(azure_devops_backdoor: Backdoor) -> list[Request]:
    """Everything that one of everything sends."""
    door = azure_devops_backdoor
    door.store.add_field("Custom.WaitsFor", "Waits For", "string")
    tracker = door.connect(reference_fields={"blocked-by": "Waits For"}, scope_query="[System.Title] <> 'x'")
    one, other = (door.create_item(project=p, type="Feature", title="F", labels=["lpm:old"]) for p in PROJECTS)
    door.link(blocker=one, blocked=other)
    door.add_foreign_link(one, "https://jira.example/1", Direction.BLOCKS)
    door.add_comment(one, f"Card\n{footer(one)}", is_ours=True)
    second = door.add_comment(one, f"Card\n{footer(one)}", is_ours=True)
    assert tracker.examine(EscalationTarget(tracker="ado", project=PROJECTS[0], type="Epic")).faults == ()
    assert tracker.discover().projects
    third = door.create_item(project=PROJECTS[0], type="Feature", title="Scratch")
    assert all(check.is_ok for check in tracker.rehearse(third, label=LABEL, card=CARD, other=other))
    _write_everything(tracker, one, other, second)
    tracker.history([one, other])
    return list(door.requests)


def _write_everything(tracker: Tracker, one: Ref, other: Ref, second: str) -> None:
    stands = {item.ref: precondition(item) for item in tracker.pull().items}
    # First the other one: a link to it will change what it reads as.
    more = (AddLabel(label="lpm:new", because=BECAUSE), put_card(other, "Text"))
    assert {outcome.result for outcome in tracker.apply(other, more, stands[other])} == {Result.WRITTEN}
    changes = (
        AddLabel(label="lpm:new", because=BECAUSE),
        RemoveLabel(label="lpm:old", because=BECAUSE),
        put_card(one, "Text", version=2),
        RemoveCard(comment_id=second, because=BECAUSE),
        AddLink(target=other, target_url="https://x.example/1", target_title="One", because=BECAUSE),
        AddLink(target=Ref("jira", "1"), target_url="https://x.example/1", target_title="One", because=BECAUSE),
        CloseEscalation(status="Closed", because=BECAUSE),
    )
    outcomes = tracker.apply(one, changes, stands[one])
    assert {outcome.result for outcome in outcomes} == {Result.WRITTEN}
    escalation = OpenEscalation(
        tracker="ado",
        project=PROJECTS[1],
        type="Epic",
        title="Blocked",
        labels=("lpm:escalation", "lpm:blocker-ado-1"),
        marker="lpm:blocker-ado-1",
        blocker=one,
        document=Document(blocks=(paragraph("Text"),)),
        because=BECAUSE,
    )
    assert tracker.open_escalation(escalation).result is Result.WRITTEN


def test_every_request_and_every_body_is_one_of_the_contract(sent: list[Request]) -> None:
    within = [request for request in sent if not IN_NO_CONTRACT.search(request.path)]
    assert len(within) >= 30
    assert len([request for request in within if request.body]) >= 10
    for request in within:
        check_request(request)


@pytest.mark.parametrize(
    ("path", "query", "version", "body"),
    [
        ("wit/wiql", "top=5", "7.1", b'{"query": "SELECT [System.Id] FROM WorkItems"}'),
        ("wit/wiql", "", "9.9", b'{"query": "SELECT [System.Id] FROM WorkItems"}'),
        ("wit/wiql", "", "7.1", b'{"question": "SELECT [System.Id] FROM WorkItems"}'),
        ("wit/wiqls", "", "7.1", b"{}"),
    ],
    ids=["a parameter", "a version", "a member", "an address"],
)
def test_the_contract_would_notice_what_it_does_not_know(path: str, query: str, version: str, body: bytes) -> None:
    headers = {"accept": f"application/json;api-version={version}", "content-type": "application/json"}
    request = Request(method="POST", path=f"/Contoso/_apis/{path}", query=query, headers=headers, body=body)
    with pytest.raises(ContractError):
        check_request(request)
