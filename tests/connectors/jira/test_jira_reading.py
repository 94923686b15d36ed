"""What a pull brings from a Jira that behaves as Jiras do."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from connectors.jira.client import JiraClient
from connectors.jira.connector import connect
from connectors.jira.search import find_ids
from lpm_sync.core.work_item import Direction, Edge, ForeignLink, Ref, SourceItem, precondition
from lpm_sync.errors import ConfigurationError, UnauthorisedError, UnavailableError
from lpm_sync.ports import Pull
from tests.connectors.jira.conftest import SECRET, JiraSite


def feature(site: JiraSite, title: str = "Refund", project: str = "PAY", **more: object) -> Ref:
    return site.create_item(project=project, type="Feature", title=title, **more)  # type: ignore[arg-type]


def item(pull: Pull, ref: Ref) -> SourceItem:
    return next(one for one in pull.items if one.ref == ref)


def test_short_and_empty_pages_are_not_the_end(cloud: JiraSite) -> None:
    refs = {feature(cloud, f"Feature {number}") for number in range(7)}
    behaviour = cloud.store.behaviour
    behaviour.page_cap = behaviour.id_page_cap = 4
    behaviour.short_pages, behaviour.empty_pages = True, 2
    assert {one.ref for one in cloud.connect().pull().items} == refs


def test_a_token_that_comes_for_ever_ends_the_walk_and_what_is_missing_is_named(cloud: JiraSite) -> None:
    for number in range(5):
        feature(cloud, f"Feature {number}")
    behaviour = cloud.store.behaviour
    behaviour.page_cap = behaviour.id_page_cap = 2
    behaviour.repeat_token = True
    pull = cloud.connect().pull()
    assert set(pull.failures) == {"PAY"}
    assert "repeats a page for ever: 4 of about 5" in pull.failures["PAY"]
    assert pull.items == ()


def test_a_token_that_comes_for_ever_after_the_last_issue_costs_nothing(cloud: JiraSite) -> None:
    refs = {feature(cloud, f"Feature {number}") for number in range(4)}
    behaviour = cloud.store.behaviour
    behaviour.page_cap = behaviour.id_page_cap = 2
    behaviour.repeat_token = True
    pull = cloud.connect().pull()
    assert {one.ref for one in pull.items} == refs
    assert not pull.failures


def test_a_token_that_expires_in_the_middle_makes_one_more_walk(cloud: JiraSite) -> None:
    refs = {feature(cloud, f"Feature {number}") for number in range(5)}
    cloud.store.behaviour.page_cap = cloud.store.behaviour.id_page_cap = 1
    refusal = b'{"errorMessages":["The provided next page token is invalid or expired."],"errors":{}}'
    cloud.fail("search/jql", method="POST", skip=5, status=400, body=refusal)
    pull = cloud.connect(projects=("PAY",)).pull()
    assert {one.ref for one in pull.items} == refs
    assert not pull.failures


def test_an_issue_that_left_before_a_second_walk_does_not_count(data_center: JiraSite) -> None:
    pages: list[tuple[list[str], int]] = [(["1", "2"], 4), ([], 3), (["2", "3"], 3), (["4"], 3)]
    for ids, total in pages:
        page = {"issues": [{"id": one} for one in ids], "total": total, "startAt": 0}
        data_center.fail("/search", method="POST", status=200, body=json.dumps(page).encode())
    client = JiraClient(data_center.connection)
    assert find_ids(client, "project = PAY ORDER BY key ASC") == ["2", "3", "4"]
    client.close()


def test_projects_that_are_read_in_one_search_keep_their_own_issues(cloud: JiraSite) -> None:
    refs = {project: feature(cloud, project=project) for project in ("PORT", "PAY")}
    tracker = cloud.connect(reads_remote_links=True)
    cloud.fail(f"/issue/{refs['PAY'].id}/remotelink", times=-1, status=503)
    pull = tracker.pull()
    assert [one.ref for one in pull.items] == [refs["PORT"]]
    assert set(pull.failures) == {"PAY"}
    assert len(cloud.sent("POST", "/search/jql")) == 1


def test_data_center_pages_by_number_and_notices_a_page_that_lacks_issues(data_center: JiraSite) -> None:
    refs = {feature(data_center, f"Feature {number}") for number in range(5)}
    data_center.store.behaviour.server_page_cap = 2
    assert {one.ref for one in data_center.connect().pull().items} == refs
    shrunken = {"issues": [], "total": 5, "startAt": 2, "maxResults": 2}
    data_center.fail("/search", method="POST", skip=2, times=-1, status=200, body=json.dumps(shrunken).encode())
    with pytest.raises(UnavailableError, match="jira: the search did not come to its end: 0 of 5 issues came"):
        data_center.connect(projects=("PAY",)).pull()


def test_a_pull_asks_for_little_beside_pages_and_projects(site: JiraSite) -> None:
    for number in range(250):
        feature(site, f"Feature {number}", project=("PORT", "PAY")[number % 2])
    site.connect(reads_remote_links=False).pull()
    pages = 2 + 2
    assert len(site.requests) <= pages + 2 + 5


def test_every_search_names_its_fields_and_quotes_its_project(site: JiraSite) -> None:
    site.store.add_project("ADD", "A word of the query language")
    ref = feature(site, project="ADD")
    pull = site.connect(projects=("ADD",), scope_query='labels is EMPTY OR labels = "x"').pull()
    assert [one.ref for one in pull.items] == [ref]
    [search] = site.sent("POST", "/search(/jql)?")
    body = json.loads(search.body)
    assert body["jql"] == 'project = "ADD" AND (labels is EMPTY OR labels = "x") ORDER BY key ASC'
    assert "summary" in body["fields"]
    assert not any(name.startswith("*") for name in body["fields"])


@pytest.mark.parametrize("clause", ["x = 1) OR (project = SECRET", "(x = 1", 'summary ~ "open', "x = 1))((", "x = ')"])
def test_a_clause_that_would_reach_beyond_its_projects_is_refused(cloud: JiraSite, clause: str) -> None:
    with pytest.raises(ConfigurationError, match="brackets or quotes"):
        cloud.connect(scope_query=clause)


def test_a_clause_with_brackets_in_quotes_is_fine(cloud: JiraSite) -> None:
    cloud.connect(scope_query='(summary ~ "a \\" ) b" OR text ~ \')\') AND x in (1, 2)')


def test_a_scope_that_is_not_understood_is_a_mistake_in_configuration(site: JiraSite) -> None:
    with pytest.raises(ConfigurationError, match="scope's query is not accepted"):
        site.connect(scope_query="nothing ~~ like it").pull()


def test_who_we_are_is_asked_in_every_pull(site: JiraSite) -> None:
    tracker = site.connect()
    tracker.pull()
    tracker.pull()
    assert len(site.sent("GET", "/myself")) == 2


def test_the_time_is_that_of_the_server(site: JiraSite) -> None:
    assert site.connect().pull().server_time == site.store.clock.now()


def test_parents_are_found_over_all_levels_and_outside_the_scope(data_center: JiraSite) -> None:
    data_center.store.add_project("ELSE", "Not ours")
    data_center.store.add_issue_type("Initiative", 2)
    initiative = data_center.create_item(project="ELSE", type="Initiative", title="Above")
    epic = data_center.create_item(project="PORT", type="Epic", title="Epic", parent=initiative)
    below = feature(data_center, parent=epic)
    bare = feature(data_center, "Bare")
    tracker = data_center.connect()
    pull = tracker.pull()
    assert (item(pull, epic).parent, item(pull, below).parent, item(pull, bare).parent) == (initiative, epic, None)
    alone = data_center.connect().apply(epic, (), precondition(item(pull, epic)))
    assert alone == []


def test_a_parent_that_is_hidden_is_no_parent(data_center: JiraSite) -> None:
    data_center.store.add_project("ELSE", "Not ours")
    epic = data_center.create_item(project="ELSE", type="Epic", title="Above")
    below = feature(data_center, parent=epic)
    data_center.hide_project("ELSE")
    assert item(data_center.connect().pull(), below).parent is None


def test_a_field_may_be_named_by_its_id_and_holds_what_it_holds(site: JiraSite) -> None:
    choice = site.store.add_field("Horizon", "option")
    several = site.store.add_field("Teams", "array", items="option")
    fields = {choice.id: {"id": "1", "value": "Emerging"}, several.id: [{"value": "Ledger"}, {"value": "Cards"}]}
    issue = site.store.create_issue("PAY", "Feature", "Full", fields={**fields, "duedate": "2026-12-01"})
    named = {"horizon": choice.id, "teams": "Teams", "target_date": "duedate", "people": "assignee"}
    found = item(site.connect(fields=named).pull(), Ref("jira", issue.id))
    assert found.fields == {"horizon": "Emerging", "teams": ("Ledger", "Cards"), "target_date": "2026-12-01"}


def test_numbers_keep_their_digits(site: JiraSite) -> None:
    ref = feature(site, fields={"implementation_cost_forecast": Decimal("1234567.89")})
    assert item(site.connect().pull(), ref).fields["implementation_cost_forecast"] == Decimal("1234567.89")


def test_a_field_name_that_two_fields_have_stops_the_pull(site: JiraSite) -> None:
    site.store.add_field("Benefit Hypothesis")
    with pytest.raises(ConfigurationError, match=r"Benefit Hypothesis.*could be any of customfield_"):
        site.connect().pull()


def test_addresses_come_from_reference_fields_too(site: JiraSite) -> None:
    field = site.store.add_field("Blocked by elsewhere")
    issue = site.store.create_issue("PAY", "Feature", "Waits", fields={field.id: "https://dev.example/431 ado:7"})
    found = item(site.connect(reference_fields={"blocked-by": field.id}).pull(), Ref("jira", issue.id))
    assert found.foreign_links == (
        ForeignLink(url="https://dev.example/431", direction=Direction.BLOCKED_BY),
        ForeignLink(url="ado:7", direction=Direction.BLOCKED_BY),
    )


def test_remote_links_are_read_of_open_items_only_and_only_when_asked_for(site: JiraSite) -> None:
    still_open, done = feature(site), feature(site, status="Done")
    for ref in (still_open, done):
        site.add_foreign_link(ref, "https://dev.example/431", Direction.BLOCKS)
    site.store.put_remote_link(
        still_open.id, {"url": "https://wiki.example", "title": "Notes"}, relationship="links to"
    )
    pull = site.connect().pull()
    assert [link.url for link in item(pull, still_open).foreign_links] == ["https://dev.example/431"]
    assert item(pull, done).foreign_links == ()
    assert len(site.sent("GET", "/remotelink")) == 1
    assert item(site.connect(reads_remote_links=False).pull(), still_open).foreign_links == ()
    assert len(site.sent("GET", "/remotelink")) == 1


def test_links_that_do_not_block_are_only_linked(site: JiraSite) -> None:
    one, other, third = (feature(site, title) for title in ("One", "Other", "Third"))
    site.store.link(one.id, other.id, "Relates")
    site.store.link(one.id, third.id, "Duplicate")
    found = item(site.connect().pull(), one)
    assert (found.edges, found.linked) == (frozenset(), {other, third})


def test_the_same_two_items_may_be_linked_in_two_ways(site: JiraSite) -> None:
    one, other = feature(site, "One"), feature(site, "Other")
    site.store.link(one.id, other.id, "Relates")
    site.store.link(other.id, one.id, "Blocks")
    found = item(site.connect().pull(), one)
    assert (found.edges, found.linked) == ({Edge(blocker=other, blocked=one)}, {other})


def test_comments_of_a_bot_of_the_past_are_ours(site: JiraSite) -> None:
    ref = feature(site)
    site.add_comment(ref, "Written by the bot before")
    human = site.store.human
    account = human.account_id if site.is_cloud else human.name
    assert item(site.connect().pull(), ref).own_comments == ()
    found = item(site.connect(previous_accounts=(account,)).pull(), ref)
    assert [comment.text for comment in found.own_comments] == ["Written by the bot before"]
    assert found.is_ours


def test_a_moved_item_keeps_its_identity(site: JiraSite) -> None:
    ref = feature(site)
    tracker = site.connect()
    before = item(tracker.pull(), ref)
    site.store.move_issue(ref.id, "PORT")
    after = item(tracker.pull(), ref)
    assert (before.key, after.key, after.project) == ("PAY-1", "PORT-1", "PORT")
    assert precondition(before) == precondition(after)


def test_an_address_leads_to_an_item_from_a_board_and_with_a_query_too(site: JiraSite) -> None:
    ref = feature(site)
    tracker = site.connect(site_url=f"{site.server.url}/jira", url=site.server.url)
    assert tracker.ref_for_url(f"{site.server.url}/browse/PAY-1") is None
    tracker.pull()
    root = site.server.url
    for address in (
        f"{root}/browse/PAY-1",
        f"{root}/jira/browse/pay-1/?focusedId=3#comment-3",
        f"{root}/jira/software/projects/PAY/boards/1?selectedIssue=PAY-1",
    ):
        assert tracker.ref_for_url(address) == ref
    assert tracker.ref_for_url(f"{root}/browse/PAY-99") is None
    assert tracker.ref_for_url(f"{root}/projects/PAY") is None


def test_another_jira_at_the_same_origin_is_another_jira(site: JiraSite) -> None:
    ref = feature(site)
    tracker = site.connect(site_url="https://corp.example/jira")
    tracker.pull()
    assert tracker.ref_for_url("https://corp.example/jira/browse/PAY-1") == ref
    assert tracker.ref_for_url("https://corp.example/jira-old/browse/PAY-1") is None


def test_addresses_of_items_are_those_that_people_open(cloud: JiraSite) -> None:
    ref = feature(cloud)
    pull = cloud.connect(site_url="https://northwind.atlassian.net/").pull()
    assert item(pull, ref).url == "https://northwind.atlassian.net/browse/PAY-1"


def test_an_item_that_is_deleted_is_no_longer_led_to(site: JiraSite) -> None:
    ref = feature(site)
    tracker = site.connect()
    url = item(tracker.pull(), ref).url
    site.delete_item(ref)
    tracker.pull()
    assert tracker.ref_for_url(url) is None


def test_times_are_read_in_whatever_zone_they_come(cloud: JiraSite) -> None:
    cloud.store.behaviour.times_in_profile_zone = True
    issue = cloud.store.create_issue("PAY", "Feature", "Old", created=datetime(2026, 10, 1, 12, tzinfo=UTC))
    found = item(cloud.connect().pull(), Ref("jira", issue.id))
    assert found.created == datetime(2026, 10, 1, 12, tzinfo=UTC)


def test_a_link_that_was_made_again_counts_from_then_and_another_kind_does_not_count(site: JiraSite) -> None:
    one, other = feature(site, "One"), feature(site, "Other")
    first, second, third = (datetime(2026, 11, day, 9, tzinfo=UTC) for day in (2, 5, 9))
    site.link(blocker=one, blocked=other, at=first)
    [link] = site.store.links_by_issue[one.id]
    site.store.unlink(link)
    site.link(blocker=one, blocked=other, at=second)
    with site.store.backdate(third):
        site.store.link(one.id, other.id, "Relates")
    tracker = site.connect()
    tracker.pull()
    histories = tracker.history([one, other])
    assert histories[one].link_created == {other: second}
    assert histories[other].link_created == {one: second}


def test_histories_come_in_bulk_where_the_tracker_has_that_and_singly_where_it_fails(cloud: JiraSite) -> None:
    refs = [feature(cloud, f"Feature {number}") for number in range(5)]
    moved = datetime(2026, 11, 2, 9, tzinfo=UTC)
    for ref in refs:
        cloud.change_status(ref, "In Progress", at=moved)
    tracker = cloud.connect()
    tracker.pull()
    assert {history.last_status_change for history in tracker.history(refs).values()} == {moved}
    assert len(cloud.sent("POST", "/changelog/bulkfetch")) == 1
    cloud.fail("bulkfetch", status=404, body=b"{}")
    assert {history.last_status_change for history in tracker.history(refs).values()} == {moved}
    assert len(cloud.sent("GET", "/changelog")) == 5


def test_a_stranger_is_told_so_and_never_an_empty_tracker(site: JiraSite) -> None:
    feature(site)
    site.revoke_credential()
    with pytest.raises(UnauthorisedError):
        site.connect().pull()


@pytest.mark.parametrize(
    "credentials",
    [{}, {"token": ""}, {"email": "bot@example.com"}, {"token": "with\nbreak"}, {"token": "ünicode", "email": "x"}],
)
def test_a_credential_that_cannot_be_one_is_refused_without_showing_it(
    cloud: JiraSite, credentials: dict[str, str]
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        cloud.connect(credentials=credentials)
    assert not any(value and value in str(raised.value) for value in credentials.values() if value != "x")


def test_connecting_talks_to_nobody(cloud: JiraSite) -> None:
    connect(cloud.connection, cloud.clock).close()
    assert not cloud.requests
    assert SECRET not in repr(cloud.connection)
