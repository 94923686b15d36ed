"""A fresh organisation for each test, served by one server for the whole session."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from connectors.sandbox.azure_devops.application import azure_devops_application
from connectors.sandbox.azure_devops.store import AzureDevOpsStore
from connectors.sandbox.clock import MovableClock
from connectors.sandbox.faults import Application, Receive, Scope, Send
from connectors.sandbox.serving import LoopbackServer

PATCH_TYPE = "application/json-patch+json"


class Switch:
    """Passes requests to the application of the test that runs."""

    application: Application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.application(scope, receive, send)


@dataclass
class Api:
    """Requests to the organisation as a client makes them, and the store behind its back."""

    store: AzureDevOpsStore
    server: LoopbackServer
    organization: str
    version: str | None = "7.1"
    auth: tuple[str, str] | None = ("", "secret")

    @property
    def root(self) -> str:
        return f"{self.server.url}/{self.organization}"

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        params = dict(options.pop("params", {}))
        if self.version is not None:
            params.setdefault("api-version", self.version)
        return requests.request(
            method, f"{self.root}/{path}", params=params, auth=self.auth, timeout=5, allow_redirects=False, **options
        )

    def get(self, path: str, **params: Any) -> requests.Response:
        return self.call("GET", path, params={name.replace("expand", "$expand"): v for name, v in params.items()})

    def post(self, path: str, body: Any, **params: Any) -> requests.Response:
        return self.call("POST", path, json=body, params=params)

    def patch(self, item: int, *operations: dict[str, Any], **params: Any) -> requests.Response:
        headers = {"Content-Type": PATCH_TYPE}
        return self.call("PATCH", f"_apis/wit/workitems/{item}", json=list(operations), headers=headers, params=params)

    def create(self, project: str, kind: str, *operations: dict[str, Any], **params: Any) -> requests.Response:
        headers = {"Content-Type": PATCH_TYPE}
        path = f"{project}/_apis/wit/workitems/${kind}"
        return self.call("POST", path, json=list(operations), headers=headers, params=params)

    def query(self, where: str, *, project: str = "", **params: Any) -> list[int]:
        answer = self.wiql(f"SELECT [System.Id] FROM WorkItems WHERE {where}", project=project, **params)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["workItems"]]

    def wiql(self, query: str, *, project: str = "", **params: Any) -> requests.Response:
        scope = f"{project}/" if project else ""
        return self.post(f"{scope}_apis/wit/wiql", {"query": query}, **params)


@pytest.fixture(scope="session")
def switch() -> Iterator[tuple[Switch, LoopbackServer]]:
    passing = Switch()
    with LoopbackServer(passing) as server:
        yield passing, server


@pytest.fixture
def store() -> AzureDevOpsStore:
    clock = MovableClock(datetime(2026, 11, 2, 9, tzinfo=UTC))
    found = AzureDevOpsStore(clock, organization="contoso", account="LPM Sync", token="secret")
    found.add_project("Payments")
    return found


@pytest.fixture
def api(store: AzureDevOpsStore, switch: tuple[Switch, LoopbackServer]) -> Api:
    passing, server = switch
    passing.application = azure_devops_application(store)
    server.wire.requests.clear()
    return Api(store=store, server=server, organization=store.organization)
