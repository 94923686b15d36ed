"""Batches of work items off the wire, and what one that is broken does to the others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from connectors.azure_devops.catalogue import Account
from connectors.azure_devops.decoding import item_decoder
from connectors.azure_devops.fields import FieldCatalogue
from connectors.azure_devops.normalize import Reading
from connectors.azure_devops.wire import FieldDefinition
from lpm_sync.core.work_item import SourceItem
from lpm_sync.errors import UnavailableError

FIELDS: Mapping[str, Any] = {
    "System.Title": "Refunds",
    "System.WorkItemType": "Epic",
    "System.TeamProject": "Mobile",
    "System.State": "Active",
    "System.AreaPath": "Mobile\\Payments",
    "System.AssignedTo": {"displayName": "Ada", "uniqueName": "ada@northwind.example"},
    "System.Tags": "vs-payments; Q4",
    "System.CommentCount": 3,
    "System.CreatedDate": "2026-10-01T08:00:00Z",
    "System.ChangedDate": "2026-11-02T09:30:15Z",
}


def item(number: object, **fields: Any) -> dict[str, Any]:
    return {"id": number, "rev": 3, "fields": {**FIELDS, **fields}}


def batch(*items: object) -> bytes:
    return msgspec.json.encode({"count": len(items), "value": items})


def test_a_broken_item_spoils_no_other_of_its_batch() -> None:
    content = batch(item(1), None, item(2, **{"System.Title": 7}), item(3), {"rev": 1}, item(4, Deep=[[[]]]))
    items, broken = item_decoder().batch(content, "ado: workitemsbatch")
    assert [one.id for one in items] == [1, 3, 4]
    assert list(broken) == [2]
    assert "System.Title" in broken[2]


def test_a_batch_with_gaps_has_the_others() -> None:
    items, broken = item_decoder().batch(batch(None, item(2), None), "ado: workitemsbatch")
    assert ([one.id for one in items], broken) == ([2], {})


@pytest.mark.parametrize("content", [b"null", b"[]", b'{"value": {}}', b'{"message": "busy"}', b'{"value": ['])
def test_what_is_no_batch_is_no_empty_one(content: bytes) -> None:
    with pytest.raises(UnavailableError, match="ado: workitemsbatch"):
        item_decoder().batch(content, "ado: workitemsbatch")


def reading(**fields: str) -> Reading:
    """With those fields, by our names."""
    named = {
        name: FieldDefinition(name=name, reference_name=reference, type="string") for name, reference in fields.items()
    }
    return Reading(
        tracker="ado",
        site_url="https://dev.azure.com/northwind",
        account=Account(name="bot", names=frozenset()),
        fields=FieldCatalogue(named=named, references={}),
        projects={},
    )


def read(read_by: Reading, *items: object) -> list[SourceItem]:
    return [read_by.source_item(one) for one in read_by.decoder.batch(batch(*items), "ado")[0]]


def test_a_configured_field_may_be_one_that_every_item_has() -> None:
    ours = reading(
        area="System.AreaPath", lead="System.AssignedTo", since="System.CreatedDate", said="System.CommentCount"
    )
    [found] = read(ours, item(1))
    assert (found.area_path, found.owner) == ("Mobile\\Payments", "ada@northwind.example")
    assert dict(found.fields) == {
        "area": "Mobile\\Payments",
        "lead": "ada@northwind.example",
        "since": "2026-10-01T08:00:00+00:00",
        "said": 3,
    }
    assert found.created == datetime(2026, 10, 1, 8, tzinfo=UTC)


def test_what_many_items_have_in_common_is_kept_once() -> None:
    link = {"rel": "System.LinkTypes.Related", "url": "https://dev.azure.com/northwind/_apis/wit/workItems/7"}
    one, other = read(reading(), {**item(1), "relations": [link]}, {**item(2), "relations": [link]})
    assert one.type is other.type
    assert one.status is other.status
    assert one.area_path is other.area_path
    assert one.owner is other.owner
    assert one.labels is other.labels
    assert next(iter(one.linked)) is next(iter(other.linked))
