"""Who may see what, and how Jira says no."""

from __future__ import annotations

from datetime import timedelta

import pytest


def test_bad_credentials_on_cloud_answer_200_as_anonymous(cloud) -> None:
    cloud.store.create_issue("PAY", "Story", "Refunds")
    cloud.session.auth = ("bot@example.com", "wrong")
    answer = cloud.post("/search/jql", {"jql": "project = PAY"})
    assert answer.status_code == 200
    assert answer.json() == {"issues": [], "isLast": True}
    assert answer.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"
    assert cloud.request("GET", "/myself").status_code == 401


def test_cloud_can_be_told_to_refuse_bad_credentials(cloud) -> None:
    cloud.store.behaviour.refuse_bad_credentials = True
    cloud.session.auth = ("bot@example.com", "wrong")
    assert cloud.request("GET", "/serverInfo").status_code == 401


def test_without_credentials_myself_is_401_and_the_rest_anonymous(cloud) -> None:
    cloud.store.create_issue("PAY", "Story", "Refunds")
    cloud.session.auth = None
    assert cloud.request("GET", "/myself").status_code == 401
    assert cloud.request("GET", "/serverInfo").status_code == 200
    assert cloud.search("project = PAY")["issues"] == []
    assert cloud.request("GET", "/issue/PAY-1").status_code == 404
    assert "X-Seraph-LoginReason" not in cloud.request("GET", "/serverInfo").headers


def test_a_bearer_token_does_not_sign_in_at_cloud(cloud) -> None:
    cloud.session.auth = None
    cloud.headers = {"Authorization": "Bearer cloud-token"}
    assert cloud.request("GET", "/myself").status_code == 401


def test_a_deactivated_account_does_not_sign_in(cloud) -> None:
    cloud.store.bot.active = False
    assert cloud.request("GET", "/myself").status_code == 401


def test_data_center_takes_a_bearer_token_and_refuses_all_else(server) -> None:
    assert server.get("/myself")["name"] == "lpm-bot"
    for header in ("Bearer wrong", "Basic bHBtLWJvdDpzZXJ2ZXItdG9rZW4="):
        server.headers = {"Authorization": header}
        answer = server.request("GET", "/serverInfo")
        assert answer.status_code == 401
        assert answer.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"


def test_version_3_does_not_exist_on_data_center(server) -> None:
    server.version = "3"
    assert server.request("GET", "/serverInfo").status_code == 404


def test_myself_tells_the_zone_of_the_profile(cloud) -> None:
    assert cloud.get("/myself")["timeZone"] == "Europe/Berlin"


@pytest.mark.parametrize("deployment", ["cloud", "server"])
def test_server_info_tells_deployment_version_and_the_shared_clock(deployment, request, clock) -> None:
    site = request.getfixturevalue(deployment)
    clock.move_to(clock.now() + timedelta(hours=2))
    info = site.get("/serverInfo")
    assert info["serverTime"] == "2026-11-23T10:00:00.000+0000"
    assert info["deploymentType"] == site.store.deployment
    assert info["version"] == ".".join(str(number) for number in info["versionNumbers"])


def test_a_hidden_project_is_a_404_and_search_omits_it(cloud) -> None:
    cloud.store.add_project("SEC")
    hidden = cloud.store.create_issue("SEC", "Story", "Secret")
    cloud.store.create_issue("PAY", "Story", "Refunds")
    cloud.store.hide_project("SEC")
    assert cloud.keys("id > 0") == ["PAY-1"]
    assert cloud.keys("project in (PAY, SEC)") == ["PAY-1"]
    answer = cloud.request("GET", f"/issue/{hidden.id}")
    assert answer.status_code == 404
    assert answer.json() == cloud.request("GET", "/issue/PAY-99").json()
    assert cloud.request("GET", "/project/SEC").status_code == 404
    cloud.store.show_project("SEC")
    assert cloud.keys("project = SEC") == ["SEC-1"]


def test_a_hidden_project_may_also_be_an_unknown_value_in_jql(cloud) -> None:
    cloud.store.hide_project("PAY")
    cloud.store.behaviour.refuse_hidden_projects = True
    answer = cloud.post("/search/jql", {"jql": "project = PAY"})
    assert answer.status_code == 400
    assert answer.json()["errorMessages"] == ["The value 'PAY' does not exist for the field 'project'."]


def test_one_issue_may_be_hidden(cloud) -> None:
    first, second = (cloud.store.create_issue("PAY", "Story", name) for name in ("Refunds", "Cards"))
    cloud.store.hide_issue(first)
    answer = cloud.post("/issue/bulkfetch", {"issueIdsOrKeys": [first.id, second.id], "fields": ["summary"]}).json()
    assert [issue["id"] for issue in answer["issues"]] == [second.id]
    assert answer["issueErrors"] == []


def test_missing_permissions_are_reported_and_enforced(cloud) -> None:
    cloud.store.create_issue("PAY", "Story", "Refunds")
    cloud.store.withhold("PAY", "EDIT_ISSUES")
    wanted = cloud.get("/mypermissions", permissions="EDIT_ISSUES,ADD_COMMENTS", projectKey="PAY")["permissions"]
    assert {name: one["havePermission"] for name, one in wanted.items()} == {"EDIT_ISSUES": False, "ADD_COMMENTS": True}
    assert cloud.put("/issue/PAY-1", {"fields": {"summary": "New"}}).status_code == 403
    cloud.store.grant("PAY", "EDIT_ISSUES")
    assert cloud.put("/issue/PAY-1", {"fields": {"summary": "New"}}).status_code == 204


def test_permissions_must_be_named_on_cloud(cloud) -> None:
    assert cloud.request("GET", "/mypermissions").status_code == 400
    assert cloud.request("GET", "/mypermissions", permissions="FLY").status_code == 400


def test_projects_come_in_pages_on_cloud_and_whole_on_data_center(cloud) -> None:
    for number in range(3):
        cloud.store.add_project(f"P{number}")
    page = cloud.get("/project/search", startAt=2, maxResults=2)
    assert [project["key"] for project in page["values"]] == ["P2", "PAY"]
    assert (page["total"], page["isLast"]) == (4, True)


def test_data_center_lists_projects_without_pages(server) -> None:
    assert [project["key"] for project in server.get("/project")] == ["PAY"]
    assert server.request("GET", "/project/search").status_code == 404


def test_a_site_address_of_its_own_stands_in_self_urls(cloud) -> None:
    cloud.store.base_url = "https://acme.example"
    cloud.store.create_issue("PAY", "Story", "Refunds")
    assert cloud.get("/issue/PAY-1")["self"].startswith("https://acme.example/rest/api/3/issue/")
    assert cloud.get("/serverInfo")["baseUrl"] == "https://acme.example"
