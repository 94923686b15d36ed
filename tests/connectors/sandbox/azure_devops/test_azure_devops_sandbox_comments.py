"""Comments of the embedded Azure DevOps."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.sandbox.azure_devops.store import AzureDevOpsStore


@pytest.fixture
def item(store: AzureDevOpsStore) -> int:
    return store.create_work_item("Payments", "Feature", "Tokens")


@pytest.fixture
def comments(api: Any, item: int) -> str:
    api.version = "7.1-preview.4"
    return f"Payments/_apis/wit/workItems/{item}/comments"


def test_a_comment_is_a_revision_and_counts(api: Any, item: int, comments: str) -> None:
    answer = api.post(comments, {"text": "**blocked** since 9 November"}, format="markdown")
    body = answer.json()
    assert (answer.status_code, body["text"], body["version"]) == (200, "**blocked** since 9 November", 1)
    assert (body["format"], body["createdBy"]["displayName"]) == ("markdown", "LPM Sync")
    after = api.get(f"_apis/wit/workitems/{item}").json()
    assert (after["rev"], after["fields"]["System.CommentCount"]) == (2, 1)
    assert after["fields"]["System.ChangedDate"] == body["createdDate"]
    assert after["commentVersionRef"]["commentId"] == body["id"]


def test_editing_and_deleting_are_revisions_too(api: Any, item: int, comments: str) -> None:
    number = api.post(comments, {"text": "one"}, format="markdown").json()["id"]
    edited = api.call("PATCH", f"{comments}/{number}", json={"text": "two"}, params={"format": "markdown"}).json()
    assert (edited["text"], edited["version"], edited["id"]) == ("two", 2, number)
    assert api.call("DELETE", f"{comments}/{number}").status_code == 204
    assert (api.store.work_item(item).rev, api.store.work_item(item).fields["System.CommentCount"]) == (4, 0)
    assert api.get(f"{comments}/{number}").status_code == 404
    assert api.get(comments).json()["totalCount"] == 0
    assert api.get(comments, includeDeleted="true").json()["comments"][0]["isDeleted"] is True


def test_comments_come_newest_first_in_pages(api: Any, item: int, comments: str) -> None:
    for number in range(5):
        api.store.add_comment(item, "Ada Lovelace", f"comment {number}")
    seen: list[str] = []
    params: dict[str, Any] = {"$top": 2}
    while True:
        body = api.call("GET", comments, params=params).json()
        assert body["totalCount"] == 5
        seen += [comment["text"] for comment in body["comments"]]
        if "continuationToken" not in body:
            break
        params["continuationToken"] = body["continuationToken"]
    assert seen == [f"comment {number}" for number in (4, 3, 2, 1, 0)]
    assert api.get(comments, order="asc").json()["comments"][0]["text"] == "comment 0"
    assert api.get(comments, continuationToken="made up").status_code == 400


def test_html_is_cleaned_and_markdown_is_not(api: Any, comments: str) -> None:
    text = "<p>seen<!-- marker --></p><script>alert(1)</script>"
    assert api.post(comments, {"text": text}, format="html").json()["text"] == "<p>seen</p>"
    assert api.post(comments, {"text": text}, format="markdown").json()["text"] == text


def test_rendered_text_comes_where_it_is_asked_for(api: Any, comments: str) -> None:
    number = api.post(comments, {"text": "a < b"}, format="markdown").json()["id"]
    assert "renderedText" not in api.get(f"{comments}/{number}").json()
    assert api.get(f"{comments}/{number}", expand="renderedText").json()["renderedText"] == "<p>a &lt; b</p>"


def test_another_persons_comment_cannot_be_changed(api: Any, item: int, comments: str) -> None:
    number = api.store.add_comment(item, "Ada Lovelace", "mine")
    assert api.call("PATCH", f"{comments}/{number}", json={"text": "yours"}).status_code == 403
    assert api.call("DELETE", f"{comments}/{number}").status_code == 403
    assert api.store.comments_of(item)[0].text == "mine"


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": 5}, "text"])
def test_a_comment_needs_a_text(api: Any, comments: str, body: Any) -> None:
    assert api.post(comments, body).status_code == 400


def test_the_resource_is_in_preview(api: Any, comments: str) -> None:
    api.version = "7.1"
    answer = api.get(comments)
    assert (answer.status_code, answer.json()["typeKey"]) == (400, "VssInvalidPreviewVersionException")
    api.version = None
    answer = api.get(comments)
    assert (answer.status_code, answer.json()["typeKey"]) == (400, "VssVersionNotSpecifiedException")
    accept = {"Accept": "application/json;api-version=7.1-preview.4"}
    assert api.call("GET", comments, headers=accept).status_code == 200


def test_history_in_a_patch_is_a_comment(api: Any, item: int, comments: str) -> None:
    api.store.edit(item, {"System.Title": "no comment"})
    headers = {"Content-Type": "application/json-patch+json"}
    document = [{"op": "add", "path": "/fields/System.History", "value": "said in passing"}]
    answer = api.call("PATCH", f"_apis/wit/workitems/{item}", json=document, headers=headers)
    assert answer.json()["fields"]["System.History"] == "said in passing"
    assert [comment["text"] for comment in api.get(comments).json()["comments"]] == ["said in passing"]
    api.store.edit(item, {"System.Title": "later"})
    assert "System.History" not in api.get(f"_apis/wit/workitems/{item}").json()["fields"]


def test_comments_of_an_item_that_cannot_be_read_are_404(api: Any, item: int, comments: str) -> None:
    api.store.delete_work_item(item)
    assert api.get(comments).json()["typeKey"] == "WorkItemUnauthorizedAccessException"
