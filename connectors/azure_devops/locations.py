"""The location table of a server: which resources it has, under which addresses, and in which versions."""

from __future__ import annotations

import msgspec
from msgspec import Struct


class Location(Struct, frozen=True):
    """A row of the table, with the names of the package, which takes it for one of its own.

    `released_version` is `0.0` for what is in preview only.
    """

    id: str
    area: str
    resource_name: str
    route_template: str
    resource_version: int
    min_version: float
    max_version: float
    released_version: str | None = None

    @classmethod
    def of(cls, row: object) -> Location:
        """A row as the package has it, by itself. Raises ValueError where it is none."""
        try:
            return msgspec.convert(row, cls, from_attributes=True)
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from None


class Locations(Struct, frozen=True):
    """What the server at an address told of the resources that are used here, so that it need not be asked again."""

    url: str
    rows: tuple[Location, ...]


def _at_root(identifier: str, area: str, name: str, released: str) -> Location:
    return Location(
        id=identifier,
        area=area,
        resource_name=name,
        route_template="_apis/{resource}",
        resource_version=1,
        min_version=1.0,
        max_version=7.1,
        released_version=released,
    )


CONNECTION_DATA_ID = "00d9565f-ed9c-4a06-9a50-00e7896ccab4"
PROJECTS_ID = "603fe2ac-9723-48b9-88ad-09305aa6c6e1"
SAME_EVERYWHERE = (
    _at_root(CONNECTION_DATA_ID, "Location", "connectionData", "0.0"),
    _at_root(PROJECTS_ID, "core", "projects", "7.1"),
)
"""Resources at an address of their own, below none: a server that tells only of work items has them there too."""
