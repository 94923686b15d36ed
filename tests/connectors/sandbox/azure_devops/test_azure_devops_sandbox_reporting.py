"""The reporting feeds of the embedded Azure DevOps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

REVISIONS = "_apis/wit/reporting/workitemrevisions"
LINKS = "_apis/wit/reporting/workitemlinks"


@pytest.fixture
def items(store: Any) -> tuple[int, int]:
    epic = store.create_work_item("Payments", "Epic", "Card vault", description="<p>long</p>")
    return epic, store.create_work_item("Payments", "Feature", "Tokens", actor="Ada Lovelace")


def test_revisions_come_in_batches_until_the_last_and_go_on_from_its_token(api: Any, items: tuple[int, int]) -> None:
    epic, feature = items
    api.store.set_state(epic, "Active")
    api.store.behaviour.reporting_page_size = 2
    first = api.get(REVISIONS).json()
    assert ([(v["id"], v["rev"]) for v in first["values"]], first["isLastBatch"]) == ([(epic, 1), (feature, 1)], False)
    second = api.get(REVISIONS, continuationToken=first["continuationToken"]).json()
    assert ([(v["id"], v["rev"]) for v in second["values"]], second["isLastBatch"]) == ([(epic, 2)], True)
    token = second["continuationToken"]
    nothing = api.get(REVISIONS, continuationToken=token).json()
    assert (nothing["values"], nothing["isLastBatch"], nothing["continuationToken"]) == ([], True, token)
    api.store.add_comment(feature, "Ada Lovelace", "hello")
    again = api.get(REVISIONS, continuationToken=token).json()["values"]
    assert [(v["id"], v["rev"], v["fields"]["System.CommentCount"]) for v in again] == [(feature, 2, 1)]


def test_link_changes_show_in_their_own_feed_only(api: Any, items: tuple[int, int]) -> None:
    epic, feature = items
    revisions = api.get(REVISIONS).json()["continuationToken"]
    api.store.set_parent(feature, epic, actor="Ada Lovelace")
    api.store.link(predecessor=epic, successor=feature)
    links = api.get(LINKS).json()
    changes = [value["attributes"] for value in links["values"]]
    assert [value["rel"] for value in links["values"]] == ["System.LinkTypes.Hierarchy", "System.LinkTypes.Dependency"]
    assert [(v["sourceId"], v["targetId"], v["isActive"]) for v in changes] == [(epic, feature, True)] * 2
    assert changes[0]["changedBy"]["displayName"] == "Ada Lovelace"
    api.store.unlink(predecessor=epic, successor=feature)
    later = api.get(LINKS, continuationToken=links["continuationToken"]).json()["values"]
    assert [(v["attributes"]["isActive"], v["attributes"]["changedOperation"]) for v in later] == [(False, "remove")]
    assert api.get(REVISIONS, continuationToken=revisions).json()["values"] == []


def test_a_feed_does_not_take_the_token_of_the_other(api: Any, items: tuple[int, int]) -> None:
    token = api.get(REVISIONS).json()["continuationToken"]
    assert api.get(LINKS, continuationToken=token).status_code == 400
    assert api.get(REVISIONS, continuationToken="yesterday").status_code == 400
    assert api.get(REVISIONS, continuationToken=token, startDateTime="2026-11-02T00:00:00Z").status_code == 400


def test_people_are_text_and_long_texts_are_absent_unless_asked_for(api: Any, items: tuple[int, int]) -> None:
    fields = api.get(REVISIONS).json()["values"][0]["fields"]
    assert fields["System.CreatedBy"] == "LPM Sync <lpm.sync@contoso.example>"
    assert "System.Description" not in fields
    full = api.get(REVISIONS, includeIdentityRef="true", expand="fields").json()["values"][0]["fields"]
    assert full["System.CreatedBy"]["uniqueName"] == "lpm.sync@contoso.example"
    assert full["System.Description"] == "<p>long</p>"


def test_filters_come_in_the_query_or_in_a_body(api: Any, items: tuple[int, int]) -> None:
    epic, feature = items
    api.store.set_state(feature, "Active")
    body = {"fields": ["System.Id", "System.State"], "types": ["Feature"], "includeLatestOnly": True}
    posted = api.post(REVISIONS, body).json()["values"]
    assert posted == [{"id": feature, "rev": 2, "fields": {"System.Id": feature, "System.State": "Active"}}]
    asked = api.get(REVISIONS, fields="System.Id,System.State", types="Feature", includeLatestOnly="true")
    assert asked.json()["values"] == posted
    assert api.get(REVISIONS, fields="Custom.Unknown").status_code == 400
    api.store.add_comment(epic, "Ada Lovelace", "hello")
    discussed = api.get(REVISIONS, includeDiscussionChangesOnly="true").json()["values"]
    assert [value["id"] for value in discussed] == [epic]


def test_a_start_skips_what_was_before(api: Any, items: tuple[int, int]) -> None:
    api.store.clock.move_to(api.store.clock.now() + timedelta(hours=1))
    api.store.set_state(items[0], "Active")
    values = api.get(REVISIONS, startDateTime="2026-11-02T09:30:00Z").json()["values"]
    assert [(value["id"], value["rev"]) for value in values] == [(items[0], 2)]


def test_deleted_items_show_only_where_asked_for_and_their_links_go(api: Any, items: tuple[int, int]) -> None:
    epic, feature = items
    api.store.link(predecessor=epic, successor=feature)
    api.store.delete_work_item(epic)
    assert {value["id"] for value in api.get(REVISIONS).json()["values"]} == {feature}
    deleted = api.get(REVISIONS, includeDeleted="true", fields="System.IsDeleted").json()["values"]
    assert deleted[-1] == {"id": epic, "rev": 2, "fields": {"System.IsDeleted": True}}
    assert [value["attributes"]["isActive"] for value in api.get(LINKS).json()["values"]] == [True, False]


def test_feeds_keep_to_a_project_and_to_what_can_be_seen(api: Any, items: tuple[int, int]) -> None:
    store = api.store
    store.add_project("Ledger")
    other = store.create_work_item("Ledger", "Task", "book")
    store.link(predecessor=items[0], successor=other)
    assert [value["id"] for value in api.get(f"Ledger/{REVISIONS}").json()["values"]] == [other]
    assert len(api.get(f"Ledger/{LINKS}").json()["values"]) == 1
    store.hide_project("Ledger")
    assert other not in [value["id"] for value in api.get(REVISIONS).json()["values"]]
    assert api.get(LINKS).json()["values"] == []


def test_kinds_of_links_can_be_chosen(api: Any, items: tuple[int, int]) -> None:
    epic, feature = items
    api.store.set_parent(feature, epic)
    api.store.link(predecessor=epic, successor=feature)
    values = api.get(LINKS, linkTypes="System.LinkTypes.Dependency").json()["values"]
    assert [value["rel"] for value in values] == ["System.LinkTypes.Dependency"]
