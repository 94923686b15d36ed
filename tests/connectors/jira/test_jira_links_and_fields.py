"""Which way links point, which field a name means, and what its value is."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from connectors.jira import links, wire
from connectors.jira.field_values import read_references, read_value
from connectors.jira.fields import EPIC_LINK, EPIC_NAME, PARENT_LINK, RICH_TEXT_TYPES
from connectors.jira.resolving import resolve
from lpm_sync.core.work_item import Direction, Edge, FieldValue, Ref
from lpm_sync.errors import ConfigurationError
from lpm_sync.ports import Connection
from lpm_sync.testing.credentials import GivenCredentials

HERE, OTHER = Ref("jira", "1"), Ref("jira", "2")
BLOCKS = wire.LinkType(id="1", name="Blocks", inward="is blocked by", outward="blocks")
BACKWARDS = wire.LinkType(id="2", name="Needs", inward="is needed by", outward="needs")
RELATES = wire.LinkType(id="3", name="Relates", inward="relates to", outward="relates to")
END = wire.IssueName(id="2", key="PAY-2")


def configured(reference_fields: Mapping[str, str] | None = None, **fields: str) -> Connection:
    """A connection for which those fields are configured."""
    return Connection(
        name="jira",
        url="https://jira.example",
        site_url="https://jira.example",
        projects=("PAY",),
        fields=fields,
        reference_fields=reference_fields or {},
        credentials=GivenCredentials({}),
    )


def test_an_outward_end_is_what_this_one_blocks() -> None:
    link = wire.IssueLink(type=BLOCKS, outward_issue=END)
    assert links.edge(link, HERE, OTHER, ("blocks",)) == Edge(blocker=HERE, blocked=OTHER)


def test_an_inward_end_is_what_blocks_this_one() -> None:
    link = wire.IssueLink(type=BLOCKS, inward_issue=END)
    assert links.edge(link, HERE, OTHER, (" Blocks ",)) == Edge(blocker=OTHER, blocked=HERE)


def test_a_type_that_is_worded_from_the_other_end_points_the_other_way() -> None:
    outward = wire.IssueLink(type=BACKWARDS, outward_issue=END)  # this needs the other
    inward = wire.IssueLink(type=BACKWARDS, inward_issue=END)
    assert links.edge(outward, HERE, OTHER, ("is needed by",)) == Edge(blocker=OTHER, blocked=HERE)
    assert links.edge(inward, HERE, OTHER, ("is needed by",)) == Edge(blocker=HERE, blocked=OTHER)


@pytest.mark.parametrize("kind", [RELATES, BACKWARDS])
def test_other_links_are_no_dependencies(kind: wire.LinkType) -> None:
    assert links.edge(wire.IssueLink(type=kind, outward_issue=END), HERE, OTHER, ("blocks", "relates to")) is None


def test_relationships_in_words_have_a_direction_only_where_a_dependency_has_these_words() -> None:
    wordings = links.dependency_wordings((BLOCKS, BACKWARDS, RELATES), ("blocks",))
    assert wordings == {"blocks": Direction.BLOCKS, "is blocked by": Direction.BLOCKED_BY}
    assert links.wording_of("Is Blocked  By", wordings) is Direction.BLOCKED_BY
    assert links.wording_of("links to", wordings) is None


def test_the_link_that_relates_is_found_by_its_phrase_and_then_by_its_name() -> None:
    renamed = wire.LinkType(id="9", name="Bezug", inward="relates to", outward="relates to")
    translated = wire.LinkType(id="8", name="Relates", inward="betrifft", outward="betrifft")
    assert links.relation_type((BLOCKS, translated, renamed)) is renamed
    assert links.relation_type((BLOCKS, translated)) is translated
    assert links.relation_type((BLOCKS,)) is None


def test_in_another_language_the_only_link_without_direction_relates() -> None:
    one = wire.LinkType(id="8", name="Bezug", inward="gehört zu", outward="gehört zu")
    other = wire.LinkType(id="9", name="Ähnlich", inward="ähnelt", outward="ähnelt")
    assert links.relation_type((BLOCKS, one)) is one
    assert links.relation_type((BLOCKS, one, other)) is None  # which of them, nobody says


def field(number: int, name: str, custom: str | None = None, kind: str = "string") -> wire.Field:
    return wire.Field(id=f"customfield_{number}", name=name, schema=wire.FieldSchema(type=kind, custom=custom))


KNOWN = [
    wire.Field(id="duedate", name="Due date"),
    field(10001, "Horizon"),
    field(10002, "Budget", "vendor:budget"),
    field(10003, "Team"),
    field(10004, "Team"),
    field(10005, "Epic Link", EPIC_LINK),
    field(10006, "Parent Link", PARENT_LINK),
    field(10007, "Epic Name", EPIC_NAME),
]


@pytest.mark.parametrize(
    ("reference", "identifier"),
    [
        ("customfield_10001", "customfield_10001"),
        ("duedate", "duedate"),
        ("vendor:budget", "customfield_10002"),
        ("Horizon", "customfield_10001"),
        ("horizon ", "customfield_10001"),
        ("customfield_10003", "customfield_10003"),
    ],
)
def test_a_field_is_found_by_id_type_or_name(reference: str, identifier: str) -> None:
    fields = resolve(configured(ours=reference), KNOWN, is_cloud=True)
    assert fields.configured["ours"].id == identifier
    assert fields.wanted == (identifier,)


def test_every_mistake_is_listed_with_its_candidates() -> None:
    with pytest.raises(ConfigurationError) as raised:
        resolve(
            configured(team="Team", horizon="Horizn", x="Nothing like it", reference_fields={"near": "Team"}),
            KNOWN,
            is_cloud=True,
        )
    text = str(raised.value)
    assert "fields.team: “Team” could be any of customfield_10003 (Team, string, how often" in text
    assert "fields.horizon: there is no field “Horizn”" in text
    assert "near it: customfield_10001 (Horizon)" in text
    assert "fields.x: there is no field “Nothing like it”" in text
    assert "reference_fields.near: write blocked-by or blocks" in text


def test_data_center_has_fields_of_its_own_for_the_hierarchy() -> None:
    fields = resolve(configured(reference_fields={"blocks": "Horizon"}), KNOWN, is_cloud=False)
    assert fields.parents == ("customfield_10006", "customfield_10005")
    assert fields.epic_name == "customfield_10007"
    assert fields.references == {Direction.BLOCKS: KNOWN[1]}
    cloud = resolve(configured(), KNOWN, is_cloud=True)
    assert (cloud.parents, cloud.epic_name) == ((), None)


TEXT_AREA = field(10008, "Hypothesis", RICH_TEXT_TYPES[0])
LINE = field(10009, "Line")


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (LINE, None, None),
        (LINE, "", None),
        (LINE, [], None),
        (LINE, "2026-11-23", "2026-11-23"),
        (LINE, "h1. *as it is*", "h1. *as it is*"),
        (TEXT_AREA, "h1. Why\n* \\[one\\]", "Why\n- [one]"),
        (LINE, 5, Decimal(5)),
        (LINE, Decimal("600000.50"), Decimal("600000.50")),
        (LINE, True, "true"),
        (LINE, {"value": "Emerging", "id": "1"}, "Emerging"),
        (LINE, {"value": "EMEA", "child": {"value": "Berlin"}}, "EMEA / Berlin"),
        (LINE, {"accountId": "5b10", "displayName": "Dana"}, "5b10"),
        (LINE, {"name": "dana", "key": "JIRAUSER1", "displayName": "Dana"}, "dana"),
        (LINE, [{"value": "a"}, None, {"value": "b"}], ("a", "b")),
        (LINE, ["x", "y"], ("x", "y")),
        (LINE, [{"id": 7, "name": "Sprint 7", "state": "closed"}], ("Sprint 7",)),
        (TEXT_AREA, {"type": "doc", "version": 1, "content": []}, None),
    ],
)
def test_a_value_becomes_text_number_or_a_list(kind: wire.Field, value: Any, expected: FieldValue | None) -> None:
    assert read_value(kind, value) == expected


@pytest.mark.parametrize("value", [{"showField": False}, [["nested"]], {"value": 7}])
def test_a_value_of_no_known_kind_is_said_so_with_its_field(value: Any) -> None:
    with pytest.raises(ValueError, match="Line"):
        read_value(LINE, value)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (None, ()),
        (
            "https://dev.example/431, and https://dev.example/432.",
            ("https://dev.example/431", "https://dev.example/432"),
        ),
        ("waits for ado:431 and ELSE-7", ("ado:431", "ELSE-7")),
        ("https://x.example/browse/PAY-1", ("https://x.example/browse/PAY-1",)),
        (["https://a.example/1", "https://a.example/1"], ("https://a.example/1",)),
        ("just words", ()),
    ],
)
def test_addresses_and_names_of_items_are_found_in_reference_fields(value: Any, found: tuple[str, ...]) -> None:
    assert read_references(value) == found


def test_addresses_are_found_in_documents_too() -> None:
    mark = {"type": "link", "attrs": {"href": "https://dev.example/431"}}
    nodes = [{"type": "text", "text": "the service", "marks": [mark]}, {"type": "text", "text": " and ado:7"}]
    document = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": nodes}]}
    assert read_references(document) == ("https://dev.example/431", "ado:7")


@pytest.mark.parametrize(
    ("name", "definition", "held"),
    [
        ("estimate", field(10008, "Why", RICH_TEXT_TYPES[0]), "a text of many lines"),
        ("estimate", field(10010, "Sponsor", kind="user"), "a person"),
        ("estimate", field(10011, "Sprints", kind="array"), "a list"),
        ("estimate", wire.Field(id="description", name="Why", schema=wire.FieldSchema(type="string")), "a text of"),
        ("needed_by", field(10012, "Cost", kind="number"), "a number"),
        ("owner", field(10012, "Cost", kind="number"), "a number"),
        ("owner", field(10013, "Start", kind="datetime"), "a date"),
    ],
)
def test_a_field_of_the_wrong_kind_is_a_mistake_and_named(name: str, definition: wire.Field, held: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        resolve(configured(**{name: definition.id}), [definition], is_cloud=True)
    text = str(raised.value)
    assert text.startswith(f"jira: fields.{name}: {definition.id} ({definition.name}) holds {held}")
    assert f"{name} has to be a" in text


@pytest.mark.parametrize("kind", ["string", "option", "any", "number", "of-an-app"])
def test_a_field_that_may_hold_a_number_is_no_mistake(kind: str) -> None:
    definition = field(10014, "Size", kind=kind)
    found = resolve(configured(estimate="Size"), [definition], is_cloud=True)
    assert found.configured["estimate"] == definition


@pytest.mark.parametrize(
    ("given", "edge"),
    [
        ({"type": {"name": "Blocks"}, "outwardIssue": {"id": "2"}}, Edge(HERE, OTHER)),
        ({"type": {"name": "blocks"}, "inwardIssue": {"id": "2"}}, Edge(OTHER, HERE)),
        ({"type": {"name": "Blocks", "inward": "is blocked by"}, "inwardIssue": {"id": "2"}}, Edge(OTHER, HERE)),
        ({"type": {"name": "Relates"}, "inwardIssue": {"id": "2"}}, None),
        ({"type": {"name": "Causes"}, "inwardIssue": {"id": "2"}}, None),
    ],
)
def test_a_type_of_link_that_tells_its_name_alone_reads_as_the_usual_one_of_that_name(
    given: dict[str, Any], edge: Edge | None
) -> None:
    link = msgspec.convert(given, wire.IssueLink)
    assert links.edge(link, HERE, OTHER, ("blocks",)) == edge


def test_a_link_that_may_be_a_dependency_and_does_not_say_how_it_reads_is_an_error() -> None:
    link = wire.IssueLink(type=wire.LinkType(name="Chain"), outward_issue=wire.OtherIssue(id="2"))
    with pytest.raises(ValueError, match="“Chain” does not say how it reads"):
        links.edge(link, HERE, OTHER, ("is required by",))
