"""What happens behind a client's back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest


def test_history_can_be_written_into_the_past(cloud) -> None:
    monday = datetime(2026, 11, 2, 9, tzinfo=UTC)
    epic = cloud.store.create_issue("PAY", "Epic", "Instant", created=monday - timedelta(days=30))
    story = cloud.store.create_issue("PAY", "Story", "Refunds", created=monday - timedelta(days=20))
    with cloud.store.backdate(monday):
        cloud.store.link(epic, story)
        cloud.store.transition(story, "In Progress")
    values = cloud.get(f"/issue/{story.id}/changelog")["values"]
    assert [one["created"][:10] for one in values] == ["2026-11-02", "2026-11-02"]
    assert cloud.get(f"/issue/{story.id}")["fields"]["updated"] == values[-1]["created"]
    cloud.store.add_label(story, "now")
    assert cloud.get(f"/issue/{story.id}")["fields"]["updated"].startswith("2026-11-23")


def test_times_can_be_overwritten(cloud) -> None:
    issue = cloud.store.create_issue("PAY", "Story", "Refunds")
    cloud.store.set_times(issue, created=datetime(2025, 1, 1, tzinfo=UTC), updated=datetime(2025, 2, 1, tzinfo=UTC))
    fields = cloud.get("/issue/PAY-1")["fields"]
    assert (fields["created"], fields["updated"]) == ("2025-01-01T00:00:00.000+0000", "2025-02-01T00:00:00.000+0000")


def test_a_deletion_does_not_show_on_what_was_linked(cloud) -> None:
    first, second = (cloud.store.create_issue("PAY", "Story", name) for name in ("Ledger", "Refunds"))
    cloud.store.link(first, second)
    before = second.updated
    cloud.store.delete_issue(first)
    fields = cloud.get(f"/issue/{second.id}")["fields"]
    assert fields["issuelinks"] == []
    assert second.updated == before
    assert cloud.request("GET", f"/issue/{first.id}").status_code == 404


def test_ids_and_keys_are_never_used_again(cloud) -> None:
    first = cloud.store.create_issue("PAY", "Story", "Refunds")
    cloud.store.delete_issue(first)
    second = cloud.store.create_issue("PAY", "Story", "Refunds")
    assert (second.id, second.key) != (first.id, first.key)
    assert second.key == "PAY-2"


def test_a_deleted_project_takes_its_issues_along(cloud) -> None:
    cloud.store.add_project("WEB")
    cloud.store.create_issue("WEB", "Story", "Basket")
    cloud.store.create_issue("PAY", "Story", "Refunds")
    cloud.store.delete_project("WEB")
    assert cloud.keys("id > 0") == ["PAY-1"]
    assert cloud.post("/search/jql", {"jql": "project = WEB"}).status_code == 400


def test_a_human_removes_our_label_and_replies(cloud) -> None:
    issue = cloud.store.create_issue("PAY", "Story", "Refunds", labels=["lpm:late"])
    cloud.store.remove_label(issue, "lpm:late")
    cloud.store.add_comment(issue, "We know")
    read = cloud.get("/issue/PAY-1", expand="changelog")
    assert read["fields"]["labels"] == []
    assert read["changelog"]["histories"][0]["author"]["displayName"] == "Robin Example"
    assert read["fields"]["comment"]["comments"][0]["author"]["displayName"] == "Robin Example"


def test_comments_are_edited_and_deleted_by_humans(cloud) -> None:
    issue = cloud.store.create_issue("PAY", "Story", "Refunds")
    comment = cloud.store.add_comment(issue, "First", author=cloud.store.bot)
    cloud.store.edit_comment(issue, comment.id, "Changed")
    read = cloud.get(f"/issue/PAY-1/comment/{comment.id}")
    assert read["author"]["displayName"] == "LPM Bot"
    assert read["updateAuthor"]["displayName"] == "Robin Example"
    cloud.store.delete_comment(issue, comment)
    assert cloud.get("/issue/PAY-1/comment")["total"] == 0


def test_fields_are_set_by_name_and_only_what_differs_is_recorded(cloud) -> None:
    cloud.store.add_field("Budget", "number")
    issue = cloud.store.create_issue("PAY", "Story", "Refunds", fields={"Budget": 5})
    assert issue.histories == []
    assert cloud.store.edit(issue, {"Budget": 7.5, "summary": "Refunds", "Due date": "2026-12-01"}) is True
    assert [(item.field, item.old_text, item.new_text) for item in issue.histories[0].items] == [
        ("Budget", "5", "7.5"),
        ("duedate", None, "2026-12-01"),
    ]
    assert cloud.store.edit(issue, {"Budget": 7.5}) is False


def test_a_new_parent_stands_in_the_changelog_as_cloud_words_it(cloud) -> None:
    epic = cloud.store.create_issue("PAY", "Epic", "Instant")
    story = cloud.store.create_issue("PAY", "Story", "Refunds")
    cloud.store.edit(story, {"parent": epic})
    item = cloud.get(f"/issue/{story.id}/changelog")["values"][0]["items"][0]
    assert item["field"] == "IssueParentAssociation"
    assert (item["to"], item["toString"]) == (epic.id, epic.key)


def test_names_that_do_not_exist_are_key_errors(cloud) -> None:
    store = cloud.store
    for attempt in (
        lambda: store.issue("PAY-1"),
        lambda: store.project("NONE"),
        lambda: store.issue_type("Saga"),
        lambda: store.status("Blocked"),
        lambda: store.link_type("Hinders"),
        lambda: store.field("Nothing"),
        lambda: store.account("nobody"),
    ):
        with pytest.raises(KeyError):
            attempt()


def test_threads_may_change_the_store_while_it_is_read(cloud) -> None:
    """Requests and changes from behind take turns under one lock."""

    def work() -> None:
        for number in range(300):
            cloud.store.create_issue("PAY", "Story", f"Story {number}")

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        cloud.search("project = PAY", fields=["summary"])
    for thread in threads:
        thread.join()
    assert len({issue.key for issue in cloud.store.issues.values()}) == 600


def test_a_token_is_not_shown_when_an_account_is_printed(cloud) -> None:
    assert "cloud-token" not in repr(cloud.store.bot)
