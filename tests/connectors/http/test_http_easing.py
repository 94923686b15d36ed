"""What looser servers write otherwise is read as the contract has it, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

import msgspec
import pytest

from connectors.http.easing import Habits

leniently = Habits(
    texts=("id",),
    numbers=("total",),
    times=("at",),
    people=("by",),
    lists=("values",),
    pages=("isLast",),
    counts=("total",),
    start="startAt",
).leniently


class Part(msgspec.Struct):
    id: str


class Whole(msgspec.Struct):
    id: str
    parts: list[Part] = []
    rest: Any = None


class Person(msgspec.Struct, rename="camel"):
    display_name: str
    unique_name: str | None = None


class Entry(msgspec.Struct):
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    by: Person | None = None


class Page(msgspec.Struct):
    values: list[Entry]
    total: int | None = None
    name: str = ""


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


def page(content: str) -> Page:
    return leniently(msgspec.json.Decoder(Page).decode, content.encode())


@pytest.mark.parametrize(
    "content",
    [
        '{"values": null}',
        '{"isLast": true}',
        '{"isLast": true, "values": null, "name": null}',
        '{"total": 0}',
        '{"total": "0"}',
        '{"startAt": 5, "total": 5}',
        '{"startAt": 5, "total": 5, "errors": {}}',
    ],
)
def test_a_list_that_is_null_or_missing_in_a_page_is_empty(content: str) -> None:
    assert page(content).values == []


@pytest.mark.parametrize(
    "content",
    [
        "{}",
        "null",
        '{"name": "x"}',
        '{"total": 5}',
        '{"startAt": 2, "total": 5}',
        '{"isLast": true, "total": 5}',
        '{"errorMessages": ["no"], "isLast": true}',
        '{"values": null, "message": "no"}',
        '{"values": {}}',
    ],
)
def test_what_is_no_page_or_lacks_what_it_counts_is_not_taken_for_empty(content: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        page(content)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-11-22T07:49:20", datetime(2026, 11, 22, 7, 49, 20, tzinfo=UTC)),
        ("2026-11-22 07:49:20.5", datetime(2026, 11, 22, 7, 49, 20, 500_000, tzinfo=UTC)),
        ("2026-11-22T07:49:20.1234567", datetime(2026, 11, 22, 7, 49, 20, 123_456, tzinfo=UTC)),
        ("2026-11-22T08:49:20+0100", datetime(2026, 11, 22, 7, 49, 20, tzinfo=UTC)),
    ],
)
def test_a_time_without_a_zone_is_in_utc(written: str, read: datetime) -> None:
    assert page(f'{{"values": [{{"at": "{written}"}}]}}').values == [Entry(at=read)]


@pytest.mark.parametrize(
    ("written", "name", "unique"),
    [
        ("Dana Scully <dana@example.com>", "Dana Scully", "dana@example.com"),
        ("dana@example.com", "dana@example.com", "dana@example.com"),
        ("Dana Scully", "Dana Scully", None),
        ("", "", None),
        ("a <b> c", "a <b> c", None),
    ],
)
def test_a_person_may_be_a_text(written: str, name: str, unique: str | None) -> None:
    assert page(f'{{"values": [{{"by": "{written}"}}]}}').values == [Entry(by=Person(name, unique))]


def test_what_is_wrong_is_told_of_the_answer_as_it_came() -> None:
    with pytest.raises(msgspec.ValidationError, match=r"Expected `array`, got `null`"):
        page('{"values": null, "name": 5}')
