"""Asks, without writing, whether an item could be changed so, or created, and says what to do where it could not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.azure_devops import wire
from connectors.azure_devops.answers import BadRequestError
from connectors.azure_devops.client import ITEM, NEW_ITEM, Client
from lpm_sync.core.examination import Check
from lpm_sync.errors import ForbiddenError, LpmSyncError, RefusedError, UnauthorisedError

AGAIN = "run doctor again in a while; where it stays so, look at the tracker itself"
TITLE = "lpm-sync: permission check"

Operations = list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A change of the item `identifier`, or of a new one of that type where it is None.

    `grant` is the remedy where the account may not, `lifted` where the process does not let it.
    """

    subject: str
    project: str
    type_name: str
    identifier: int | None
    operations: Operations
    grant: str
    lifted: str

    def check(self, client: Client) -> Check:
        """Raises UnauthorisedError."""
        try:
            self._validate(client)
        except UnauthorisedError as error:
            if self.identifier is None:  # only a patch is answered so for want of a right
                raise
            return Check(subject=self.subject, fault=error.fault, remedy=self.grant)
        except RefusedError as error:
            return Check(subject=self.subject, fault=error.fault, remedy=self._remedy(error))
        except LpmSyncError as error:  # nothing is refused: a server that fails, somebody who edits it just now
            return Check(subject=self.subject, unknown=error.fault, remedy=AGAIN)
        return Check(subject=self.subject)

    def _remedy(self, error: RefusedError) -> str:
        if isinstance(error, ForbiddenError):
            return self.grant
        return self.lifted if self.identifier is None or isinstance(error, BadRequestError) else self.grant

    def _validate(self, client: Client) -> None:
        query: Mapping[str, str] = {"validateOnly": "true"}
        if self.identifier is not None:
            route = {"id": str(self.identifier)}
            client.write("PATCH", ITEM, wire.ValidatedItem, route=route, query=query, body=self.operations)
            return
        route = {"project": self.project, "type": self.type_name}
        body = [*setting({"System.Title": TITLE}), *self.operations]
        client.write("POST", NEW_ITEM, wire.ValidatedItem, route=route, query=query, body=body)


def setting(values: Mapping[str, str]) -> Operations:
    """A patch that sets these fields."""
    return [{"op": "add", "path": f"/fields/{name}", "value": value} for name, value in values.items()]
