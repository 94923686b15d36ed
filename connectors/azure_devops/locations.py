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
