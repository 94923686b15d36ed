"""What is written, with how many requests, and what is said of what was not."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from lpm_sync.core.change import (
    AddLabel,
    AddLink,
    Card,
    CloseEscalation,
    ItemChange,
    OpenEscalation,
    PutCard,
    RemoveCard,
    RemoveLabel,
    Result,
)
from lpm_sync.core.document import Document, paragraph
from lpm_sync.core.work_item import Ref, precondition
from tests.connectors.jira.conftest import JiraSite

BECAUSE = ("DOR001",)
CARD_ID = "0123abcd"
NOT_READY = AddLabel(label="lpm:not-ready", because=BECAUSE)
MARKER = "lpm:blocker-jira-1"


def feature(site: JiraSite, title: str = "Refund", **more: Any) -> Ref:
    return site.create_item(project="PAY", type="Feature", title=title, **more)


def footer(version: int = 1) -> str:
    return f"lpm-sync card {CARD_ID}, fingerprint {version:012x}, findings DOR001=2026-11-09, labels not-ready"


def put_card(text: str = "Not ready.", version: int = 1, comment_id: str | None = None) -> PutCard:
    card = Card(document=Document(blocks=(paragraph(text),)), footer=footer(version))
    return PutCard(card=card, card_id=CARD_ID, comment_id=comment_id, before="", because=BECAUSE)


def apply(site: JiraSite, ref: Ref, *changes: ItemChange) -> list[tuple[Result, str]]:
    """Pulls, forgets what was sent, applies."""
    tracker = site.connect(reads_remote_links=False)
    item = next(item for item in tracker.pull().items if item.ref == ref)
    site.server.wire.requests.clear()
    return [(one.result, one.detail) for one in tracker.apply(ref, changes, precondition(item))]


def test_labels_and_a_new_card_are_one_read_and_one_write(site: JiraSite) -> None:
    ref = feature(site, labels=["lpm:old", "theirs"])
    changes = (NOT_READY, RemoveLabel(label="lpm:old", because=BECAUSE), put_card())
    assert [result for result, _ in apply(site, ref, *changes)] == [Result.WRITTEN] * 3
    path = f"/rest/api/{'3' if site.is_cloud else '2'}/issue/{ref.id}"
    looked_for = ("GET", path)  # the first card of a connector
    assert [(one.method, one.path) for one in site.requests] == [("GET", path), ("PUT", path), looked_for]
    written = json.loads(site.requests[1].body)
    assert written["update"]["labels"] == [{"add": "lpm:not-ready"}, {"remove": "lpm:old"}]
    assert written["properties"] == [{"key": "lpm-sync", "value": {"card": CARD_ID}}]
    assert site.labels(ref) == {"lpm:not-ready", "theirs"}
    assert len(site.comments(ref)) == 1


def test_a_card_that_stands_is_edited_after_the_labels(site: JiraSite) -> None:
    ref = feature(site)
    apply(site, ref, put_card())
    apply(site, ref, NOT_READY, put_card("Still not ready.", version=2))
    assert [one.method for one in site.requests] == ["GET", "PUT", "PUT"]
    assert len(site.comments(ref)) == 1


def test_where_an_edit_takes_no_comment_each_is_written_by_itself_from_then_on(site: JiraSite) -> None:
    first, second = feature(site, "One"), feature(site, "Two")
    tracker = site.connect(reads_remote_links=False)
    items = {item.ref: item for item in tracker.pull().items}
    site.fail(f"/issue/{first.id}$", method="PUT", times=1, status=400, body=b'{"errors":{"comment":"no such field"}}')
    for ref in (first, second):
        site.server.wire.requests.clear()
        outcomes = tracker.apply(ref, [NOT_READY, put_card()], precondition(items[ref]))
        assert [one.result for one in outcomes] == [Result.WRITTEN] * 2
        assert (site.labels(ref), len(site.comments(ref))) == ({"lpm:not-ready"}, 1)
    assert [one.method for one in site.requests] == ["GET", "PUT", "POST"]


def test_a_card_carries_its_id_as_a_hidden_property_in_the_same_request(site: JiraSite) -> None:
    ref = feature(site)
    apply(site, ref, put_card())
    [comment] = site.store.issue(ref.id).comments
    assert comment.properties == {"lpm-sync": {"card": CARD_ID}}


def test_rich_text_goes_as_a_document_on_cloud_and_as_markup_on_data_center(site: JiraSite) -> None:
    ref = feature(site)
    apply(site, ref, put_card("*starred*"))
    [comment] = site.store.issue(ref.id).comments
    if site.is_cloud:
        assert comment.body.document is not None
    else:
        assert comment.body.text == f"\\*starred\\*\n\n{footer()}"


def test_after_the_first_change_that_does_not_succeed_the_others_are_not_tried(site: JiraSite) -> None:
    ref = feature(site)
    site.store.withhold("PAY", "ADD_COMMENTS")
    outcomes = apply(site, ref, put_card(), NOT_READY, RemoveCard(comment_id="1", because=BECAUSE))
    assert [result for result, _ in outcomes] == [Result.REFUSED, Result.WRITTEN, Result.FAILED]
    assert "403" in outcomes[0][1]
    assert "not tried" in outcomes[2][1]


@pytest.mark.parametrize(
    ("fault", "result"),
    [
        ({"status": 400, "body": b'{"errors":{"labels":"not on the screen"}}'}, Result.REFUSED),
        ({"status": 403}, Result.REFUSED),
        ({"status": 404}, Result.REFUSED),
        ({"status": 409}, Result.MOVED),
        ({"status": 422}, Result.MOVED),
        ({"status": 500, "after_effect": True}, Result.UNCLEAR),
        ({"status": 502, "after_effect": True}, Result.UNCLEAR),
        ({"status": 200, "body": b"null", "after_effect": True}, Result.WRITTEN),  # it stands
        ({"status": 202, "after_effect": True}, Result.WRITTEN),
        ({"status": 200, "body": b"OK", "after_effect": True}, Result.WRITTEN),
        ({"status": 200, "body": b"[]"}, Result.UNCLEAR),
        ({"status": 200, "body": b'{"errorMessages":["Oops"]}'}, Result.UNCLEAR),
        ({"status": 302, "headers": {"Location": "https://elsewhere.example"}}, Result.FAILED),
    ],
)
@pytest.mark.parametrize("write", [NOT_READY, put_card()], ids=["label", "card"])
def test_every_answer_to_a_write_has_its_result_and_is_sent_once(
    site: JiraSite, fault: dict[str, Any], result: Result, write: ItemChange
) -> None:
    ref = feature(site)
    for method in ("PUT", "POST"):
        site.fail(f"/issue/{ref.id}(/comment)?$", method=method, times=-1, **fault)
    [(found, detail)] = apply(site, ref, write)
    assert found is result
    assert bool(detail) is (result is not Result.WRITTEN)
    assert site.count_writes() == 1
    assert len(site.comments(ref)) <= 1


def test_a_card_that_an_edit_does_not_bring_along_is_written_by_itself(site: JiraSite) -> None:
    site.store.behaviour.comments_in_edits = False
    refs = [feature(site), feature(site)]
    tracker = site.connect()
    stands = {item.ref: precondition(item) for item in tracker.pull().items}
    for ref in refs:
        outcomes = tracker.apply(ref, (NOT_READY, put_card()), stands[ref])
        assert [one.result for one in outcomes] == [Result.WRITTEN, Result.WRITTEN]
        assert site.labels(ref) == {"lpm:not-ready"}
        assert len(site.comments(ref)) == 1
    assert site.count_writes() == 4


@pytest.mark.parametrize("comes_along", [True, False])
def test_labels_and_a_card_that_were_confirmed_in_other_words_are_written_once(
    site: JiraSite, comes_along: bool
) -> None:
    site.store.behaviour.comments_in_edits = comes_along
    ref = feature(site)
    site.fail(f"/issue/{ref.id}$", method="PUT", times=-1, status=200, body=b"{}", after_effect=True)
    assert [result for result, _ in apply(site, ref, NOT_READY, put_card())] == [Result.WRITTEN, Result.WRITTEN]
    assert site.labels(ref) == {"lpm:not-ready"}
    assert len(site.comments(ref)) == 1


def test_once_a_card_came_along_the_others_are_not_looked_for(site: JiraSite) -> None:
    refs = [feature(site), feature(site)]
    tracker = site.connect(reads_remote_links=False)
    stands = {item.ref: precondition(item) for item in tracker.pull().items}
    counts = []
    for ref in refs:
        before = len(site.requests)
        tracker.apply(ref, (NOT_READY, put_card()), stands[ref])
        counts.append(len(site.requests) - before)
    assert counts == [3, 2]


def test_what_one_request_carries_shares_an_unclear_end(site: JiraSite) -> None:
    ref = feature(site, labels=["lpm:old"])
    remove = RemoveLabel(label="lpm:old", because=BECAUSE)
    site.lose_next_answer()
    assert [result for result, _ in apply(site, ref, NOT_READY, put_card())] == [Result.UNCLEAR] * 2
    site.lose_next_answer()
    outcomes = apply(site, ref, remove, put_card("Another.", version=2))
    assert [result for result, _ in outcomes] == [Result.UNCLEAR, Result.FAILED]


def test_an_item_that_cannot_be_read_now_fails_for_now(site: JiraSite) -> None:
    ref = feature(site)
    tracker = site.connect()
    [item] = tracker.pull().items
    site.fail(f"/issue/{ref.id}\\?", method="GET", times=-1, status=503)
    assert [one.result for one in tracker.apply(ref, (NOT_READY, put_card()), precondition(item))] == [
        Result.FAILED
    ] * 2
    assert site.count_writes() == 0


def test_a_fresh_item_is_written_without_a_precondition(site: JiraSite) -> None:
    ref = feature(site)
    [outcome] = site.connect().apply(ref, (NOT_READY,), None)
    assert outcome.result is Result.WRITTEN


def test_an_item_that_was_moved_out_of_the_projects_is_left_alone(site: JiraSite) -> None:
    ref = feature(site)
    tracker = site.connect()
    [item] = tracker.pull().items
    site.store.add_project("ELSE", "Not ours")
    site.store.move_issue(ref.id, "ELSE")
    [outcome] = tracker.apply(ref, (NOT_READY,), precondition(item))
    assert outcome.result is Result.REFUSED
    assert "project ELSE" in outcome.detail
    assert site.count_writes() == 0


def test_a_card_is_found_behind_many_comments(site: JiraSite) -> None:
    ref = feature(site)
    for number in range(30):
        site.add_comment(ref, f"Talk {number}")
    ours = site.add_comment(ref, f"Old.\n{footer()}", is_ours=True)
    assert apply(site, ref, put_card("New.", version=2))[0][0] is Result.WRITTEN
    assert [comment.id for comment in site.comments(ref) if comment.is_ours] == [ours]


def test_the_only_card_and_the_first_of_two_are_never_removed(site: JiraSite) -> None:
    ref = feature(site)
    first = site.add_comment(ref, f"First.\n{footer()}", is_ours=True)
    assert apply(site, ref, RemoveCard(comment_id=first, because=BECAUSE))[0][0] is Result.REFUSED
    second = site.add_comment(ref, f"Second.\n{footer()}", is_ours=True)
    assert apply(site, ref, RemoveCard(comment_id=first, because=BECAUSE))[0][0] is Result.REFUSED
    assert apply(site, ref, RemoveCard(comment_id=second, because=BECAUSE))[0][0] is Result.WRITTEN
    assert [comment.id for comment in site.comments(ref)] == [first]


def escalation(**differences: Any) -> OpenEscalation:
    usual = {
        "tracker": "jira",
        "project": "PORT",
        "type": "Epic",
        "title": "Blocked: “Refund”\nby nobody",
        "labels": ("lpm:escalation", MARKER),
        "marker": MARKER,
        "blocker": Ref("jira", "1"),
        "document": Document(blocks=(paragraph("Two features wait."),)),
        "because": BECAUSE,
    }
    return OpenEscalation(**{**usual, **differences})


@pytest.mark.parametrize("creator", [{}, {"creator": None}], ids=["not told", "nobody"])
def test_where_nobody_says_who_opened_an_escalation_none_is_opened_beside_it(
    site: JiraSite, creator: dict[str, None]
) -> None:
    status = {"name": "To Do", "statusCategory": {"key": "new"}}
    issue = {"id": "77", "key": "PORT-7", "fields": {"labels": [MARKER], "status": status, **creator}}
    site.fail("/search", status=200, times=-1, body=json.dumps({"issues": [issue], "total": 1}).encode())
    outcome = site.connect().open_escalation(escalation())
    assert outcome.result is (Result.WRITTEN if creator else Result.UNCHANGED)
    assert (outcome.created == Ref("jira", "77")) is (not creator)


def test_an_escalation_that_is_confirmed_in_other_words_is_found(site: JiraSite) -> None:
    site.fail("/issue$", method="POST", status=201, body=b"", after_effect=True)
    outcome = site.connect().open_escalation(escalation())
    assert outcome.result is Result.WRITTEN
    assert [issue.id for issue in site.store.issues.values()] == [outcome.created.id if outcome.created else None]


def opened(site: JiraSite) -> Ref:
    created = site.connect().open_escalation(escalation()).created
    assert created is not None
    return created


def test_an_epic_is_created_with_what_its_deployment_needs(site: JiraSite) -> None:
    issue = site.store.issue(opened(site).id)
    assert issue.summary == "Blocked: “Refund” by nobody"
    assert issue.labels == sorted(["lpm:escalation", MARKER])
    epic_name = [field for field in site.store.fields.values() if field.name == "Epic Name"]
    assert [issue.fields[field.id] for field in epic_name] == [issue.summary] * len(epic_name)


def test_a_type_that_takes_no_epic_name_is_created_without_it(data_center: JiraSite) -> None:
    [epic_name] = [field for field in data_center.store.fields.values() if field.name == "Epic Name"]
    epic_name.on_create_screen = False
    outcome = data_center.connect().open_escalation(escalation(type="Feature"))
    assert outcome.result is Result.WRITTEN
    assert len(data_center.items_labelled(MARKER)) == 1


def test_a_title_longer_than_the_tracker_takes_is_cut(site: JiraSite) -> None:
    outcome = site.connect().open_escalation(escalation(title="x" * 400))
    assert outcome.created is not None
    assert len(site.store.issue(outcome.created.id).summary) == 255


def test_items_of_people_are_neither_linked_nor_closed(site: JiraSite) -> None:
    theirs, other = feature(site), feature(site, "Other")
    link = AddLink(target=other, target_url="https://x.example", target_title="Other", because=BECAUSE)
    for change in (link, CloseEscalation(status="Done", because=BECAUSE)):
        [(result, detail)] = apply(site, theirs, change)
        assert result is Result.REFUSED
        assert "not created by our account" in detail
    assert site.count_writes() == 0
    assert site.status(theirs) == "To Do"


def test_a_status_that_cannot_be_reached_is_refused_with_those_that_can(site: JiraSite) -> None:
    epic = opened(site)
    [(result, detail)] = apply(site, epic, CloseEscalation(status="Cancelled", because=BECAUSE))
    assert result is Result.REFUSED
    assert "it can go to Done, In Progress" in detail


def test_a_transition_that_asks_for_a_resolution_gets_the_first_one(site: JiraSite) -> None:
    site.store.behaviour.asks_for_resolution = True
    epic = opened(site)
    [(result, detail)] = apply(site, epic, CloseEscalation(status="Done", because=BECAUSE))
    assert (result, detail) == (Result.WRITTEN, "")
    assert site.status(epic) == "Done"
    assert json.loads(site.requests[-1].body)["fields"] == {"resolution": {"id": "10000"}}


def test_a_transition_that_asks_for_anything_else_is_for_people(site: JiraSite) -> None:
    epic = opened(site)
    fields = {"customfield_1": {"required": True, "hasDefaultValue": False, "name": "Root Cause"}}
    told = {"transitions": [{"id": "31", "to": {"id": "3", "name": "Done"}, "fields": fields}]}
    site.fail(path="/transitions", status=200, body=json.dumps(told).encode())
    [(result, detail)] = apply(site, epic, CloseEscalation(status="Done", because=BECAUSE))
    assert result is Result.REFUSED
    assert "without Root Cause" in detail
    assert site.count_writes() == 0


def test_of_two_ways_to_a_status_the_one_that_asks_for_nothing_is_gone(site: JiraSite) -> None:
    epic = opened(site)
    asked = {"resolution": {"required": True, "hasDefaultValue": False, "allowedValues": [{"id": "1"}]}}
    done = next(status for status in site.store.statuses.values() if status.name == "Done")
    way = str(11 + 10 * list(site.store.statuses.values()).index(done))
    to = {"id": done.id, "name": "Done"}
    told = {"transitions": [{"id": "999", "to": to, "fields": asked}, {"id": way, "to": to, "fields": {}}]}
    site.fail(path="/transitions", status=200, body=json.dumps(told).encode())
    assert apply(site, epic, CloseEscalation(status="Done", because=BECAUSE))[0][0] is Result.WRITTEN
    assert json.loads(site.requests[-1].body) == {"transition": {"id": way}}


def test_where_comments_take_no_properties_a_card_goes_without(site: JiraSite) -> None:
    site.store.behaviour.comment_properties = False
    ref = feature(site)
    assert apply(site, ref, put_card())[0][0] is Result.WRITTEN
    assert len(site.store.issue(ref.id).comments) == 1


def test_a_comment_that_is_refused_for_itself_is_sent_once(site: JiraSite) -> None:
    ref = feature(site)
    site.fail(path="/comment", status=400, body=b'{"errorMessages":["The text is too long."]}')
    assert apply(site, ref, put_card())[0][0] is Result.REFUSED
    assert site.count_writes() == 1


def test_a_status_is_compared_without_case(site: JiraSite) -> None:
    epic = opened(site)
    assert apply(site, epic, CloseEscalation(status="dOnE", because=BECAUSE))[0][0] is Result.WRITTEN
    assert site.status(epic) == "Done"


def test_a_link_is_made_although_another_kind_of_link_stands(site: JiraSite) -> None:
    epic, blocker = opened(site), feature(site)
    site.store.link(blocker.id, epic.id, "Duplicate")
    link = AddLink(target=blocker, target_url="https://x.example", target_title="Blocker", because=BECAUSE)
    assert apply(site, epic, link)[0][0] is Result.WRITTEN
    assert apply(site, epic, link)[0][0] is Result.UNCHANGED
    assert {one.type.name for one in site.store.links.values()} == {"Duplicate", "Relates"}


def test_a_tracker_without_a_link_that_relates_says_what_it_has(site: JiraSite) -> None:
    epic, blocker = opened(site), feature(site)
    relates = site.store.link_type("Relates")
    relates.name, relates.inward, relates.outward = "Bezug", "führt zu", "folgt aus"
    link = AddLink(target=blocker, target_url="https://x.example", target_title="Blocker", because=BECAUSE)
    [(result, detail)] = apply(site, epic, link)
    assert result is Result.REFUSED
    assert "Bezug (folgt aus)" in detail


def test_a_link_to_another_tracker_is_a_remote_link_that_can_be_written_again(site: JiraSite) -> None:
    epic = opened(site)
    link = AddLink(
        target=Ref("ado", "431"), target_url="https://dev.example/431", target_title="[x|y]", because=BECAUSE
    )
    assert apply(site, epic, link)[0][0] is Result.WRITTEN
    [remote] = site.store.issue(epic.id).remote_links
    assert (remote.global_id, remote.relationship) == ("lpm-sync=ado:431", "relates to")
    assert remote.object == {"url": "https://dev.example/431", "title": "[x|y]"}


def test_an_escalation_that_search_does_not_show_yet_is_opened_once_a_connector(cloud: JiraSite) -> None:
    cloud.store.behaviour.index_lag = timedelta(minutes=2)
    tracker = cloud.connect()
    first = tracker.open_escalation(escalation())
    again = tracker.open_escalation(escalation())
    assert (again.result, again.created) == (Result.UNCHANGED, first.created)
    assert len(cloud.items_labelled(MARKER)) == 1


def test_an_escalation_that_was_deleted_since_is_opened_again(site: JiraSite) -> None:
    tracker = site.connect()
    first = tracker.open_escalation(escalation()).created
    assert first is not None
    site.delete_item(first)
    again = tracker.open_escalation(escalation())
    assert again.result is Result.WRITTEN
    assert again.created != first
