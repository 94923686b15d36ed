"""How an item stands in the state: its values as a JSON array in a fixed order, numbers to their last zero."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any

import msgspec

from lpm_sync.core.work_item import Edge, FieldValue, ForeignLink, OwnComment, Progress, Ref, SourceItem

_LONGEST_WORD = 40  # characters: what is longer is prose, and of that no two items have the same


class _StoredItem(msgspec.Struct, array_like=True, frozen=True):
    """The order of the values. One that is added later goes to the end and has a default: older items still read."""

    ref: Ref
    key: str
    url: str
    project: str
    type: str
    title: str
    status: str
    progress: Progress | None
    created: datetime
    updated: datetime
    parent: Ref | None
    labels: frozenset[str]
    owner: str | None
    area_path: str | None
    iteration_path: str | None
    components: tuple[str, ...]
    description: str
    fields: dict[str, Any]
    edges: frozenset[Edge]
    linked: frozenset[Ref]
    foreign_links: tuple[ForeignLink, ...]
    own_comments: tuple[OwnComment, ...]
    is_ours: bool


_ENCODER = msgspec.json.Encoder(order="deterministic", decimal_format="number")
_VALUES: Callable[[SourceItem], tuple[Any, ...]] = attrgetter(*_StoredItem.__struct_fields__)


def item_text(item: SourceItem) -> bytes:
    """The item as JSON; equal items give equal texts."""
    return _ENCODER.encode(_VALUES(item))


class ItemReader:
    """Reads items again. What many of them have in common is one object for all that it reads."""

    def __init__(self) -> None:
        self._known: dict[Any, Any] = {frozenset(): frozenset()}
        # By their texts: 4.0 and 4.00 are equal, and not the same number to a reader.
        self._number = lru_cache(maxsize=4096)(Decimal)
        self._decoder = msgspec.json.Decoder(_StoredItem, float_hook=self._number)

    def item(self, text: bytes) -> SourceItem:
        """The item, but for the sign of a zero. Raises msgspec.MsgspecError or ValueError where the text is none."""
        stored, one = self._decoder.decode(text), self._known.setdefault  # one(a, a) is the first that is equal to a
        return SourceItem(
            ref=one(stored.ref, stored.ref),
            key=stored.key,
            url=stored.url,
            project=one(stored.project, stored.project),
            type=one(stored.type, stored.type),
            title=stored.title,
            status=one(stored.status, stored.status),
            progress=stored.progress,
            created=stored.created,
            updated=stored.updated,
            parent=None if stored.parent is None else one(stored.parent, stored.parent),
            labels=one(stored.labels, stored.labels),
            owner=one(stored.owner, stored.owner),
            area_path=one(stored.area_path, stored.area_path),
            iteration_path=one(stored.iteration_path, stored.iteration_path),
            components=one(stored.components, stored.components),
            description=stored.description,
            fields=self._fields(stored.fields),
            edges=one(stored.edges, stored.edges),
            linked=one(stored.linked, stored.linked),
            foreign_links=stored.foreign_links,
            own_comments=stored.own_comments,
            is_ours=stored.is_ours,
        )

    def _fields(self, values: dict[str, Any]) -> dict[str, FieldValue]:
        """The configured fields, in place: texts that are words rather than prose are shared too."""
        one = self._known.setdefault
        for name, value in values.items():
            if isinstance(value, str):
                if len(value) <= _LONGEST_WORD:
                    values[name] = one(value, value)
            elif isinstance(value, list):
                values[name] = tuple(msgspec.convert(value, list[str]))
            elif isinstance(value, int):
                values[name] = self._number(value)
        return values
