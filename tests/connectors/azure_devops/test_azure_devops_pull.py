"""A pull brings everything in scope, or names what is missing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.azure_devops.queries import quoted, scope_condition
from connectors.sandbox.faults import Fault
from lpm_sync.core.work_item import Direction, ForeignLink, Progress, Ref
from lpm_sync.errors import ConfigurationError, UnauthorisedError, UnavailableError
from tests.connectors.azure_devops.conftest import PROJECTS, SECRET, Backdoor

PAYMENTS, MOBILE = PROJECTS


def create(door: Backdoor, title: str, *, project: str = PAYMENTS, kind: str = "Feature", **parts: Any) -> Ref:
    return door.create_item(project=project, type=kind, title=title, **parts)


def batches(door: Backdoor) -> list[dict[str, Any]]:
    return [json.loads(one.body) for one in door.requests if one.path.endswith("workItemsBatch")]


def queries(door: Backdoor) -> list[str]:
    return [json.loads(one.body)["query"] for one in door.requests if one.path.endswith("/wiql")]


def test_ids_come_past_the_limit_of_one_query(azure_devops_backdoor: Backdoor) -> None:
    seeded = {create(azure_devops_backdoor, f"Feature {n}") for n in range(17)}
    azure_devops_backdoor.store.behaviour.query_result_limit = 5
    pull = azure_devops_backdoor.connect().pull()
    assert {item.ref for item in pull.items} == seeded
    assert any("[System.Id] > 16" in query for query in queries(azure_devops_backdoor))


def test_items_are_read_while_more_are_searched_for(azure_devops_backdoor: Backdoor) -> None:
    for n in range(20):
        create(azure_devops_backdoor, f"Feature {n}")
    azure_devops_backdoor.store.behaviour.query_result_limit = 4
    azure_devops_backdoor.connect().pull()
    asked = [one.path.rpartition("/")[2] for one in azure_devops_backdoor.requests]
    last_query = len(asked) - asked[::-1].index("wiql")
    assert "workItemsBatch" in asked[:last_query]


def test_a_search_that_breaks_off_fails_its_project_and_nothing_is_concluded(azure_devops_backdoor: Backdoor) -> None:
    refs = {create(azure_devops_backdoor, f"Feature {n}") for n in range(20)}
    azure_devops_backdoor.store.behaviour.query_result_limit = 4  # found out bit by bit: meanwhile the others are done

    def break_off(path: str) -> None:
        if path.endswith("workItemsBatch"):
            azure_devops_backdoor.before_each_request(None)
            fault = Fault(path="/wiql", status=507, times=-1, body=b"{}")
            azure_devops_backdoor.server.wire.faults.append(fault)

    azure_devops_backdoor.before_each_request(break_off)
    pull = azure_devops_backdoor.connect(requests_at_once=2).pull(census=True)
    assert set(pull.failures) == pull.interrupted == {PAYMENTS}
    assert {item.ref for item in pull.items} < refs
    assert pull.present == frozenset()


def test_batches_have_at_most_200_ids_and_ask_for_relations_and_not_for_fields(azure_devops_backdoor: Backdoor) -> None:
    for n in range(450):
        create(azure_devops_backdoor, f"Feature {n}")
    assert len(azure_devops_backdoor.connect().pull().items) == 450
    asked = batches(azure_devops_backdoor)
    assert sorted(len(body["ids"]) for body in asked) == [50, 200, 200]
    assert all(set(body) == {"ids", "$expand", "errorPolicy"} for body in asked)


def test_items_of_other_types_are_counted_without_being_read(azure_devops_backdoor: Backdoor) -> None:
    kept = create(azure_devops_backdoor, "Kept")
    for kind, count in (("Task", 3), ("Bug", 2)):
        for n in range(count):
            create(azure_devops_backdoor, f"{kind} {n}", kind=kind)
    pull = azure_devops_backdoor.connect().pull()
    assert dict(pull.ignored_types) == {"Task": 3, "Bug": 2}
    assert [body["ids"] for body in batches(azure_devops_backdoor)] == [[int(kept.id)]]


def test_without_configured_types_every_type_comes(azure_devops_backdoor: Backdoor) -> None:
    create(azure_devops_backdoor, "Task", kind="Task")
    pull = azure_devops_backdoor.connect(types=()).pull()
    assert [item.type for item in pull.items] == ["Task"]
    assert dict(pull.ignored_types) == {}


def test_names_of_types_are_compared_without_case(azure_devops_backdoor: Backdoor) -> None:
    kept = create(azure_devops_backdoor, "Kept")
    assert [item.ref for item in azure_devops_backdoor.connect(types=("FEATURE",)).pull().items] == [kept]


def test_a_type_that_no_project_has_stops_the_pull_and_the_nearest_is_named(azure_devops_backdoor: Backdoor) -> None:
    create(azure_devops_backdoor, "Feature")
    with pytest.raises(ConfigurationError) as raised:
        azure_devops_backdoor.connect(types=("Epic", "Featur")).pull()
    assert str(raised.value) == "ado: types.Featur: no project has a type 'Featur'; near it: Feature"
    with pytest.raises(ConfigurationError, match=r"there is .*Feature"):
        azure_devops_backdoor.connect(types=("Feature", "Xyzzy")).pull()


def test_a_type_may_be_that_of_a_project_which_does_not_show(azure_devops_backdoor: Backdoor) -> None:
    kept = create(azure_devops_backdoor, "Kept")
    azure_devops_backdoor.hide_project(MOBILE)
    pull = azure_devops_backdoor.connect(types=("Feature", "Initiative")).pull()
    assert ([item.ref for item in pull.items], set(pull.failures)) == ([kept], {MOBILE})


@pytest.mark.parametrize("status", [400, 403, 404, 409])
def test_fields_that_are_refused_put_the_tracker_off(azure_devops_backdoor: Backdoor, status: int) -> None:
    fault = Fault(path="_apis/wit/fields", status=status, times=-1, body=b"{}")
    azure_devops_backdoor.server.wire.faults.append(fault)
    with pytest.raises(UnavailableError):
        azure_devops_backdoor.connect().pull()


def test_the_clause_of_the_scope_is_anded_to_the_project(azure_devops_backdoor: Backdoor) -> None:
    create(azure_devops_backdoor, "Left out", labels=["other"])
    elsewhere = create(azure_devops_backdoor, "Elsewhere", project=MOBILE, labels=["portfolio"])
    kept = create(azure_devops_backdoor, "Kept", labels=["portfolio"])
    clause = "[System.Tags] CONTAINS 'portfolio' OR [System.Title] = 'nothing'"
    pull = azure_devops_backdoor.connect(scope_query=clause).pull()
    assert {item.ref: item.project for item in pull.items} == {kept: PAYMENTS, elsewhere: MOBILE}


@pytest.mark.parametrize("clause", ["1 = 1) OR ([System.Id] > 0", "[System.Title] = 'x", "([System.Id] > 0", ")("])
def test_a_clause_that_would_leave_its_brackets_is_refused(azure_devops_backdoor: Backdoor, clause: str) -> None:
    with pytest.raises(ConfigurationError, match="scope_query"):
        azure_devops_backdoor.connect(scope_query=clause)


def test_brackets_inside_quotes_are_text(azure_devops_backdoor: Backdoor) -> None:
    pull = azure_devops_backdoor.connect(scope_query="[System.Title] <> 'a) OR (''b'").pull()
    assert dict(pull.failures) == {}


def test_names_are_quoted_in_queries() -> None:
    assert quoted("O'Hara") == "'O''Hara'"
    assert quoted("a'] OR [x\n") == "'a''] OR [x '"
    assert scope_condition("P'", ("A'", "B")) == (
        "[System.TeamProject] = 'P''' AND [System.WorkItemType] IN ('A''', 'B')"
    )


def test_a_project_that_does_not_exist_is_named_and_the_other_delivered(azure_devops_backdoor: Backdoor) -> None:
    kept = create(azure_devops_backdoor, "Kept")
    pull = azure_devops_backdoor.connect(projects=(PAYMENTS, "No/Such Project?")).pull()
    assert [item.ref for item in pull.items] == [kept]
    assert set(pull.failures) == {"No/Such Project?"}
    assert "404" in pull.failures["No/Such Project?"]


def test_a_batch_that_fails_for_good_names_its_project_and_leaves_the_others_whole(
    azure_devops_backdoor: Backdoor,
) -> None:
    for project in PROJECTS:
        create(azure_devops_backdoor, "Feature", project=project)
    # Projects are read side by side: the batch that comes first is the one that fails.
    fault = Fault(path="workItemsBatch", status=507, body=b'{"message": "not now"}')
    azure_devops_backdoor.server.wire.faults.append(fault)
    pull = azure_devops_backdoor.connect().pull()
    assert len(pull.failures) == 1
    assert "not now" in "".join(pull.failures.values())
    assert {item.project for item in pull.items} == set(PROJECTS) - set(pull.failures)


def test_a_tracker_that_answers_nothing_at_all_is_unavailable(azure_devops_backdoor: Backdoor) -> None:
    tracker = azure_devops_backdoor.connect()
    azure_devops_backdoor.server.wire.faults.append(Fault(path="workItemTypes", status=507, times=-1))
    with pytest.raises(UnavailableError):
        tracker.pull()


@pytest.mark.parametrize("content", [b"null", b"[]", b"{}", b'{"message": "sorry"}'])
def test_an_answer_that_is_none_is_no_empty_project(azure_devops_backdoor: Backdoor, content: bytes) -> None:
    create(azure_devops_backdoor, "Feature")
    azure_devops_backdoor.server.wire.faults.append(Fault(path="/wiql", status=200, times=-1, body=content))
    with pytest.raises(UnavailableError, match="not what was asked for"):
        azure_devops_backdoor.connect().pull()


def test_an_item_that_is_gone_between_query_and_batch_is_named(azure_devops_backdoor: Backdoor) -> None:
    gone, kept = create(azure_devops_backdoor, "Gone"), create(azure_devops_backdoor, "Kept")
    body = json.dumps({"value": [None, None, _minimal(int(kept.id))]}).encode()
    azure_devops_backdoor.server.wire.faults.append(Fault(path="workItemsBatch", status=200, body=body))
    pull = azure_devops_backdoor.connect(projects=(PAYMENTS,)).pull()
    assert [item.ref for item in pull.items] == [kept]
    assert [(item.ref, item.project) for item in pull.broken] == [(gone, PAYMENTS)]
    assert "not delivered" in pull.broken[0].reason


def test_an_item_that_cannot_be_decoded_is_set_aside_and_spoils_no_other(azure_devops_backdoor: Backdoor) -> None:
    odd, kept = create(azure_devops_backdoor, "Odd"), create(azure_devops_backdoor, "Kept")
    azure_devops_backdoor.store.edit(int(odd.id), {"System.Title": {"text": "an object"}})
    pull = azure_devops_backdoor.connect().pull()
    assert [item.ref for item in pull.items] == [kept]
    assert [(item.ref, item.key) for item in pull.broken] == [(odd, odd.id)]
    assert "System.Title" in pull.broken[0].reason
    assert pull.broken[0].reason.endswith("; look at it in the tracker, and at what the account may see of it")
    assert dict(pull.failures) == {}


def test_only_items_with_comments_are_asked_for_them(azure_devops_backdoor: Backdoor) -> None:
    create(azure_devops_backdoor, "Silent")
    discussed = create(azure_devops_backdoor, "Discussed")
    azure_devops_backdoor.add_comment(discussed, "Hello", is_ours=True)
    azure_devops_backdoor.connect().pull()
    asked = [one.path for one in azure_devops_backdoor.requests if one.path.endswith("/comments")]
    assert [path.split("/")[-2] for path in asked] == [discussed.id]


def test_all_pages_of_comments_are_read(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor, "Discussed")
    ours = azure_devops_backdoor.add_comment(ref, "First of all", is_ours=True)
    for n in range(230):
        azure_devops_backdoor.add_comment(ref, f"Talk {n}")
    [item] = azure_devops_backdoor.connect().pull().items
    assert [comment.id for comment in item.own_comments] == [ours]
    pages = [one for one in azure_devops_backdoor.requests if one.path.endswith("/comments")]
    assert len(pages) == 2


def test_an_item_whose_comments_are_refused_is_set_aside(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor, "Discussed")
    azure_devops_backdoor.add_comment(ref, "Hello")
    azure_devops_backdoor.server.wire.faults.append(Fault(path="/comments", status=403, body=b"{}"))
    pull = azure_devops_backdoor.connect().pull()
    assert (pull.items, [item.ref for item in pull.broken], dict(pull.failures)) == ((), [ref], {})


def test_a_project_whose_comments_do_not_come_is_not_whole(azure_devops_backdoor: Backdoor) -> None:
    ref, kept = create(azure_devops_backdoor, "Discussed"), create(azure_devops_backdoor, "Silent")
    azure_devops_backdoor.add_comment(ref, "Hello")
    azure_devops_backdoor.server.wire.faults.append(Fault(path="/comments", status=507))
    pull = azure_devops_backdoor.connect().pull()
    assert ([item.ref for item in pull.items], set(pull.failures)) == ([kept], {PAYMENTS})


def test_comments_of_a_previous_account_are_ours(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor, "Discussed")
    old = azure_devops_backdoor.store.add_identity("Old Bot", unique_name="old-bot@contoso.example")
    azure_devops_backdoor.store.add_comment(int(ref.id), old, "Of the bot of the past")
    [item] = azure_devops_backdoor.connect().pull().items
    assert item.own_comments == ()
    [item] = azure_devops_backdoor.connect(previous_accounts=("Old-Bot@Contoso.example",)).pull().items
    assert [comment.text for comment in item.own_comments] == ["Of the bot of the past"]


def test_a_stranger_is_told_so(azure_devops_backdoor: Backdoor) -> None:
    anonymous = {"authenticatedUser": {"id": "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"}}
    fault = Fault(path="onnectionData", status=200, body=json.dumps(anonymous).encode())
    azure_devops_backdoor.server.wire.faults.append(fault)
    with pytest.raises(UnauthorisedError, match="stranger"):
        azure_devops_backdoor.connect().pull()


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("Hypothesis Benefit", "no field"),
        ("Cost", r"Custom\.B \(Cost, double, filled in 1 item\), Custom\.A \(Cost, double, filled in 0 it"),
    ],
)
def test_a_field_that_is_unknown_or_ambiguous_is_a_mistake_of_configuration(
    azure_devops_backdoor: Backdoor, wanted: str, words: str
) -> None:
    azure_devops_backdoor.store.add_field("Custom.A", "Cost", "double")
    azure_devops_backdoor.store.add_field("Custom.B", "Cost", "double")
    azure_devops_backdoor.store.create_work_item(PAYMENTS, "Feature", "Paid", fields={"Custom.B": 3.0})
    with pytest.raises(ConfigurationError, match=words):
        azure_devops_backdoor.connect(fields={"cost": wanted}).pull()


def test_every_mistake_in_the_fields_is_told_at_once(azure_devops_backdoor: Backdoor) -> None:
    wanted = {"estimate": "Benefit Hypothesis", "owner": "Custom.ImplementationCost", "horizon": "Horizn"}
    with pytest.raises(ConfigurationError) as raised:
        azure_devops_backdoor.connect(fields=wanted, reference_fields={"blocks": "No Such"}).pull()
    text = str(raised.value)
    assert text.startswith("ado: fields.estimate: Custom.BenefitHypothesis (Benefit Hypothesis) holds a text of many")
    assert "fields.owner: Custom.ImplementationCost (Implementation Cost Forecast) holds a number" in text
    assert "fields.horizon: there is no field 'Horizn'" in text
    assert "reference_fields.blocks: there is no field 'No Such'" in text


def test_reference_fields_hold_addresses_with_a_direction(azure_devops_backdoor: Backdoor) -> None:
    azure_devops_backdoor.store.add_field("Custom.WaitsFor", "Waits For", "string")
    ref = create(azure_devops_backdoor, "Waits")
    url = "https://jira.example/browse/PAY-7"
    azure_devops_backdoor.store.edit(int(ref.id), {"Custom.WaitsFor": url})
    [item] = azure_devops_backdoor.connect(reference_fields={"blocked-by": "Waits For"}).pull().items
    assert item.foreign_links == (ForeignLink(url=url, direction=Direction.BLOCKED_BY),)


@pytest.mark.parametrize(
    ("state", "progress"),
    [
        ("New", Progress.TODO),
        ("Active", Progress.DOING),
        ("Resolved", Progress.DOING),
        ("Closed", Progress.DONE),
        ("Removed", Progress.DONE),
    ],
)
def test_every_category_of_state_has_its_progress(
    azure_devops_backdoor: Backdoor, state: str, progress: Progress
) -> None:
    create(azure_devops_backdoor, "Feature", status=state)
    assert [item.progress for item in azure_devops_backdoor.connect().pull().items] == [progress]


def test_addresses_lead_to_what_the_last_pull_named_only(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor, "Feature")
    unnamed = create(azure_devops_backdoor, "Task", kind="Task")
    tracker = azure_devops_backdoor.connect()
    page = f"{azure_devops_backdoor.root}/Payments/_workitems/edit"
    assert tracker.ref_for_url(f"{page}/{ref.id}") is None
    tracker.pull()
    assert tracker.ref_for_url(f"{page}/{ref.id}") == ref
    assert tracker.ref_for_url(f"{page}/{unnamed.id}") is None
    assert tracker.ref_for_url(f"https://elsewhere.example/contoso/Payments/_workitems/edit/{ref.id}") is None


def test_a_pull_writes_nothing_and_shows_no_secret(azure_devops_backdoor: Backdoor) -> None:
    create(azure_devops_backdoor, "Feature")
    pull = azure_devops_backdoor.connect().pull()
    assert azure_devops_backdoor.count_writes() == 0
    assert SECRET not in repr(pull)


def _minimal(identifier: int) -> dict[str, Any]:
    fields = {
        "System.Title": "Kept",
        "System.WorkItemType": "Feature",
        "System.TeamProject": PAYMENTS,
        "System.State": "New",
        "System.CreatedDate": "2026-10-01T08:00:00Z",
        "System.ChangedDate": "2026-10-01T08:00:00Z",
    }
    return {"id": identifier, "rev": 1, "fields": fields}
