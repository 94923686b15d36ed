"""One server for all tests of the embedded Jira; each test has a store of its own behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from connectors.sandbox.clock import MovableClock
from connectors.sandbox.faults import Application, Receive, Scope, Send
from connectors.sandbox.jira import Account, JiraStore, jira_application
from connectors.sandbox.serving import LoopbackServer

START = datetime(2026, 11, 23, 8, tzinfo=UTC)


class Switch:
    """Hands each request to the application of the current test."""

    def __init__(self) -> None:
        self.application: Application | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.application is not None
        await self.application(scope, receive, send)


@dataclass
class Site:
    """A Jira under test, as its bot account sees it."""

    store: JiraStore
    url: str
    session: requests.Session
    version: str = "3"
    headers: dict[str, str] = field(default_factory=dict)

    def request(self, method: str, path: str, body: Any = None, **query: Any) -> requests.Response:
        """Sends one request below `/rest/api/{version}`."""
        url = f"{self.url}/rest/api/{self.version}{path}"
        return self.session.request(method, url, json=body, params=query, headers=self.headers, timeout=10)

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of a read that succeeds."""
        answer = self.request("GET", path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any, **query: Any) -> requests.Response:
        """Sends a POST."""
        return self.request("POST", path, body, **query)

    def put(self, path: str, body: Any, **query: Any) -> requests.Response:
        """Sends a PUT."""
        return self.request("PUT", path, body, **query)

    def delete(self, path: str, **query: Any) -> requests.Response:
        """Sends a DELETE."""
        return self.request("DELETE", path, **query)

    def search(self, jql: str, **body: Any) -> Any:
        """The answer of a search by token that succeeds."""
        answer = self.post("/search/jql", {"jql": jql, **body})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def keys(self, jql: str) -> list[str]:
        """The keys that a query finds, in its order."""
        return [issue["key"] for issue in self.search(jql, fields=["key"])["issues"]]


@pytest.fixture(scope="session")
def switch() -> Iterator[tuple[Switch, str]]:
    application = Switch()
    with LoopbackServer(application) as server:
        yield application, server.url


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(START)


@pytest.fixture
def cloud(switch: tuple[Switch, str], clock: MovableClock) -> Iterator[Site]:
    """Jira Cloud, version 3, with a project PAY; the profile of the bot is in Berlin."""
    bot = Account("LPM Bot", email="bot@example.com", token="cloud-token", time_zone="Europe/Berlin")
    store = JiraStore(clock, account=bot)
    store.add_project("PAY", "Payments")
    switch[0].application = jira_application(store)
    with requests.Session() as session:
        session.auth = ("bot@example.com", "cloud-token")
        yield Site(store, switch[1], session)


@pytest.fixture
def server(switch: tuple[Switch, str], clock: MovableClock) -> Iterator[Site]:
    """Jira Data Center, version 2, with a project PAY."""
    store = JiraStore(clock, deployment="Server", account=Account("LPM Bot", name="lpm-bot", token="server-token"))
    store.add_project("PAY", "Payments")
    switch[0].application = jira_application(store)
    with requests.Session() as session:
        yield Site(store, switch[1], session, "2", {"Authorization": "Bearer server-token"})


@pytest.fixture
def document() -> Any:
    """Makes a document of one paragraph."""

    def make(text: str) -> dict[str, Any]:
        paragraph = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
        return {"type": "doc", "version": 1, "content": [paragraph]}

    return make
