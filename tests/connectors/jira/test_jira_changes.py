"""What a delta asks for, and when it does not trust its position any more."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import pytest

from lpm_sync.core.change import AddLabel, Result
from lpm_sync.core.work_item import Direction, Ref
from lpm_sync.errors import ConfigurationError, UnavailableError
from lpm_sync.ports import Previous
from lpm_sync.testing.mirror import Mirror
from tests.connectors.jira.conftest import FIELDS, JiraSite

LATER = timedelta(hours=1)


def feature(site: JiraSite, title: str = "Refund", project: str = "PAY") -> Ref:
    return site.create_item(project=project, type="Feature", title=title)


def filled(site: JiraSite, *, count: int = 6) -> Mirror:
    """A copy of a site on which nothing has happened for an hour."""
    for number in range(count):
        feature(site, f"Feature {number}", project=("PORT", "PAY")[number % 2])
    mirror = Mirror()
    mirror.read(site.connect())
    wait(site)
    return mirror


def wait(site: JiraSite) -> None:
    site.clock.move_to(site.clock.now() + LATER)
    site.server.wire.requests.clear()


def searches(site: JiraSite) -> list[str]:
    return [json.loads(one.body)["jql"] for one in site.sent("POST", "/search(/jql)?")]


def test_where_nothing_changed_three_requests_tell_so_also_after_a_restart(site: JiraSite) -> None:
    mirror = filled(site)
    site.add_foreign_link(next(iter(mirror.items)), "https://dev.example/431", Direction.BLOCKS)
    for _ in range(2):  # the second sees that what the first read has settled
        mirror.read(site.connect())
        wait(site)
    for _ in range(2):
        wait(site)
        assert mirror.read(site.connect()).items == ()
        assert len(site.requests) == 3
        assert len(site.sent("GET", "/myself")) == 1


def test_a_date_of_answers_that_is_not_the_trackers_own_hides_no_change(site: JiraSite) -> None:
    ref = feature(site)
    me = json.dumps({"accountId": "bot"} if site.is_cloud else {"name": "bot"})
    date = format_datetime(site.clock.now() + timedelta(days=3), usegmt=True)
    site.fail("/myself", times=-1, status=200, headers={"Date": date}, body=me.encode())
    mirror = Mirror()
    for _ in range(3):
        mirror.read(site.connect())
    wait(site)
    site.store.add_label(ref.id, "new")
    found = mirror.read(site.connect())
    assert found.is_delta
    assert [item.ref for item in found.items] == [ref]


def test_many_issues_that_were_changed_at_once_and_a_project_without_any_cost_no_more(site: JiraSite) -> None:
    mirror = Mirror()
    for number in range(150):
        feature(site, f"Feature {number}")
    mirror.read(site.connect(reads_remote_links=False))
    for _ in range(2):
        wait(site)
        mirror.read(site.connect(reads_remote_links=False))
    wait(site)
    assert mirror.read(site.connect(reads_remote_links=False)).items == ()
    assert len(site.requests) == 3


def test_a_few_changes_cost_their_pages_and_five_requests(site: JiraSite) -> None:
    mirror = filled(site, count=260)
    for ref in sorted(mirror.items)[:250]:
        site.add_label(ref, "touched")
    site.server.wire.requests.clear()
    pull = mirror.read(site.connect(reads_remote_links=True, types=("Epic", "Feature")), census=False)
    assert len(pull.items) == 250
    details = len(site.sent("GET", "/remotelink"))
    assert len(site.requests) - details <= 3 + 5


def test_many_issues_are_fetched_by_their_ids(cloud: JiraSite) -> None:
    refs = {feature(cloud, f"Feature {number}", project="PAY") for number in range(730)}
    pull = cloud.connect(reads_remote_links=False, types=("Feature",)).pull()
    assert {item.ref for item in pull.items} == refs
    assert len(cloud.sent("POST", "/issue/bulkfetch")) == 7
    pages, projects = 8 + 1, 2  # the ids take a page too
    assert len(cloud.requests) <= pages + projects + 5


def test_where_issues_are_not_given_out_by_their_ids_they_come_by_pages(cloud: JiraSite) -> None:
    refs = {feature(cloud, f"Feature {number}") for number in range(9)}
    cloud.store.behaviour.page_cap = 2
    cloud.fail("bulkfetch", times=-1, status=404, body=b"{}")
    assert {item.ref for item in cloud.connect().pull().items} == refs


def test_an_issue_that_a_fetch_left_out_is_asked_for_by_itself(cloud: JiraSite) -> None:
    refs = {feature(cloud, f"Feature {number}") for number in range(9)}
    cloud.store.behaviour.page_cap = 2
    cloud.fail("bulkfetch", times=2, status=200, body=b'{"issues":[],"issueErrors":[]}')
    assert {item.ref for item in cloud.connect(projects=("PAY",)).pull().items} == refs


def test_the_query_names_the_minute_in_the_zone_of_the_profile(site: JiraSite) -> None:
    site.store.bot.time_zone = "Asia/Kathmandu"
    mirror = filled(site)
    mirror.read(site.connect())
    [jql] = searches(site)
    # The newest change was made at 9:00 in Greenwich, and ten minutes before that it was 14:35 there.
    assert jql == 'project in ("PORT", "PAY") AND updated >= "2026-10-30 14:35" ORDER BY key ASC'


def test_the_zone_is_asked_for_every_time(site: JiraSite) -> None:
    mirror = filled(site)
    site.store.bot.time_zone = "America/New_York"
    mirror.read(site.connect())
    assert '"2026-10-30 04:50"' in searches(site)[0]


def test_projects_that_stand_at_different_places_are_asked_for_in_one_query(site: JiraSite) -> None:
    mirror = filled(site)
    feature(site, "New", project="PAY")
    mirror.read(site.connect())
    wait(site)
    mirror.read(site.connect(), census=False)
    [jql] = searches(site)
    assert jql.startswith('((project in ("PORT") AND updated >= "')
    assert ') OR (project in ("PAY") AND updated >= "' in jql


def test_the_scope_holds_for_changes_too(site: JiraSite) -> None:
    inside, outside = feature(site, "In"), feature(site, "Out")
    site.add_label(inside, "ours")
    tracker, mirror = site.connect(scope_query="labels = ours OR labels = also"), Mirror()
    mirror.read(tracker)
    site.change_title(inside, "Changed")
    site.change_title(outside, "Changed")
    mirror.read(tracker, census=True)
    assert {ref: item.title for ref, item in mirror.items.items()} == {inside: "Changed"}


@pytest.mark.parametrize("is_first", [True, False])
def test_a_label_in_scope_brings_an_issue_whatever_the_query_says(site: JiraSite, is_first: bool) -> None:
    tracker, mirror = (
        site.connect(scope_query="labels = ours OR labels = also", labels_in_scope=("lpm:mark",)),
        Mirror(),
    )
    if not is_first:
        mirror.read(tracker)
    marked = feature(site, "Marked")
    site.add_label(marked, "lpm:mark")
    feature(site, "Left out")
    for census in (False, True):
        mirror.read(tracker, census=census)
        assert set(mirror.items) == {marked}


def test_a_project_that_was_renamed_is_read_whole(site: JiraSite) -> None:
    mirror = filled(site)
    project = site.store.project("PAY")
    project.key = "PAYM"
    for issue in site.store.issues.values():
        if issue.project is project:
            issue.key = issue.key.replace("PAY-", "PAYM-")
    site.fail("/project/PAY$", times=-1, status=200, body=json.dumps({"id": project.id, "key": "PAYM"}).encode())
    pull = mirror.read(site.connect())
    assert not pull.is_delta
    assert {item.project for item in mirror.items.values()} == {"PORT", "PAYM"}


def test_a_field_that_is_another_one_now_makes_the_next_change_read_everything(site: JiraSite) -> None:
    mirror = filled(site)
    old = site.store.field(FIELDS["benefit_hypothesis"])
    old.name = "Benefit Hypothesis (old)"
    site.store.add_field("Benefit Hypothesis")
    assert mirror.read(site.connect()).is_delta
    site.add_label(next(iter(mirror.items)), "touched")
    assert not mirror.read(site.connect()).is_delta


def test_a_field_that_is_gone_stops_the_next_change(site: JiraSite) -> None:
    mirror = filled(site)
    site.store.field(FIELDS["benefit_hypothesis"]).name = "Renamed"
    site.add_label(next(iter(mirror.items)), "touched")
    with pytest.raises(ConfigurationError, match="benefit_hypothesis"):
        mirror.read(site.connect())


@pytest.mark.parametrize(
    "difference",
    [
        {"types": ("Feature",)},
        {"scope_query": "labels is EMPTY"},
        {"fields": {}},
        {"dependency_links": ("clones",)},
        {"reads_remote_links": False},
        {"previous_accounts": ("another",)},
        {"reference_fields": {"blocked-by": "Benefit Hypothesis"}},
    ],
    ids=lambda difference: next(iter(difference)),
)
def test_a_position_made_under_other_settings_is_not_gone_on_from(
    site: JiraSite, difference: dict[str, object]
) -> None:
    mirror = filled(site)
    assert not mirror.read(site.connect(**difference)).is_delta


def test_a_position_of_another_account_is_not_gone_on_from(site: JiraSite) -> None:
    mirror = filled(site)
    site.store.bot.account_id, site.store.bot.name = "another", "another"
    assert not mirror.read(site.connect()).is_delta


def test_a_position_of_another_kind_of_jira_is_not_gone_on_from(data_center: JiraSite) -> None:
    mirror = filled(data_center)
    assert mirror.position is not None
    position = json.loads(mirror.position)
    position["is_cloud"] = True
    pull = data_center.connect().pull(Previous(position=json.dumps(position), keys={}))
    assert (pull.is_delta, len(pull.items)) == (False, 6)


def test_where_the_servers_clock_went_back_everything_is_read(site: JiraSite) -> None:
    mirror = filled(site)
    site.clock._now -= timedelta(days=1)
    assert not mirror.read(site.connect()).is_delta


def test_a_change_that_is_dated_in_the_future_hides_no_other(site: JiraSite) -> None:
    mirror = filled(site)
    ahead, _, behind, *_ = sorted(mirror.items)  # of one project
    site.store.set_times(ahead.id, updated=site.clock.now() + timedelta(days=30))
    mirror.read(site.connect())
    wait(site)
    site.change_title(behind, "Changed afterwards")
    mirror.read(site.connect())
    assert mirror.items[behind].title == "Changed afterwards"


def test_a_census_after_a_week_reads_everything(site: JiraSite) -> None:
    mirror = filled(site)
    assert mirror.read(site.connect(), census=True).is_delta
    site.clock.move_to(site.clock.now() + timedelta(days=7))
    site.store.status("To Do").name = "Open"
    assert not mirror.read(site.connect(), census=True).is_delta
    assert {item.status for item in mirror.items.values()} == {"Open"}


def test_an_issue_that_was_deleted_long_after_it_was_linked_takes_its_link_along(site: JiraSite) -> None:
    blocker, blocked = feature(site, "Blocker"), feature(site, "Blocked")
    site.link(blocker=blocker, blocked=blocked)
    mirror = filled(site)
    wait(site)
    mirror.read(site.connect())
    site.delete_item(blocker)
    mirror.read(site.connect(), census=True)
    assert blocker not in mirror.items
    assert mirror.items[blocked].edges == frozenset()


def test_a_census_that_fails_is_none(site: JiraSite) -> None:
    mirror = filled(site)
    site.fail("/issuetype", times=-1, status=503)
    pull = mirror.read(site.connect(), census=True)
    assert (pull.is_delta, pull.present) == (True, None)
    assert len(mirror.items) == 6


def test_an_issue_that_became_another_type_is_gone(site: JiraSite) -> None:
    mirror = filled(site)
    ref = next(iter(mirror.items))
    site.store.edit(ref.id, {"issuetype": site.store.issue_type("Task")})
    pull = mirror.read(site.connect())
    assert pull.gone == {ref}
    assert ref not in mirror.items


def test_where_the_search_over_all_projects_fails_each_is_searched_by_itself(site: JiraSite) -> None:
    mirror = filled(site)
    changed = next(ref for ref, item in mirror.items.items() if item.project == "PORT")
    other = next(ref for ref, item in mirror.items.items() if item.project == "PAY")
    for ref in (changed, other):
        site.change_title(ref, "Changed")
    site.fail("/search(/jql)?$", method="POST", times=1, status=400, body=b'{"errorMessages":["no"]}')
    pull = mirror.read(site.connect())
    assert not pull.failures
    assert {mirror.items[ref].title for ref in (changed, other)} == {"Changed"}


def test_a_delta_of_which_nothing_could_be_read_is_an_outage(site: JiraSite) -> None:
    mirror = filled(site)
    site.fail("/search", method="POST", times=-1, status=503)
    with pytest.raises(UnavailableError):
        mirror.read(site.connect())


def test_an_issue_that_cannot_be_completed_fails_its_project_alone_and_comes_later(site: JiraSite) -> None:
    mirror = filled(site)
    changed = next(ref for ref, item in mirror.items.items() if item.project == "PORT")
    other = next(ref for ref, item in mirror.items.items() if item.project == "PAY")
    for ref in (changed, other):
        site.change_title(ref, "Changed")
    site.fail(f"/issue/{changed.id}/remotelink", times=-1, status=503)
    assert set(mirror.read(site.connect()).failures) == {"PORT"}
    site.server.wire.faults.clear()
    assert mirror.items[other].title == "Changed"
    mirror.read(site.connect())
    assert mirror.items[changed].title == "Changed"


def test_a_broken_issue_is_told_once_it_changed_and_again_when_it_is_whole(cloud: JiraSite) -> None:
    mirror = filled(cloud)
    ref = next(iter(mirror.items))
    issue = cloud.store.issue(ref.id)
    title = issue.summary
    cloud.store.edit(ref.id, {"summary": 7})
    assert {one.ref for one in mirror.read(cloud.connect()).broken} == {ref}
    assert ref in mirror.broken
    cloud.store.edit(ref.id, {"summary": title})
    mirror.read(cloud.connect())
    assert mirror.items[ref].title == title
    assert not mirror.broken


def test_without_a_date_the_time_is_asked_for(site: JiraSite, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror = filled(site)
    monkeypatch.setattr("connectors.jira.client._date", lambda _: None)
    pull = mirror.read(site.connect())
    assert pull.is_delta
    assert pull.server_time == site.clock.now()
    assert len(site.sent("GET", "/serverInfo")) == 1


def test_a_change_that_search_shows_later_than_newer_ones_is_not_lost(site: JiraSite) -> None:
    mirror = filled(site)
    late, early, *_ = sorted(ref for ref, item in mirror.items.items() if item.project == "PAY")
    site.store.behaviour.index_lag = timedelta(minutes=8)
    site.change_title(late, "Shown late")
    site.store.behaviour.index_lag = timedelta(0)
    for title in ("Newer", "Newer still"):
        site.clock.move_to(site.clock.now() + timedelta(minutes=4, seconds=30))
        site.change_title(early, title)
        mirror.read(site.connect())
    assert (mirror.items[late].title, mirror.items[early].title) == ("Shown late", "Newer still")


@pytest.mark.parametrize("lacks_bulk_fetch", [False, True])
def test_what_we_wrote_is_read_as_it_stands_while_the_index_lags(cloud: JiraSite, lacks_bulk_fetch: bool) -> None:
    mirror = filled(cloud)
    ref = next(iter(mirror.items))
    if lacks_bulk_fetch:
        cloud.fail("/issue/bulkfetch$", times=-1, status=404)
    cloud.store.behaviour.index_lag, cloud.store.behaviour.shows_indexed = timedelta(minutes=5), True
    cloud.change_title(ref, "Changed a little before")
    cloud.clock.move_to(cloud.clock.now() + timedelta(minutes=6))
    label = AddLabel(label="lpm:not-ready", because=("DOR001",))
    tracker = cloud.connect()
    mirror.read(tracker)
    [outcome] = tracker.apply(ref, (label,), None)
    assert outcome.result is Result.WRITTEN
    assert mirror.previous is not None
    mirror.take(tracker.pull(replace(mirror.previous, written=frozenset({ref}))))
    assert mirror.items[ref].labels == {"lpm:not-ready"}
    mirror.read(cloud.connect())  # the index still shows it as it was
    assert mirror.items[ref].labels == {"lpm:not-ready"}
    cloud.change_title(ref, "Changed by a person")
    cloud.clock.move_to(cloud.clock.now() + timedelta(minutes=6))
    mirror.read(cloud.connect())
    assert mirror.items[ref].title == "Changed by a person"


def test_what_we_wrote_in_a_project_that_fails_now_is_not_gone(cloud: JiraSite) -> None:
    mirror = filled(cloud)
    ref = next(ref for ref, item in mirror.items.items() if item.project == "PAY")
    cloud.fail("/project/search", times=-1, status=404)
    cloud.fail("/project/(PAY|10002)$", times=-1, status=503)
    assert mirror.previous is not None
    pull = cloud.connect().pull(replace(mirror.previous, written=frozenset({ref})))
    assert (set(pull.failures), pull.gone) == ({"PAY"}, frozenset())


def test_two_changes_of_one_second_are_two_changes(data_center: JiraSite) -> None:
    mirror = filled(data_center)
    ref = next(iter(mirror.items))
    data_center.change_title(ref, "First")
    mirror.read(data_center.connect())
    data_center.change_title(ref, "Second")
    mirror.read(data_center.connect())
    assert mirror.items[ref].title == "Second"


def test_an_issue_that_the_index_showed_as_it_was_is_looked_at_again(data_center: JiraSite) -> None:
    mirror = filled(data_center)
    ref = next(iter(mirror.items))
    data_center.change_title(ref, "First")
    data_center.store.behaviour.index_lag = timedelta(minutes=3)
    data_center.change_title(ref, "Second, within the same second")
    for _ in range(3):
        mirror.read(data_center.connect())
        data_center.clock.move_to(data_center.clock.now() + timedelta(seconds=121))
    assert mirror.items[ref].title == "Second, within the same second"
