"""Links between issues and to addresses elsewhere, on Cloud."""

from __future__ import annotations

import pytest


@pytest.fixture
def pair(cloud):
    """PAY-1 and PAY-2."""
    return [cloud.store.create_issue("PAY", "Story", name) for name in ("Ledger", "Refunds")]


def blocks(inward: str, outward: str, **more):
    """The body that says that the first blocks the second."""
    return {"type": {"name": "Blocks"}, "inwardIssue": {"key": inward}, "outwardIssue": {"key": outward}, **more}


def links(site, key: str):
    """The links that an issue shows."""
    return site.get(f"/issue/{key}", fields="issuelinks")["fields"]["issuelinks"]


def test_a_blocks_b_is_inward_a_and_outward_b_and_each_shows_the_other_end(cloud, pair) -> None:
    assert cloud.post("/issueLink", blocks("PAY-1", "PAY-2")).status_code == 201
    [on_first], [on_second] = links(cloud, "PAY-1"), links(cloud, "PAY-2")
    assert on_first["outwardIssue"]["key"] == "PAY-2"
    assert on_second["inwardIssue"]["key"] == "PAY-1"
    assert "inwardIssue" not in on_first
    assert "outwardIssue" not in on_second
    assert on_second["type"]["inward"] == "is blocked by"
    assert set(on_second["inwardIssue"]["fields"]) == {"summary", "status", "priority", "issuetype"}


def test_only_the_link_itself_has_both_ends(cloud, pair) -> None:
    link = cloud.store.link("PAY-1", "PAY-2")
    whole = cloud.get(f"/issueLink/{link.id}")
    assert (whole["inwardIssue"]["key"], whole["outwardIssue"]["key"]) == ("PAY-1", "PAY-2")


def test_both_ends_record_the_link_in_their_words(cloud, pair) -> None:
    cloud.post("/issueLink", blocks("PAY-1", "PAY-2"))
    first, second = (cloud.get(f"/issue/{key}/changelog")["values"][0]["items"][0] for key in ("PAY-1", "PAY-2"))
    assert (first["field"], first["to"], first["toString"]) == ("Link", "PAY-2", "This issue blocks PAY-2")
    assert (second["to"], second["toString"]) == ("PAY-1", "This issue is blocked by PAY-1")
    assert first["from"] is None


def test_a_duplicate_link_is_a_no_op_but_its_comment_is_not(cloud, pair, document) -> None:
    for _ in range(2):
        body = blocks("PAY-1", "PAY-2", comment={"body": document("Linked")})
        assert cloud.post("/issueLink", body).status_code == 201
    assert len(links(cloud, "PAY-1")) == 1
    assert [len(issue.comments) for issue in pair] == [0, 2]
    assert len(pair[0].histories) == 1


def test_the_reverse_link_is_another_one(cloud, pair) -> None:
    cloud.post("/issueLink", blocks("PAY-1", "PAY-2"))
    cloud.post("/issueLink", blocks("PAY-2", "PAY-1"))
    assert [sorted(set(link) & {"inwardIssue", "outwardIssue"}) for link in links(cloud, "PAY-1")] == [
        ["outwardIssue"],
        ["inwardIssue"],
    ]


def test_a_link_type_is_chosen_by_id_whatever_its_language(cloud, pair) -> None:
    localised = cloud.store.add_link_type("Blockiert", "wird blockiert von", "blockiert")
    body = blocks("PAY-1", "PAY-2") | {"type": {"id": localised.id}}
    assert cloud.post("/issueLink", body).status_code == 201
    assert links(cloud, "PAY-2")[0]["type"]["inward"] == "wird blockiert von"
    phrases = {one["outward"] for one in cloud.get("/issueLinkType")["issueLinkTypes"]}
    assert {"blocks", "blockiert"} <= phrases


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (blocks("PAY-1", "PAY-99"), 404),
        (blocks("PAY-1", "PAY-2") | {"type": {"name": "Hinders"}}, 404),
        (blocks("PAY-1", "PAY-1"), 400),
        ({"type": {"name": "Blocks"}, "inwardIssue": {"key": "PAY-1"}}, 400),
        (blocks("PAY-1", "PAY-2", comment={"body": "text"}), 400),
    ],
)
def test_a_wrong_link_is_refused_whole(cloud, pair, body, status) -> None:
    assert cloud.post("/issueLink", body).status_code == status
    assert cloud.store.links == {}


def test_a_link_is_deleted_by_id_and_both_ends_record_it(cloud, pair) -> None:
    link = cloud.store.link("PAY-1", "PAY-2")
    assert cloud.delete(f"/issueLink/{link.id}").status_code == 204
    assert links(cloud, "PAY-1") == links(cloud, "PAY-2") == []
    item = cloud.get("/issue/PAY-2/changelog")["values"][-1]["items"][0]
    assert (item["from"], item["fromString"], item["to"]) == ("PAY-1", "This issue is blocked by PAY-1", None)
    assert cloud.delete(f"/issueLink/{link.id}").status_code == 404


def test_a_link_to_an_invisible_issue_is_not_shown(cloud, pair) -> None:
    cloud.store.link("PAY-1", "PAY-2")
    cloud.store.hide_issue("PAY-2")
    assert links(cloud, "PAY-1") == []


def test_past_the_limit_for_ever_a_link_is_a_413(cloud, pair) -> None:
    cloud.store.limits.links_per_issue = 0
    assert cloud.post("/issueLink", blocks("PAY-1", "PAY-2")).status_code == 413


def remote(title: str, **more):
    """A remote link to a work item elsewhere."""
    return {"object": {"url": "https://dev.example/431", "title": title}, **more}


def test_a_global_id_makes_a_remote_link_an_upsert(cloud, pair) -> None:
    path = "/issue/PAY-1/remotelink"
    first = cloud.post(path, remote("Old", globalId="ado:431"))
    second = cloud.post(path, remote("New", globalId="ado:431"))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    [link] = cloud.get(path)
    assert (link["globalId"], link["object"]["title"]) == ("ado:431", "New")
    assert cloud.get(path, globalId="ado:431")["id"] == link["id"]


def test_without_a_global_id_each_remote_link_is_new(cloud, pair) -> None:
    for _ in range(2):
        assert cloud.post("/issue/PAY-1/remotelink", remote("Same")).status_code == 201
    assert len(cloud.get("/issue/PAY-1/remotelink")) == 2


def test_writing_a_remote_link_again_stands_in_the_changelog(cloud, pair) -> None:
    for _ in range(2):
        cloud.post("/issue/PAY-1/remotelink", remote("Same", globalId="ado:431"))
    new, again = (one["items"][0] for one in cloud.get("/issue/PAY-1/changelog")["values"])
    assert (new["field"], new["from"]) == ("RemoteIssueLink", None)
    assert again["from"] == again["to"] == new["to"]


def test_remote_links_are_deleted_by_id_or_global_id(cloud, pair) -> None:
    path = "/issue/PAY-1/remotelink"
    number = cloud.post(path, remote("One")).json()["id"]
    cloud.post(path, remote("Two", globalId="ado:431"))
    assert cloud.delete(f"{path}/{number}").status_code == 204
    assert cloud.delete(path).status_code == 400
    assert cloud.delete(path, globalId="ado:431").status_code == 204
    assert cloud.delete(path, globalId="ado:431").status_code == 404
    assert cloud.get(path) == []


def test_a_remote_link_needs_title_and_address(cloud, pair) -> None:
    answer = cloud.post("/issue/PAY-1/remotelink", {"object": {"url": "https://dev.example/431"}})
    assert answer.status_code == 400
    assert answer.json()["errors"] == {"title": "'title' is required."}
