"""The `azure-devops` package with its models."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from benchmarks.contestants.asking import TOKEN
from benchmarks.measuring import Surroundings, Work
from benchmarks.servers import work_items


def read(surroundings: Surroundings) -> Work:
    """Ids by `query_by_wiql`, then `get_work_items_batch` of 200 with relations, one after the other, all kept.

    The imports come before, for both contestants; finding the way about (its discovery) belongs to the work of both.
    """
    os.environ["AZURE_DEVOPS_CACHE_DIR"] = surroundings.folder  # read by the import
    from azure.devops.connection import Connection  # noqa: PLC0415
    from azure.devops.v7_1.work_item_tracking.models import Wiql, WorkItemBatchGetRequest  # noqa: PLC0415
    from msrest.authentication import BasicAuthentication  # noqa: PLC0415

    address = f"{surroundings.servers['ado']}/{work_items.ORGANISATION}"

    def work() -> Mapping[str, float]:
        connection = Connection(base_url=address, creds=BasicAuthentication("", TOKEN))
        client: Any = connection.clients_v7_1.get_work_item_tracking_client()
        kept: list[Any] = []
        for project in work_items.PROJECTS:
            query = f"SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = '{project}'"  # noqa: S608 WIQL
            ids = [one.id for one in client.query_by_wiql(Wiql(query=query), top=20_000).work_items]
            for start in range(0, len(ids), 200):
                request = WorkItemBatchGetRequest(ids=ids[start : start + 200])
                request.expand = "relations"
                kept += client.get_work_items_batch(request)
        return {"items": len(kept)}

    return work
