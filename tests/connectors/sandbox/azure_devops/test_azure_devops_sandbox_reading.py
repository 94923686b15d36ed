"""Reading work items from the embedded Azure DevOps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.sandbox.azure_devops.store import AzureDevOpsStore


@pytest.fixture
def item(store: AzureDevOpsStore) -> int:
    store.add_field("Custom.Budget", "Budget", "double")
    store.add_area("Payments", "Cards\\Vault")
    return store.create_work_item(
        "Payments",
        "Epic",
        "Card vault",
        area_path="Payments\\Cards\\Vault",
        tags=["Q4", "lpm:approved"],
        assigned_to="Ada Lovelace",
        description="<p>Why</p>",
        fields={"Custom.Budget": 600000.0},
        actor="Ada Lovelace",
    )


def test_a_plain_item_has_what_was_set_and_no_computed_fields(api: Any, item: int) -> None:
    body = api.get(f"_apis/wit/workitems/{item}").json()
    assert (body["id"], body["rev"]) == (item, 1)
    fields = body["fields"]
    assert fields["System.Title"] == "Card vault"
    assert fields["System.Tags"] == "lpm:approved; Q4"
    assert fields["System.AssignedTo"]["displayName"] == "Ada Lovelace"
    assert fields["Custom.Budget"] == 600000.0
    assert "System.Id" not in fields
    assert "relations" not in body


def test_an_expanded_item_has_computed_fields(api: Any, item: int) -> None:
    fields = api.get(f"_apis/wit/workitems/{item}", expand="All").json()["fields"]
    assert fields["System.Id"] == item
    assert fields["System.Rev"] == 1
    assert fields["System.NodeName"] == "Vault"
    assert fields["System.AreaLevel1"] == "Payments"
    assert fields["System.RevisedDate"] == "9999-01-01T00:00:00Z"


def test_paths_ignore_case_and_take_a_project(api: Any, item: int) -> None:
    for path in (
        f"_apis/wit/WORKITEMS/{item}",
        f"payments/_apis/wit/workItems/{item}",
        f"{api.store.project('Payments').id}/_apis/wit/workItems/{item}",
    ):
        assert api.get(path).json()["id"] == item


def test_times_have_a_z_and_no_trailing_zeros(api: Any, item: int) -> None:
    assert api.get(f"_apis/wit/workitems/{item}").json()["fields"]["System.CreatedDate"] == "2026-11-02T09:00:00.001Z"
    api.store.clock.move_to(api.store.clock.now() + timedelta(milliseconds=98))
    api.store.edit(item, {"System.Title": "Vault"})
    assert api.get(f"_apis/wit/workitems/{item}").json()["fields"]["System.ChangedDate"] == "2026-11-02T09:00:00.1Z"


def test_requested_fields_come_alone_and_without_empty_ones(api: Any, item: int) -> None:
    names = "system.id,System.Tags,System.Reason,Custom.Budget,System.Parent"
    fields = api.get(f"_apis/wit/workitems/{item}", fields=names).json()["fields"]
    assert set(fields) == {"System.Id", "System.Tags", "System.Reason", "Custom.Budget"}


@pytest.mark.parametrize("path", ["_apis/wit/workitems/1", "_apis/wit/workitems"])
def test_fields_and_expand_exclude_each_other(api: Any, item: int, path: str) -> None:
    answer = api.get(path, ids="1", fields="System.Id", expand="relations")
    assert answer.status_code == 400
    assert answer.json()["message"] == "The expand parameter can not be used with the fields parameter."


def test_missing_deleted_hidden_and_elsewhere_are_one_404(api: Any, item: int) -> None:
    store = api.store
    store.add_project("Secret")
    deleted = store.create_work_item("Payments", "Task", "gone")
    store.delete_work_item(deleted)
    hidden = store.create_work_item("Secret", "Task", "unseen")
    store.hide_project("Secret")
    for number in (99, deleted, hidden):
        answer = api.get(f"_apis/wit/workitems/{number}")
        assert answer.status_code == 404
        assert answer.json()["typeKey"] == "WorkItemUnauthorizedAccessException"
        assert answer.json()["message"].startswith(f"TF401232: Work item {number} does not exist, or you do not have")
    store.add_project("Other")
    assert api.get(f"Other/_apis/wit/workitems/{item}").status_code == 404
    assert api.get(f"Secret/_apis/wit/workitems/{hidden}").json()["typeKey"] == "ProjectDoesNotExistWithNameException"


def test_a_destroyed_item_is_gone_with_its_history(api: Any, item: int) -> None:
    api.store.destroy(item)
    assert api.get(f"_apis/wit/workitems/{item}").status_code == 404
    assert api.get("_apis/wit/reporting/workitemrevisions", includeDeleted="true").json()["values"] == []


def test_a_moved_item_keeps_its_number(api: Any, item: int) -> None:
    api.store.add_project("Ledger")
    api.store.move(item, "Ledger")
    body = api.get(f"Ledger/_apis/wit/workitems/{item}").json()
    assert body["fields"]["System.TeamProject"] == "Ledger"
    assert body["fields"]["System.AreaPath"] == "Ledger"
    assert body["rev"] == 2


def test_a_batch_keeps_the_order_asked_for(api: Any, item: int) -> None:
    other = api.store.create_work_item("Payments", "Task", "second")
    body = api.post("_apis/wit/workitemsbatch", {"ids": [other, item], "fields": ["System.Title"]}).json()
    assert [(entry["id"], entry["fields"]) for entry in body["value"]] == [
        (other, {"System.Title": "second"}),
        (item, {"System.Title": "Card vault"}),
    ]


def test_a_batch_leaves_nulls_where_it_may_omit(api: Any, item: int) -> None:
    body = api.post("_apis/wit/workitemsbatch", {"ids": [99, item], "errorPolicy": "omit"}).json()
    assert body["count"] == 2
    assert body["value"][0] is None
    assert body["value"][1]["id"] == item


def test_a_batch_fails_where_it_may_not_omit(api: Any, item: int) -> None:
    answer = api.post("_apis/wit/workitemsbatch", {"ids": [item, 99]})
    assert (answer.status_code, answer.json()["message"][:9]) == (404, "TF401232:")


@pytest.mark.parametrize(
    "body",
    [
        {"ids": list(range(1, 202))},
        {"ids": [1], "fields": ["System.Id"], "$expand": "relations"},
        {"ids": [1], "fields": ["Custom.Unknown"]},
        {"ids": [1], "$expand": "everything"},
        {"ids": "1"},
        [1],
    ],
)
def test_a_batch_refuses_what_does_not_fit(api: Any, item: int, body: Any) -> None:
    assert api.post("_apis/wit/workitemsbatch", body).status_code == 400


def test_relations_are_seen_from_both_ends(api: Any, store: Any) -> None:
    epic = store.create_work_item("Payments", "Epic", "epic")
    blocker = store.create_work_item("Payments", "Feature", "blocker", parent=epic)
    blocked = store.create_work_item("Payments", "Feature", "blocked", parent=epic)
    store.link(predecessor=blocker, successor=blocked)

    def relations(number: int) -> list[tuple[str, int, str]]:
        body = api.get(f"_apis/wit/workitems/{number}", expand="relations").json()
        return [
            (r["rel"], int(r["url"].rpartition("/")[2]), r["attributes"]["name"]) for r in body.get("relations", [])
        ]

    assert relations(blocked) == [
        ("System.LinkTypes.Dependency-Reverse", blocker, "Predecessor"),
        ("System.LinkTypes.Hierarchy-Reverse", epic, "Parent"),
    ]
    assert ("System.LinkTypes.Dependency-Forward", blocked, "Successor") in relations(blocker)
    assert {number for _, number, _ in relations(epic)} == {blocker, blocked}
    assert api.get(f"_apis/wit/workitems/{blocked}").json()["fields"]["System.Parent"] == epic


def test_links_to_what_cannot_be_seen_are_not_there(api: Any, store: Any) -> None:
    store.add_project("Secret")
    unseen = store.create_work_item("Secret", "Task", "unseen")
    item = store.create_work_item("Payments", "Task", "seen")
    store.link(predecessor=unseen, successor=item)
    store.hide_project("Secret")
    assert "relations" not in api.get(f"_apis/wit/workitems/{item}", expand="relations").json()


def test_an_item_reads_as_it_stood(api: Any, item: int) -> None:
    api.store.clock.move_to(api.store.clock.now() + timedelta(days=1))
    api.store.edit(item, {"System.Title": "Later"})
    body = api.get(f"_apis/wit/workitems/{item}", asOf="2026-11-02T10:00:00Z").json()
    assert (body["rev"], body["fields"]["System.Title"]) == (1, "Card vault")
    assert api.get(f"_apis/wit/workitems/{item}", asOf="2020-01-01T00:00:00Z").status_code == 404


def test_what_a_broken_tracker_holds_is_passed_on(api: Any, item: int) -> None:
    api.store.edit(item, {"System.Title": {"unexpected": "object"}, "Custom.Budget": "many"})
    fields = api.get(f"_apis/wit/workitems/{item}").json()["fields"]
    assert fields["System.Title"] == {"unexpected": "object"}
    assert fields["Custom.Budget"] == "many"


def test_a_removed_field_is_unknown_and_unseen(api: Any, item: int) -> None:
    api.store.remove_field("Custom.Budget")
    assert "Custom.Budget" not in api.get(f"_apis/wit/workitems/{item}").json()["fields"]
    answer = api.get(f"_apis/wit/workitems/{item}", fields="Custom.Budget")
    assert answer.json()["message"] == "TF51535: Cannot find field Custom.Budget."


def test_revisions_are_whole_items_and_updates_are_differences(api: Any, item: int) -> None:
    api.store.set_state(item, "Active", actor="Ada Lovelace")
    other = api.store.create_work_item("Payments", "Epic", "other")
    api.store.link(predecessor=other, successor=item)
    api.store.add_hyperlink(item, "https://jira.example/browse/PAY-1")
    revisions = api.get(f"_apis/wit/workitems/{item}/revisions").json()["value"]
    assert [(r["rev"], r["fields"]["System.State"]) for r in revisions] == [(1, "New"), (2, "Active"), (3, "Active")]
    updates = api.get(f"_apis/wit/workitems/{item}/updates").json()["value"]
    assert [(u["id"], u["rev"]) for u in updates] == [(1, 1), (2, 2), (3, 2), (4, 3)]
    assert updates[1]["fields"]["System.State"] == {"oldValue": "New", "newValue": "Active"}
    assert updates[1]["revisedBy"]["displayName"] == "Ada Lovelace"
    assert updates[2]["relations"]["added"][0]["rel"] == "System.LinkTypes.Dependency-Reverse"
    assert "fields" not in updates[2]
    assert updates[3]["relations"]["added"][0]["rel"] == "Hyperlink"
    skipped = api.call("GET", f"_apis/wit/workitems/{item}/updates", params={"$skip": 1, "$top": 2})
    assert [u["id"] for u in skipped.json()["value"]] == [2, 3]


def test_a_story_of_the_past_keeps_its_dates(api: Any, store: Any) -> None:
    past = store.clock.now() - timedelta(days=10)
    item = store.create_work_item("Payments", "Feature", "old", created=past)
    store.set_state(item, "Active", at=past + timedelta(days=1))
    fields = api.get(f"_apis/wit/workitems/{item}").json()["fields"]
    assert fields["System.CreatedDate"] == "2026-10-23T09:00:00Z"
    assert fields["Microsoft.VSTS.Common.StateChangeDate"] == "2026-10-24T09:00:00Z"
