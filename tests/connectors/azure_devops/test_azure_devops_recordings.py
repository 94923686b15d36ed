"""Recorded answers of the real service are read as they are."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from connectors.azure_devops import wire
from connectors.azure_devops.answers import translate
from connectors.azure_devops.catalogue import Account
from connectors.azure_devops.fields import FieldCatalogue
from connectors.azure_devops.normalize import Reading
from connectors.azure_devops.relations import DEPENDENCIES, RESOURCES, direction_of
from lpm_sync.core.work_item import Direction, Ref, SourceItem
from lpm_sync.errors import RefusedError
from tests.contracts import contract

FOLDER = contract("realdata/azure-devops")

INTERACTIONS: list[dict[str, Any]] = json.loads((FOLDER / "interactions.json").read_bytes())
BODIES = [interaction["response"]["body"] for interaction in INTERACTIONS]
ITEMS = [body for body in BODIES if isinstance(body, dict) and "System.Title" in body.get("fields", {})]
READING = Reading(
    tracker="ado",
    site_url="https://dev.azure.com/example-org",
    account=Account(name="sample", names=frozenset({"00000000-0000-4000-8000-000000000001"})),
    fields=FieldCatalogue(
        named={"priority": wire.FieldDefinition("Priority", "Microsoft.VSTS.Common.Priority", "integer")}, references={}
    ),
    projects={},
)


def read(body: dict[str, Any]) -> SourceItem | None:
    if "System.CreatedDate" not in body["fields"]:
        return None  # only some fields were asked for
    return READING.source_item(READING.decoder.item(msgspec.json.encode(body)))


def test_every_recorded_work_item_is_read() -> None:
    items = [item for body in ITEMS if (item := read(body)) is not None]
    assert len(items) >= 50
    assert all(item.is_ours and item.title and item.status and item.updated.tzinfo for item in items)
    assert any(item.labels == {"my tag", "tag2"} for item in items)
    assert all("priority" in item.fields for item in items)


def test_recorded_relations_tell_parents_and_no_dependencies() -> None:
    items = [item for body in ITEMS if body.get("relations") and (item := read(body)) is not None]
    assert {item.parent for item in items if item.parent} == {Ref("ado", "973")}
    assert not any(item.edges or item.linked or item.foreign_links for item in items)


def test_recorded_query_results_are_read() -> None:
    results = [body for body in BODIES if isinstance(body, dict) and "queryType" in body]
    assert results
    for body in results:
        found = msgspec.json.decode(msgspec.json.encode(body), type=wire.QueryResult)
        assert [one.id for one in found.work_items] == [one["id"] for one in body["workItems"]]


def test_recorded_refusals_say_what_the_server_said() -> None:
    refusals = [one["response"] for one in INTERACTIONS if one["response"]["status"] in (400, 404)]
    assert len(refusals) >= 5
    for answer in refusals:
        body = msgspec.json.encode(answer["body"])
        error = translate(answer["status"], {}, body, "ado: GET /x")
        assert isinstance(error, RefusedError)
        assert answer["body"]["message"][:60] in str(error)


def test_the_published_relation_types_have_the_names_that_are_read() -> None:
    types = json.loads((FOLDER / "workItemRelationTypes.json").read_bytes())["value"]
    names = {one["referenceName"]: one["attributes"] for one in types}
    assert {name for name, attributes in names.items() if attributes["usage"] == "resourceLink"} == RESOURCES
    for kind in DEPENDENCIES:
        assert direction_of(f"{kind}-Reverse") is Direction.BLOCKED_BY
        assert names[f"{kind}-Reverse"]["isForward"] is False
        assert names[f"{kind}-Forward"]["isForward"] is True
