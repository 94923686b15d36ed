"""Answers of the embedded Cloud fit the schemas that Atlassian publishes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft4Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

from tests.contracts import contract

CONTRACT = contract("specs/jira-cloud-platform-v3.openapi.json")


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    """The specification with what real answers have: null on one side of a change, and null for an empty field.

    Formats are not checked: a real time ends in `+0000`, which is no `date-time` by the letter.
    """
    contract = json.loads(CONTRACT.read_text(encoding="utf-8"))
    for name in ("from", "fromString", "to", "toString"):
        contract["components"]["schemas"]["ChangeDetails"]["properties"][name] = {"type": ["string", "null"]}
    return contract


@pytest.fixture
def check(contract, cloud):
    """Sends a request and compares its answer with the schema for that path, method and status."""
    registry = Registry().with_resource("urn:jira", DRAFT4.create_resource(contract))

    def send(method: str, template: str, body: Any = None, *, of: dict[str, str] | None = None, **query: Any) -> Any:
        path = template
        for name, value in (of or {}).items():
            path = path.replace("{" + name + "}", value)
        answer = cloud.request(method, path, body, **query)
        assert answer.status_code < 300, answer.text
        operation = contract["paths"]["/rest/api/3" + template][method.lower()]
        assert str(answer.status_code) in operation["responses"]
        content = operation["responses"][str(answer.status_code)].get("content", {}).get("application/json", {})
        if content.get("schema"):
            pointer = "/".join(
                part.replace("~", "~0").replace("/", "~1")
                for part in ("paths", "/rest/api/3" + template, method.lower(), "responses", str(answer.status_code))
            )
            reference = {"$ref": f"urn:jira#/{pointer}/content/application~1json/schema"}
            errors = list(Draft4Validator(reference, registry=registry).iter_errors(answer.json()))
            assert not errors, [f"{list(error.absolute_path)}: {error.message}" for error in errors]
        return answer

    return send


@pytest.fixture
def portfolio(cloud):
    """An epic, a story below it, a link, comments, a sub-task and a changelog."""
    store = cloud.store
    store.add_field("Budget", "number")
    store.add_field("Team", "option")
    epic = store.create_issue("PAY", "Epic", "Instant", labels=["core"], fields={"Budget": 5})
    story = store.create_issue("PAY", "Story", "Refunds", parent=epic, assignee=store.bot, description="Why")
    store.create_issue("PAY", "Sub-task", "Part", parent=story)
    store.link(epic, story)
    store.transition(story, "Done")
    store.add_remote_link(story, "https://dev.example/431", "431", global_id="ado:431")
    for number in range(3):
        store.add_comment(story, f"Comment {number}", properties={"lpm": number})
    return store


SIMPLE = (
    "/serverInfo",
    "/myself",
    "/field",
    "/issuetype",
    "/status",
    "/statuscategory",
    "/issueLinkType",
    "/project/search",
    "/project",
)


@pytest.mark.parametrize("path", SIMPLE)
def test_definitions_fit(check, portfolio, path) -> None:
    check("GET", path)


def test_projects_and_permissions_fit(check, portfolio) -> None:
    check("GET", "/project/{projectIdOrKey}", of={"projectIdOrKey": "PAY"})
    check("GET", "/mypermissions", permissions="BROWSE_PROJECTS,ADMINISTER", projectKey="PAY")


def test_screens_and_statuses_fit(check, portfolio) -> None:
    epic = portfolio.issue_type("Epic").id
    check("GET", "/issue/{issueIdOrKey}/editmeta", of={"issueIdOrKey": "PAY-2"})
    of = {"projectIdOrKey": "PAY", "issueTypeId": epic}
    check("GET", "/issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}", of=of)
    check("GET", "/project/{projectIdOrKey}/statuses", of={"projectIdOrKey": "PAY"})


def test_searches_fit(check, portfolio) -> None:
    everything = {"jql": "project = PAY", "fields": ["*all"], "expand": "changelog,names", "maxResults": 2}
    check("POST", "/search/jql", everything)
    check("GET", "/search/jql", jql="project = PAY", fields="*navigable", maxResults=1)
    check("POST", "/search/jql", {"jql": "project = PAY"})
    check("POST", "/search/approximate-count", {"jql": "project = PAY"})
    check(
        "POST", "/issue/bulkfetch", {"issueIdsOrKeys": ["PAY-1", "PAY-2"], "fields": ["*all"], "expand": ["changelog"]}
    )
    check("POST", "/changelog/bulkfetch", {"issueIdsOrKeys": ["PAY-1", "PAY-2"]})


def test_issues_fit(check, portfolio, document) -> None:
    of = {"issueIdOrKey": "PAY-2"}
    check("GET", "/issue/{issueIdOrKey}", of=of, expand="changelog", properties="*all")
    check("GET", "/issue/{issueIdOrKey}/changelog", of=of)
    check("GET", "/issue/{issueIdOrKey}/transitions", of=of)
    fields = {"project": {"key": "PAY"}, "issuetype": {"name": "Story"}, "summary": "New", "description": document("x")}
    check("POST", "/issue", {"fields": fields, "properties": [{"key": "lpm", "value": 1}]})
    check("PUT", "/issue/{issueIdOrKey}", {"update": {"labels": [{"add": "x"}]}}, of=of)
    check("POST", "/issue/{issueIdOrKey}/transitions", {"transition": {"id": "11"}}, of=of)
    check("DELETE", "/issue/{issueIdOrKey}", of={"issueIdOrKey": "PAY-4"})


def test_properties_fit(check, portfolio) -> None:
    of = {"issueIdOrKey": "PAY-2", "propertyKey": "lpm"}
    for _ in range(2):
        check("PUT", "/issue/{issueIdOrKey}/properties/{propertyKey}", {"a": 1}, of=of)
    check("GET", "/issue/{issueIdOrKey}/properties/{propertyKey}", of=of)
    check("GET", "/issue/{issueIdOrKey}/properties", of=of)
    check("DELETE", "/issue/{issueIdOrKey}/properties/{propertyKey}", of=of)


def test_comments_fit(check, portfolio, document) -> None:
    of = {"issueIdOrKey": "PAY-2"}
    check("GET", "/issue/{issueIdOrKey}/comment", of=of, expand="properties")
    body = {"body": document("x"), "properties": [{"key": "lpm", "value": 1}]}
    made = check("POST", "/issue/{issueIdOrKey}/comment", body, of=of).json()
    one = of | {"id": made["id"]}
    check("GET", "/issue/{issueIdOrKey}/comment/{id}", of=one)
    check("PUT", "/issue/{issueIdOrKey}/comment/{id}", {"body": document("y")}, of=one)
    check("POST", "/comment/list", {"ids": [int(made["id"])]}, expand="properties")
    check("DELETE", "/issue/{issueIdOrKey}/comment/{id}", of=one)


def test_links_fit(check, portfolio) -> None:
    of = {"issueIdOrKey": "PAY-2"}
    link = next(iter(portfolio.links))
    check("GET", "/issueLink/{linkId}", of={"linkId": link})
    body = {"type": {"name": "Relates"}, "inwardIssue": {"key": "PAY-1"}, "outwardIssue": {"key": "PAY-3"}}
    check("POST", "/issueLink", body)
    check("DELETE", "/issueLink/{linkId}", of={"linkId": link})
    target = {"object": {"url": "https://dev.example/7", "title": "7"}, "globalId": "ado:7"}
    for _ in range(2):
        made = check("POST", "/issue/{issueIdOrKey}/remotelink", target, of=of)
    check("GET", "/issue/{issueIdOrKey}/remotelink", of=of, globalId="ado:7")
    check("DELETE", "/issue/{issueIdOrKey}/remotelink/{linkId}", of=of | {"linkId": str(made.json()["id"])})


def test_the_check_finds_what_does_not_fit(check, portfolio, monkeypatch) -> None:
    portfolio.issue("PAY-2").key = 7
    with pytest.raises(AssertionError, match="7 is not of type 'string'"):
        check("GET", "/issue/{issueIdOrKey}", of={"issueIdOrKey": "10002"}, fields="labels")
