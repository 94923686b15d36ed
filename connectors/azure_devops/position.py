"""From where a reading goes on: the position that stands in the state between two cycles."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from connectors.azure_devops import wire
from connectors.azure_devops.catalogue import Account, ProjectCatalogue
from connectors.azure_devops.feeds import Tokens
from connectors.azure_devops.fields import FieldCatalogue
from connectors.azure_devops.locations import Locations
from lpm_sync.ports import Connection

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectPosition:
    """Up to where one project was delivered whole (None: never), and what it defined then."""

    tokens: Tokens | None = None
    catalogue: ProjectCatalogue | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """All that the next reading needs to know of this one.

    `fingerprint` is of everything that decides how items are read: where it differs the position is of no use.
    `fields` are the configured fields as they were found, `projects` the configured ones by folded name, `hidden` those
    among them that were refused, `read_whole` is our time of the last reading of everything. `locations` are where
    the server has its resources: the next reading need not discover them.
    """

    fingerprint: str
    fields: FieldCatalogue
    projects: Mapping[str, ProjectPosition]
    read_whole: wire.Instant
    hidden: tuple[str, ...] = ()
    locations: Locations | None = None

    def text(self) -> str:
        """As it is kept; `read_position` is the way back."""
        return msgspec.json.encode(self, order="sorted").decode()


def read_position(text: str, fingerprint: str, connection: Connection) -> Position | None:
    """The position where it can be gone on from: of this version, made for the same organisation, scope and fields."""
    try:
        position = msgspec.json.decode(text, type=Position)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    configured = {name.casefold() for name in connection.projects}
    if position.fingerprint != fingerprint or position.projects.keys() != configured:
        return None
    return position


def read_locations(text: str) -> Locations | None:
    """Where the server had its resources, as far as a position tells; its other parts may be of no use any more."""
    try:
        return msgspec.json.decode(text, type=_Located).locations
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


class _Located(msgspec.Struct):
    locations: Locations | None = None


def fingerprint(connection: Connection, account: Account) -> str:
    """Of the organisation, who reads, and all that is configured of the reading; the projects stand in the position."""
    parts = [
        VERSION,
        connection.url.casefold(),
        connection.site_url,
        sorted(account.names),
        sorted(name.casefold() for name in connection.types),
        connection.scope_query or "",
        sorted(connection.labels_in_scope),
        sorted(connection.fields.items()),
        sorted(connection.reference_fields.items()),
        sorted(connection.pinned.items()),
    ]
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()
