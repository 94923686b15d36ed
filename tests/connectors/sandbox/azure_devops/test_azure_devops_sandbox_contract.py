"""Answers of the embedded Azure DevOps validate against the published contract."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from tests.contracts import contract

SCHEMA = contract("specs/azure-devops-wit-7.1.overlay.schema.json")
RECORDED = contract("realdata/azure-devops")


@pytest.fixture(scope="module")
def schema() -> Any:
    return json.loads(SCHEMA.read_text())


@pytest.fixture
def items(store: Any) -> tuple[int, int]:
    store.add_area("Payments", "Cards")
    epic = store.create_work_item("Payments", "Epic", "Card vault", tags=["Q4"], assigned_to="Ada Lovelace")
    feature = store.create_work_item("Payments", "Feature", "Tokens", parent=epic, description="<p>x</p>")
    store.link(predecessor=epic, successor=feature)
    store.set_state(feature, "Resolved")
    store.add_hyperlink(feature, "https://jira.example/browse/PAY-1", comment="Jira")
    store.add_comment(feature, "Ada Lovelace", "hello")
    return epic, feature


@pytest.mark.parametrize(
    ("definition", "path", "params", "is_list"),
    [
        ("WorkItem", "_apis/wit/workitems/2", {}, False),
        ("WorkItem", "_apis/wit/workitems/2", {"$expand": "all"}, False),
        ("WorkItem", "_apis/wit/workitems/2", {"fields": "System.Id,System.Tags"}, False),
        ("WorkItem", "_apis/wit/workitems", {"ids": "1,2", "$expand": "relations"}, True),
        ("WorkItem", "_apis/wit/workitems/2/revisions", {"$expand": "all"}, True),
        ("WorkItemUpdate", "_apis/wit/workitems/2/updates", {}, True),
        ("CommentList", "Payments/_apis/wit/workitems/2/comments", {"$expand": "all"}, False),
        ("ReportingWorkItemRevisionsBatch", "_apis/wit/reporting/workitemrevisions", {}, False),
        ("ReportingWorkItemLinksBatch", "_apis/wit/reporting/workitemlinks", {}, False),
        ("WorkItemRelationType", "_apis/wit/workitemrelationtypes", {}, True),
        ("WorkItemType", "Payments/_apis/wit/workitemtypes", {}, True),
        ("WorkItemTypeCategory", "Payments/_apis/wit/workitemtypecategories", {}, True),
        ("WorkItemStateColor", "Payments/_apis/wit/workitemtypes/Bug/states", {}, True),
        ("WorkItemField2", "_apis/wit/fields", {}, True),
        ("WorkItemTagDefinition", "Payments/_apis/wit/tags", {}, True),
        ("WorkItemClassificationNode", "Payments/_apis/wit/classificationnodes", {"$depth": "3"}, True),
    ],
)
def test_answers_validate(
    api: Any, schema: Any, items: tuple[int, int], definition: str, path: str, params: dict[str, str], is_list: bool
) -> None:
    api.version = "7.1-preview.4"
    answer = api.call("GET", path, params=params)
    assert answer.status_code == 200
    values = answer.json()["value"] if is_list else [answer.json()]
    assert values
    rules = {"$ref": f"#/definitions/{definition}", "definitions": schema["definitions"]}
    known = _properties(schema, definition)
    for value in values:
        jsonschema.Draft4Validator(rules).validate(value)
        assert set(value) <= known | {"multilineFieldsFormat", "_links"}


def _properties(schema: Any, definition: str) -> set[str]:
    found = schema["definitions"][definition]
    names = set(found.get("properties", {}))
    for parent in found.get("allOf", []):
        names |= _properties(schema, parent["$ref"].rpartition("/")[2])
    return names


def test_the_location_table_is_the_real_one(api: Any) -> None:
    recorded = {row["id"]: row for row in json.loads((RECORDED / "options_minimal.json").read_text())["value"]}
    served = api.call("OPTIONS", "_apis").json()["value"]
    assert served == [recorded[row["id"]] for row in served]


def test_the_relation_types_are_the_real_ones(api: Any) -> None:
    recorded = json.loads((RECORDED / "workItemRelationTypes.json").read_text())

    def comparable(rows: Any) -> dict[str, Any]:
        return {row["referenceName"]: (row["name"], row["attributes"]) for row in rows}

    served = api.get("_apis/wit/workItemRelationTypes").json()["value"]
    assert comparable(served) == comparable(recorded["value"] if isinstance(recorded, dict) else recorded)
