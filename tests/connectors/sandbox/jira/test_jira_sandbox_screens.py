"""Screens tell what can be set, as far as the account may set it; statuses come by type."""

from __future__ import annotations


def test_the_edit_screen_has_what_can_be_edited(cloud) -> None:
    hidden = cloud.store.add_field("Hidden", on_edit_screen=False)
    cloud.store.create_issue("PAY", "Story", "Refunds")
    fields = cloud.get("/issue/PAY-1/editmeta")["fields"]
    assert "labels" in fields
    assert not {"status", "project", hidden.id} & fields.keys()


def test_the_edit_screen_is_empty_for_one_who_may_not_edit(cloud) -> None:
    cloud.store.create_issue("PAY", "Story", "Refunds")
    cloud.store.withhold("PAY", "EDIT_ISSUES")
    assert cloud.get("/issue/PAY-1/editmeta") == {"fields": {}}


def test_the_create_screen_comes_in_pages_and_names_what_is_required(cloud) -> None:
    for number in range(60):
        cloud.store.add_field(f"Field {number}")
    path = f"/issue/createmeta/PAY/issuetypes/{cloud.store.issue_type('Story').id}"
    first = cloud.get(path)
    rest = cloud.get(path, startAt=len(first["fields"]))
    fields = first["fields"] + rest["fields"]
    assert len(first["fields"]) == 50
    assert len(fields) == first["total"] == len({field["fieldId"] for field in fields})
    assert {field["fieldId"] for field in fields if field["required"]} == {"project", "issuetype", "summary"}


def test_only_an_epic_of_data_center_takes_a_name(server) -> None:
    store = server.store
    names = {}
    for kind in ("Epic", "Story"):
        values = server.get(f"/issue/createmeta/PAY/issuetypes/{store.issue_type(kind).id}")["values"]
        names[kind] = {field["name"]: field["required"] for field in values}
    assert names["Epic"]["Epic Name"] is True
    assert "Epic Name" not in names["Story"]


def test_one_who_may_not_create_sees_no_create_screen(cloud) -> None:
    cloud.store.withhold("PAY", "CREATE_ISSUES")
    path = f"/issue/createmeta/PAY/issuetypes/{cloud.store.issue_type('Story').id}"
    assert cloud.request("GET", path).status_code == 400
    assert cloud.request("GET", "/issue/createmeta/PAY/issuetypes/7").status_code in (400, 404)


def test_statuses_come_by_type_and_not_for_a_hidden_project(cloud) -> None:
    found = cloud.get("/project/PAY/statuses")
    assert {kind["name"] for kind in found} >= {"Epic", "Story", "Sub-task"}
    assert all("statusCategory" in status for kind in found for status in kind["statuses"])
    cloud.store.hide_project("PAY")
    assert cloud.request("GET", "/project/PAY/statuses").status_code == 404
