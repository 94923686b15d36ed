"""Who gets in, what is discovered, and how the embedded Azure DevOps slows down."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

TAG = {"op": "add", "path": "/fields/System.Tags", "value": "x"}


def test_a_bad_credential_is_203_with_html_on_get_and_post_and_401_on_patch(api: Any) -> None:
    item = api.store.create_work_item("Payments", "Task", "x")
    for credential in (("", "wrong"), None):
        api.auth = credential
        for answer in (api.get("_apis/projects"), api.post("_apis/wit/wiql", {"query": "x"})):
            assert answer.status_code == 203
            assert answer.headers["Content-Type"].startswith("text/html")
        assert api.patch(item, TAG).status_code == 401
    assert api.store.work_item(item).tags == []


def test_a_revoked_token_stops_working(api: Any) -> None:
    assert api.get("_apis/projects").status_code == 200
    api.store.token = "rotated"
    assert api.get("_apis/projects").status_code == 203


def test_a_bearer_token_works_and_so_does_any_user_name(api: Any) -> None:
    api.auth = ("somebody", "secret")
    assert api.get("_apis/projects").status_code == 200
    api.auth = None
    assert api.call("GET", "_apis/projects", headers={"Authorization": "Bearer secret"}).status_code == 200
    assert api.call("GET", "_apis/projects", headers={"Authorization": "Basic %%%"}).status_code == 203


def test_the_organisation_ignores_case_and_others_are_404(api: Any) -> None:
    api.organization = "CONTOSO"
    assert api.get("_apis/projects").json()["count"] == 1
    api.organization = "fabrikam"
    assert api.get("_apis/projects").status_code == 404


def test_an_unknown_resource_is_404(api: Any) -> None:
    assert api.get("_apis/git/repositories").status_code == 404


@pytest.mark.parametrize(
    ("version", "status"), [("7.1", 200), ("5.0", 200), ("7.1-preview.3", 200), ("9.0", 400), ("latest", 400)]
)
def test_versions(api: Any, version: str, status: int) -> None:
    api.version = version
    assert api.get("_apis/projects").status_code == status


def test_a_version_is_needed_for_writing_and_not_for_reading(api: Any) -> None:
    api.version = None
    assert api.get("_apis/projects").status_code == 200
    answer = api.post("_apis/wit/wiql", {"query": "SELECT [System.Id] FROM WorkItems"})
    assert (answer.status_code, answer.json()["typeKey"]) == (400, "VssVersionNotSpecifiedException")


def test_throttling_is_429_with_retry_after_so_often_as_told(api: Any) -> None:
    api.store.behaviour.throttled_requests = 2
    api.store.behaviour.retry_after = "7"
    answers = [api.get("_apis/projects") for _ in range(3)]
    assert [(a.status_code, a.headers.get("Retry-After")) for a in answers] == [(429, "7"), (429, "7"), (200, None)]


def test_a_200_may_ask_to_slow_down_and_tell_the_price(api: Any) -> None:
    api.store.behaviour.warn_with_retry_after = True
    api.store.behaviour.rate_limit_headers = True
    answer = api.get("_apis/projects")
    assert (answer.status_code, answer.headers["Retry-After"]) == (200, "30")
    names = ("Cost", "Delay", "Limit", "Remaining", "Reset", "Resource")
    assert [name for name in names if f"X-RateLimit-{name}" not in answer.headers] == []


def test_projects_come_in_pages_with_a_continuation_header(api: Any) -> None:
    for name in ("Ledger", "Alpha"):
        api.store.add_project(name)
    first = api.call("GET", "_apis/projects", params={"$top": 2})
    assert [project["name"] for project in first.json()["value"]] == ["Alpha", "Ledger"]
    token = first.headers["x-ms-continuationtoken"]
    second = api.call("GET", "_apis/projects", params={"$top": 2, "continuationToken": token})
    assert [project["name"] for project in second.json()["value"]] == ["Payments"]
    assert "x-ms-continuationtoken" not in second.headers
    skipped = api.call("GET", "_apis/projects", params={"$skip": 2})
    assert skipped.json()["count"] == 1


def test_a_hidden_project_is_not_there(api: Any) -> None:
    assert api.get("_apis/projects/payments").json()["state"] == "wellFormed"
    api.store.hide_project("Payments")
    assert api.get("_apis/projects").json()["value"] == []
    for path in ("_apis/projects/Payments", "Payments/_apis/wit/workitemtypes"):
        assert api.get(path).json()["typeKey"] == "ProjectDoesNotExistWithNameException"
    api.store.show_project("Payments")
    assert api.get("_apis/projects").json()["count"] == 1


def test_a_credential_tells_whose_it_is(api: Any) -> None:
    user = api.get("_apis/connectionData").json()["authenticatedUser"]
    assert user["providerDisplayName"] == "LPM Sync"
    assert user["properties"]["Account"]["$value"] == "lpm.sync@contoso.example"


def test_types_tell_their_states_and_categories(api: Any) -> None:
    api.store.add_work_item_type(
        "Payments", "Portfolio Epic", {"Funnel": "Proposed", "Doing": "InProgress", "Done": "Completed"}
    )
    names = [kind["name"] for kind in api.get("Payments/_apis/wit/workitemtypes").json()["value"]]
    assert names == ["Epic", "Feature", "User Story", "Task", "Bug", "Portfolio Epic"]
    states = api.get("Payments/_apis/wit/workitemtypes/Portfolio%20Epic/states").json()["value"]
    assert [(s["name"], s["category"]) for s in states] == [
        ("Funnel", "Proposed"),
        ("Doing", "InProgress"),
        ("Done", "Completed"),
    ]
    kind = api.get("Payments/_apis/wit/workItemTypes/portfolio%20epic").json()
    assert (kind["referenceName"], kind["states"]) == ("Custom.PortfolioEpic", states)
    assert api.get("Payments/_apis/wit/workitemtypes/Dragon").status_code == 404


def test_fields_are_found_by_both_names(api: Any) -> None:
    api.store.add_field("Custom.Budget", "Portfolio Budget", "double")
    names = {f["referenceName"]: f for f in api.get("_apis/wit/fields").json()["value"]}
    assert names["Custom.Budget"]["type"] == "double"
    assert names["System.AssignedTo"]["isIdentity"] is True
    for name in ("Custom.Budget", "portfolio%20budget"):
        assert api.get(f"Payments/_apis/wit/fields/{name}").json()["referenceName"] == "Custom.Budget"
    assert api.get("_apis/wit/fields/Custom.No").json()["message"] == "TF51535: Cannot find field Custom.No."


def test_tags_of_a_project_are_listed(api: Any) -> None:
    api.store.create_work_item("Payments", "Task", "x", tags=["zeta", "Alpha"])
    assert [tag["name"] for tag in api.get("Payments/_apis/wit/tags").json()["value"]] == ["Alpha", "zeta"]


def test_areas_and_iterations_are_trees(api: Any) -> None:
    api.store.add_area("Payments", "Cards\\Vault")
    start, finish = datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 13, tzinfo=UTC)
    sprint = api.store.add_iteration("Payments", "Sprint 1", start=start, finish=finish)
    areas = api.get("Payments/_apis/wit/classificationNodes/areas", **{"$depth": 2}).json()
    assert areas["children"][0]["children"][0]["path"] == "\\Payments\\Area\\Cards\\Vault"
    assert "children" not in api.get("Payments/_apis/wit/classificationNodes/Areas/Cards").json()
    found = api.get("Payments/_apis/wit/classificationNodes", ids=str(sprint.id)).json()["value"]
    assert found[0]["attributes"] == {"startDate": "2026-11-02T00:00:00Z", "finishDate": "2026-11-13T00:00:00Z"}
    roots = api.get("Payments/_apis/wit/classificationNodes").json()["value"]
    assert [root["structureType"] for root in roots] == ["area", "iteration"]
    assert api.get("Payments/_apis/wit/classificationNodes/areas/Nowhere").status_code == 404
