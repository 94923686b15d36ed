"""Recorded issues come back as they were recorded."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from connectors.sandbox.jira import Account, JiraStore, jira_application
from tests.contracts import contract

RECORDINGS = contract("realdata/jira")

FILES = {
    "issues_cloud_agile.jsonl": "Cloud",
    "issues_cloud_agile_epics.jsonl": "Cloud",
    "issues_cloud_due_date.jsonl": "Cloud",
    "issues_dc_agile_with_links.jsonl": "Server",
}


@pytest.fixture(params=FILES)
def recorded(request, cloud, server, clock, switch):
    """A Jira that holds one file, asked in version 2, and the records."""
    site = cloud if FILES[request.param] == "Cloud" else server
    bot = Account("LPM Bot", email="bot@example.com", name="lpm-bot", token=site.store.bot.token)
    site.store = JiraStore(clock, deployment=site.store.deployment, account=bot, with_defaults=False)
    lines = (RECORDINGS / request.param).read_text(encoding="utf-8").splitlines()
    assert len(site.store.load_recorded(lines)) == len(lines)
    switch[0].application = jira_application(site.store)
    site.version = "2"
    return site, [json.loads(line) for line in lines]


def stable(value: Any) -> Any:
    """A recorded value without addresses, and with its times as instants."""
    if isinstance(value, dict):
        return {
            key: stable(one) for key, one in value.items() if key not in ("self", "iconUrl", "avatarUrls", "avatarId")
        }
    if isinstance(value, list):
        return [stable(one) for one in value]
    if isinstance(value, str) and len(value) == 28 and value[10] == "T":
        return datetime.fromisoformat(value)
    return value


def test_every_issue_is_found_and_has_its_key(recorded) -> None:
    site, records = recorded
    for record in records:
        read = site.get(f"/issue/{record['key']}")
        assert (read["id"], read["key"]) == (record["id"], record["key"])


def test_plain_fields_are_equal(recorded) -> None:
    site, records = recorded
    for record in records:
        fields = site.get(f"/issue/{record['id']}")["fields"]
        for name in set(record["fields"]) - {"project", "issuelinks", "parent", "subtasks", "comment", "issuetype"}:
            if name not in ("creator", "reporter", "assignee"):
                assert stable(fields[name]) == stable(record["fields"][name]), (record["key"], name)


def test_types_projects_and_people_are_equal(recorded) -> None:
    site, records = recorded
    for record in records:
        fields, wanted = site.get(f"/issue/{record['id']}")["fields"], record["fields"]
        assert [fields["issuetype"].get(key) for key in ("id", "name", "subtask", "hierarchyLevel")] == [
            wanted["issuetype"].get(key) for key in ("id", "name", "subtask", "hierarchyLevel")
        ]
        assert [fields["project"][key] for key in ("id", "key", "name")] == [
            wanted["project"][key] for key in ("id", "key", "name")
        ]
        for name in ("creator", "reporter", "assignee"):
            identity = "accountId" if site.store.is_cloud else "name"
            assert (fields[name] or {}).get(identity) == (wanted[name] or {}).get(identity)


def test_parents_and_links_are_equal_even_to_issues_that_were_not_recorded(recorded) -> None:
    site, records = recorded

    def ends(links: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
        """Type, role and other end of each link."""
        roles = ("inwardIssue", "outwardIssue")
        found = [(link["id"], link["type"], role, link[role]) for link in links for role in roles if role in link]
        return sorted((one, stable(kind)["inward"], role, end["id"], end["key"]) for one, kind, role, end in found)

    for record in records:
        fields, wanted = site.get(f"/issue/{record['id']}")["fields"], record["fields"]
        assert ends(fields["issuelinks"]) == ends(wanted.get("issuelinks") or [])
        assert (fields.get("parent") or {}).get("key") == (wanted.get("parent") or {}).get("key")
        assert {one["key"] for one in fields["subtasks"]} == {one["key"] for one in wanted.get("subtasks") or []}


def test_changelogs_are_equal_in_their_order(recorded) -> None:
    site, records = recorded
    for record in records:
        read = site.get(f"/issue/{record['id']}", expand="changelog")["changelog"]
        wanted = record["changelog"]
        assert read["total"] == wanted["total"]
        assert [step(one) for one in read["histories"]] == [step(one) for one in wanted["histories"]]


def step(history: dict[str, Any]) -> Any:
    """An entry of a changelog, with the keys that every deployment has."""
    names = ("field", "fieldtype", "fieldId", "from", "fromString", "to", "toString")
    items = [[item.get(name) for name in names] for item in history["items"]]
    return history["id"], datetime.fromisoformat(history["created"]), items


def test_comments_are_equal_as_text_and_become_documents_in_version_3(recorded) -> None:
    site, records = recorded
    for record in records:
        wanted = record["fields"]["comment"]["comments"]
        comments = site.get(f"/issue/{record['id']}/comment")["comments"]
        assert [(one["id"], one["body"]) for one in comments] == [(one["id"], one["body"]) for one in wanted]
    if site.store.is_cloud:
        site.version = "3"
        for record in records:
            for comment in site.get(f"/issue/{record['id']}/comment")["comments"]:
                assert comment["body"]["type"] == "doc"


def test_what_is_created_next_takes_no_recorded_id_or_key(recorded) -> None:
    site, records = recorded
    made = site.store.create_issue(
        records[0]["fields"]["project"]["key"],
        records[0]["fields"]["issuetype"]["id"],
        "New",
        status=records[0]["fields"]["status"]["id"],
    )
    assert made.id not in {record["id"] for record in records}
    assert made.key not in {record["key"] for record in records}


def test_recorded_issues_are_found_by_their_translated_names(recorded) -> None:
    site, records = recorded
    wanted = records[0]["fields"]["issuetype"]["name"]
    query = {"jql": f'issuetype = "{wanted}"', "fields": ["issuetype"], "maxResults": 100}
    found = site.post("/search/jql" if site.store.is_cloud else "/search", query).json()["issues"]
    assert len(found) == sum(record["fields"]["issuetype"]["name"] == wanted for record in records)
