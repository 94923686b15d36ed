"""JQL as Jira reads it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest


@pytest.fixture
def portfolio(cloud):
    """An epic, two stories below it and a bug in another project."""
    store = cloud.store
    store.add_project("ADD", "Reserved")
    store.add_project("WEB", 'The "Web" shop')
    store.add_issue_type("Bug", 0)
    epic = store.create_issue("PAY", "Epic", "Instant payments", labels=["lpm:late", "Core"])
    store.create_issue("PAY", "Story", "Refunds", parent=epic, status="In Progress", labels=["core"])
    store.create_issue("PAY", "Story", "Cards", parent=epic, status="Done", assignee=store.bot)
    store.create_issue("WEB", "Bug", "Broken basket")
    return cloud


@pytest.mark.parametrize(
    ("jql", "found"),
    [
        ("project = PAY", "PAY-3 PAY-2 PAY-1"),
        ("PROJECT = pay Order By Key asc", "PAY-1 PAY-2 PAY-3"),
        ("project in (PAY, WEB) AND issuetype = Bug", "WEB-1"),
        (r'project = "The \"Web\" shop"', "WEB-1"),
        ("project = 'WEB' or key = PAY-1", "WEB-1 PAY-1"),
        ('type in (Epic, Bug) AND (project = PAY OR project = "ADD")', "PAY-1"),
        ("NOT project = PAY", "WEB-1"),
        ("project != PAY", "WEB-1"),
        ("project not in (WEB)", "PAY-3 PAY-2 PAY-1"),
        ('status = "In Progress"', "PAY-2"),
        ("statusCategory = Done", "PAY-3"),
        ('statusCategory in ("In Progress", done)', "PAY-3 PAY-2"),
        ("statusCategory != new and project = PAY", "PAY-3 PAY-2"),
        ('labels = "lpm:late"', "PAY-1"),
        ("labels = lpm:late", "PAY-1"),
        ("labels = CORE", "PAY-2 PAY-1"),
        ("labels in (core, other) AND issuetype = Epic", "PAY-1"),
        ("labels is EMPTY", "WEB-1 PAY-3"),
        ("labels is not empty", "PAY-2 PAY-1"),
        ("labels != core", ""),
        ("project = PAY AND NOT labels = core", "PAY-3"),
        ("labels not in (other)", "PAY-2 PAY-1"),
        ("assignee = currentUser()", "PAY-3"),
        ("parent = PAY-1", "PAY-3 PAY-2"),
        ("resolution = Unresolved and project = PAY", "PAY-3 PAY-2 PAY-1"),
        ("id in (PAY-1, WEB-1)", "WEB-1 PAY-1"),
        ("key > PAY-1 ORDER BY id ASC", "PAY-2 PAY-3"),
        ("project = PAY || project = WEB && !(type = Bug)", "PAY-3 PAY-2 PAY-1"),
        ("id > 0 ORDER BY created DESC, id", "WEB-1 PAY-3 PAY-2 PAY-1"),
    ],
)
def test_a_query_finds(portfolio, jql, found) -> None:
    assert portfolio.keys(jql) == found.split()


def test_numeric_ids_are_compared_as_numbers(portfolio) -> None:
    second = portfolio.store.issue("PAY-2").id
    assert portfolio.keys(f"id > {second} ORDER BY id") == ["PAY-3", "WEB-1"]
    assert portfolio.keys(f"id <= {second} AND id >= {second}") == ["PAY-2"]


@pytest.mark.parametrize(
    ("jql", "message"),
    [
        ("project = NONE", "The value 'NONE' does not exist for the field 'project'."),
        ("status = Blocked", "The value 'Blocked' does not exist for the field 'status'."),
        ("flavour = sweet", "Field 'flavour' does not exist or you do not have permission to view it."),
        ("key = PAY-99", "An issue with key 'PAY-99' does not exist for field 'key'."),
        ("id in (424242)", "A value with ID '424242' does not exist for the field 'id'."),
        ("project = ADD", "Error in the JQL Query: 'ADD' is a reserved JQL word."),
        ("labels = a@b", "Error in the JQL Query: The character '@' is a reserved JQL character."),
        ("project PAY", "Error in the JQL Query: Expecting operator but got 'PAY'."),
        ("project = PAY status = Done", "Error in the JQL Query: Expecting either 'OR' or 'AND' but got 'status'."),
        ("project = ", "Error in the JQL Query: Expecting a value, list or function before the end of the query."),
        ("project in PAY", "Error in the JQL Query: Expecting '(' but got 'PAY'."),
        ('project = "PAY', "Error in the JQL Query: The character '\"' is not expected here."),
        ("labels > core", "The operator '>' is not supported by the 'labels' field."),
        ("updated = soon", "Date value 'soon' for field 'updated' is invalid."),
        ("project = PAY ORDER BY Rank", "Not able to sort using field 'rank'."),
        ("labels is core", "The operator 'is' only supports EMPTY and NULL"),
    ],
)
def test_what_jira_does_not_understand_is_a_400(portfolio, jql, message) -> None:
    answer = portfolio.post("/search/jql", {"jql": jql})
    assert answer.status_code == 400
    assert answer.json()["errors"] == {}
    assert answer.json()["errorMessages"][0].startswith(message)


def test_a_reserved_word_works_in_quotes(portfolio) -> None:
    assert portfolio.keys('project = "ADD"') == []


@pytest.mark.parametrize(
    ("zone", "local"),
    [
        ("UTC", "2026-11-23 09:30"),
        ("Europe/Berlin", "2026-11-23 10:30"),
        ("America/Los_Angeles", "2026-11-23 01:30"),
        ("Asia/Kathmandu", "2026/11/23 15:15"),
    ],
)
def test_times_are_read_in_the_zone_of_the_profile(cloud, zone, local) -> None:
    cloud.store.bot.time_zone = zone
    issue = cloud.store.create_issue("PAY", "Story", "Refunds", created=datetime(2026, 11, 23, 9, 30, 20, tzinfo=UTC))
    assert cloud.keys(f'updated >= "{local}"') == [issue.key]
    assert cloud.keys(f'created > "{local}"') == [issue.key]
    assert cloud.keys(f'updated < "{local}"') == []


def test_a_time_means_the_start_of_its_minute(cloud) -> None:
    cloud.store.bot.time_zone = "UTC"
    cloud.store.create_issue("PAY", "Story", "Refunds", created=datetime(2026, 11, 23, 9, 30, 20, tzinfo=UTC))
    assert cloud.keys('updated <= "2026-11-23 09:30"') == []
    assert cloud.keys('updated <= "2026-11-23 09:31"') == ["PAY-1"]
    assert cloud.post("/search/jql", {"jql": 'updated >= "2026-11-23 09:30:20"'}).status_code == 400


def test_a_date_means_its_midnight_and_a_period_counts_from_now(cloud, clock) -> None:
    cloud.store.bot.time_zone = "UTC"
    cloud.store.create_issue("PAY", "Story", "Refunds", created=datetime(2026, 11, 22, 0, 0, 1, tzinfo=UTC))
    assert cloud.keys("created >= 2026-11-22") == ["PAY-1"]
    assert cloud.keys("created <= 2026-11-22") == []
    assert cloud.keys("created >= -2d") == ["PAY-1"]
    assert cloud.keys('created >= "-1d 4h"') == []
    assert cloud.keys("created <= now()") == ["PAY-1"]


def test_the_hour_that_comes_twice_is_read_as_its_first(cloud) -> None:
    """`trackers.md`, Incremental: on the night clocks go back, one needs more than an hour of overlap."""
    cloud.store.create_issue("PAY", "Story", "First", created=datetime(2026, 10, 25, 0, 10, tzinfo=UTC))
    cloud.store.create_issue("PAY", "Story", "Second", created=datetime(2026, 10, 25, 1, 10, tzinfo=UTC))
    assert cloud.keys('updated >= "2026-10-25 02:05" ORDER BY id') == ["PAY-1", "PAY-2"]
    assert cloud.keys('updated >= "2026-10-25 02:15" ORDER BY id') == ["PAY-2"]
