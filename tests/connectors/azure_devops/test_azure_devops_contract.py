"""Everything that the connector sends fits the published contract: paths, parameters, versions, bodies."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl

import jsonschema
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

SWAGGER = contract("specs/azure-devops-wit-7.1.swagger.json")
SCHEMA = contract("specs/azure-devops-wit-7.1.overlay.schema.json")

BECAUSE = ("DOR001",)
OUTSIDE_THE_CONTRACT = re.compile(r"/_apis(/(ResourceAreas|connectionData|projects))?$", re.IGNORECASE)  # elsewhere
Operation = dict[str, Any]


@pytest.fixture(scope="module")
def operations() -> list[tuple[str, re.Pattern[str], Operation]]:
    """Method, pattern of the path, and the operation with its query parameters by name."""
    contract = json.loads(SWAGGER.read_text(encoding="utf-8-sig"))
    found: dict[tuple[str, str], Operation] = {}
    for path, methods in (*contract["paths"].items(), *contract["x-ms-paths"].items()):
        template = path.partition("?")[0]
        for method, operation in methods.items():
            merged = found.setdefault((method.upper(), template), {"query": {}, "body": None, "versions": set()})
            for given in operation["parameters"]:
                parameter = contract["parameters"][given["$ref"].rpartition("/")[2]] if "$ref" in given else given
                if parameter["name"] == "api-version":
                    merged["versions"].update(re.findall(r"set to '([^']+)'", parameter["description"]))
                elif parameter["in"] == "query":
                    merged["query"][parameter["name"]] = parameter
                elif parameter["in"] == "body":
                    merged["body"] = parameter["schema"].get("$ref", "").rpartition("/")[2]
    return [(method, _pattern(template), operation) for (method, template), operation in found.items()]


def _pattern(template: str) -> re.Pattern[str]:
    """Project and team may be absent; a name that follows a `$` is one part like any other."""
    text = re.escape(template.removeprefix("/{organization}")).replace(r"\{", "{").replace(r"\}", "}")
    text = text.replace("/{project}", "(?:/[^/]+)?").replace("/{team}", "(?:/[^/]+)?")
    text = re.sub(r"{\w*[iI]d}", r"\\d+", text)
    return re.compile(re.sub(r"{\w+}", "[^/]+", text), re.IGNORECASE)


@pytest.fixture(scope="module")
def schema() -> Any:
    return json.loads(SCHEMA.read_text())


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


def test_every_request_is_one_of_the_contract(
    sent: list[Request], operations: list[tuple[str, re.Pattern[str], Operation]]
) -> None:
    matched = 0
    for request in sent:
        if OUTSIDE_THE_CONTRACT.search(request.path):
            continue
        operation = _operation(request, operations)
        query = dict(parse_qsl(request.query, strict_parsing=True)) if request.query else {}
        assert set(query) <= set(operation["query"]), request
        for name, value in query.items():
            assert value in operation["query"][name].get("enum", [value])
        version = re.search(r"api-version=(\S+)", request.headers["accept"])
        assert version is not None
        assert version[1] in operation["versions"], request
        matched += 1
    assert matched >= 30


def test_every_body_is_one_of_the_contract(
    sent: list[Request], operations: list[tuple[str, re.Pattern[str], Operation]], schema: Any
) -> None:
    validated = set()
    for request in sent:
        if not request.body:
            continue
        definition = _operation(request, operations)["body"]
        rules = {"$ref": f"#/definitions/{definition}", "definitions": schema["definitions"]}
        body = json.loads(request.body)
        jsonschema.Draft4Validator(rules).validate(body)
        for part in body if isinstance(body, list) else [body]:
            known = "JsonPatchOperation" if isinstance(body, list) else definition
            assert set(part) <= set(schema["definitions"][known]["properties"]), request
        is_patch = definition == "JsonPatchDocument"
        kind = "application/json-patch+json" if is_patch else "application/json"
        assert request.headers["content-type"].split(";")[0] == kind
        validated.add(definition)
    assert validated == {"Wiql", "WorkItemBatchGetRequest", "JsonPatchDocument", "CommentCreate", "CommentUpdate"}


def _operation(request: Request, operations: list[tuple[str, re.Pattern[str], Operation]]) -> Operation:
    path = "/" + request.path.split("/", 2)[2]  # below the organisation
    found = [
        operation for method, pattern, operation in operations if method == request.method and pattern.fullmatch(path)
    ]
    assert found, f"{request.method} {request.path} is in no contract"
    return found[0]
