"""Work items off the wire, well-formed and not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.azure_devops.catalogue import Account, ProjectCatalogue
from connectors.azure_devops.decoding import UnreadableError
from connectors.azure_devops.easing import leniently
from connectors.azure_devops.fields import FieldCatalogue, find_field
from connectors.azure_devops.normalize import Reading
from connectors.azure_devops.wire import Comment, CommentList, FieldDefinition, Identity
from lpm_sync.core.work_item import Direction, ForeignLink, Progress, SourceItem
from lpm_sync.errors import ConfigurationError

FIELDS = (
    FieldDefinition(name="Budget", reference_name="Custom.Budget", type="double"),
    FieldDefinition(name="Hypothesis", reference_name="Custom.Hypothesis", type="html"),
    FieldDefinition(name="Sponsor", reference_name="Custom.Sponsor", type="identity"),
    FieldDefinition(name="Target Date", reference_name="Microsoft.VSTS.Scheduling.TargetDate", type="dateTime"),
    FieldDefinition(name="Is Enabler", reference_name="Custom.Enabler", type="boolean"),
    FieldDefinition(name="Waits For", reference_name="Custom.WaitsFor", type="html"),
    FieldDefinition(name="Budget", reference_name="Custom.OldBudget", type="double"),
)
NAMES = {
    "budget": "Custom.Budget",
    "hypothesis": "Hypothesis",
    "sponsor": "Sponsor",
    "target_date": "target date",
    "enabler": "custom.enabler",
}
US = Account(
    name="bot@northwind.example",
    names=frozenset({"0007", "bot@northwind.example", "old-bot@northwind.example"}),
    called=frozenset({"lpm bot"}),
)
READING = Reading(
    tracker="ado",
    site_url="https://dev.azure.com/northwind",
    account=US,
    fields=FieldCatalogue(
        named={name: find_field(FIELDS, wanted) for name, wanted in NAMES.items()},
        references={Direction.BLOCKED_BY: find_field(FIELDS, "Waits For")},
    ),
    projects={"mobile app": ProjectCatalogue(types=("Epic",), progress={"epic": {"active": Progress.DOING}})},
)
MINIMAL: Mapping[str, Any] = {
    "System.Title": "Refunds",
    "System.WorkItemType": "Epic",
    "System.TeamProject": "Mobile App",
    "System.State": "Active",
    "System.CreatedDate": "2026-10-01T08:00:00Z",
    "System.ChangedDate": "2026-11-02T09:30:15.41Z",
}


def read(fields: Mapping[str, Any] | None = None, **parts: Any) -> SourceItem:
    content = {"id": 431, "rev": 3, "fields": {**MINIMAL, **(fields or {})}, **parts}
    return READING.source_item(READING.decoder.item(msgspec.json.encode(content)))


def test_an_item_with_nothing_but_what_every_item_has() -> None:
    item = read()
    assert (item.key, item.title, item.type, item.status) == ("431", "Refunds", "Epic", "Active")
    assert item.url == "https://dev.azure.com/northwind/Mobile%20App/_workitems/edit/431"
    assert item.progress is Progress.DOING
    assert item.updated == datetime(2026, 11, 2, 9, 30, 15, 410_000, tzinfo=UTC)
    assert (item.labels, item.owner, item.description, dict(item.fields)) == (frozenset(), None, "", {})
    assert (item.parent, item.components, item.is_ours) == (None, (), False)


def test_an_item_with_everything() -> None:
    item = read(
        {
            "System.Tags": "vs-payments; lpm:not-ready ;Q4",
            "System.AssignedTo": {"displayName": "Ada", "uniqueName": "ada@northwind.example", "id": "0001"},
            "System.CreatedBy": {"displayName": "Bot", "uniqueName": "Bot@Northwind.example", "id": "0007"},
            "System.AreaPath": "Platform\\Payments",
            "System.IterationPath": "Platform\\2026\\PI 4",
            "System.Description": "<div>As a merchant</div><div>I want &amp; need refunds</div>",
        }
    )
    assert item.labels == {"vs-payments", "lpm:not-ready", "Q4"}
    assert item.owner == "ada@northwind.example"
    assert (item.area_path, item.iteration_path) == ("Platform\\Payments", "Platform\\2026\\PI 4")
    assert item.description == "As a merchant\nI want & need refunds"
    assert item.is_ours


def test_configured_fields_come_in_their_kinds() -> None:
    item = read(
        {
            "Custom.Hypothesis": "<p>Fewer &lt;calls&gt;</p>",
            "Custom.Sponsor": {"displayName": "Ada", "uniqueName": "ada@northwind.example"},
            "Microsoft.VSTS.Scheduling.TargetDate": "2026-12-18T00:00:00Z",
            "Custom.Enabler": True,
            "Custom.Unasked": {"anything": ["at", "all"]},
        }
    )
    assert dict(item.fields) == {
        "hypothesis": "Fewer <calls>",
        "sponsor": "ada@northwind.example",
        "target_date": "2026-12-18T00:00:00Z",
        "enabler": "true",
    }


@pytest.mark.parametrize("empty", [None, "", "  ", "<p></p>"])
def test_an_empty_field_is_absent(empty: str | None) -> None:
    assert dict(read({"Custom.Hypothesis": empty}).fields) == {}


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**15), max_value=10**15))
def test_a_number_is_read_exactly_as_it_is_written(number: Decimal) -> None:
    content = msgspec.json.encode({"id": 1, "rev": 1, "fields": {**MINIMAL, "Custom.Budget": "NUMBER"}})
    item = READING.source_item(READING.decoder.item(content.replace(b'"NUMBER"', format(number, "f").encode())))
    assert item.fields["budget"] == number
    assert isinstance(item.fields["budget"], Decimal)


def test_addresses_in_a_reference_field_are_foreign_links() -> None:
    item = read({"Custom.WaitsFor": 'see <a href="https://jira.example/browse/PAY-7">PAY-7</a>'})
    assert item.foreign_links == (ForeignLink(url="https://jira.example/browse/PAY-7", direction=Direction.BLOCKED_BY),)


def test_a_state_or_project_that_we_know_nothing_of_has_no_progress() -> None:
    assert read({"System.State": "Odd"}).progress is None
    assert read({"System.TeamProject": "Elsewhere"}).progress is None


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"System.Title": None}, "System.Title"),
        ({"System.Title": {"text": "Refunds"}}, "System.Title"),
        ({"System.State": 7}, "System.State"),
        ({"System.CreatedDate": "yesterday"}, "System.CreatedDate"),
        ({"System.Tags": ["a"]}, "System.Tags"),
        ({"System.AssignedTo": 7}, "System.AssignedTo"),
        ({"System.Description": "x" * 1_000_001}, "System.Description"),
        ({"Custom.Hypothesis": "x" * 1_000_001}, "Custom.Hypothesis"),
        ({"Custom.Budget": {"amount": 5}}, "Custom.Budget"),
        ({"Custom.Budget": [5]}, "Custom.Budget"),
    ],
)
def test_what_is_not_what_it_should_be_makes_the_item_unreadable_and_names_the_place(
    fields: Mapping[str, Any], place: str
) -> None:
    with pytest.raises(UnreadableError) as raised:
        read(fields)
    assert place in str(raised.value)
    assert len(str(raised.value)) < 300


@pytest.mark.parametrize("content", [b"null", b"[]", b'{"id": 5}', b'{"id": 5, "rev": 1, "fields": []}', b'{"id": "5"'])
def test_what_is_no_work_item_at_all_is_unreadable(content: bytes) -> None:
    with pytest.raises(UnreadableError):
        READING.decoder.item(content)


def test_a_relation_that_leads_nowhere_makes_the_item_unreadable() -> None:
    with pytest.raises(UnreadableError, match="leads to no work item"):
        read(relations=[{"rel": "System.LinkTypes.Related", "url": "https://dev.azure.com/x", "attributes": {}}])


def test_comments_are_ours_by_account_and_never_by_display_name() -> None:
    def comment(number: int, hour: int, author: Identity | None, **parts: Any) -> Comment:
        return Comment(id=number, created_by=author, created_date=datetime(2026, 11, 2, hour, tzinfo=UTC), **parts)

    found = READING.own_comments(
        [
            comment(4, 12, Identity(id="0007"), text="<p>Newest &amp; ours</p>", format="html"),
            comment(1, 9, Identity(unique_name="Old-Bot@northwind.example"), text=r"\#1 **ours**", format="markdown"),
            comment(2, 10, Identity(id="0001", unique_name="bot"), text="Of a person"),
            comment(3, 11, Identity(id="0007"), text="Deleted", is_deleted=True),
            comment(5, 13, None, text="Of nobody"),
        ]
    )
    assert [(one.id, one.text) for one in found] == [("1", "#1 ours"), ("4", "Newest & ours")]


def test_a_field_name_that_stands_for_two_fields_is_refused_with_the_candidates() -> None:
    with pytest.raises(ConfigurationError, match=r"any of Custom\.Budget \(.*Custom\.OldBudget \("):
        find_field(FIELDS, "budget")


def test_a_field_that_does_not_exist_is_refused_with_what_may_be_meant() -> None:
    with pytest.raises(ConfigurationError, match=r"no field 'Hypotesis'.*Custom\.Hypothesis \(Hypothesis\)"):
        find_field(FIELDS, "Hypotesis")


def test_a_reference_name_counts_before_a_display_name() -> None:
    fields = (
        FieldDefinition(name="Custom.Cost", reference_name="Custom.Other", type="string"),
        FieldDefinition(name="Cost", reference_name="Custom.Cost", type="double"),
    )
    assert find_field(fields, "custom.cost").type == "double"


@pytest.mark.parametrize(
    ("author", "is_ours"),
    [
        ({"displayName": "LPM Bot", "id": "0007"}, True),
        ({"displayName": "LPM Bot"}, True),
        ("LPM Bot", True),
        ("Somebody <bot@northwind.example>", True),
        ({"displayName": "LPM Bot", "id": "0008"}, False),
        ("LPM Bot <somebody@northwind.example>", False),
        ("Somebody", False),
        (None, False),
    ],
)
def test_who_wrote_counts_by_a_display_name_only_where_nothing_else_is_told(author: Any, is_ours: bool) -> None:
    content = {"comments": [{"id": "7", "createdDate": "2026-11-02T09:30:15", "createdBy": author, "text": "x"}]}
    comments = leniently(msgspec.json.Decoder(CommentList).decode, msgspec.json.encode(content)).comments
    assert bool(READING.own_comments(comments)) is is_ours


@pytest.mark.parametrize(
    ("members", "revision"), [({"rev": 4}, 4), ({"rev": "4"}, 4), ({}, 6), ({"rev": None}, 6)], ids=str
)
def test_a_revision_is_told_of_the_item_or_among_its_fields(members: Mapping[str, Any], revision: int) -> None:
    content = msgspec.json.encode({"id": "7", **members, "fields": {**MINIMAL, "System.Rev": 6}})
    assert READING.decoder.item(content).revision == revision
