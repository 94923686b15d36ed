"""Reading, creating and editing an issue on Cloud."""

from __future__ import annotations

import pytest

NOT_ON_SCREEN = "cannot be set. It is not on the appropriate screen, or unknown."


@pytest.fixture
def story(cloud):
    """PAY-1 with two labels."""
    return cloud.store.create_issue("PAY", "Story", "Refunds", labels=["core", "lpm:late"])


def new(**fields):
    """The body of a creation in PAY."""
    return {"fields": {"project": {"key": "PAY"}, "issuetype": {"name": "Story"}, "summary": "Refunds", **fields}}


def test_an_issue_is_created_with_its_hidden_marker_in_one_request(cloud, document) -> None:
    body = new(description=document("Why"), labels=["lpm:escalation"], duedate="2026-12-01")
    answer = cloud.post("/issue", body | {"properties": [{"key": "lpm", "value": {"marker": 1}}]})
    assert answer.status_code == 201
    issue = cloud.store.issue(answer.json()["key"])
    assert issue.id == answer.json()["id"]
    assert issue.properties == {"lpm": {"marker": 1}}
    read = cloud.get(f"/issue/{issue.id}", properties="lpm")
    assert read["properties"] == {"lpm": {"marker": 1}}
    assert read["fields"]["description"] == document("Why")
    assert read["fields"]["duedate"] == "2026-12-01"
    assert read["fields"]["creator"]["accountId"] == cloud.store.bot.account_id


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"summary": None}, {"summary": "You must specify a summary of the issue."}),
        ({"summary": "a\nb"}, {"summary": "The summary is invalid because it contains newline characters."}),
        ({"project": {"key": "NONE"}}, {"project": "Specify a valid project ID or key"}),
        ({"issuetype": {"name": "Saga"}}, {"issuetype": "Specify a valid issue type"}),
        ({"labels": ["two words"]}, {"labels": "The label 'two words' contains spaces which is invalid."}),
        ({"customfield_99999": 1}, {"customfield_99999": f"Field 'customfield_99999' {NOT_ON_SCREEN}"}),
        ({"created": "2026-01-01"}, {"created": f"Field 'created' {NOT_ON_SCREEN}"}),
        ({"duedate": "tomorrow"}, {"duedate": "Error parsing date string: tomorrow"}),
        ({"parent": {"key": "PAY-99"}}, {"parent": "Could not find issue by id or key."}),
        (
            {"description": "text"},
            {"description": "Operation value must be an Atlassian Document (see the Atlassian Document Format)"},
        ),
        (
            {"issuetype": {"name": "Sub-task"}},
            {"parentId": "Issue type is a sub-task but parent issue key or id not specified."},
        ),
    ],
)
def test_a_creation_is_refused_with_the_field_at_fault(cloud, fields, errors) -> None:
    answer = cloud.post("/issue", new(**fields))
    assert answer.status_code == 400
    assert answer.json() == {"errorMessages": [], "errors": errors}
    assert cloud.store.issues == {}


def test_all_required_fields_are_named_at_once(cloud) -> None:
    answer = cloud.post("/issue", {"fields": {}})
    assert set(answer.json()["errors"]) == {"project", "issuetype"}


def test_a_field_off_the_create_screen_is_a_400(cloud) -> None:
    budget = cloud.store.add_field("Budget", "number", on_create_screen=False)
    answer = cloud.post("/issue", new(**{budget.id: 5}))
    assert answer.json()["errors"] == {budget.id: f"Field '{budget.id}' {NOT_ON_SCREEN}"}


def test_parents_follow_the_hierarchy_at_every_level(cloud) -> None:
    cloud.store.add_issue_type("Initiative", 2)
    initiative = cloud.store.create_issue("PAY", "Initiative", "Grow")
    epic = cloud.post("/issue", new(issuetype={"name": "Epic"}, parent={"key": initiative.key})).json()
    story = cloud.post("/issue", new(parent={"id": epic["id"]})).json()
    assert cloud.get(f"/issue/{story['id']}", fields="parent")["fields"]["parent"]["key"] == epic["key"]
    wrong = cloud.post("/issue", new(parent={"key": initiative.key}))
    assert wrong.json()["errors"] == {"parent": "Given parent work item does not belong to appropriate hierarchy."}


def test_the_parent_can_be_taken_away(cloud) -> None:
    epic = cloud.store.create_issue("PAY", "Epic", "Instant")
    story = cloud.store.create_issue("PAY", "Story", "Refunds", parent=epic)
    assert cloud.put(f"/issue/{story.id}", {"update": {"parent": [{"set": {"none": True}}]}}).status_code == 204
    assert "parent" not in cloud.get(f"/issue/{story.id}")["fields"]


def test_label_verbs_leave_the_labels_of_others_alone(cloud, story) -> None:
    update = {"labels": [{"add": "lpm:blocked"}, {"remove": "lpm:late"}]}
    assert cloud.put("/issue/PAY-1", {"update": update}).status_code == 204
    assert story.labels == ["core", "lpm:blocked"]


def test_setting_labels_overwrites_them(cloud, story) -> None:
    assert cloud.put("/issue/PAY-1", {"fields": {"labels": ["only"]}}).status_code == 204
    assert story.labels == ["only"]


@pytest.mark.parametrize(
    "body", [{"update": {"labels": [{"add": "two words"}]}}, {"fields": {"labels": ["two words"]}}]
)
def test_a_label_with_a_space_is_a_400(cloud, story, body) -> None:
    answer = cloud.put("/issue/PAY-1", body)
    assert answer.status_code == 400
    assert answer.json()["errors"] == {"labels": "The label 'two words' contains spaces which is invalid."}


def test_an_edit_is_all_or_nothing(cloud, story) -> None:
    hidden = cloud.store.add_field("Budget", "number", on_edit_screen=False)
    body = {
        "fields": {"summary": "New", hidden.id: 5},
        "update": {"labels": [{"add": "x"}]},
        "properties": [{"key": "lpm", "value": 1}],
    }
    answer = cloud.put("/issue/PAY-1", body)
    assert answer.status_code == 400
    assert answer.json()["errors"] == {hidden.id: f"Field '{hidden.id}' {NOT_ON_SCREEN}"}
    assert (story.summary, story.labels, story.properties) == ("Refunds", ["core", "lpm:late"], {})


def test_an_edit_takes_properties_in_the_same_request(cloud, story) -> None:
    body = {"update": {"labels": [{"add": "x"}]}, "properties": [{"key": "lpm", "value": {"wrote": ["x"]}}]}
    assert cloud.put("/issue/PAY-1", body).status_code == 204
    assert story.properties == {"lpm": {"wrote": ["x"]}}


def test_a_field_may_not_stand_in_fields_and_update(cloud, story) -> None:
    body = {"fields": {"labels": ["a"]}, "update": {"labels": [{"add": "b"}]}}
    assert cloud.put("/issue/PAY-1", body).status_code == 400


def test_cloud_ignores_that_nobody_shall_be_notified(cloud, story) -> None:
    answer = cloud.put("/issue/PAY-1", {"fields": {"summary": "New"}}, notifyUsers="false")
    assert answer.status_code == 204


def test_an_edit_without_a_difference_changes_neither_time_nor_changelog(cloud, story) -> None:
    before = cloud.get("/issue/PAY-1", expand="changelog")
    assert cloud.put("/issue/PAY-1", {"fields": {"summary": "Refunds"}}).status_code == 204
    assert cloud.get("/issue/PAY-1", expand="changelog") == before


def test_each_edit_moves_updated_on(cloud, story) -> None:
    first = cloud.get("/issue/PAY-1")["fields"]["updated"]
    cloud.put("/issue/PAY-1", {"fields": {"summary": "New"}})
    assert cloud.get("/issue/PAY-1")["fields"]["updated"] > first


def test_times_have_milliseconds_and_an_offset_without_a_colon(cloud, story) -> None:
    assert cloud.get("/issue/PAY-1")["fields"]["created"] == "2026-11-23T08:00:00.001+0000"
    cloud.store.behaviour.times_in_profile_zone = True
    assert cloud.get("/issue/PAY-1")["fields"]["created"] == "2026-11-23T09:00:00.001+0100"


def test_the_changelog_is_newest_first_inside_an_issue_and_oldest_first_in_pages(cloud, story) -> None:
    cloud.store.transition(story, "In Progress")
    cloud.store.add_label(story, "x")
    embedded = cloud.get("/issue/PAY-1", expand="changelog")["changelog"]["histories"]
    assert [one["items"][0]["field"] for one in embedded] == ["labels", "status"]
    paged = cloud.get("/issue/PAY-1/changelog", maxResults=1)
    assert [one["items"][0]["field"] for one in paged["values"]] == ["status"]
    assert (paged["total"], paged["isLast"]) == (2, False)
    assert embedded[0]["items"][0] == {
        "field": "labels",
        "fieldtype": "jira",
        "fieldId": "labels",
        "from": "",
        "fromString": "core lpm:late",
        "to": "",
        "toString": "core lpm:late x",
    }


def test_a_transition_goes_by_its_own_id_and_sets_the_resolution(cloud, story) -> None:
    transitions = {one["name"]: one for one in cloud.get("/issue/PAY-1/transitions")["transitions"]}
    assert set(transitions) == {"In Progress", "Done"}
    assert transitions["Done"]["id"] != transitions["Done"]["to"]["id"]
    body = {"transition": {"id": transitions["Done"]["id"]}}
    assert cloud.post("/issue/PAY-1/transitions", body).status_code == 204
    fields = cloud.get("/issue/PAY-1")["fields"]
    assert fields["status"]["statusCategory"]["key"] == "done"
    assert fields["resolution"]["name"] == "Done"
    assert fields["resolutiondate"] == fields["statuscategorychangedate"] == fields["updated"]
    again = cloud.post("/issue/PAY-1/transitions", body)
    assert again.status_code == 400
    assert story.histories[-1].author is cloud.store.bot


def test_an_edit_cannot_change_the_status(cloud, story) -> None:
    assert cloud.put("/issue/PAY-1", {"fields": {"status": {"name": "Done"}}}).status_code == 400


def test_an_issue_is_found_by_id_key_former_key_and_in_any_case(cloud, story) -> None:
    cloud.store.add_project("WEB")
    cloud.store.move_issue(story, "WEB")
    for reference in (story.id, "WEB-1", "PAY-1", "pay-1"):
        assert cloud.get(f"/issue/{reference}", fields="project")["key"] == "WEB-1"
    assert cloud.keys("key = PAY-1") == ["WEB-1"]
    items = cloud.get(f"/issue/{story.id}", expand="changelog")["changelog"]["histories"][0]["items"]
    assert [(item["field"], item["fromString"], item["toString"]) for item in items] == [
        ("project", "Payments", "WEB"),
        ("Key", "PAY-1", "WEB-1"),
    ]


def test_people_are_given_by_account_id(cloud, story) -> None:
    human = cloud.store.human
    assert cloud.put("/issue/PAY-1", {"fields": {"assignee": {"accountId": human.account_id}}}).status_code == 204
    assert cloud.get("/issue/PAY-1")["fields"]["assignee"]["displayName"] == human.display_name
    assert cloud.put("/issue/PAY-1", {"fields": {"assignee": {"name": human.name}}}).status_code == 400
    assert cloud.put("/issue/PAY-1", {"fields": {"assignee": None}}).status_code == 204


def test_custom_fields_are_checked_by_their_type_and_may_share_a_name(cloud, story) -> None:
    first, second = (cloud.store.add_field("Budget", "number") for _ in range(2))
    named = [field["id"] for field in cloud.get("/field") if field["name"] == "Budget"]
    assert named == [first.id, second.id]
    assert cloud.put("/issue/PAY-1", {"fields": {first.id: "5"}}).status_code == 400
    assert cloud.put("/issue/PAY-1", {"fields": {first.id: 12.5}}).status_code == 204
    fields = cloud.get("/issue/PAY-1")["fields"]
    assert (fields[first.id], fields[second.id]) == (12.5, None)
    with pytest.raises(KeyError, match="2 fields"):
        cloud.store.edit(story, {"Budget": 1})


def test_rich_text_is_a_document_in_version_3_and_text_in_version_2(cloud, story, document) -> None:
    cloud.put("/issue/PAY-1", {"fields": {"description": document("Why")}})
    cloud.version = "2"
    assert cloud.get("/issue/PAY-1")["fields"]["description"] == "Why"
    assert cloud.put("/issue/PAY-1", {"fields": {"description": document("Why")}}).status_code == 400
    assert cloud.put("/issue/PAY-1", {"fields": {"description": "One\ntwo\n\nthree"}}).status_code == 204
    cloud.version = "3"
    first, second = cloud.get("/issue/PAY-1")["fields"]["description"]["content"]
    assert [node.get("text", node["type"]) for node in first["content"]] == ["One", "hardBreak", "two"]
    assert second["content"] == [{"type": "text", "text": "three"}]


def test_properties_can_be_written_alone(cloud, story) -> None:
    path = "/issue/PAY-1/properties/lpm"
    updated = story.updated
    assert cloud.put(path, {"a": 1}).status_code == 201
    assert cloud.put(path, {"a": 2}).status_code == 200
    assert cloud.get(path) == {"key": "lpm", "value": {"a": 2}}
    assert [one["key"] for one in cloud.get("/issue/PAY-1/properties")["keys"]] == ["lpm"]
    assert story.updated == updated
    assert cloud.delete(path).status_code == 204
    assert cloud.request("GET", path).status_code == 404
    assert cloud.delete(path).status_code == 404


def test_a_property_has_at_most_32768_characters(cloud, story) -> None:
    assert cloud.put("/issue/PAY-1/properties/lpm", "x" * 32_766).status_code == 201
    assert cloud.put("/issue/PAY-1/properties/lpm", "x" * 32_767).status_code == 400
    body = {"fields": {"summary": "New"}, "properties": [{"key": "lpm", "value": "x" * 32_767}]}
    assert cloud.put("/issue/PAY-1", body).status_code == 400
    assert story.summary == "Refunds"


def test_an_issue_with_subtasks_is_deleted_only_on_purpose(cloud, story) -> None:
    cloud.store.create_issue("PAY", "Sub-task", "Part", parent=story)
    assert [one["key"] for one in cloud.get("/issue/PAY-1")["fields"]["subtasks"]] == ["PAY-2"]
    assert cloud.delete("/issue/PAY-1").status_code == 400
    assert cloud.delete("/issue/PAY-1", deleteSubtasks="true").status_code == 204
    assert cloud.store.issues == {}
    assert cloud.request("GET", "/issue/PAY-1").status_code == 404


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"null"])
def test_a_body_that_is_no_object_is_a_400(cloud, story, raw) -> None:
    url = f"{cloud.url}/rest/api/3/issue/PAY-1"
    assert cloud.session.put(url, data=raw, timeout=10).status_code == 400


def test_writing_without_signing_in_is_a_401(cloud) -> None:
    cloud.session.auth = None
    assert cloud.post("/issue", new()).status_code == 401
