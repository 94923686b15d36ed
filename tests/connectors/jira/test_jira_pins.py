"""What is pinned in a Jira (fields, links, projects), and how fields of one name are told from each other."""

from __future__ import annotations

import re

import pytest

from connectors.jira import wire
from connectors.jira.resolving_links import resolve_phrases, worded
from lpm_sync.core.resolution import Resolution
from lpm_sync.core.work_item import Edge
from lpm_sync.errors import ChangedError, ConfigurationError
from lpm_sync.testing.mirror import Mirror
from tests.connectors.jira.conftest import JiraSite

BLOCKS = "dependency_links.blocks"
PAY = "projects.PAY"


def link_type(number: str, outward: str, inward: str) -> wire.LinkType:
    return wire.LinkType(id=number, name=f"Type {number}", inward=inward, outward=outward)


KNOWN = link_type("10", "blocks", "is blocked by")


def test_a_phrase_is_pinned_to_the_end_of_a_type_at_which_it_is_read() -> None:
    needed = link_type("11", "needs", "is needed by")
    found = resolve_phrases((KNOWN, needed), ("Blocks ", "is needed by"), {})
    assert {phrase: end.id for phrase, end in found.items()} == {"Blocks ": "10 outward", "is needed by": "11 inward"}
    assert worded(("Blocks ", "is needed by"), found) == ("blocks", "is needed by")


def test_a_phrase_that_several_types_have_means_them_all_and_none_in_particular() -> None:
    assert resolve_phrases((KNOWN, link_type("12", "blocks", "waits for")), ("blocks",), {}) == {}


@pytest.mark.parametrize(
    "now",
    [
        (),
        (link_type("11", "blocks", "is blocked by"),),  # another type of that wording
        (link_type("10", "is blocked by", "blocks"),),  # the ends have changed places: every link would turn round
        (link_type("10", "relates to", "relates to"),),
    ],
)
def test_a_pinned_type_of_link_that_is_gone_or_says_another_thing_is_not_read(now: tuple[wire.LinkType, ...]) -> None:
    with pytest.raises(ChangedError, match=BLOCKS):
        resolve_phrases(now, ("blocks",), {BLOCKS: "10 outward"})


def test_a_pinned_type_of_link_that_is_reworded_still_means_a_dependency(site: JiraSite) -> None:
    blocker, blocked = (site.store.create_issue("PAY", "Feature", title) for title in ("Ledger", "Payouts"))
    site.store.link(blocker, blocked, "Blocks")
    pin = site.connect().pull().resolved[BLOCKS]
    site.store.link_type("Blocks").outward, site.store.link_type("Blocks").inward = "stops", "is stopped by"
    with pytest.raises(ConfigurationError, match="blocks"):
        site.connect().pull()
    tracker = site.connect(pinned={BLOCKS: pin.id})
    mirror = Mirror()
    pull = mirror.read(tracker)
    edges = {edge for item in pull.items for edge in item.edges}
    assert [(edge.blocker.id, edge.blocked.id) for edge in edges] == [(blocker.id, blocked.id)]
    assert pull.resolved[BLOCKS] == Resolution(id=pin.id, name="stops", kind="outward")
    site.store.add_label(blocked, "touched")
    [item] = mirror.read(tracker).items  # as a delta reads it, with what the position remembers
    assert item.edges == edges
    assert all(isinstance(edge, Edge) for edge in edges)


def test_a_pinned_project_is_found_under_its_new_key(site: JiraSite) -> None:
    issue = site.store.create_issue("PAY", "Feature", "Refunds")
    pin = site.connect().pull().resolved[PAY]
    assert pin.name == "PAY"
    site.store.project("PAY").key = "PAYM"
    pull = site.connect(pinned={PAY: pin.id}).pull()
    assert not pull.failures
    assert [item.ref.id for item in pull.items] == [issue.id]
    assert pull.resolved[PAY] == Resolution(id=pin.id, name="PAYM")


def test_a_key_that_another_project_got_does_not_lead_there(site: JiraSite) -> None:
    site.store.create_issue("PAY", "Feature", "Refunds")
    pin = site.connect().pull().resolved[PAY]
    site.store.project("PAY").key = "OLD"
    site.store.add_project("PAY", "Another")
    site.store.create_issue("PAY", "Feature", "Not ours")
    pull = site.connect(pinned={PAY: pin.id}).pull()
    assert [item.title for item in pull.items] == ["Refunds"]


def test_a_pinned_project_that_is_gone_fails_alone(site: JiraSite) -> None:
    site.store.create_issue("PORT", "Feature", "Kept")
    site.store.create_issue("PAY", "Feature", "Not ours")
    pull = site.connect(pinned={PAY: "99999"}).pull()
    assert set(pull.failures) == {"PAY"}
    assert [item.title for item in pull.items] == ["Kept"]
    assert PAY not in pull.resolved


def test_fields_of_one_name_are_told_with_how_often_each_is_filled_in_scope(site: JiraSite) -> None:
    ours, theirs = site.store.field("Benefit Hypothesis"), site.store.add_field("Benefit Hypothesis", "number")
    for number in range(3):
        site.store.create_issue("PAY", "Feature", f"Feature {number}", fields={theirs.id: 5})
    site.store.create_issue("PORT", "Epic", "Epic", fields={ours.id: "Why"})
    site.store.add_project("ELSE", "Out of scope")
    site.store.create_issue("ELSE", "Epic", "Epic", fields={ours.id: "Why"})
    with pytest.raises(ConfigurationError) as raised:
        site.connect().pull()
    first, second = re.findall(r"customfield_\d+ \([^)]*\)", str(raised.value))
    assert first == f"{theirs.id} (Benefit Hypothesis, {theirs.custom}, filled in 3 items)"
    assert second == f"{ours.id} (Benefit Hypothesis, {ours.custom}, filled in 1 item)"
    [fault] = [one.fault for one in site.connect().examine().faults]
    assert fault is not None
    assert fault in str(raised.value)


def test_nobody_is_asked_how_often_fields_are_filled_where_each_is_found(site: JiraSite) -> None:
    site.store.create_issue("PORT", "Epic", "Epic")
    site.connect().pull()
    assert not [one for one in site.requests if "EMPTY" in str(one.body)]


def test_a_count_that_is_refused_leaves_the_candidates(site: JiraSite) -> None:
    site.store.add_field("Benefit Hypothesis")
    site.fail("approximate-count|/rest/api/2/search", times=-1, status=400, body=b"{}")
    with pytest.raises(ConfigurationError, match="how often it is filled is not told"):
        site.connect().pull()
