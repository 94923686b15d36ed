"""A first reading through our connector to Azure DevOps."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from benchmarks.contestants.asking import AZURE_DEVOPS_FIELDS, TOKEN, TYPES, MachineClock
from benchmarks.contestants.first_load import stored
from benchmarks.measuring import Surroundings, Work
from benchmarks.servers import work_items
from connectors.azure_devops.connector import connect
from lpm_sync.ports import Connection
from lpm_sync.testing.credentials import GivenCredentials


def read(surroundings: Surroundings) -> Work:
    """Everything pulled, normalised and stored; the package is imported before, as for its own contestant."""
    os.environ["AZURE_DEVOPS_CACHE_DIR"] = surroundings.folder  # read by the import
    import_module("azure.devops.connection")
    address, clock = f"{surroundings.servers['ado']}/{work_items.ORGANISATION}", MachineClock()
    connection = Connection(
        name="ado",
        url=address,
        site_url=address,
        projects=work_items.PROJECTS,
        types=TYPES,
        fields=AZURE_DEVOPS_FIELDS,
        credentials=GivenCredentials({"token": TOKEN}),
    )
    tracker = connect(connection, clock)

    def work() -> Mapping[str, float]:
        return {"items": stored(tracker, Path(surroundings.folder), clock)}

    return work
