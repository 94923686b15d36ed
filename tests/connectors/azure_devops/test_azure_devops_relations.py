"""What relations mean, and above all which way a dependency points."""

from __future__ import annotations

import pytest

from connectors.azure_devops.relations import addresses_in, direction_of, read_links
from connectors.azure_devops.wire import Relation, RelationAttributes
from lpm_sync.core.work_item import Direction, Edge, ForeignLink, Ref

HERE = Ref("ado", "1")
OTHER = Ref("ado", "2")


def to_item(rel: str, number: int = 2) -> Relation:
    return Relation(rel=rel, url=f"https://dev.azure.com/northwind/0f7c/_apis/wit/workItems/{number}")


def hyperlink(url: str, comment: str | None) -> Relation:
    return Relation(rel="Hyperlink", url=url, attributes=RelationAttributes(comment=comment))


def test_a_predecessor_blocks() -> None:
    links = read_links(HERE, [to_item("System.LinkTypes.Dependency-Reverse")])
    assert links.edges == {Edge(blocker=OTHER, blocked=HERE)}


def test_a_successor_is_blocked() -> None:
    links = read_links(HERE, [to_item("System.LinkTypes.Dependency-Forward")])
    assert links.edges == {Edge(blocker=HERE, blocked=OTHER)}


def test_both_ends_of_a_link_tell_the_same_edge() -> None:
    from_here = read_links(HERE, [to_item("System.LinkTypes.Dependency-Reverse", 2)])
    from_there = read_links(OTHER, [to_item("System.LinkTypes.Dependency-Forward", 1)])
    assert from_here.edges == from_there.edges


def test_the_parent_comes_from_below_and_children_are_no_links() -> None:
    links = read_links(
        HERE, [to_item("System.LinkTypes.Hierarchy-Reverse", 7), to_item("System.LinkTypes.Hierarchy-Forward", 8)]
    )
    assert (links.parent, links.edges, links.linked) == (Ref("ado", "7"), frozenset(), frozenset())


@pytest.mark.parametrize(
    "rel", ["System.LinkTypes.Related", "System.LinkTypes.Duplicate-Forward", "Microsoft.VSTS.Common.Affects-Reverse"]
)
def test_any_other_link_between_items_only_links(rel: str) -> None:
    links = read_links(HERE, [to_item(rel)])
    assert links.linked == {OTHER}
    assert len(links.edges) + len(links.foreign) == 0


@pytest.mark.parametrize(
    ("comment", "direction"),
    [
        ("blocked by", Direction.BLOCKED_BY),
        ("Is  Blocked by:", Direction.BLOCKED_BY),
        (" BLOCKS ", Direction.BLOCKS),
        ("blocks of flats", None),
        ("unblocks", None),
        ("", None),
        (None, None),
    ],
)
def test_a_hyperlink_is_a_dependency_where_its_comment_says_so(
    comment: str | None, direction: Direction | None
) -> None:
    url = "https://jira.example/browse/PAY-12"
    expected = (ForeignLink(url=url, direction=direction),) if direction else ()
    assert read_links(HERE, [hyperlink(url, comment)]).foreign == expected


def test_a_remote_dependency_leads_out_of_the_tracker() -> None:
    url = "https://dev.azure.com/other/_apis/wit/workItems/5"
    consumes = Relation(rel="System.LinkTypes.Remote.Dependency-Reverse", url=url)
    produces = Relation(rel="System.LinkTypes.Remote.Dependency-Forward", url=url)
    related = Relation(rel="System.LinkTypes.Remote.Related", url=url)
    links = read_links(HERE, [consumes, produces, related])
    assert {link.direction for link in links.foreign} == {Direction.BLOCKED_BY, Direction.BLOCKS}
    assert (links.edges, links.linked) == (frozenset(), frozenset())


def test_files_and_commits_are_nothing_of_ours() -> None:
    relations = [
        Relation(rel="ArtifactLink", url="vstfs:///Git/Commit/1"),
        Relation(rel="AttachedFile", url="https://a/1"),
    ]
    assert read_links(HERE, relations).linked == frozenset()


def test_a_link_between_items_that_names_none_is_not_passed_over() -> None:
    with pytest.raises(ValueError, match="leads to no work item"):
        read_links(HERE, [Relation(rel="System.LinkTypes.Dependency-Reverse", url="https://x.example/workItems/abc")])


@pytest.mark.parametrize("rel", ["System.LinkTypes.Related", "System.LinkTypes.Dependency", "Dependency-Reverse", ""])
def test_what_is_no_dependency_has_no_direction(rel: str) -> None:
    assert direction_of(rel) is None


def test_all_addresses_in_a_reference_field_are_found() -> None:
    text = "Waits for PAY-1 (https://jira.example/browse/PAY-1), https://jira.example/browse/PAY-2; and http:// nothing"
    assert {link.url for link in addresses_in(text, Direction.BLOCKED_BY)} == {
        "https://jira.example/browse/PAY-1",
        "https://jira.example/browse/PAY-2",
    }
