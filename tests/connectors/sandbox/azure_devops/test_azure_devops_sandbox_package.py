"""The `azure-devops` package works against the embedded Azure DevOps."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def connection(api: Any, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The package writes what it discovers into a folder that it chooses while it is imported, for all tests after."""
    folder = tmp_path_factory.mktemp("package")
    monkeypatch.setenv("AZURE_DEVOPS_CACHE_DIR", str(folder))
    from azure.devops import _file_cache  # noqa: PLC0415 (after the folder is set)
    from azure.devops.client import Client  # noqa: PLC0415
    from azure.devops.connection import Connection  # noqa: PLC0415
    from msrest.authentication import BasicAuthentication  # noqa: PLC0415

    monkeypatch.setattr(Client, "_locations_cache", {})
    for cache in (_file_cache.OPTIONS_CACHE, _file_cache.RESOURCE_CACHE):
        monkeypatch.setattr(cache, "file_name", str(folder / f"{id(cache)}.json"))
        monkeypatch.setattr(cache, "data", {})
    return Connection(base_url=f"{api.server.url}/Contoso", creds=BasicAuthentication("", "secret"))


def test_the_package_reads_and_writes(api: Any, connection: Any) -> None:
    from azure.devops.exceptions import AzureDevOpsServiceError  # noqa: PLC0415
    from azure.devops.v7_1.work_item_tracking.models import (  # noqa: PLC0415
        CommentCreate,
        JsonPatchOperation,
        Wiql,
        WorkItemBatchGetRequest,
    )

    def add(path: str, value: Any) -> Any:
        return JsonPatchOperation(op="add", path=path, value=value)

    epic = api.store.create_work_item("Payments", "Epic", "Card vault")
    client = connection.clients_v7_1.get_work_item_tracking_client()
    assert [project.name for project in connection.clients.get_core_client().get_projects()] == ["Payments"]

    made = client.create_work_item([add("/fields/System.Title", "Tokens")], "Payments", "User Story")
    parent = {"rel": "System.LinkTypes.Hierarchy-Reverse", "url": f"{api.root}/_apis/wit/workItems/{epic}"}
    document = [add("/fields/System.Tags", "lpm:blocked"), add("/relations/-", parent)]
    changed = client.update_work_item(document, made.id)
    assert (changed.rev, changed.fields["System.Tags"], changed.fields["System.Parent"]) == (2, "lpm:blocked", epic)
    assert changed.relations[0].rel == "System.LinkTypes.Hierarchy-Reverse"

    query = "SELECT [System.Id] FROM WorkItems WHERE [System.ChangedDate] >= '2026-11-02T00:00:00Z'"
    found = client.query_by_wiql(Wiql(query=query), time_precision=True, top=10)
    assert [item.id for item in found.work_items] == [epic, made.id]
    batch = client.get_work_items_batch(WorkItemBatchGetRequest(ids=[epic, 99], error_policy="omit"))
    assert [item and item.fields["System.Title"] for item in batch] == ["Card vault", None]

    comment = client.add_work_item_comment(CommentCreate(text="blocked"), "Payments", made.id, "markdown")
    assert [(c.id, c.text) for c in client.get_comments("Payments", made.id).comments] == [(comment.id, "blocked")]
    assert client.get_work_item_type_states("Payments", "Bug")[2].category == "Resolved"
    assert client.get_reporting_links_by_link_type().additional_properties["isLastBatch"] is True
    with pytest.raises(AzureDevOpsServiceError, match="TF401232") as refused:
        client.get_work_item(99)
    assert refused.value.type_key == "WorkItemUnauthorizedAccessException"


def test_the_package_asks_for_locations_first(api: Any, connection: Any) -> None:
    connection.clients.get_core_client().get_projects()
    assert [(r.method, r.path) for r in api.server.wire.requests] == [
        ("OPTIONS", "/contoso/_apis"),
        ("GET", "/Contoso/_apis/ResourceAreas"),
        ("GET", "/Contoso/_apis/projects"),
    ]
