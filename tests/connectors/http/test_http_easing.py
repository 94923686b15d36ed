"""Ids that a server writes as numbers are read as the texts that they are by the contract, and nothing else is."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from connectors.jira.easing import leniently


class Part(msgspec.Struct):
    id: str


class Whole(msgspec.Struct):
    id: str
    parts: list[Part] = []
    rest: Any = None


DECODER = msgspec.json.Decoder(Whole, float_hook=Decimal)


def test_ids_as_numbers_are_read_as_texts_at_any_depth() -> None:
    found = leniently(DECODER.decode, b'{"id": 10001, "parts": [{"id": 7}, {"id": "8"}]}')
    assert found == Whole(id="10001", parts=[Part(id="7"), Part(id="8")])


def test_everything_else_stays_as_it_was_written() -> None:
    found = leniently(DECODER.decode, b'{"id": 1, "rest": {"cost": 0.10, "count": 5, "is": true, "name": "7"}}')
    assert found.rest == {"cost": Decimal("0.10"), "count": 5, "is": True, "name": "7"}
    assert str(found.rest["cost"]) == "0.10"


@pytest.mark.parametrize(
    "content", [b'{"id": true}', b'{"id": null}', b'{"id": 1.5}', b"{}", b"[]", b'{"id": 1', b"\xff"]
)
def test_what_is_no_id_is_none(content: bytes) -> None:
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        leniently(DECODER.decode, content)
