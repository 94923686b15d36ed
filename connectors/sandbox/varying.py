"""Makes another implementation of an embedded tracker: a layer before it that answers as a variation says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

import msgspec

from connectors.sandbox.azure_devops.application import azure_devops_application
from connectors.sandbox.azure_devops.store import AzureDevOpsStore
from connectors.sandbox.azure_devops.varied_answers import AzureDevOpsDialect
from connectors.sandbox.faults import Application, Message, Receive, Scope, Send
from connectors.sandbox.jira.application import jira_application
from connectors.sandbox.jira.store import JiraStore
from connectors.sandbox.jira.varied_answers import JiraDialect
from connectors.sandbox.spelling import send_varied, spelt
from connectors.sandbox.variation import AS_IT_IS, LACKING, Variation

NOT_FOUND = b'{"errorMessages":["Not Found"],"errors":{}}'


class Dialect(Protocol):
    """What differs in the answers of one kind of tracker."""

    def reworded(self, variation: Variation, address: str, content: Any) -> Any:
        """A decoded answer to a request for that address (without its query), as the variation has it."""
        ...


def varied_jira(store: JiraStore, variation: Variation) -> Application:
    """A Jira that holds what the store holds, and differs as the variation says."""
    if variation.page_size is not None:
        behaviour, size = store.behaviour, variation.page_size
        behaviour.page_cap = behaviour.id_page_cap = behaviour.list_page_cap = behaviour.embedded_comments = size
    lacking = frozenset(one for one in variation.lacking if store.is_cloud or not LACKING[one].cloud_alone)
    dialect = JiraDialect(is_cloud=store.is_cloud)
    return Varied(jira_application(store), replace(variation, lacking=lacking), dialect)


def varied_azure_devops(store: AzureDevOpsStore, variation: Variation) -> Application:
    """An Azure DevOps that holds what the store holds, and differs as the variation says."""
    if variation.page_size is not None:
        store.behaviour.largest_page = variation.page_size
    return Varied(azure_devops_application(store), variation, AzureDevOpsDialect())


class Varied:
    """ASGI wrapper: the same requests, the same effects, other answers."""

    def __init__(self, application: Application, variation: Variation, dialect: Dialect) -> None:
        self._application = application
        self._variation = variation
        self._dialect = dialect
        self._lacking = [LACKING[name] for name in sorted(variation.lacking)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers an address that is lacking as one that is not known, any other as the application, in other words."""
        asked, path = _headers(scope["headers"]), str(scope["path"])
        accepted = asked.get("accept-encoding", "")
        lacking = next((one for one in self._lacking if re.search(one.path, path)), None)
        if lacking is not None:
            start: Message = {"type": "http.response.start", "status": lacking.status, "headers": [_JSON]}
            await send_varied(self._variation, start, NOT_FOUND, accepted, send)
            return
        parts: list[Message] = []

        async def keep(message: Message) -> None:
            parts.append(message)

        await self._application(scope, receive, keep)
        start, body = parts[0], b"".join(part.get("body", b"") for part in parts[1:])
        if self._variation.confirmations != AS_IT_IS and start["status"] < 300 and is_write(scope["method"], path):
            start, body = {**start, "status": 200, "headers": [_JSON]}, b"{}"
        kind = _headers(start["headers"]).get("content-type", "")
        if body and kind.startswith("application/json"):
            address = f"{scope['scheme']}://{asked.get('host', '')}{path}"
            content = self._dialect.reworded(self._variation, address, msgspec.json.decode(body))
            body = spelt(self._variation, content)
        await send_varied(self._variation, start, body, accepted, send)


def is_write(method: str, path: str) -> bool:
    """Whether a request changes anything."""
    return method in ("PUT", "PATCH", "DELETE") or (method == "POST" and not READING.search(path))


READING = re.compile(r"/(search|search/.*|bulkfetch|wiql|workitemsbatch)$", re.IGNORECASE)
_JSON = (b"content-type", b"application/json;charset=UTF-8")


def _headers(raw: list[tuple[bytes, bytes]]) -> Mapping[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in raw}
