"""Changing work items of the embedded Azure DevOps by JSON Patch."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.sandbox.azure_devops.store import AzureDevOpsStore

TAGS = "/fields/System.Tags"
HIERARCHY = "System.LinkTypes.Hierarchy"
DEPENDENCY = "System.LinkTypes.Dependency"


def add(path: str, value: Any) -> dict[str, Any]:
    return {"op": "add", "path": path, "value": value}


def replace(path: str, value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}


def at_revision(number: int) -> dict[str, Any]:
    return {"op": "test", "path": "/rev", "value": number}


@pytest.fixture
def item(store: AzureDevOpsStore) -> int:
    return store.create_work_item("Payments", "Feature", "Tokens", tags=["Q4"])


@pytest.fixture
def others(store: AzureDevOpsStore, item: int) -> list[int]:
    return [store.create_work_item("Payments", "Feature", f"other {number}") for number in range(3)]


def relation(api: Any, rel: str, target: int, comment: str | None = None) -> dict[str, Any]:
    value: dict[str, Any] = {"rel": rel, "url": f"{api.root}/_apis/wit/workItems/{target}"}
    if comment is not None:
        value["attributes"] = {"comment": comment}
    return add("/relations/-", value)


def test_add_appends_tags_and_replace_sets_all(api: Any, item: int) -> None:
    assert api.patch(item, add(TAGS, "lpm:blocked")).json()["fields"]["System.Tags"] == "lpm:blocked; Q4"
    assert api.patch(item, replace(TAGS, "only, two")).json()["fields"]["System.Tags"] == "only; two"
    assert "System.Tags" not in api.patch(item, replace(TAGS, "")).json()["fields"]


def test_tags_ignore_case_and_keep_the_first_spelling(api: Any, item: int) -> None:
    answer = api.patch(item, add(TAGS, "q4; Q4 ,LPM:Blocked"))
    assert answer.json()["fields"]["System.Tags"] == "LPM:Blocked; Q4"
    assert api.patch(item, replace(TAGS, "lpm:blocked")).json()["fields"]["System.Tags"] == "LPM:Blocked"


def test_tags_that_are_there_already_make_no_revision(api: Any, item: int) -> None:
    answer = api.patch(item, add(TAGS, "q4"))
    assert (answer.status_code, answer.json()["rev"]) == (200, 1)


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("x" * 401, "InvalidTagNameException"),
        (";".join(f"t{n}" for n in range(101)), "WorkItemTagLimitExceededException"),
    ],
)
def test_tags_have_limits(api: Any, item: int, value: str, key: str) -> None:
    answer = api.patch(item, replace(TAGS, value))
    assert (answer.status_code, answer.json()["typeKey"]) == (400, key)
    assert api.store.work_item(item).rev == 1


def test_a_new_tag_may_need_a_permission(api: Any, item: int) -> None:
    api.store.behaviour.may_create_tags = False
    answer = api.patch(item, add(TAGS, "new"))
    assert (answer.status_code, answer.json()["message"][:9]) == (403, "TF401289:")
    assert api.patch(item, replace(TAGS, "Q4")).status_code == 200


def test_a_stale_revision_is_412_and_changes_nothing(api: Any, item: int) -> None:
    api.store.edit(item, {"System.Title": "Edited by a human"})
    answer = api.patch(item, at_revision(1), replace(TAGS, "mine"))
    assert answer.status_code == 412
    assert answer.json()["typeKey"] == "TestPatchOperationFailedException"
    assert answer.json()["message"].startswith("VS403351: Test Operation for path /rev failed")
    assert api.store.work_item(item).tags == ["Q4"]
    assert api.patch(item, at_revision(2), replace(TAGS, "mine")).json()["rev"] == 3


def test_a_race_is_409_once(api: Any, item: int) -> None:
    api.store.behaviour.races = 1
    answer = api.patch(item, add(TAGS, "x"))
    assert (answer.status_code, answer.json()["typeKey"]) == (409, "WorkItemRevisionMismatchException")
    assert api.patch(item, add(TAGS, "x")).status_code == 200


def test_one_patch_carries_everything_in_one_revision(api: Any, item: int, others: list[int]) -> None:
    answer = api.patch(
        item,
        at_revision(1),
        add(TAGS, "lpm:blocked"),
        add("/fields/System.State", "Active"),
        add("/fields/System.History", "Because of PAY-12"),
        relation(api, f"{DEPENDENCY}-Reverse", others[0]),
    )
    body = answer.json()
    assert (body["rev"], body["fields"]["System.State"], body["fields"]["System.CommentCount"]) == (2, "Active", 1)
    assert body["fields"]["Microsoft.VSTS.Common.StateChangeDate"] == body["fields"]["System.ChangedDate"]
    assert body["relations"][0]["rel"] == f"{DEPENDENCY}-Reverse"
    assert api.store.predecessors_of(item) == [others[0]]
    assert api.store.comments_of(item)[0].text == "Because of PAY-12"


def test_a_patch_is_carried_out_whole_or_not_at_all(api: Any, item: int, others: list[int]) -> None:
    answer = api.patch(
        item, add(TAGS, "x"), relation(api, f"{DEPENDENCY}-Reverse", others[0]), add("/fields/System.State", "Odd")
    )
    assert answer.status_code == 400
    assert api.store.work_item(item).rev == 1
    assert api.store.predecessors_of(item) == []


def test_links_touch_neither_rev_nor_changed_date(api: Any, item: int, others: list[int]) -> None:
    before = api.get(f"_apis/wit/workitems/{item}").json()
    after = api.patch(item, at_revision(1), relation(api, f"{DEPENDENCY}-Reverse", others[0])).json()
    assert after["rev"] == before["rev"]
    assert after["fields"]["System.ChangedDate"] == before["fields"]["System.ChangedDate"]
    api.store.unlink(predecessor=others[0], successor=item)
    assert api.patch(item, at_revision(1), add(TAGS, "x")).status_code == 200


def test_hyperlinks_do_make_a_revision(api: Any, item: int) -> None:
    url = "https://jira.example/browse/PAY-12"
    answer = api.patch(item, add("/relations/-", {"rel": "Hyperlink", "url": url, "attributes": {"comment": "Jira"}}))
    assert answer.json()["rev"] == 2
    assert answer.json()["relations"][0]["attributes"]["comment"] == "Jira"
    again = api.patch(item, add("/relations/-", {"rel": "Hyperlink", "url": url}))
    assert "AlreadyExists" in again.json()["typeKey"]
    assert api.patch(item, {"op": "remove", "path": "/relations/0"}).json()["rev"] == 3


def test_a_link_to_another_organisation_keeps_its_address(api: Any, item: int, others: list[int]) -> None:
    url = f"https://dev.azure.com/other/_apis/wit/workItems/{others[0]}"
    remote = {"rel": "System.LinkTypes.Remote.Dependency-Reverse", "url": url}
    assert api.patch(item, add("/relations/-", remote)).json()["rev"] == 1
    read = api.get(f"_apis/wit/workitems/{item}?$expand=relations").json()["relations"]
    assert [(one["rel"], one["url"]) for one in read] == [(remote["rel"], url)]
    assert "relations" not in api.get(f"_apis/wit/workitems/{others[0]}?$expand=relations").json()
    assert "AlreadyExists" in api.patch(item, add("/relations/-", remote)).json()["typeKey"]


def test_an_existing_link_is_a_400_that_says_so_from_both_ends(api: Any, item: int, others: list[int]) -> None:
    api.patch(item, relation(api, f"{DEPENDENCY}-Reverse", others[0]))
    for number, rel, target in ((item, "Reverse", others[0]), (others[0], "Forward", item)):
        answer = api.patch(number, relation(api, f"{DEPENDENCY}-{rel}", target))
        assert answer.status_code == 400
        assert "AlreadyExists" in answer.json()["typeKey"]


def test_circles_are_refused(api: Any, item: int, others: list[int]) -> None:
    first, second, _ = others
    api.store.link(predecessor=item, successor=first)
    api.store.link(predecessor=first, successor=second)
    answer = api.patch(item, relation(api, f"{DEPENDENCY}-Reverse", second))
    assert (answer.status_code, answer.json()["message"][:9]) == (400, "TF201035:")
    assert api.patch(item, relation(api, f"{DEPENDENCY}-Reverse", item)).status_code == 400


def test_an_item_has_one_parent(api: Any, item: int, others: list[int]) -> None:
    api.store.set_parent(item, others[0])
    answer = api.patch(item, relation(api, f"{HIERARCHY}-Reverse", others[1]))
    assert (answer.status_code, answer.json()["message"][:9]) == (400, "TF201036:")
    moved = api.patch(item, {"op": "remove", "path": "/relations/0"}, relation(api, f"{HIERARCHY}-Reverse", others[1]))
    assert moved.json()["fields"]["System.Parent"] == others[1]


def test_relations_are_removed_by_their_position(api: Any, item: int, others: list[int]) -> None:
    answer = api.patch(item, *(relation(api, f"{DEPENDENCY}-Reverse", number) for number in others))
    listed = [r["url"] for r in answer.json()["relations"]]
    remaining = api.patch(
        item, {"op": "remove", "path": "/relations/2"}, {"op": "remove", "path": "/relations/0"}
    ).json()
    assert [r["url"] for r in remaining["relations"]] == [listed[1]]
    assert api.patch(item, {"op": "remove", "path": "/relations/1"}).status_code == 400


def test_relations_do_not_come_in_the_order_of_adding(api: Any, item: int, others: list[int]) -> None:
    answer = api.patch(item, *(relation(api, f"{DEPENDENCY}-Reverse", number) for number in others))
    assert [int(r["url"].rpartition("/")[2]) for r in answer.json()["relations"]] != others


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ({"rel": "System.LinkTypes.Unknown-Forward", "url": "http://x/_apis/wit/workItems/2"}, 400),
        ({"rel": "System.LinkTypes.Dependency", "url": "http://x/_apis/wit/workItems/2"}, 400),
        ({"rel": "System.LinkTypes.Dependency-Reverse", "url": "http://x/_apis/wit/workItems/999"}, 404),
        ({"rel": "System.LinkTypes.Dependency-Reverse", "url": "http://x/elsewhere"}, 400),
        ({"rel": "System.LinkTypes.Dependency-Reverse"}, 400),
        ("text", 400),
    ],
)
def test_relations_that_make_no_sense_are_refused(
    api: Any, item: int, others: list[int], value: Any, status: int
) -> None:
    assert api.patch(item, add("/relations/-", value)).status_code == status


@pytest.mark.parametrize(
    ("operation", "start"),
    [
        (add("/fields/Custom.Unknown", 1), "TF51535: Cannot find field Custom.Unknown."),
        (add("/fields/System.State", "Odd"), "The field 'State' contains the value 'Odd' that is not in the list"),
        (add("/fields/System.Title", ""), "TF401320: Rule Error for field Title. Error code: Required"),
        (add("/fields/System.AreaPath", "Payments\\Nowhere"), "TF401347: Invalid tree name"),
        (add("/fields/System.CreatedDate", "2026-01-01T00:00:00Z"), "TF401326: Invalid field status 'ReadOnly'"),
        (add("/fields/System.AssignedTo", "Nobody Known"), "The identity value 'Nobody Known'"),
        (add("/fields/Microsoft.VSTS.Scheduling.TargetDate", "soon"), "TF401326: Invalid field status 'InvalidType'"),
        (add("/fields/Microsoft.VSTS.Scheduling.Effort", [1]), "TF401326: Invalid field status 'InvalidType'"),
        ({"op": "copy", "path": "/fields/System.Title", "from": "/fields/System.State"}, "The operation copy"),
        (add("/unknown", 1), "The path /unknown is not supported."),
    ],
)
def test_a_patch_that_breaks_a_rule_is_a_400(api: Any, item: int, operation: dict[str, Any], start: str) -> None:
    answer = api.patch(item, operation)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(start)


def test_values_are_read_by_the_type_of_their_field(api: Any, item: int) -> None:
    api.store.add_identity("Ada Lovelace")
    fields = api.patch(
        item,
        add("/fields/System.AssignedTo", "ada.lovelace@contoso.example"),
        add("/fields/Microsoft.VSTS.Scheduling.TargetDate", "2026-12-24T00:00:00+02:00"),
        add("/fields/Microsoft.VSTS.Common.Priority", "1"),
        add("/fields/Microsoft.VSTS.Scheduling.Effort", 3),
    ).json()["fields"]
    assert fields["System.AssignedTo"]["displayName"] == "Ada Lovelace"
    assert fields["Microsoft.VSTS.Scheduling.TargetDate"] == "2026-12-23T22:00:00Z"
    assert (fields["Microsoft.VSTS.Common.Priority"], fields["Microsoft.VSTS.Scheduling.Effort"]) == (1, 3.0)


def test_validate_only_checks_and_writes_nothing(api: Any, item: int) -> None:
    answer = api.patch(item, add(TAGS, "new"), add("/fields/System.State", "Active"), validateOnly="true")
    assert answer.json()["fields"]["System.Tags"] == "new; Q4"
    assert api.patch(item, add("/fields/System.State", "Odd"), validateOnly="true").status_code == 400
    assert api.store.work_item(item).rev == 1
    assert "new" not in api.store.project("Payments").tags
    created = api.create("Payments", "Task", add("/fields/System.Title", "x"), validateOnly="true")
    assert created.status_code == 200
    assert len(api.store.items) == 1


def test_an_item_at_the_limit_of_revisions_answers_500_for_ever(api: Any, item: int, others: list[int]) -> None:
    api.store.behaviour.revision_limit = 2
    assert api.patch(item, add(TAGS, "one")).status_code == 200
    assert [api.patch(item, add(TAGS, "two")).status_code for _ in range(2)] == [500, 500]
    assert api.patch(item, relation(api, f"{DEPENDENCY}-Reverse", others[0])).status_code == 200


def test_creating_sets_defaults_and_makes_links(api: Any, item: int) -> None:
    answer = api.create(
        "Payments",
        "User Story",
        add("/fields/System.Title", "Escalation"),
        add(TAGS, "lpm:escalation"),
        relation(api, f"{HIERARCHY}-Reverse", item, "made by lpm-sync"),
    )
    body = answer.json()
    assert (body["rev"], body["fields"]["System.State"], body["fields"]["System.Parent"]) == (1, "New", item)
    assert body["fields"]["System.WorkItemType"] == "User Story"
    assert body["relations"][0]["attributes"] == {"isLocked": False, "name": "Parent", "comment": "made by lpm-sync"}
    assert api.store.parent_of(body["id"]) == item


def test_creating_needs_project_type_and_title(api: Any) -> None:
    title = add("/fields/System.Title", "x")
    assert api.create("Nowhere", "Task", title).json()["typeKey"] == "ProjectDoesNotExistWithNameException"
    assert api.create("Payments", "Dragon", title).status_code == 404
    assert api.create("Payments", "Task", add(TAGS, "x")).status_code == 400
    assert api.store.items == {}


def test_a_patch_has_its_own_content_type(api: Any, item: int) -> None:
    answer = api.call("PATCH", f"_apis/wit/workitems/{item}", json=[add(TAGS, "x")])
    assert answer.status_code == 415


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"[]", b"[1]", b'[{"op":"add"}]'])
def test_a_patch_that_is_no_patch_is_a_400(api: Any, item: int, body: bytes) -> None:
    headers = {"Content-Type": "application/json-patch+json"}
    assert api.call("PATCH", f"_apis/wit/workitems/{item}", data=body, headers=headers).status_code == 400


def test_an_item_moves_by_patch_with_its_area_and_iteration(api: Any, item: int) -> None:
    api.store.add_project("Ledger")
    team = add("/fields/System.TeamProject", "Ledger")
    assert api.patch(item, team).status_code == 400
    paths = [add(f"/fields/System.{name}Path", "Ledger") for name in ("Area", "Iteration")]
    assert api.patch(item, team, *paths).json()["fields"]["System.TeamProject"] == "Ledger"
    assert api.get(f"Ledger/_apis/wit/workitems/{item}").status_code == 200


def test_entering_states_writes_their_dates_and_leaving_clears_them(api: Any, item: int) -> None:
    common = "Microsoft.VSTS.Common."
    resolved = api.patch(item, add("/fields/System.State", "Resolved")).json()["fields"]
    assert {common + "ActivatedDate", common + "ResolvedDate", common + "ResolvedBy"} <= set(resolved)
    closed = api.patch(item, add("/fields/System.State", "closed")).json()["fields"]
    assert closed["System.State"] == "Closed"
    assert common + "ClosedDate" in closed
    reopened = api.patch(item, add("/fields/System.State", "Active")).json()["fields"]
    assert not {common + "ClosedDate", common + "ResolvedDate"} & set(reopened)


def test_deleting_moves_to_the_recycle_bin(api: Any, item: int, others: list[int]) -> None:
    api.store.link(predecessor=item, successor=others[0])
    answer = api.call("DELETE", f"Payments/_apis/wit/workItems/{item}", params={"destroy": "false"})
    assert (answer.status_code, answer.json()["code"], answer.json()["resource"]["rev"]) == (200, 200, 2)
    assert api.patch(item, add(TAGS, "x")).status_code == 404
    assert "relations" not in api.get(f"_apis/wit/workitems/{others[0]}", expand="relations").json()


def test_without_the_right_to_write_nothing_is_written_and_reading_goes_on(api: Any, item: int) -> None:
    api.store.behaviour.may_write = False
    assert api.patch(item, add(TAGS, "x")).status_code == 403
    assert api.post("_apis/wit/workitemsbatch", {"ids": [item]}).status_code == 200
    assert api.query("[System.Id] > 0") == [item]
