"""Writes carry everything in few requests, hurt nobody's work, and tell the truth about what became of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from connectors.sandbox.faults import Fault
from lpm_sync.core.card import card_id
from lpm_sync.core.change import (
    AddLabel,
    AddLink,
    Card,
    CloseEscalation,
    ItemChange,
    OpenEscalation,
    Outcome,
    PutCard,
    RemoveCard,
    RemoveLabel,
    Result,
)
from lpm_sync.core.document import Document, Heading, paragraph
from lpm_sync.core.work_item import Ref, precondition
from lpm_sync.errors import UnauthorisedError
from lpm_sync.ports import Tracker
from lpm_sync.testing.conformance.base import footer, put_card
from tests.connectors.azure_devops.conftest import PROJECTS, Backdoor

PAYMENTS, MOBILE = PROJECTS
BECAUSE = ("DOR001",)
NOT_READY = AddLabel(label="lpm:not-ready", because=BECAUSE)
NOT_MAPPED = AddLabel(label="lpm:not-mapped", because=BECAUSE)
NO_LONGER_OLD = RemoveLabel(label="lpm:old", because=BECAUSE)


def create(door: Backdoor, *labels: str, project: str = PAYMENTS) -> Ref:
    return door.create_item(project=project, type="Feature", title="Refunds", labels=labels)


def apply(tracker: Tracker, ref: Ref, *changes: ItemChange) -> Sequence[Outcome]:
    stands = next(precondition(item) for item in tracker.pull().items if item.ref == ref)
    return tracker.apply(ref, changes, stands)


def results(outcomes: Sequence[Outcome]) -> list[Result]:
    return [outcome.result for outcome in outcomes]


def sent(door: Backdoor) -> list[tuple[str, Any]]:
    return [(one.method, json.loads(one.body) if one.body else None) for one in door.writes()]


def fail_writes(door: Backdoor, status: int, body: bytes = b"{}", **parts: Any) -> None:
    door.server.wire.faults.append(Fault(path="/workItems/", method="PATCH", status=status, body=body, **parts))


def test_labels_to_add_are_one_patch_that_appends(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor, "vs-payments")
    apply(azure_devops_backdoor.connect(), ref, NOT_READY, NOT_MAPPED)
    value = "lpm:not-ready; lpm:not-mapped"
    assert sent(azure_devops_backdoor) == [("PATCH", [{"op": "add", "path": "/fields/System.Tags", "value": value}])]
    assert azure_devops_backdoor.labels(ref) == {"vs-payments", "lpm:not-ready", "lpm:not-mapped"}


def test_removing_replaces_all_tags_at_the_revision_that_was_read(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor, "vs-payments", "LPM:Old")
    apply(azure_devops_backdoor.connect(), ref, NO_LONGER_OLD, NOT_READY)
    [(method, patch)] = sent(azure_devops_backdoor)
    assert method == "PATCH"
    assert patch == [
        {"op": "test", "path": "/rev", "value": 1},
        {"op": "replace", "path": "/fields/System.Tags", "value": "vs-payments; lpm:not-ready"},
    ]
    assert azure_devops_backdoor.labels(ref) == {"vs-payments", "lpm:not-ready"}


def test_a_label_that_stands_in_another_case_stands(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor, "LPM:Not-Ready")
    assert results(apply(azure_devops_backdoor.connect(), ref, NOT_READY)) == [Result.UNCHANGED]
    assert azure_devops_backdoor.count_writes() == 0


def test_a_stale_revision_means_moved(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor, "lpm:old")
    azure_devops_backdoor.before_next_write(lambda: azure_devops_backdoor.add_label(ref, "urgent"))
    outcomes = apply(azure_devops_backdoor.connect(), ref, NO_LONGER_OLD, put_card(ref, "Card."))
    assert results(outcomes) == [Result.MOVED, Result.FAILED]
    assert azure_devops_backdoor.labels(ref) == {"lpm:old", "urgent"}
    assert not azure_devops_backdoor.comments(ref)


def test_a_race_means_moved(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor)
    azure_devops_backdoor.store.behaviour.races = 1
    assert results(apply(azure_devops_backdoor.connect(), ref, NOT_READY)) == [Result.MOVED]


def test_an_item_just_created_needs_no_precondition(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor)
    assert results(azure_devops_backdoor.connect().apply(ref, [NOT_READY], None)) == [Result.WRITTEN]


def test_a_new_tag_without_the_permission_is_refused_with_the_remedy(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor)
    azure_devops_backdoor.store.behaviour.may_create_tags = False
    [outcome] = apply(azure_devops_backdoor.connect(), ref, NOT_READY)
    assert outcome.result is Result.REFUSED
    assert 'grant "Create tag definition"' in outcome.detail


def test_the_card_is_written_as_markdown(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor)
    apply(azure_devops_backdoor.connect(), ref, put_card(ref, "Ask @bob about #12."))
    [request] = azure_devops_backdoor.writes()
    assert (request.method, request.query) == ("POST", "format=markdown")
    assert "api-version=7.1-preview.4" in request.headers["accept"]
    assert json.loads(request.body)["text"].split("\n\n") == [
        "### Portfolio governance",
        r"Ask \@bob about \#12.",
        footer(ref),
    ]
    [comment] = azure_devops_backdoor.store.comments_of(int(ref.id))
    assert comment.format == "markdown"


def test_the_card_goes_to_the_project_of_the_item(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor, project=MOBILE)
    assert results(apply(azure_devops_backdoor.connect(), ref, put_card(ref, "Card."))) == [Result.WRITTEN]
    assert "/Mobile%20O%27Hara/" in azure_devops_backdoor.writes()[0].path


def test_a_card_whose_body_a_person_edited_is_still_that_card(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor)
    azure_devops_backdoor.add_comment(ref, f"Somebody tidied this up.\n{footer(ref)}", is_ours=True)
    outcomes = apply(azure_devops_backdoor.connect(), ref, put_card(ref, "Another body, same fingerprint."))
    assert results(outcomes) == [Result.UNCHANGED]


def test_the_card_of_another_item_is_not_edited(azure_devops_backdoor: Backdoor) -> None:
    ref, other = create(azure_devops_backdoor), Ref("ado", "999")
    azure_devops_backdoor.add_comment(ref, f"Of another item.\n{footer(other)}", is_ours=True)
    apply(azure_devops_backdoor.connect(), ref, put_card(ref, "Card."))
    first, second = azure_devops_backdoor.comments(ref)
    assert first.text.startswith("Of another item.")
    assert "Card." in second.text


def test_the_label_goes_before_the_card_whatever_the_order_of_the_plan(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor)
    outcomes = apply(azure_devops_backdoor.connect(), ref, put_card(ref, "Card."), NOT_READY)
    assert results(outcomes) == [Result.WRITTEN, Result.WRITTEN]
    assert [method for method, _ in sent(azure_devops_backdoor)] == ["PATCH", "POST"]


@pytest.mark.parametrize(
    ("status", "body", "result"),
    [
        (400, b'{"message": "TF401320: Rule Error", "typeKey": "RuleValidationException"}', Result.REFUSED),
        (403, b'{"message": "no"}', Result.REFUSED),
        (404, b'{"message": "TF401232: gone"}', Result.REFUSED),
        (409, b'{"message": "TF26071: race"}', Result.MOVED),
        (412, b'{"message": "VS403351: test failed"}', Result.MOVED),
        (500, b"", Result.UNCLEAR),
        (502, b"<html>Bad Gateway</html>", Result.UNCLEAR),
    ],
)
def test_what_an_error_means_for_a_write(
    azure_devops_backdoor: Backdoor, status: int, body: bytes, result: Result
) -> None:
    ref = create(azure_devops_backdoor)
    fail_writes(azure_devops_backdoor, status, body)
    outcomes = apply(azure_devops_backdoor.connect(), ref, NOT_READY, put_card(ref, "Card."))
    assert results(outcomes) == [result, Result.FAILED]
    assert all(outcome.detail for outcome in outcomes)
    assert azure_devops_backdoor.count_writes() == 1


@pytest.mark.parametrize("body", [b"null", b"[]", b"{}", b"", b'{"message": "sorry"}', b'{"id": 1, "rev'])
def test_a_write_that_is_answered_with_nothing_to_go_by_is_unclear(
    azure_devops_backdoor: Backdoor, body: bytes
) -> None:
    ref = create(azure_devops_backdoor)
    fail_writes(azure_devops_backdoor, 200, body)
    assert results(apply(azure_devops_backdoor.connect(), ref, NOT_READY)) == [Result.UNCLEAR]
    assert azure_devops_backdoor.count_writes() == 1


@pytest.mark.parametrize("status", [200, 201, 202])
@pytest.mark.parametrize("body", [b"null", b"{}", b"", b"OK", b'{"id": 1, "rev'])
def test_a_write_that_is_confirmed_in_other_words_is_written_where_it_is_seen_to_stand(
    azure_devops_backdoor: Backdoor, status: int, body: bytes
) -> None:
    ref = create(azure_devops_backdoor)
    fail_writes(azure_devops_backdoor, status, body, after_effect=True)
    written = apply(azure_devops_backdoor.connect(), ref, NOT_READY, put_card(ref, "Card."))
    assert results(written) == [Result.WRITTEN, Result.WRITTEN]
    assert azure_devops_backdoor.count_writes() == 2
    assert len(azure_devops_backdoor.comments(ref)) == 1


def test_a_label_that_the_server_did_not_keep_is_not_called_written(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor)
    fail_writes(azure_devops_backdoor, 200, b'{"id": 1, "rev": 2, "fields": {"System.Tags": "other"}}')
    [outcome] = apply(azure_devops_backdoor.connect(), ref, NOT_READY)
    assert (outcome.result, bool(outcome.detail)) == (Result.FAILED, True)


def test_an_expired_token_in_the_middle_is_raised(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor)
    tracker = azure_devops_backdoor.connect()
    stands = precondition(tracker.pull().items[0])
    fail_writes(azure_devops_backdoor, 401)
    with pytest.raises(UnauthorisedError):
        tracker.apply(ref, [NOT_READY], stands)


def test_an_item_that_cannot_be_read_is_refused(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor)
    azure_devops_backdoor.store.edit(int(ref.id), {"System.Title": {"text": "an object"}})
    [outcome] = azure_devops_backdoor.connect().apply(ref, [NOT_READY], "0123456789abcdef")
    assert outcome.result is Result.REFUSED
    assert "System.Title" in outcome.detail


@pytest.mark.parametrize("identifier", ["PAY-12", "", "-1", "12345678901", "١٢"])
def test_what_is_no_id_of_ours_is_refused_without_a_request(azure_devops_backdoor: Backdoor, identifier: str) -> None:
    outcomes = azure_devops_backdoor.connect().apply(Ref("ado", identifier), [NOT_READY], "0123456789abcdef")
    assert results(outcomes) == [Result.REFUSED]
    assert not azure_devops_backdoor.requests


def test_a_second_card_is_deleted(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor)
    azure_devops_backdoor.add_comment(ref, f"One\n{footer(ref)}", is_ours=True)
    second = azure_devops_backdoor.add_comment(ref, f"Two\n{footer(ref)}", is_ours=True)
    removal = RemoveCard(comment_id=second, because=BECAUSE)
    assert results(apply(azure_devops_backdoor.connect(), ref, removal)) == [Result.WRITTEN]
    assert [method for method, _ in sent(azure_devops_backdoor)] == ["DELETE"]


def test_a_link_within_the_organisation_is_native(azure_devops_backdoor: Backdoor) -> None:
    ref, target = create(azure_devops_backdoor), create(azure_devops_backdoor)
    link = AddLink(target=target, target_url="https://x.example/", target_title="Blocker", because=BECAUSE)
    assert results(apply(azure_devops_backdoor.connect(), ref, link)) == [Result.WRITTEN]
    [(_, [operation])] = sent(azure_devops_backdoor)
    assert operation["value"] == {
        "rel": "System.LinkTypes.Related",
        "url": f"{azure_devops_backdoor.root}/_apis/wit/workItems/{target.id}",
    }


def test_a_link_to_another_tracker_is_a_hyperlink_that_is_no_dependency(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor)
    url = "https://jira.example/browse/PAY-7"
    link = AddLink(target=Ref("jira", "7"), target_url=url, target_title="blocks", because=BECAUSE)
    tracker = azure_devops_backdoor.connect()
    assert results(apply(tracker, ref, link)) == [Result.WRITTEN]
    [hyperlink] = azure_devops_backdoor.store.work_item(int(ref.id)).resources
    assert (hyperlink.rel, hyperlink.url) == ("Hyperlink", url)
    assert tracker.pull().items[0].foreign_links == ()
    assert results(apply(tracker, ref, link)) == [Result.UNCHANGED]


def test_a_link_that_someone_else_made_meanwhile_is_success(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor)
    body = b'{"message": "Relation already exists.", "typeKey": "RelationAlreadyExistsException"}'
    fail_writes(azure_devops_backdoor, 400, body)
    link = AddLink(target=Ref("jira", "7"), target_url="https://x.example/7", target_title="X", because=BECAUSE)
    assert results(apply(azure_devops_backdoor.connect(), ref, link)) == [Result.UNCHANGED]


def test_closing_sets_the_state_once(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor)
    tracker = azure_devops_backdoor.connect()
    close = CloseEscalation(status="closed", because=BECAUSE)
    assert results(apply(tracker, ref, close)) == [Result.WRITTEN]
    assert azure_devops_backdoor.status(ref) == "Closed"
    assert results(apply(tracker, ref, close)) == [Result.UNCHANGED]


def escalation(**differences: Any) -> OpenEscalation:
    given: dict[str, Any] = {
        "tracker": "ado",
        "project": PAYMENTS,
        "type": "Epic",
        "title": "Blocked:\n“A” & <B>",
        "labels": ("lpm:escalation", "lpm:blocker-ado-7"),
        "marker": "lpm:blocker-ado-7",
        "blocker": Ref("ado", "7"),
        "document": Document(blocks=(Heading(text="What waits"), paragraph("<b> @bob #12"))),
        "because": BECAUSE,
    }
    return OpenEscalation(**{**given, **differences})


def test_an_escalation_is_created_in_one_request(azure_devops_backdoor: Backdoor) -> None:
    outcome = azure_devops_backdoor.connect().open_escalation(escalation())
    assert (outcome.result, outcome.created) == (Result.WRITTEN, Ref("ado", "1"))
    [(method, operations)] = sent(azure_devops_backdoor)
    assert method == "POST"
    assert {one["path"]: one["value"] for one in operations} == {
        "/fields/System.Title": "Blocked: “A” & <B>",
        "/fields/System.Tags": "lpm:escalation; lpm:blocker-ado-7",
        "/fields/System.Description": "<h3>What waits</h3><p>&lt;b&gt; &#64;bob &#35;12</p>",
    }


def test_an_escalation_that_is_closed_does_not_stand_in_for_a_new_one(azure_devops_backdoor: Backdoor) -> None:
    tracker = azure_devops_backdoor.connect()
    first = tracker.open_escalation(escalation()).created
    assert first is not None
    azure_devops_backdoor.store.set_state(int(first.id), "Closed")
    second = tracker.open_escalation(escalation())
    assert second.result is Result.WRITTEN
    assert second.created != first


def test_the_marker_is_compared_whole(azure_devops_backdoor: Backdoor) -> None:
    tracker = azure_devops_backdoor.connect()
    longer = escalation(marker="lpm:blocker-ado-77", labels=("lpm:escalation", "lpm:blocker-ado-77"))
    assert tracker.open_escalation(longer).result is Result.WRITTEN
    assert tracker.open_escalation(escalation()).result is Result.WRITTEN


def test_nothing_is_opened_beside_an_item_with_the_marker_that_cannot_be_read(azure_devops_backdoor: Backdoor) -> None:
    tracker = azure_devops_backdoor.connect()
    created = tracker.open_escalation(escalation()).created
    assert created is not None
    azure_devops_backdoor.store.edit(int(created.id), {"System.Title": {"text": "an object"}})
    outcome = tracker.open_escalation(escalation())
    assert outcome.result is Result.FAILED
    assert len(azure_devops_backdoor.items_labelled("lpm:blocker-ado-7")) == 1


def test_a_project_that_is_hidden_refuses_an_escalation(azure_devops_backdoor: Backdoor) -> None:
    azure_devops_backdoor.hide_project(PAYMENTS)
    outcome = azure_devops_backdoor.connect().open_escalation(escalation())
    assert outcome.result is Result.REFUSED
    assert outcome.detail


def test_a_card_has_the_id_of_its_item(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor)
    card = Card(document=Document(blocks=(paragraph("Card."),)), footer=footer(ref))
    change = PutCard(card=card, card_id=card_id(ref), comment_id="4711", before="", because=BECAUSE)
    assert results(apply(azure_devops_backdoor.connect(), ref, change)) == [Result.WRITTEN]
    assert [method for method, _ in sent(azure_devops_backdoor)] == ["POST"]
