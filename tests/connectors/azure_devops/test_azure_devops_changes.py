"""A delta brings what the feeds tell, costs little where nothing changed, and gives way where it cannot go on."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from structlog.testing import capture_logs

from connectors.sandbox.azure_devops.links import HIERARCHY
from connectors.sandbox.azure_devops.model import Link
from connectors.sandbox.faults import Fault
from lpm_sync.core.work_item import Progress, Ref
from lpm_sync.errors import UnavailableError
from lpm_sync.ports import Tracker
from lpm_sync.testing.mirror import Mirror
from tests.connectors.azure_devops.conftest import PROJECTS, Backdoor

PAYMENTS, MOBILE = PROJECTS
REVISIONS, LINKS = "workItemRevisions", "workItemLinks"
# `http` pauses and tries again where a server may do better the next time: 507 is one that will not.
FOR_GOOD = 507


def create(door: Backdoor, title: str = "Feature", *, project: str = PAYMENTS, kind: str = "Feature") -> Ref:
    return door.create_item(project=project, type=kind, title=title)


def begun(door: Backdoor, **differences: Any) -> tuple[Tracker, Mirror]:
    """A tracker and a copy after the first reading; the requests so far are forgotten."""
    tracker, mirror = door.connect(**differences), Mirror()
    mirror.read(tracker)
    door.server.wire.requests.clear()
    return tracker, mirror


def asked(door: Backdoor) -> list[str]:
    """What was asked for since, by the last part of each path."""
    return sorted(one.path.rsplit("/", 1)[-1] for one in door.requests if one.method != "OPTIONS")


def whole(door: Backdoor, **differences: Any) -> dict[Ref, object]:
    return {item.ref: item for item in door.connect(**differences).pull().items}


def fail(door: Backdoor, path: str, status: int = FOR_GOOD, **rest: Any) -> None:
    door.server.wire.faults.append(Fault(path=path, status=status, **{"times": -1, "body": b"{}", **rest}))


@pytest.mark.parametrize("feed", [REVISIONS, LINKS])
def test_a_feed_that_does_not_say_where_it_ends_ends_where_nothing_comes(
    azure_devops_backdoor: Backdoor, feed: str
) -> None:
    ref = create(azure_devops_backdoor)
    tracker, mirror = begun(azure_devops_backdoor)
    fail(azure_devops_backdoor, feed, status=200, body=b'{"values":[],"continuationToken":"77"}')
    assert mirror.read(tracker).is_delta
    assert ref in mirror.items


def test_a_server_that_does_not_tell_its_time_is_read_whole_each_time(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor)
    body = json.dumps({"workItems": [{"id": int(ref.id)}]}).encode()
    for given in (body, b'{"workItems":[]}'):  # by the id above the last there are no more
        azure_devops_backdoor.server.wire.faults.append(Fault(path="/wiql", skip=1, status=200, body=given))
    fail(azure_devops_backdoor, "/wiql", status=200, body=b'{"workItems":[]}')
    pull = azure_devops_backdoor.connect().pull()
    assert pull.position is None
    assert not pull.failures


def test_nothing_changed_costs_four_requests_however_many_projects_there_are(azure_devops_backdoor: Backdoor) -> None:
    for project in PROJECTS:
        create(azure_devops_backdoor, project=project)
    tracker, mirror = begun(azure_devops_backdoor)
    pull = mirror.read(tracker)
    assert pull.is_delta
    assert asked(azure_devops_backdoor) == ["ConnectionData", "projects", LINKS, REVISIONS]


def test_what_changed_costs_its_batches_and_comments_besides(azure_devops_backdoor: Backdoor) -> None:
    refs = [create(azure_devops_backdoor, f"Feature {n}") for n in range(210)]
    tracker, mirror = begun(azure_devops_backdoor)
    for ref in refs[:205]:
        azure_devops_backdoor.change_title(ref, "Changed")
    azure_devops_backdoor.add_comment(refs[0], "Ours", is_ours=True)
    assert len(mirror.read(tracker).items) == 205
    others = ["ConnectionData", "comments", "fields", "projects", "workItemsBatch", "workItemsBatch"]
    assert asked(azure_devops_backdoor) == sorted([*others, LINKS, REVISIONS])


def test_a_change_while_the_first_reading_runs_comes_with_the_next(azure_devops_backdoor: Backdoor) -> None:
    ref, other = create(azure_devops_backdoor), create(azure_devops_backdoor, "Other")

    def change_after_the_answer(path: str) -> None:
        if path.endswith("comments"):  # the batch with the items has been answered
            azure_devops_backdoor.before_each_request(None)
            azure_devops_backdoor.change_title(ref, "Changed meanwhile")
            azure_devops_backdoor.link(blocker=ref, blocked=other)

    azure_devops_backdoor.add_comment(other, "Hello")
    azure_devops_backdoor.before_each_request(change_after_the_answer)
    tracker, mirror = begun(azure_devops_backdoor)
    assert mirror.items[ref].title == "Feature"
    mirror.read(tracker)
    assert mirror.items == whole(azure_devops_backdoor)


def test_the_feeds_are_read_batch_by_batch_to_their_end_and_then_on_from_there(azure_devops_backdoor: Backdoor) -> None:
    refs = [create(azure_devops_backdoor, f"Feature {n}") for n in range(8)]
    tracker, mirror = begun(azure_devops_backdoor)
    azure_devops_backdoor.store.behaviour.reporting_page_size = 3
    for ref in refs:
        azure_devops_backdoor.change_title(ref, "Changed")
    assert len(mirror.read(tracker).items) == 8
    assert asked(azure_devops_backdoor).count(REVISIONS) == 3
    azure_devops_backdoor.server.wire.requests.clear()
    assert mirror.read(tracker).items == ()
    assert asked(azure_devops_backdoor).count(REVISIONS) == 1


@pytest.mark.parametrize("is_flat", [False, True])
def test_a_link_is_told_in_attributes_or_beside_its_kind(azure_devops_backdoor: Backdoor, is_flat: bool) -> None:
    azure_devops_backdoor.store.behaviour.flat_link_changes = is_flat
    blocker, blocked = create(azure_devops_backdoor), create(azure_devops_backdoor)
    tracker, mirror = begun(azure_devops_backdoor)
    azure_devops_backdoor.link(blocker=blocker, blocked=blocked)
    pull = mirror.read(tracker)
    assert pull.is_delta
    assert {item.ref for item in pull.items} == {blocker, blocked}


def test_a_link_that_names_no_item_is_no_change_of_nothing(azure_devops_backdoor: Backdoor) -> None:
    blocker, blocked = create(azure_devops_backdoor), create(azure_devops_backdoor)
    tracker, mirror = begun(azure_devops_backdoor)
    azure_devops_backdoor.link(blocker=blocker, blocked=blocked)
    told = b'{"values":[{"rel":"System.LinkTypes.Dependency"}],"isLastBatch":true,"continuationToken":"9"}'
    fail(azure_devops_backdoor, LINKS, 200, body=told)
    assert not mirror.read(tracker).is_delta
    assert mirror.items == whole(azure_devops_backdoor)


def test_the_feed_of_revisions_is_asked_for_deleted_items_and_few_fields(azure_devops_backdoor: Backdoor) -> None:
    create(azure_devops_backdoor)
    tracker, mirror = begun(azure_devops_backdoor)
    mirror.read(tracker)
    [query] = [parse_qs(one.query) for one in azure_devops_backdoor.requests if one.path.endswith(REVISIONS)]
    assert query["includeDeleted"] == ["true"]
    assert query["fields"] == ["System.TeamProject,System.WorkItemType,System.State,System.IsDeleted"]
    assert "types" not in query  # or an item that becomes of another type is not told


@pytest.mark.parametrize("kind", ["deleted", "moved", "of another type"])
def test_an_item_that_left_is_gone_without_a_census(azure_devops_backdoor: Backdoor, kind: str) -> None:
    ref, kept = create(azure_devops_backdoor, "Leaves"), create(azure_devops_backdoor, "Stays")
    store = azure_devops_backdoor.store
    store.add_project("Elsewhere")
    tracker, mirror = begun(azure_devops_backdoor)
    if kind == "deleted":
        azure_devops_backdoor.delete_item(ref)
    elif kind == "moved":
        azure_devops_backdoor.move_item(ref, "Elsewhere")
    else:
        store.edit(int(ref.id), {"System.WorkItemType": "Task"})
    pull = mirror.read(tracker)
    assert (pull.gone, set(mirror.items)) == ({ref}, {kept})


@pytest.mark.parametrize("census", [False, True])
def test_nothing_of_a_renamed_project_is_gone_until_the_configuration_follows(
    azure_devops_backdoor: Backdoor, census: bool
) -> None:
    door = azure_devops_backdoor
    renamed, other = create(door, "Refunds"), create(door, "Cards", project=MOBILE)
    tracker, mirror = begun(door)
    door.store.rename_project(PAYMENTS, "Payments and more")
    door.change_title(renamed, "Refunds, faster")
    door.change_title(other, "Cards, faster")
    for _ in range(2):
        pull = mirror.read(tracker, census=census)
        assert (list(pull.failures), pull.gone) == ([PAYMENTS], frozenset())
        assert "renamed" in pull.failures[PAYMENTS]
        assert {ref: item.title for ref, item in mirror.items.items()} == {renamed: "Refunds", other: "Cards, faster"}
    followed = door.connect(projects=("Payments and more", MOBILE))
    mirror.read(followed)
    assert mirror.items[renamed].project == "Payments and more"
    assert set(mirror.items) == {renamed, other}


def test_an_item_that_is_restored_comes_back(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor)
    tracker, mirror = begun(azure_devops_backdoor)
    azure_devops_backdoor.delete_item(ref)
    mirror.read(tracker)
    item = azure_devops_backdoor.store.work_item(int(ref.id))
    item.deleted = False
    azure_devops_backdoor.store.revise(item, {"System.IsDeleted": None})
    mirror.read(tracker)
    assert set(mirror.items) == {ref}


def test_a_destroyed_item_is_found_by_the_census(azure_devops_backdoor: Backdoor) -> None:
    ref, kept = create(azure_devops_backdoor), create(azure_devops_backdoor)
    tracker, mirror = begun(azure_devops_backdoor)
    azure_devops_backdoor.store.destroy(int(ref.id))
    assert mirror.read(tracker).gone == frozenset()
    pull = mirror.read(tracker, census=True)
    assert (pull.present, pull.gone, set(mirror.items)) == ({kept}, {ref}, {kept})


def test_an_item_that_is_not_delivered_is_named_until_the_census_finds_it_gone(azure_devops_backdoor: Backdoor) -> None:
    ref, kept = create(azure_devops_backdoor), create(azure_devops_backdoor)
    tracker, mirror = begun(azure_devops_backdoor)
    azure_devops_backdoor.link(blocker=ref, blocked=kept)
    azure_devops_backdoor.store.destroy(int(ref.id))  # the feed of links names it, the feed of revisions does not
    pull = mirror.read(tracker)
    assert [(one.ref, "not delivered" in one.reason) for one in pull.broken] == [(ref, True)]
    mirror.read(tracker, census=True)
    assert (set(mirror.items), mirror.broken) == ({kept}, {})


def test_other_projects_of_the_organisation_are_left_alone(azure_devops_backdoor: Backdoor) -> None:
    kept = create(azure_devops_backdoor)
    azure_devops_backdoor.store.add_project("Elsewhere")
    tracker, mirror = begun(azure_devops_backdoor)
    for n in range(5):
        azure_devops_backdoor.delete_item(create(azure_devops_backdoor, f"Feature {n}", project="Elsewhere"))
        create(azure_devops_backdoor, f"Task {n}", kind="Task")
    pull = mirror.read(tracker)
    assert (pull.items, pull.gone, set(mirror.items)) == ((), frozenset(), {kept})
    assert "workItemsBatch" not in asked(azure_devops_backdoor)


def test_a_link_to_an_item_out_of_scope_brings_the_one_in_scope(azure_devops_backdoor: Backdoor) -> None:
    ref, task = create(azure_devops_backdoor), create(azure_devops_backdoor, "Task", kind="Task")
    tracker, mirror = begun(azure_devops_backdoor)
    azure_devops_backdoor.link(blocker=task, blocked=ref)
    assert [item.ref for item in mirror.read(tracker).items] == [ref]
    assert [edge.blocker for edge in mirror.items[ref].edges] == [task]


def test_only_the_tracker_tells_what_satisfies_a_clause(azure_devops_backdoor: Backdoor) -> None:
    clause = {"scope_query": "[System.Tags] CONTAINS 'portfolio'"}
    enters, leaves = create(azure_devops_backdoor, "Enters"), create(azure_devops_backdoor, "Leaves")
    azure_devops_backdoor.add_label(leaves, "portfolio")
    tracker, mirror = begun(azure_devops_backdoor, **clause)
    assert set(mirror.items) == {leaves}
    azure_devops_backdoor.add_label(enters, "portfolio")
    azure_devops_backdoor.remove_label(leaves, "portfolio")
    pull = mirror.read(tracker)
    assert (pull.is_delta, pull.gone, set(mirror.items)) == (True, {leaves}, {enters})


@pytest.mark.parametrize("is_first", [True, False])
def test_a_label_in_scope_brings_an_item_whatever_the_clause_says(
    azure_devops_backdoor: Backdoor, is_first: bool
) -> None:
    create(azure_devops_backdoor, "Left out")
    marked = create(azure_devops_backdoor, "Marked") if is_first else None
    if marked is not None:
        azure_devops_backdoor.add_label(marked, "lpm:mark")
    clause = {"scope_query": "[System.Tags] CONTAINS 'portfolio' OR [System.Id] < 1", "labels_in_scope": ("lpm:mark",)}
    tracker, mirror = begun(azure_devops_backdoor, **clause)
    if marked is None:
        marked = create(azure_devops_backdoor, "Marked")
        azure_devops_backdoor.add_label(marked, "lpm:mark")
    for census in (False, True):
        mirror.read(tracker, census=census)
        assert set(mirror.items) == {marked}


def test_a_link_alone_can_bring_an_item_into_a_clause(azure_devops_backdoor: Backdoor) -> None:
    epic, child = create(azure_devops_backdoor, "Epic", kind="Epic"), create(azure_devops_backdoor)
    clause = {"scope_query": f"[System.Parent] = {epic.id}"}
    tracker, mirror = begun(azure_devops_backdoor, **clause)
    azure_devops_backdoor.change_parent(child, epic)
    mirror.read(tracker)
    assert set(mirror.items) == {child}
    azure_devops_backdoor.store.remove_link(Link(type=HIERARCHY, source=int(epic.id), target=int(child.id)))
    mirror.read(tracker)
    assert set(mirror.items) == set()


def test_a_clause_with_a_macro_is_asked_again_in_every_cycle(azure_devops_backdoor: Backdoor) -> None:
    create(azure_devops_backdoor)
    clause = {"scope_query": "[System.CreatedDate] > @today - 30"}
    tracker, mirror = begun(azure_devops_backdoor, **clause)
    assert mirror.read(tracker).present == set(mirror.items)


@pytest.mark.parametrize("feed", [REVISIONS, LINKS])
@pytest.mark.parametrize("status", [400, 404, FOR_GOOD])
def test_a_server_without_a_feed_is_read_whole_in_every_cycle_and_said_to_be(
    azure_devops_backdoor: Backdoor, feed: str, status: int
) -> None:
    ref = create(azure_devops_backdoor)
    fail(azure_devops_backdoor, feed, status)
    tracker = azure_devops_backdoor.connect()
    with capture_logs() as logged:
        first = tracker.pull()
    assert [(one["event"], feed in one["reason"]) for one in logged] == [("changes_not_told", True)]
    assert (first.position, first.is_delta, dict(first.failures)) == (None, False, {})
    assert [item.ref for item in first.items] == [ref]


@pytest.mark.parametrize("feed", [REVISIONS, LINKS])
@pytest.mark.parametrize("status", [400, 404, FOR_GOOD])
def test_a_token_that_is_not_taken_any_more_means_a_whole_reading(
    azure_devops_backdoor: Backdoor, feed: str, status: int
) -> None:
    create(azure_devops_backdoor)
    tracker, mirror = begun(azure_devops_backdoor)
    fail(azure_devops_backdoor, f"{feed}.*continuationToken", status, times=1)
    pull = mirror.read(tracker)
    assert (pull.is_delta, dict(pull.failures)) == (False, {})
    assert pull.position
    assert mirror.read(tracker).is_delta


def test_a_feed_that_does_not_end_is_not_believed(azure_devops_backdoor: Backdoor) -> None:
    create(azure_devops_backdoor)
    tracker, mirror = begun(azure_devops_backdoor)
    batch = {"values": [], "continuationToken": "7;revisions", "isLastBatch": False}
    body = json.dumps(batch).encode()
    fail(azure_devops_backdoor, f"{REVISIONS}.*continuationToken", 200, times=2, body=body)
    assert not mirror.read(tracker).is_delta


def test_a_feed_that_asks_for_rest_is_not_answered_with_a_whole_reading(azure_devops_backdoor: Backdoor) -> None:
    create(azure_devops_backdoor)
    tracker, mirror = begun(azure_devops_backdoor, cycle_timeout=5.0)
    fail(azure_devops_backdoor, REVISIONS, 429, headers={"Retry-After": "600"})
    with pytest.raises(UnavailableError):
        mirror.read(tracker)
    assert "wiql" not in asked(azure_devops_backdoor)


def test_a_batch_that_fails_leaves_its_project_where_it_was(azure_devops_backdoor: Backdoor) -> None:
    refs = {project: create(azure_devops_backdoor, project=project) for project in PROJECTS}
    tracker, mirror = begun(azure_devops_backdoor)
    for ref in refs.values():
        azure_devops_backdoor.change_title(ref, "Changed")
    fail(azure_devops_backdoor, "workItemsBatch", times=1)
    pull = mirror.read(tracker)
    [failed] = pull.failures
    assert {item.ref for item in pull.items} == set(refs.values()) - {refs[failed]}
    pull = mirror.read(tracker)
    assert not pull.failures
    assert mirror.items == whole(azure_devops_backdoor)


def test_once_all_projects_are_whole_again_there_is_one_place_to_go_on_from(azure_devops_backdoor: Backdoor) -> None:
    create(azure_devops_backdoor, project=MOBILE)
    tracker, mirror = begun(azure_devops_backdoor)
    azure_devops_backdoor.hide_project(MOBILE)
    azure_devops_backdoor.change_title(create(azure_devops_backdoor), "Changed")
    mirror.read(tracker)
    azure_devops_backdoor.show_project(MOBILE)
    mirror.read(tracker)
    azure_devops_backdoor.server.wire.requests.clear()
    mirror.read(tracker)
    assert asked(azure_devops_backdoor) == ["ConnectionData", "projects", LINKS, REVISIONS]


def test_a_link_into_a_project_that_was_hidden_shows_again_with_it(azure_devops_backdoor: Backdoor) -> None:
    blocker, blocked = create(azure_devops_backdoor, project=MOBILE), create(azure_devops_backdoor)
    yesterday = azure_devops_backdoor.clock.now() - timedelta(days=1)
    azure_devops_backdoor.link(blocker=blocker, blocked=blocked, at=yesterday)
    azure_devops_backdoor.hide_project(MOBILE)
    tracker, mirror = begun(azure_devops_backdoor)
    assert not mirror.items[blocked].edges
    azure_devops_backdoor.show_project(MOBILE)
    mirror.read(tracker)
    assert mirror.items == whole(azure_devops_backdoor)
    assert mirror.items[blocked].edges


def test_a_token_that_may_not_list_projects_asks_for_each(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor)
    tracker, mirror = begun(azure_devops_backdoor)
    azure_devops_backdoor.change_title(ref, "Changed")
    azure_devops_backdoor.hide_project(MOBILE)
    fail(azure_devops_backdoor, "_apis/projects", 401)
    pull = mirror.read(tracker)
    assert (set(pull.failures), mirror.items[ref].title) == ({MOBILE}, "Changed")


def test_a_state_that_is_new_to_a_project_is_learnt(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor)
    tracker, mirror = begun(azure_devops_backdoor)
    azure_devops_backdoor.store.add_work_item_type(PAYMENTS, "Feature", {"New": "Proposed", "Shipped": "Completed"})
    azure_devops_backdoor.store.set_state(int(ref.id), "Shipped")
    mirror.read(tracker)
    assert mirror.items[ref].progress is Progress.DONE


def test_a_state_of_another_category_is_seen_with_the_census(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor)
    tracker, mirror = begun(azure_devops_backdoor)
    azure_devops_backdoor.store.add_work_item_type(PAYMENTS, "Feature", {"New": "InProgress"})
    mirror.read(tracker, census=True)
    assert mirror.items[ref].progress is Progress.DOING


def test_a_field_that_is_another_one_now_means_a_whole_reading_with_the_census(azure_devops_backdoor: Backdoor) -> None:
    create(azure_devops_backdoor)
    tracker, mirror = begun(azure_devops_backdoor)
    azure_devops_backdoor.store.add_field("Custom.BenefitHypothesis", "Benefit Hypothesis", "string")
    assert mirror.read(tracker).is_delta
    assert not mirror.read(tracker, census=True).is_delta


def test_once_a_week_the_census_reads_everything(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor)
    tracker, mirror = begun(azure_devops_backdoor)
    clock = azure_devops_backdoor.clock
    clock.move_to(clock.now() + timedelta(days=6))
    assert mirror.read(tracker, census=True).is_delta
    clock.move_to(clock.now() + timedelta(days=1))
    assert mirror.read(tracker).is_delta
    pull = mirror.read(tracker, census=True)
    assert (pull.is_delta, pull.present) == (False, {ref})
    assert mirror.read(tracker, census=True).is_delta


@pytest.mark.parametrize(
    "differences",
    [
        {"types": ("Feature",)},
        {"scope_query": "[System.Id] > 0"},
        {"fields": {}},
        {"reference_fields": {"blocks": "Benefit Hypothesis"}},
        {"previous_accounts": ("old-bot@contoso.example",)},
        {"projects": (PAYMENTS,)},
        {"site_url": "https://boards.northwind.example"},
    ],
)
def test_whatever_decides_how_items_are_read_makes_an_older_position_useless(
    azure_devops_backdoor: Backdoor, differences: dict[str, Any]
) -> None:
    create(azure_devops_backdoor)
    _, mirror = begun(azure_devops_backdoor)
    assert not mirror.read(azure_devops_backdoor.connect(**differences)).is_delta


def test_the_case_and_order_of_configured_names_do_not_matter(azure_devops_backdoor: Backdoor) -> None:
    ref = create(azure_devops_backdoor)
    _, mirror = begun(azure_devops_backdoor)
    again = azure_devops_backdoor.connect(types=("feature", "EPIC"), projects=(MOBILE, PAYMENTS.upper()))
    azure_devops_backdoor.change_title(ref, "Changed")
    pull = mirror.read(again)
    assert (pull.is_delta, [item.project for item in pull.items]) == (True, [PAYMENTS.upper()])


def test_an_item_that_cannot_be_decoded_any_more_is_set_aside(azure_devops_backdoor: Backdoor) -> None:
    odd, kept = create(azure_devops_backdoor, "Odd"), create(azure_devops_backdoor, "Kept")
    tracker, mirror = begun(azure_devops_backdoor)
    azure_devops_backdoor.store.edit(int(odd.id), {"System.Title": {"text": "an object"}})
    azure_devops_backdoor.change_title(kept, "Changed")
    pull = mirror.read(tracker)
    assert ([item.ref for item in pull.items], [item.ref for item in pull.broken]) == ([kept], [odd])
    azure_devops_backdoor.change_title(odd, "A text again")
    mirror.read(tracker)
    assert (mirror.items[odd].title, mirror.broken) == ("A text again", {})


def test_the_position_holds_no_secret_and_no_content(azure_devops_backdoor: Backdoor) -> None:
    create(azure_devops_backdoor, "A plan that nobody may know")
    _, mirror = begun(azure_devops_backdoor)
    assert mirror.position
    assert azure_devops_backdoor.wording.secret not in mirror.position
    assert "nobody" not in mirror.position
