"""Search on Cloud and the bulk reads behind it."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain

import pytest


@pytest.fixture
def ten(cloud):
    """Ten stories, PAY-1 to PAY-10."""
    return [cloud.store.create_issue("PAY", "Story", f"Story {number}") for number in range(1, 11)]


def walk(site, **body):
    """All pages of a query by their tokens, at most 50."""
    pages, token = [], None
    for _ in range(50):
        page = site.search("project = PAY ORDER BY id", **body, **({"nextPageToken": token} if token else {}))
        pages.append([issue["id"] for issue in page["issues"]])
        assert page["isLast"] == ("nextPageToken" not in page)
        token = page.get("nextPageToken")
        if token is None:
            return pages
    return pages


@pytest.mark.parametrize("version", ["2", "3"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_old_search_is_gone(cloud, version, method) -> None:
    cloud.version = version
    answer = cloud.request(method, "/search", {"jql": "project = PAY"} if method == "POST" else None)
    assert answer.status_code == 410
    assert "/rest/api/3/search/jql" in answer.json()["errorMessages"][0]


def test_only_ids_come_unless_fields_are_named(cloud, ten) -> None:
    assert cloud.search("id = PAY-1")["issues"] == [{"id": ten[0].id}]
    named = cloud.search("id = PAY-1", fields=["summary"])["issues"][0]
    assert named["fields"] == {"summary": "Story 1"}
    assert named["key"] == "PAY-1"


def test_all_fields_but_some_may_be_asked_for(cloud, ten) -> None:
    fields = cloud.search("id = PAY-1", fields=["*all", "-comment"])["issues"][0]["fields"]
    assert "summary" in fields
    assert "comment" not in fields
    assert "comment" not in cloud.search("id = PAY-1", fields=["*navigable"])["issues"][0]["fields"]


@pytest.mark.parametrize("jql", ["", "ORDER BY key DESC"])
def test_unbounded_queries_are_refused(cloud, jql) -> None:
    answer = cloud.post("/search/jql", {"jql": jql})
    assert answer.status_code == 400
    assert answer.json()["errorMessages"][0].startswith("Unbounded JQL queries are not allowed here.")


def test_pages_are_joined_by_tokens_and_the_last_has_none(cloud, ten) -> None:
    pages = walk(cloud, maxResults=4)
    assert [len(page) for page in pages] == [4, 4, 2]
    assert list(chain.from_iterable(pages)) == [issue.id for issue in ten]


def test_a_search_by_query_string_is_the_same(cloud, ten) -> None:
    page = cloud.get("/search/jql", jql="project = PAY", maxResults=4, fields=["summary", "labels"], expand="changelog")
    assert len(page["issues"]) == 4
    assert set(page["issues"][0]["fields"]) == {"summary", "labels"}
    assert "changelog" in page["issues"][0]
    following = cloud.get("/search/jql", jql="project = PAY", maxResults=4, nextPageToken=page["nextPageToken"])
    assert len(following["issues"]) == 4


def test_a_page_with_fields_is_capped_below_one_with_ids(cloud, ten) -> None:
    cloud.store.behaviour.page_cap, cloud.store.behaviour.id_page_cap = 3, 8
    assert len(cloud.search("project = PAY", maxResults=1000, fields=["summary"])["issues"]) == 3
    assert len(cloud.search("project = PAY", maxResults=1000)["issues"]) == 8


def test_a_page_may_be_short_and_not_be_the_last(cloud, ten) -> None:
    cloud.store.behaviour.short_pages = True
    pages = walk(cloud, maxResults=4)
    assert {len(page) for page in pages} == {2}
    assert list(chain.from_iterable(pages)) == [issue.id for issue in ten]


def test_a_page_may_be_empty_and_not_be_the_last(cloud, ten) -> None:
    cloud.store.behaviour.empty_pages = 2
    pages = walk(cloud, maxResults=5)
    assert [len(page) for page in pages] == [0, 0, 5, 0, 0, 5]


def test_a_token_may_repeat_for_ever(cloud, ten) -> None:
    cloud.store.behaviour.repeat_token = True
    pages = walk(cloud, maxResults=4)
    assert len(pages) == 50
    assert pages[1] == pages[49]


def test_a_token_may_expire(cloud, ten) -> None:
    token = cloud.search("project = PAY", maxResults=2)["nextPageToken"]
    cloud.store.expire_tokens()
    assert cloud.post("/search/jql", {"jql": "project = PAY", "nextPageToken": token}).status_code == 400
    assert cloud.post("/search/jql", {"jql": "project = PAY", "nextPageToken": "invented"}).status_code == 400


def test_a_walk_by_id_loses_nothing_when_an_issue_disappears(cloud, ten) -> None:
    first = cloud.search("project = PAY ORDER BY id", maxResults=4)
    cloud.store.delete_issue("PAY-2")
    cloud.store.delete_issue("PAY-4")
    rest = cloud.search("project = PAY ORDER BY id", maxResults=20, nextPageToken=first["nextPageToken"])
    assert [issue["id"] for issue in rest["issues"]] == [issue.id for issue in ten[4:]]


def test_a_walk_by_updated_sees_an_issue_twice_when_it_changes(cloud, ten) -> None:
    first = cloud.search("project = PAY ORDER BY updated", maxResults=4)
    cloud.store.edit("PAY-1", {"summary": "Changed"})
    rest = cloud.search("project = PAY ORDER BY updated", maxResults=20, nextPageToken=first["nextPageToken"])
    assert rest["issues"][-1]["id"] == first["issues"][0]["id"]


def test_the_index_may_lag_and_reconciling_reads_own_writes(cloud, clock) -> None:
    cloud.store.create_issue("PAY", "Story", "Old", labels=["first"])
    cloud.store.behaviour.index_lag = timedelta(minutes=2)
    new = cloud.store.create_issue("PAY", "Story", "New")
    cloud.store.edit("PAY-1", {"labels": ["second"]})
    assert cloud.keys("project = PAY") == ["PAY-1"]
    assert cloud.keys("labels = 'first'") == ["PAY-1"]
    assert cloud.keys("labels = 'second'") == []
    reconciled = cloud.search("project = PAY", reconcileIssues=[int(new.id)])
    assert reconciled["issues"][0]["id"] == new.id
    assert cloud.get("/issue/PAY-1", fields="labels")["fields"]["labels"] == ["second"]
    clock.move_to(clock.now() + timedelta(minutes=2))
    assert cloud.keys("labels = 'second'") == ["PAY-1"]
    assert cloud.keys("project = PAY") == ["PAY-2", "PAY-1"]


def test_a_deleted_issue_stays_in_a_lagging_index(cloud, ten, clock) -> None:
    cloud.store.behaviour.index_lag = timedelta(minutes=2)
    cloud.store.delete_issue("PAY-1")
    assert {"id": ten[0].id} in cloud.search("project = PAY")["issues"]
    assert cloud.post("/issue/bulkfetch", {"issueIdsOrKeys": [ten[0].id]}).json()["issues"] == []
    clock.move_to(clock.now() + timedelta(minutes=2))
    assert {"id": ten[0].id} not in cloud.search("project = PAY")["issues"]


def test_unknown_names_in_the_body_are_refused(cloud) -> None:
    assert cloud.post("/search/jql", {"jql": "project = PAY", "startAt": 0}).status_code == 400
    assert cloud.post("/search/jql", {"jql": "project = PAY", "reconcileIssues": list(range(51))}).status_code == 400


def test_properties_come_with_search_and_bulk_reads(cloud) -> None:
    issue = cloud.store.create_issue("PAY", "Story", "Refunds")
    cloud.store.set_property(issue, "lpm", {"card": 7})
    cloud.store.set_property(issue, "other", 1)
    found = cloud.search("project = PAY", fields=["id"], properties=["lpm"])["issues"][0]
    assert found["properties"] == {"lpm": {"card": 7}}
    body = {"issueIdsOrKeys": ["PAY-1"], "properties": ["lpm"]}
    assert cloud.post("/issue/bulkfetch", body).json()["issues"][0]["properties"] == {"lpm": {"card": 7}}


def test_at_most_20_comments_are_embedded_with_the_true_total(cloud) -> None:
    issue = cloud.store.create_issue("PAY", "Story", "Refunds")
    for number in range(25):
        cloud.store.add_comment(issue, f"Comment {number}")
    embedded = cloud.search("project = PAY", fields=["comment"])["issues"][0]["fields"]["comment"]
    assert (len(embedded["comments"]), embedded["total"]) == (20, 25)


def test_the_approximate_count_wants_bounded_jql_too(cloud, ten) -> None:
    assert cloud.post("/search/approximate-count", {"jql": "project = PAY"}).json() == {"count": 10}
    assert cloud.post("/search/approximate-count", {"jql": ""}).status_code == 400


def test_bulk_reads_answer_by_id_and_leave_out_what_is_missing(cloud, ten) -> None:
    wanted = ["pay-3", ten[1].id, "PAY-999", "424242", "PAY-3"]
    answer = cloud.post("/issue/bulkfetch", {"issueIdsOrKeys": wanted}).json()
    assert [issue["key"] for issue in answer["issues"]] == ["PAY-2", "PAY-3"]
    assert answer["issueErrors"] == []


@pytest.mark.parametrize("count", [0, 101])
def test_bulk_reads_take_1_to_100(cloud, count) -> None:
    assert cloud.post("/issue/bulkfetch", {"issueIdsOrKeys": ["PAY-1"] * count}).status_code == 400


def test_changelogs_come_in_bulk_oldest_first_by_field_and_in_pages(cloud) -> None:
    for name in ("Refunds", "Cards"):
        issue = cloud.store.create_issue("PAY", "Story", name)
        cloud.store.transition(issue, "In Progress")
        cloud.store.add_label(issue, "late")
        cloud.store.transition(issue, "To Do")
    body = {"issueIdsOrKeys": ["PAY-2", "PAY-1"], "fieldIds": ["status"]}
    whole = cloud.post("/changelog/bulkfetch", body).json()
    assert [log["issueId"] for log in whole["issueChangeLogs"]] == [cloud.store.issue(f"PAY-{n}").id for n in (1, 2)]
    steps = [item["toString"] for one in whole["issueChangeLogs"][0]["changeHistories"] for item in one["items"]]
    assert steps == ["In Progress", "To Do"]
    page = cloud.post("/changelog/bulkfetch", body | {"maxResults": 3}).json()
    rest = cloud.post("/changelog/bulkfetch", body | {"maxResults": 3, "nextPageToken": page["nextPageToken"]}).json()
    assert "nextPageToken" not in rest
    assert len(rest["issueChangeLogs"][0]["changeHistories"]) == 1
