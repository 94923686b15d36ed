"""Issues as real Jiras answered them are read whole, with everything that stands in them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from connectors.jira import wire
from connectors.jira.fields import Fields
from connectors.jira.form import IssueForm
from connectors.jira.history import Words, timeline
from connectors.jira.normalize import Context, read_issue, to_item
from connectors.sandbox.jira import Account, JiraStore, jira_application
from connectors.sandbox.serving import LoopbackServer
from lpm_sync.core.timeline import STATUS
from lpm_sync.core.work_item import Edge, Progress, Ref, SourceItem
from tests.connectors.jira.conftest import SECRET, Gate, JiraSite
from tests.contracts import contract

RECORDINGS = contract("realdata/jira")

FILES = {
    "issues_cloud_agile.jsonl": 33,
    "issues_cloud_agile_epics.jsonl": 3,
    "issues_cloud_due_date.jsonl": 1,
    "issues_dc_agile_with_links.jsonl": 22,
}


def records(name: str) -> list[bytes]:
    return (RECORDINGS / name).read_bytes().splitlines()


def context() -> Context:
    fields = Fields(configured={"target_date": wire.Field(id="duedate", name="Due date")}, references={})
    return Context(
        tracker="jira",
        site_url="https://jira.example",
        fields=fields,
        phrases=("blocks",),
        ours=frozenset(),
        form=IssueForm(fields),
    )


def items(name: str) -> Iterator[tuple[dict[str, Any], SourceItem]]:
    for line in records(name):
        issue = read_issue(msgspec.Raw(line), context())
        assert isinstance(issue, wire.Issue), issue
        item = to_item(issue, context())
        assert isinstance(item, SourceItem), item
        yield json.loads(line), item


@pytest.mark.parametrize("name", FILES)
def test_every_recorded_issue_is_read_with_its_own_words(name: str) -> None:
    found = list(items(name))
    assert len(found) == FILES[name]
    for record, item in found:
        fields = record["fields"]
        assert item.ref == Ref("jira", record["id"])
        assert (item.key, item.project) == (record["key"], fields["project"]["key"])
        assert (item.type, item.status) == (fields["issuetype"]["name"], fields["status"]["name"])
        assert item.title == fields["summary"]
        assert item.labels == set(fields.get("labels") or ())
        assert item.progress is not None
        assert item.fields.get("target_date") == fields.get("duedate")
        assert (item.parent.id if item.parent else None) == (fields.get("parent") or {}).get("id")


def test_progress_comes_from_the_category_whatever_a_status_is_called() -> None:
    counted = Counter(item.progress for _, item in items("issues_cloud_agile.jsonl"))
    assert counted[Progress.DONE] > 0
    assert set(counted) <= set(Progress)


def test_recorded_links_point_as_their_changelog_says_it_in_words() -> None:
    """“This issue blocks X” and “This issue is blocked by X” were written by the tracker itself."""
    identifiers: dict[str, str] = {}
    for line in records("issues_dc_agile_with_links.jsonl"):
        record = json.loads(line)
        identifiers[record["key"]] = record["id"]
        for link in record["fields"]["issuelinks"]:
            end = link.get("inwardIssue") or link["outwardIssue"]
            identifiers[end["key"]] = end["id"]
    checked = 0
    for record, item in items("issues_dc_agile_with_links.jsonl"):
        for history in record["changelog"]["histories"]:
            for change in history["items"]:
                if change["field"] != "Link" or change["to"] not in identifiers:
                    continue  # another change, a link that was removed, or one to an issue that is gone
                other = Ref("jira", identifiers[change["to"]])
                if change["toString"].startswith("This issue blocks "):
                    assert Edge(blocker=item.ref, blocked=other) in item.edges
                elif change["toString"].startswith("This issue is blocked by "):
                    assert Edge(blocker=other, blocked=item.ref) in item.edges
                else:
                    assert other in item.linked
                checked += 1
    assert checked >= 10


def test_recorded_issues_come_through_the_whole_connector(jira_server: tuple[LoopbackServer, Gate]) -> None:
    server, gate = jira_server
    site = JiraSite(server, gate, "Server")
    bot = Account("LPM Bot", name="lpm-bot", token=SECRET)
    site.store = JiraStore(site.clock, deployment="Server", account=bot, with_defaults=False)
    site.store.load_recorded(records("issues_dc_agile_with_links.jsonl"))
    gate.application = jira_application(site.store)
    projects = tuple(sorted({issue.project.key for issue in site.store.issues.values()}))
    tracker = site.connect(projects=projects, types=(), fields={})
    pull = tracker.pull()
    assert (len(pull.items), pull.broken, dict(pull.failures)) == (22, (), {})
    edges = {edge for item in pull.items for edge in item.edges}
    histories = tracker.history([item.ref for item in pull.items])
    linked = {(ref, other) for ref, history in histories.items() for other in history.link_created}
    known = {item.ref for item in pull.items}
    assert edges
    assert all((edge.blocker, edge.blocked) in linked for edge in edges if {edge.blocker, edge.blocked} <= known)
    site.close()


def test_recorded_changelog_entries_are_read() -> None:
    changes = [msgspec.json.decode(line, type=wire.Changes) for line in records("changelog_entries.jsonl")]
    told = timeline("1", changes, Words(tracker="jira", keys={}))
    moved = [item for change in changes for item in change.items if item.field_id == "status"]
    steps = [(entry.before, entry.after) for entry in told.entries if entry.aspect == STATUS]
    assert sorted(steps) == sorted((item.before_text, item.text) for item in moved)
    assert moved


@pytest.mark.parametrize(
    ("name", "shape"),
    [("fields_dc.jsonl", wire.Field), ("remotelinks.jsonl", wire.RemoteLink), ("users.jsonl", wire.Account)],
)
def test_other_recorded_rows_fit_their_shapes(name: str, shape: type[object]) -> None:
    for line in records(name):
        assert msgspec.json.decode(line, type=shape)
