"""Reads one item as it stands now, and keeps what was learnt of the organisation on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from msgspec import structs

from connectors.azure_devops.catalogue import (
    Account,
    ProjectCatalogue,
    read_account,
    read_project,
)
from connectors.azure_devops.client import Client
from connectors.azure_devops.decoding import Item, UnreadableError
from connectors.azure_devops.fields import FieldCatalogue, read_fields
from connectors.azure_devops.items import read_comments, read_items
from connectors.azure_devops.normalize import Reading
from connectors.azure_devops.versions import MissingResourceError
from lpm_sync.core.work_item import SourceItem
from lpm_sync.ports import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """One item as it stands, with what only the wire knows of it."""

    source: SourceItem
    decoded: Item


class Reader:
    """Reads items of one organisation. Account, fields and states are learnt once, and anew by each `learn`."""

    def __init__(self, client: Client, connection: Connection) -> None:
        self._client = client
        self._connection = connection
        self._reading: Reading | None = None

    def learn(self) -> Reading:
        """Asks who we are and which fields there are; forgets what was known of projects.

        Raises UnauthorisedError, UnavailableError, ConfigurationError.
        """
        account = read_account(self._client, self._connection)
        return self.begin(account, read_fields(self._client, self._connection))

    def begin(self, account: Account, fields: FieldCatalogue) -> Reading:
        """As `learn`, with what was asked or is known already."""
        self._reading = Reading(
            tracker=self._connection.name,
            site_url=self._connection.site_url.rstrip("/"),
            account=account,
            fields=fields,
            projects={},
            spellings={name.casefold(): name for name in self._connection.projects},
        )
        return self._reading

    def keep(self, projects: Mapping[str, ProjectCatalogue]) -> Reading:
        """Adds what was learnt of projects, by their names."""
        reading = self._reading or self.learn()
        known = {name.casefold(): catalogue for name, catalogue in projects.items()}
        self._reading = replace(reading, projects={**reading.projects, **known})
        return self._reading

    def fields(self) -> FieldCatalogue:
        """The configured fields as they were found; raises as `learn` does where nothing was learnt yet."""
        return (self._reading or self.learn()).fields

    def current(self, identifier: str) -> Current | None:
        """The item with its relations and our comments; None where it is gone or hidden.

        Raises UnreadableError, RefusedError, UnavailableError, UnauthorisedError.
        """
        if not (identifier.isascii() and identifier.isdecimal() and len(identifier) <= 10):
            return None
        decoder = (self._reading or self.learn()).decoder
        delivered = read_items(self._client, decoder, [int(identifier)])
        for reason in delivered.broken.values():
            raise UnreadableError(reason)
        if not delivered.items:
            return None
        [decoded] = delivered.items
        reading = self.reading(decoded.fields.project)
        source = reading.source_item(decoded)
        if decoded.may_have_comments:
            source = self.with_comments(reading, source)
        return Current(source=source, decoded=decoded)

    def with_comments(self, reading: Reading, item: SourceItem) -> SourceItem:
        """The item with our comments on it: none on a server that has no comments, whatever people discuss there."""
        try:
            comments = read_comments(self._client, item.project, item.ref.id)
        except MissingResourceError:
            return item
        return structs.replace(item, own_comments=reading.own_comments(comments))

    def reading(self, project: str) -> Reading:
        """What is known, with that project; raises RefusedError where the project is not there or hidden."""
        reading = self._reading or self.learn()
        if project.casefold() in reading.projects:
            return reading
        return self.keep({project: read_project(self._client, project)})
