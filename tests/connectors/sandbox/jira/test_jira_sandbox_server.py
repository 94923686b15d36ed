"""What is different on Data Center."""

from __future__ import annotations

import pytest

from connectors.sandbox.jira import EPIC_LINK, EPIC_NAME, PARENT_LINK


def new(**fields):
    """The body of a creation in PAY."""
    return {"fields": {"project": {"key": "PAY"}, "issuetype": {"name": "Story"}, "summary": "Refunds", **fields}}


def field_id(site, custom: str) -> str:
    """The id of the field with that `schema.custom`."""
    return next(one["id"] for one in site.get("/field") if one["schema"].get("custom") == custom)


def test_search_pages_by_start_and_tells_the_total(server) -> None:
    made = [server.store.create_issue("PAY", "Story", str(number)).key for number in range(5)]
    page = server.get("/search", jql="project = PAY ORDER BY key", startAt=3, maxResults=10, fields="summary")
    assert [issue["key"] for issue in page["issues"]] == made[3:]
    assert (page["startAt"], page["maxResults"], page["total"]) == (3, 10, 5)
    posted = server.post(
        "/search", {"jql": "project = PAY ORDER BY key", "startAt": 3, "maxResults": 10, "fields": ["summary"]}
    )
    assert posted.json() == page


def test_search_is_capped_at_1000_and_may_be_unbounded(server) -> None:
    assert server.get("/search", jql="", maxResults=5000)["maxResults"] == 1000


def test_search_brings_the_changelog_oldest_first(server) -> None:
    issue = server.store.create_issue("PAY", "Story", "Refunds")
    server.store.transition(issue, "In Progress")
    server.store.add_label(issue, "late")
    found = server.get("/search", jql="key = PAY-1", expand="changelog")["issues"][0]
    items = [one["items"][0] for one in found["changelog"]["histories"]]
    assert [item["field"] for item in items] == ["status", "labels"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/search/jql"),
        ("POST", "/search/approximate-count"),
        ("POST", "/changelog/bulkfetch"),
        ("POST", "/comment/list"),
        ("GET", "/issue/PAY-1/changelog"),
        ("GET", "/project/search"),
    ],
)
def test_what_only_cloud_has_is_a_404(server, method, path) -> None:
    assert server.request(method, path, {} if method == "POST" else None).status_code in (404, 405)


def test_the_epic_of_a_story_stands_in_the_epic_link(server) -> None:
    epic = server.store.create_issue("PAY", "Epic", "Instant")
    link = field_id(server, EPIC_LINK)
    made = server.post("/issue", new(**{link: epic.key}))
    assert made.status_code == 201
    fields = server.get(f"/issue/{made.json()['key']}")["fields"]
    assert fields[link] == epic.key
    assert "parent" not in fields
    assert server.put(f"/issue/{made.json()['key']}", {"fields": {link: None}}).status_code == 204
    assert server.get(f"/issue/{made.json()['key']}", expand="changelog")["fields"][link] is None


def test_what_is_above_an_epic_stands_in_the_parent_link(server) -> None:
    server.store.add_issue_type("Initiative", 2)
    initiative = server.store.create_issue("PAY", "Initiative", "Grow")
    epic = server.store.create_issue("PAY", "Epic", "Instant", parent=initiative)
    fields = server.get(f"/issue/{epic.key}")["fields"]
    assert fields[field_id(server, PARENT_LINK)] == initiative.key
    assert fields[field_id(server, EPIC_LINK)] is None


def test_only_a_sub_task_has_a_parent(server) -> None:
    story = server.store.create_issue("PAY", "Story", "Refunds")
    made = server.post("/issue", new(issuetype={"name": "Sub-task"}, parent={"key": story.key}))
    assert server.get(f"/issue/{made.json()['key']}")["fields"]["parent"]["key"] == story.key
    wrong = server.post("/issue", new(parent={"key": story.key}))
    assert set(wrong.json()["errors"]) == {"parent"}


def test_an_epic_needs_its_epic_name(server) -> None:
    name = field_id(server, EPIC_NAME)
    refused = server.post("/issue", new(issuetype={"name": "Epic"}))
    assert refused.json()["errors"] == {name: "Epic Name is required."}
    assert server.post("/issue", new(issuetype={"name": "Epic"}, **{name: "Instant"})).status_code == 201


def test_types_do_not_tell_their_level(server) -> None:
    assert all("hierarchyLevel" not in one for one in server.get("/issuetype"))


def test_people_go_by_name(server) -> None:
    server.store.create_issue("PAY", "Story", "Refunds")
    assert server.put("/issue/PAY-1", {"fields": {"assignee": {"name": "robin"}}}).status_code == 204
    assignee = server.get("/issue/PAY-1")["fields"]["assignee"]
    assert assignee["name"] == "robin"
    assert "accountId" not in assignee


def test_silence_towards_watchers_needs_an_administrator(server) -> None:
    server.store.create_issue("PAY", "Story", "Refunds")
    body = {"fields": {"summary": "New"}}
    assert server.put("/issue/PAY-1", body, notifyUsers="false").status_code == 403
    assert server.store.issue("PAY-1").summary == "Refunds"
    server.store.bot.is_admin = True
    assert server.put("/issue/PAY-1", body, notifyUsers="false").status_code == 204


def test_comments_take_text_and_properties_and_come_all_at_once(server, document) -> None:
    server.store.create_issue("PAY", "Story", "Refunds")
    for number in range(101):
        body = {"body": f"Comment {number}", "properties": [{"key": "lpm", "value": number}]}
        assert server.post("/issue/PAY-1/comment", body).status_code == 201
    page = server.get("/issue/PAY-1/comment", expand="properties")
    assert (len(page["comments"]), page["total"]) == (101, 101)
    assert page["comments"][100]["properties"] == [{"key": "lpm", "value": 100}]
    assert len(server.get("/issue/PAY-1")["fields"]["comment"]["comments"]) == 101
    refused = server.post("/issue/PAY-1/comment", {"body": document("x")})
    assert refused.status_code == 400
    assert refused.json()["errorMessages"][0].startswith("Cannot deserialize value")


def test_times_of_an_issue_have_no_milliseconds(server) -> None:
    server.store.create_issue("PAY", "Story", "Refunds")
    assert server.get("/issue/PAY-1")["fields"]["updated"] == "2026-11-23T08:00:00.000+0000"


def test_all_permissions_are_answered_unless_some_are_named(server) -> None:
    whole = server.get("/mypermissions", projectKey="PAY")["permissions"]
    assert whole["EDIT_ISSUES"]["havePermission"] is True
    assert whole["ADMINISTER"]["havePermission"] is False


def test_links_work_as_on_cloud(server) -> None:
    for name in ("Ledger", "Refunds"):
        server.store.create_issue("PAY", "Story", name)
    body = {"type": {"name": "Blocks"}, "inwardIssue": {"key": "PAY-1"}, "outwardIssue": {"key": "PAY-2"}}
    assert server.post("/issueLink", body).status_code == 201
    [link] = server.get("/issue/PAY-2")["fields"]["issuelinks"]
    assert link["inwardIssue"]["key"] == "PAY-1"
