"""Decodes work items: each byte once, and only what is read of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

import msgspec

from connectors.azure_devops import wire
from connectors.azure_devops.easing import leniently
from connectors.http import decode

Shape = TypeVar("Shape")
Item = wire.WorkItem[wire.SystemFields]

_NUMBERED = msgspec.json.Decoder(wire.Numbered)
LOOK = "look at it in the tracker, and at what the account may see of it"

_FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class UnreadableError(Exception):
    """An item is not of the shape that it should be.

    The text says where and what to do, and holds nothing of the item's content.
    """

    def __init__(self, fault: str) -> None:
        super().__init__(f"{fault}; {LOOK}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDecoder:
    """Decodes items with the fields that every one has, and those of some reference names.

    `attributes` says of each reference name under which attribute of an item's fields its value stands.
    """

    attributes: Mapping[str, str]
    _batch: msgspec.json.Decoder[wire.Batch[wire.SystemFields]]
    _item: msgspec.json.Decoder[Item]

    def item(self, content: bytes | msgspec.Raw) -> Item:
        """One item; raises UnreadableError."""
        try:
            return leniently(self._item.decode, content)
        except _FAULTS as error:
            raise UnreadableError(f"not the shape of a work item: {error}") from None

    def batch(self, content: bytes, where: str) -> tuple[list[Item], dict[int, str]]:
        """The items of a batch, and why others cannot be read; what has no number is left out.

        Raises UnavailableError, with `where`, for what is no batch.
        """
        try:
            return [item for item in self._batch.decode(content).value if item is not None], {}
        except _FAULTS:
            return self._one_by_one(content, where)

    def _one_by_one(self, content: bytes, where: str) -> tuple[list[Item], dict[int, str]]:
        """A broken item spoils no other."""
        items: list[Item] = []
        broken: dict[int, str] = {}
        for raw in decode(content, wire.RawBatch, where, reading=leniently).value:
            try:
                items.append(self.item(raw))
            except UnreadableError as error:
                number = _number(raw)
                if number is not None:
                    broken[number] = str(error)
        return items, broken


def item_decoder(reference_names: Iterable[str] = ()) -> ItemDecoder:
    """A decoder for items with those fields; the same for the same names."""
    return _item_decoder(tuple(dict.fromkeys(reference_names)))


@lru_cache(maxsize=32)
def _item_decoder(names: tuple[str, ...]) -> ItemDecoder:
    """A configured field may hold anything; one that every item has is not decoded twice."""
    system = {field.encode_name: field.name for field in msgspec.structs.fields(wire.SystemFields)}
    configured = {name: f"configured_{place}" for place, name in enumerate(names) if name not in system}
    shape = msgspec.defstruct(
        "Fields",
        [(attribute, object, msgspec.field(name=name, default=None)) for name, attribute in configured.items()],
        bases=(wire.SystemFields,),
        frozen=True,
        gc=False,
    )
    return ItemDecoder(
        attributes={name: system.get(name) or configured[name] for name in names},
        _batch=_decoder(wire.Batch[shape]),  # type: ignore[valid-type]
        _item=_decoder(wire.WorkItem[shape]),  # type: ignore[valid-type]
    )


def _decoder(shape: type[Shape]) -> msgspec.json.Decoder[Shape]:
    """Numbers of any field come as they are written, through no float."""
    return msgspec.json.Decoder(shape, float_hook=Decimal)


def _number(raw: msgspec.Raw) -> int | None:
    try:
        return leniently(_NUMBERED.decode, raw).id
    except msgspec.DecodeError:
        return None
