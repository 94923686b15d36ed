"""Comments on Cloud."""

from __future__ import annotations

import pytest

NOT_VALID = {"errorMessages": [], "errors": {"comment": "Comment body is not valid!"}}
TOO_LONG = "The entered text is too long. It exceeds the allowed limit of 32,767 characters."


@pytest.fixture
def story(cloud):
    """PAY-1."""
    return cloud.store.create_issue("PAY", "Story", "Refunds")


def test_a_comment_takes_its_hidden_properties_in_the_same_request(cloud, story, document) -> None:
    body = {"body": document("Blocked"), "properties": [{"key": "lpm", "value": {"card": "7"}}]}
    answer = cloud.post("/issue/PAY-1/comment", body)
    assert answer.status_code == 201
    assert "properties" not in answer.json()
    plain, expanded = cloud.get("/issue/PAY-1/comment"), cloud.get("/issue/PAY-1/comment", expand="properties")
    assert "properties" not in plain["comments"][0]
    assert expanded["comments"][0]["properties"] == [{"key": "lpm", "value": {"card": "7"}}]
    assert expanded["comments"][0]["body"] == document("Blocked")
    assert expanded["comments"][0]["author"]["accountId"] == cloud.store.bot.account_id


@pytest.mark.parametrize(
    "body",
    [
        "text",
        None,
        {"type": "doc", "content": []},
        {"type": "doc", "version": 1, "content": [{"type": "text", "text": "not in a paragraph"}]},
        {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": ""}]}]},
        {"type": "doc", "version": 1, "content": [{"type": "invented"}]},
        {
            "type": "doc",
            "version": 1,
            "content": [
                {"type": "paragraph", "content": [{"type": "text", "text": "a", "marks": [{"type": "blink"}]}]}
            ],
        },
    ],
)
def test_version_3_wants_a_document(cloud, story, body) -> None:
    answer = cloud.post("/issue/PAY-1/comment", {"body": body})
    assert answer.status_code == 400
    assert answer.json() == NOT_VALID


def test_version_2_wants_text(cloud, story, document) -> None:
    cloud.version = "2"
    assert cloud.post("/issue/PAY-1/comment", {"body": document("x")}).json() == NOT_VALID
    assert cloud.post("/issue/PAY-1/comment", {"body": "*Blocked*"}).json()["body"] == "*Blocked*"


def test_a_comment_has_at_most_32767_characters_of_text(cloud, story, document) -> None:
    assert cloud.post("/issue/PAY-1/comment", {"body": document("x" * 32_767)}).status_code == 201
    answer = cloud.post("/issue/PAY-1/comment", {"body": document("x" * 32_768)})
    assert answer.status_code == 400
    assert answer.json()["errors"] == {"comment": TOO_LONG}
    cloud.version = "2"
    assert cloud.post("/issue/PAY-1/comment", {"body": "x" * 32_767}).status_code == 201
    assert cloud.post("/issue/PAY-1/comment", {"body": "x" * 32_768}).json()["errors"] == {"comment": TOO_LONG}


def test_an_empty_comment_is_refused(cloud, story) -> None:
    empty = {"type": "doc", "version": 1, "content": []}
    answer = cloud.post("/issue/PAY-1/comment", {"body": empty})
    assert answer.json()["errors"] == {"comment": "Comment body can not be empty!"}


def test_a_document_is_read_as_wiki_text_in_version_2(cloud, story) -> None:
    link = {"type": "link", "attrs": {"href": "https://example.com"}}
    content = [
        {"type": "heading", "attrs": {"level": 3}, "content": [{"type": "text", "text": "Blocked"}]},
        {
            "type": "bulletList",
            "content": [
                {
                    "type": "listItem",
                    "content": [
                        {
                            "type": "paragraph",
                            "content": [
                                {"type": "text", "text": "since", "marks": [{"type": "strong"}]},
                                {"type": "text", "text": " "},
                                {"type": "text", "text": "here", "marks": [link]},
                            ],
                        }
                    ],
                }
            ],
        },
        {"type": "rule"},
    ]
    made = cloud.post("/issue/PAY-1/comment", {"body": {"type": "doc", "version": 1, "content": content}}).json()
    cloud.version = "2"
    read = cloud.get(f"/issue/PAY-1/comment/{made['id']}")
    assert read["body"] == "h3. Blocked\n\n* *since* [here|https://example.com]\n\n----"


def test_comments_come_in_pages_in_either_order(cloud, story) -> None:
    made = [cloud.store.add_comment(story, str(number)).id for number in range(5)]
    page = cloud.get("/issue/PAY-1/comment", startAt=1, maxResults=2)
    assert [one["id"] for one in page["comments"]] == made[1:3]
    assert (page["startAt"], page["maxResults"], page["total"]) == (1, 2, 5)
    newest = cloud.get("/issue/PAY-1/comment", orderBy="-created", maxResults=1)
    assert newest["comments"][0]["id"] == made[-1]
    assert cloud.request("GET", "/issue/PAY-1/comment", orderBy="length").status_code == 400


def test_a_page_holds_100_comments_unless_asked(cloud, story) -> None:
    for number in range(101):
        cloud.store.add_comment(story, str(number))
    page = cloud.get("/issue/PAY-1/comment")
    assert (len(page["comments"]), page["total"]) == (100, 101)


def test_one_may_edit_and_delete_only_ones_own_comments(cloud, story, document) -> None:
    theirs = cloud.store.add_comment(story, "Mine")
    mine = cloud.post("/issue/PAY-1/comment", {"body": document("Ours")}).json()["id"]
    assert cloud.put(f"/issue/PAY-1/comment/{theirs.id}", {"body": document("x")}).status_code == 400
    assert cloud.delete(f"/issue/PAY-1/comment/{theirs.id}").status_code == 400
    edited = cloud.put(f"/issue/PAY-1/comment/{mine}", {"body": document("New")})
    assert edited.status_code == 200
    assert edited.json()["body"] == document("New")
    assert edited.json()["updated"] > edited.json()["created"]
    assert cloud.delete(f"/issue/PAY-1/comment/{mine}").status_code == 204
    assert [comment.id for comment in story.comments] == [theirs.id]


def test_a_missing_comment_is_a_404(cloud, story, document) -> None:
    for answer in (
        cloud.request("GET", "/issue/PAY-1/comment/1"),
        cloud.put("/issue/PAY-1/comment/1", {"body": document("x")}),
        cloud.delete("/issue/PAY-1/comment/1"),
    ):
        assert answer.status_code == 404


def test_comments_are_listed_by_id_over_all_issues_that_one_sees(cloud, story) -> None:
    cloud.store.add_project("SEC")
    secret = cloud.store.create_issue("SEC", "Story", "Secret")
    seen = cloud.store.add_comment(story, "a", properties={"lpm": 1})
    unseen = cloud.store.add_comment(secret, "b")
    cloud.store.hide_project("SEC")
    answer = cloud.post("/comment/list", {"ids": [int(seen.id), int(unseen.id)]}, expand="properties").json()
    assert [one["id"] for one in answer["values"]] == [seen.id]
    assert answer["values"][0]["properties"] == [{"key": "lpm", "value": 1}]
    assert cloud.post("/comment/list", {"ids": []}).status_code == 400


def test_a_comment_moves_updated_on_and_leaves_no_changelog(cloud, story, document) -> None:
    before = story.updated
    cloud.post("/issue/PAY-1/comment", {"body": document("x")})
    assert story.updated > before
    assert story.histories == []


def test_past_the_limit_for_ever_a_comment_is_a_413(cloud, story, document) -> None:
    cloud.store.limits.comments_per_issue = 1
    assert cloud.post("/issue/PAY-1/comment", {"body": document("1")}).status_code == 201
    assert cloud.post("/issue/PAY-1/comment", {"body": document("2")}).status_code == 413


def test_an_edit_of_the_issue_may_carry_a_comment(cloud, story, document) -> None:
    body = {"update": {"comment": [{"add": {"body": document("With it")}}]}}
    assert cloud.put("/issue/PAY-1", body).status_code == 204
    assert len(story.comments) == 1
