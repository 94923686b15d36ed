"""What must not hurt: answers that are slow, wrong, partial or missing."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from lpm_sync.core.change import AddLabel, Result
from lpm_sync.core.work_item import Ref, precondition
from lpm_sync.errors import LpmSyncError, UnauthorisedError, UnavailableError
from tests.connectors.jira.conftest import SECRET, JiraSite

HTML = {"content-type": "text/html"}
NOT_READY = AddLabel(label="lpm:not-ready", because=("DOR001",))


def feature(site: JiraSite, title: str = "Refund", project: str = "PAY", **more: Any) -> Ref:
    return site.create_item(project=project, type="Feature", title=title, **more)


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"status": 502, "body": b"<html>Bad Gateway</html>", "headers": HTML},
        {"status": 503},
        {"status": 504},
        {"status": 429},
        {"status": 200, "body": b'{"issues":[{"id":"1"'},
        {"status": 200, "body": b""},
    ],
)
def test_a_search_that_fails_twice_recovers(site: JiraSite, fault: dict[str, Any]) -> None:
    ref = feature(site)
    site.fail("/search", method="POST", times=2, **fault)
    pull = site.connect().pull()
    assert [item.ref for item in pull.items] == [ref]
    assert not pull.failures
    assert len(site.waits) >= 2


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"null", "not what was asked for"),
        (b"[]", "not what was asked for"),
        (b'{"errorMessages":["Oops"]}', "not what was asked for"),
        (b'{"issues":[null],"total":1,"startAt":0}', "holds something that is no issue"),
        (b'{"issues":[{"key":"PAY-1"}],"total":1,"startAt":0}', "holds something that is no issue"),
    ],
)
def test_a_search_answered_with_something_else_is_a_failed_project_and_not_an_empty_one(
    site: JiraSite, body: bytes, said: str
) -> None:
    feature(site)
    site.fail("/search", method="POST", times=-1, status=200, body=body)
    with pytest.raises(UnavailableError, match=said):
        site.connect().pull()


def test_page_seven_of_twelve_that_fails_for_good_delivers_nothing_of_its_project(cloud: JiraSite) -> None:
    for number in range(12):
        feature(cloud, f"Feature {number}")
    cloud.store.behaviour.page_cap = cloud.store.behaviour.id_page_cap = 1
    cloud.fail("/search/jql", method="POST", skip=6, times=-1, status=503)
    with pytest.raises(UnavailableError):
        cloud.connect(projects=("PAY",)).pull()


def test_a_project_that_is_forbidden_does_not_stop_the_others(site: JiraSite) -> None:
    kept = feature(site, project="PORT")
    feature(site)
    site.fail("/project/PAY$", times=-1, status=403, body=b'{"errorMessages":["No"],"errors":{}}')
    pull = site.connect().pull()
    assert [item.ref for item in pull.items] == [kept]
    assert set(pull.failures) == {"PAY"}
    assert "403: not permitted: No" in pull.failures["PAY"]


def test_a_project_that_nobody_knows_is_named(site: JiraSite) -> None:
    kept = feature(site)
    pull = site.connect(projects=("PAY", "NO/SUCH?x#y")).pull()
    assert [item.ref for item in pull.items] == [kept]
    assert set(pull.failures) == {"NO/SUCH?x#y"}


@pytest.mark.parametrize("page_cap", [100, 1], ids=["in a page", "fetched by its id"])
def test_an_item_that_cannot_be_read_is_set_aside_and_the_others_come(site: JiraSite, page_cap: int) -> None:
    site.store.behaviour.page_cap = page_cap
    refs = [feature(site, f"Feature {number}") for number in range(3)]
    site.store.issue(refs[1].id).labels = [{"not": "text"}]  # type: ignore[list-item]
    pull = site.connect().pull()
    assert [item.ref for item in pull.items] == [refs[0], refs[2]]
    [broken] = pull.broken
    assert (broken.ref, broken.key, broken.project) == (refs[1], "PAY-2", "PAY")
    assert "labels" in broken.reason


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("summary", None, "summary"),
        ("summary", {"text": "x"}, "summary"),
        ("status", None, "status"),
        ("created", "yesterday", "yesterday"),
        ("created", "2026-11-23T08:00:00", "without a zone"),
        ("description", 7, "not a document"),
        ("issuelinks", [{"type": None}], "issuelinks"),
        ("customfield_10001", {"odd": 1}, "Benefit Hypothesis"),
    ],
)
def test_a_field_that_is_not_as_it_should_be_breaks_its_item_alone(
    cloud: JiraSite, name: str, value: Any, said: str
) -> None:
    feature(cloud), feature(cloud)
    [field] = [one.id for one in cloud.store.fields.values() if one.name == "Benefit Hypothesis"]
    answer = cloud_search(cloud)
    answer["issues"][0]["fields"][name.replace("customfield_10001", field)] = value
    cloud.fail("/search/jql", method="POST", status=200, body=json.dumps(answer).encode())
    pull = cloud.connect(projects=("PAY",)).pull()
    assert [item.key for item in pull.items] == ["PAY-2"]
    assert [item.key for item in pull.broken] == ["PAY-1"]
    assert said in pull.broken[0].reason


def test_a_comment_that_cannot_be_read_breaks_its_item_only_where_it_is_ours(cloud: JiraSite) -> None:
    for is_ours in (True, False):
        cloud.add_comment(feature(cloud), "A card", is_ours=is_ours)
    answer = cloud_search(cloud)
    for issue in answer["issues"]:
        issue["fields"]["comment"]["comments"][0]["body"] = {"type": "odd"}
    cloud.fail("/search/jql", method="POST", status=200, body=json.dumps(answer).encode())
    pull = cloud.connect(projects=("PAY",)).pull()
    assert [item.key for item in pull.items] == ["PAY-2"]
    assert [(item.key, "not a document" in item.reason) for item in pull.broken] == [("PAY-1", True)]


@pytest.mark.parametrize("page_cap", [100, 1], ids=["in a page", "fetched by its id"])
def test_an_item_larger_than_any_real_one_is_set_aside(site: JiraSite, page_cap: int) -> None:
    site.store.behaviour.page_cap = page_cap
    kept = [feature(site)]
    feature(site, description="x" * 3_000_000)
    kept.append(feature(site))
    pull = site.connect().pull()
    assert [item.ref for item in pull.items] == kept
    assert "larger than" in pull.broken[0].reason


def test_an_item_of_a_type_that_nobody_named_may_be_as_broken_as_it_likes(site: JiraSite) -> None:
    issue = site.store.create_issue("PAY", "Task", "Odd")
    issue.labels = [7]  # type: ignore[list-item]
    pull = site.connect().pull()
    assert (pull.broken, dict(pull.ignored_types)) == ((), {"Task": 1})


def test_comments_that_do_not_come_whole_fail_their_project(cloud: JiraSite) -> None:
    ref = feature(cloud)
    for number in range(25):
        cloud.add_comment(ref, f"Talk {number}")
    cloud.fail("/comment", method="GET", times=-1, status=200, body=b'{"comments":[],"total":25}')
    with pytest.raises(UnavailableError, match="0 of 25 comments came"):
        cloud.connect(projects=("PAY",)).pull()


def test_a_retry_after_is_kept_and_one_past_the_cycle_puts_the_source_off(site: JiraSite) -> None:
    ref = feature(site)
    site.fail("/myself", status=429, headers={"Retry-After": "7"})
    assert [item.ref for item in site.connect().pull().items] == [ref]
    assert site.waits == [7.0]
    site.fail("/myself", status=429, headers={"Retry-After": "1847"})
    with pytest.raises(UnavailableError) as raised:
        site.connect().pull()
    assert raised.value.retry_after == 1847.0


def test_a_quota_that_is_used_up_pauses_everything(cloud: JiraSite) -> None:
    feature(cloud)
    headers = {"Retry-After": "3", "RateLimit-Reason": "jira-quota-global-based"}
    tracker = cloud.connect(request_timeout=30.0)
    tracker.pull()
    cloud.fail("/myself", status=429, headers=headers)
    tracker.pull()
    assert cloud.waits[0] == 3.0
    assert len(cloud.waits) > 1  # the clock of this test does not move: every other request waits too


def test_one_item_that_is_written_too_often_pauses_its_writes_alone(cloud: JiraSite) -> None:
    first, second = feature(cloud, "First"), feature(cloud, "Second")
    tracker = cloud.connect()
    stands = {item.ref: precondition(item) for item in tracker.pull().items}
    headers = {"Retry-After": "2", "RateLimit-Reason": "jira-per-issue-on-write"}
    cloud.fail(f"/issue/{first.id}$", method="PUT", status=429, headers=headers)
    assert tracker.apply(first, (NOT_READY,), stands[first])[0].result is Result.WRITTEN
    assert cloud.waits == [2.0]
    assert tracker.apply(second, (NOT_READY,), stands[second])[0].result is Result.WRITTEN
    assert cloud.waits == [2.0]


@pytest.mark.parametrize("path", ["/serverInfo", "/myself", "/field", "/issueLinkType", "/search"])
def test_a_credential_that_stops_working_in_the_middle_stops_the_source(site: JiraSite, path: str) -> None:
    feature(site)
    site.fail(path, times=-1, status=401, body=b"")
    with pytest.raises(UnauthorisedError):
        site.connect().pull()


@pytest.mark.parametrize("path", ["/(serverInfo|myself)$", "/myself", "/field", "/search"])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": 200, "body": b"<html><input type=password></html>", "headers": HTML}, UnauthorisedError),
        ({"status": 302, "headers": {"Location": "https://elsewhere.example/rest"}}, UnavailableError),
        ({"status": 200, "body": b"null"}, UnavailableError),
        ({"status": 200, "body": b"{}"}, UnavailableError),
    ],
)
def test_what_is_no_answer_of_jira_is_said_so(
    site: JiraSite, path: str, fault: dict[str, Any], error: type[LpmSyncError]
) -> None:
    feature(site)
    site.fail(path, times=-1, **fault)
    with pytest.raises((error, UnauthorisedError)) as raised:
        site.connect().pull()
    assert "jira: " in str(raised.value)
    assert SECRET not in str(raised.value)


def test_an_address_without_a_jira_fails_this_tracker_alone_and_says_what_to_check(site: JiraSite) -> None:
    with pytest.raises(UnavailableError, match=r"no Jira answers at this address; check `url` in trackers\.yaml"):
        site.connect(url=f"{site.server.url}/nothing/here").pull()


@pytest.mark.parametrize("path", ["/(serverInfo|myself)$", "/myself"])
@pytest.mark.parametrize(
    ("status", "error", "said"),
    [
        (403, UnauthorisedError, "grant the account access to this Jira"),
        (404, UnavailableError, "check `url` in trackers.yaml"),
        (400, UnavailableError, "check `url` in trackers.yaml"),
        (409, UnavailableError, "409"),
    ],
)
def test_a_jira_that_will_not_say_what_it_is_fails_this_tracker_alone(
    site: JiraSite, path: str, status: int, error: type[LpmSyncError], said: str
) -> None:
    site.fail(path, times=-1, status=status, body=b"{}")
    with pytest.raises(error) as raised:
        site.connect().pull()
    assert said in str(raised.value)
    with pytest.raises(error):
        site.connect().history([Ref("jira", "10001")])


@pytest.mark.parametrize("status", [400, 403, 404, 409])
def test_fields_that_are_refused_put_the_tracker_off(site: JiraSite, status: int) -> None:
    site.fail("/field$", times=-1, status=status, body=b"{}")
    with pytest.raises(UnavailableError):
        site.connect().pull()


def test_an_anonymous_answer_in_the_middle_is_never_taken_for_the_truth(site: JiraSite) -> None:
    ref = feature(site)
    tracker = site.connect()
    [item] = tracker.pull().items
    headers = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}
    site.fail("/search", times=-1, status=200, headers=headers, body=b'{"issues":[],"total":0,"startAt":0}')
    with pytest.raises(UnauthorisedError):
        tracker.pull()
    site.fail("/issue/", times=-1, status=404, headers=headers, body=b"{}")
    with pytest.raises(UnauthorisedError):
        tracker.apply(ref, (NOT_READY,), precondition(item))


def test_links_that_an_administrator_switched_off_are_no_links(site: JiraSite) -> None:
    ref = feature(site)
    body = b'{"errorMessages":["Issue linking is currently disabled."],"errors":{}}'
    site.fail("/issueLinkType", times=-1, status=404, body=body)
    assert [item.ref for item in site.connect(dependency_links=("bloks",)).pull().items] == [ref]


def test_a_cycle_ends_by_its_time(site: JiraSite) -> None:
    feature(site)
    with pytest.raises(UnavailableError, match="the time of this cycle is over"):
        site.connect(cycle_timeout=0.0).pull()
    assert not site.requests


def cloud_search(cloud: JiraSite) -> dict[str, Any]:
    """What the server answers to the connector's own search of PAY."""
    cloud.connect(projects=("PAY",), reads_remote_links=False).pull()
    [search] = cloud.sent("POST", "/search/jql")
    answer = requests.post(
        cloud.server.url + search.path, data=search.body, auth=("bot@example.com", SECRET), timeout=5
    )
    found: dict[str, Any] = answer.json()
    return found
