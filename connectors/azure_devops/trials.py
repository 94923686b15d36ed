"""Asks, without writing, whether an item could be changed so, or created, and says what to do where it could not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.azure_devops import wire
from connectors.azure_devops.answers import BadRequestError
from connectors.azure_devops.client import COMMENTS, ITEM, NEW_ITEM, Client
from connectors.azure_devops.decoding import item_decoder
from connectors.azure_devops.items import read_comments, read_items
from connectors.azure_devops.normalize import comment_text
from lpm_sync.core.examination import Check
from lpm_sync.errors import ForbiddenError, LpmSyncError, RefusedError, UnauthorisedError

AGAIN = "run doctor again in a while; where it stays so, look at the tracker itself"
TITLE = "lpm-sync: permission check"

NOT_TRIED = "not tried: this server carries out what it is only asked to validate; doctor --write-test tries it"

Operations = list[dict[str, Any]]


class CarriedOutError(Exception):
    """The server carried out what it was only asked to validate; the text says what became of it.

    `remedy` is how to take it back where that did not succeed.
    """

    def __init__(self, text: str, remedy: str = "") -> None:
        super().__init__(text)
        self.remedy = remedy


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
        """Raises UnauthorisedError; CarriedOutError where it was no trial, after it was taken back."""
        try:
            before = self._standing(client)
            created = self._validate(client)
            if created is not None and created > 0:
                _take_back_item(client, created)
            if before is not None and self._standing(client) != before:
                self._take_back_comment(client)
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

    def _standing(self, client: Client) -> tuple[int | None, datetime] | None:
        """How the item stands; None for a new one, and for one that does not come."""
        if self.identifier is None:
            return None
        found = read_items(client, item_decoder(), [self.identifier]).items
        return (found[0].revision, found[0].fields.changed) if found else None

    def _take_back_comment(self, client: Client) -> None:
        """The text of the trial is a comment on the item: the last one, unless somebody edited it at the same time."""
        where = f"work item {self.identifier}"
        try:
            last = max(read_comments(client, self.project, str(self.identifier)), key=lambda one: one.id, default=None)
            if last is not None and comment_text(last) == TITLE:
                route = {"project": self.project, "workItemId": str(self.identifier), "commentId": str(last.id)}
                client.delete(COMMENTS, route=route)
        except UnauthorisedError:
            raise
        except LpmSyncError as error:
            raise CarriedOutError(error.fault, f"remove the comment “{TITLE}” from {where}") from None
        raise CarriedOutError(f"its history shows “{TITLE}” on {where}")

    def _validate(self, client: Client) -> int | None:
        """The number that a new item was given: one of which only is asked whether it could be has none."""
        query: Mapping[str, str] = {"validateOnly": "true"}
        if self.identifier is not None:
            route = {"id": str(self.identifier)}
            client.write("PATCH", ITEM, wire.ValidatedItem, route=route, query=query, body=self.operations)
            return None
        route = {"project": self.project, "type": self.type_name}
        body = [*setting({"System.Title": TITLE}), *self.operations]
        return client.write("POST", NEW_ITEM, wire.ValidatedItem, route=route, query=query, body=body).id


def _take_back_item(client: Client, created: int) -> None:
    try:
        client.delete(ITEM, route={"id": str(created)})
    except UnauthorisedError:
        raise
    except LpmSyncError as error:
        raise CarriedOutError(error.fault, f"delete work item {created} “{TITLE}”") from None
    raise CarriedOutError(f"work item {created} is in the recycle bin")


def setting(values: Mapping[str, str]) -> Operations:
    """A patch that sets these fields."""
    return [{"op": "add", "path": f"/fields/{name}", "value": value} for name, value in values.items()]
