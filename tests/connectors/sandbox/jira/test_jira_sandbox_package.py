"""The real `jira` package works against the embedded Jira, with the oddities that it has against a real one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from jira import JIRA, JIRAError


@pytest.fixture
def client(cloud) -> Iterator[JIRA]:
    epic = cloud.store.create_issue("PAY", "Epic", "Instant", labels=["core"])
    cloud.store.create_issue("PAY", "Story", "Refunds", parent=epic)
    jira = JIRA(server=cloud.url, basic_auth=("bot@example.com", "cloud-token"), max_retries=0, timeout=10)
    yield jira
    jira.close()


def test_it_discovers_the_site(client, cloud) -> None:
    assert client.server_info()["deploymentType"] == "Cloud"
    assert client.myself()["timeZone"] == "Europe/Berlin"
    assert "summary" in {field["id"] for field in client.fields()}
    assert [project.key for project in client.projects()] == ["PAY"]
    assert {one.name for one in client.issue_types()} >= {"Epic", "Story"}
    assert {one.name for one in client.statuses()} == {"To Do", "In Progress", "Done"}


def test_it_reads_issues(client) -> None:
    issue = client.issue("PAY-2", expand="changelog")
    assert issue.fields.summary == "Refunds"
    assert issue.fields.parent.key == "PAY-1"
    assert issue.fields.status.statusCategory.key == "new"


def test_it_searches(client) -> None:
    assert [issue.key for issue in client.search_issues("project = PAY ORDER BY key")] == ["PAY-1", "PAY-2"]
    found = client.enhanced_search_issues("project = PAY ORDER BY key", maxResults=0, fields="summary")
    assert [issue.fields.summary for issue in found] == ["Instant", "Refunds"]
    posted = client.enhanced_search_issues("project = PAY", use_post=True, json_result=True)
    assert len(posted["issues"]) == 2
    assert client.approximate_issue_count("project = PAY") == 2


def test_it_asks_for_1000_and_silently_gets_100(client, cloud) -> None:
    for number in range(120):
        cloud.store.create_issue("PAY", "Story", str(number))
    assert len(client.enhanced_search_issues("project = PAY", maxResults=1000)) == 100


def test_it_writes(client, cloud) -> None:
    made = client.create_issue(project="PAY", issuetype="Story", summary="Cards")
    made.update(update={"labels": [{"add": "lpm:late"}]})
    assert cloud.store.issue("PAY-3").labels == ["lpm:late"]
    comment = client.add_comment("PAY-3", "Blocked")
    assert client.comment("PAY-3", comment.id).body == "Blocked"
    assert [one.body for one in client.comments("PAY-3")] == ["Blocked"]
    client.transition_issue("PAY-3", "Done")
    assert client.issue("PAY-3").fields.resolution.name == "Done"
    comment.delete()
    made.delete()
    assert [issue.key for issue in cloud.store.issues.values()] == ["PAY-1", "PAY-2"]


def test_it_links(client, cloud) -> None:
    client.create_issue_link("Blocks", inwardIssue="PAY-1", outwardIssue="PAY-2")
    [link] = client.issue("PAY-2").fields.issuelinks
    assert link.inwardIssue.key == "PAY-1"
    client.add_simple_link("PAY-2", {"url": "https://dev.example/431", "title": "431"})
    assert [one.object.title for one in client.remote_links("PAY-2")] == ["431"]
    link.delete()
    assert cloud.store.links == {}


def test_it_turns_refusals_into_its_error(client) -> None:
    with pytest.raises(JIRAError) as missing:
        client.issue("PAY-99")
    assert missing.value.status_code == 404
    with pytest.raises(JIRAError, match="contains spaces"):
        client.issue("PAY-1").update(fields={"labels": ["two words"]})


def test_it_works_against_data_center(server) -> None:
    for number in range(3):
        server.store.create_issue("PAY", "Story", str(number))
    jira = JIRA(server=server.url, token_auth="server-token", max_retries=0, timeout=10)
    assert jira.myself()["name"] == "lpm-bot"
    found = jira.search_issues("project = PAY ORDER BY key", maxResults=2)
    assert ([issue.key for issue in found], found.total) == (["PAY-1", "PAY-2"], 3)
    assert len(jira.search_issues("project = PAY", maxResults=0)) == 3
    jira.close()
