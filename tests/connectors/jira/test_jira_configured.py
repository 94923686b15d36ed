"""A slip in the configured phrases and types, or a right that is missing, is told: it must not read nothing."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.sandbox.jira.model import TEXT_AREA
from lpm_sync.core.work_item import Ref
from lpm_sync.errors import ConfigurationError, UnavailableError
from lpm_sync.ports import Previous
from tests.connectors.jira.conftest import JiraSite


def feature(site: JiraSite) -> Ref:
    return site.create_item(project="PAY", type="Feature", title="Refund")


def test_a_phrase_that_no_link_has_stops_the_pull_instead_of_reading_no_dependency(site: JiraSite) -> None:
    feature(site)
    with pytest.raises(ConfigurationError) as raised:
        site.connect(dependency_links=("Blocks", "bloks")).pull()
    assert str(raised.value).startswith("jira: dependency_links.bloks: no type of link reads “bloks”; there is")
    assert "“is blocked by”" in str(raised.value)


def test_a_phrase_may_be_in_any_case_and_of_either_end(site: JiraSite) -> None:
    ref = feature(site)
    phrases = ("BLOCKS ", "is Blocked  by")
    assert [item.ref for item in site.connect(dependency_links=phrases).pull().items] == [ref]


def test_where_no_type_of_link_is_told_no_phrase_is_wrong(site: JiraSite) -> None:
    ref = feature(site)
    site.fail("/issueLinkType", times=-1, status=200, body=b'{"issueLinkTypes":[]}')
    assert [item.ref for item in site.connect(dependency_links=("bloks",)).pull().items] == [ref]


def test_a_phrase_that_no_link_has_any_more_stops_the_next_change(site: JiraSite) -> None:
    ref = feature(site)
    tracker = site.connect()
    first = tracker.pull()
    assert first.position is not None
    previous = Previous(position=first.position, keys={item.key: item.ref for item in first.items})
    body = b'{"issueLinkTypes":[{"id":"1","name":"Blocks","inward":"wird blockiert","outward":"blockiert"}]}'
    site.fail("/issueLinkType", times=-1, status=200, body=body)
    assert tracker.pull(previous).is_delta
    site.change_title(ref, "Refunds")
    with pytest.raises(ConfigurationError, match="“blocks”; there is “blockiert”"):
        tracker.pull(previous)


def test_a_type_that_does_not_exist_stops_the_pull_and_the_nearest_is_named(site: JiraSite) -> None:
    feature(site)
    with pytest.raises(ConfigurationError) as raised:
        site.connect(types=("Epic", "Featur")).pull()
    assert str(raised.value) == "jira: types.Featur: there is no type “Featur”; near it: “Feature”"
    with pytest.raises(ConfigurationError, match=r"there is .*“Feature”"):
        site.connect(types=("Feature", "Xyzzy")).pull()


def test_a_type_of_which_there_is_no_item_is_fine_and_types_are_asked_for_only_then(site: JiraSite) -> None:
    ref = feature(site)
    assert [item.ref for item in site.connect(types=("FEATURE",)).pull().items] == [ref]
    assert not site.sent("GET", "/issuetype")
    assert [item.ref for item in site.connect(types=("epic", "Feature")).pull().items] == [ref]
    assert len(site.sent("GET", "/issuetype")) == 1


@pytest.mark.parametrize("answer", [{"status": 404, "body": b"{}"}, {"status": 200, "body": b"[]"}])
def test_where_the_types_are_not_told_none_is_wrong(site: JiraSite, answer: dict[str, Any]) -> None:
    ref = feature(site)
    site.fail("/issuetype", times=-1, **answer)
    assert [item.ref for item in site.connect(types=("Feature", "Featur")).pull().items] == [ref]


def test_a_type_may_be_that_of_a_project_which_does_not_show(site: JiraSite) -> None:
    ref = feature(site)
    site.hide_project("PORT")
    pull = site.connect(types=("Feature", "Initiative of PORT")).pull()
    assert ([item.ref for item in pull.items], set(pull.failures)) == ([ref], {"PORT"})


def test_a_history_that_may_not_be_read_is_no_missing_history(site: JiraSite) -> None:
    ref = feature(site)
    tracker = site.connect()
    tracker.pull()
    site.fail("changelog", times=-1, status=403, body=b"{}")
    with pytest.raises(UnavailableError, match="changelogs cannot be read; grant Browse Projects"):
        tracker.history([ref])


def test_a_history_that_may_not_be_read_issue_by_issue_is_no_missing_history_either(cloud: JiraSite) -> None:
    ref = feature(cloud)
    tracker = cloud.connect()
    tracker.pull()
    cloud.fail("changelog/bulkfetch", times=-1, status=404, body=b"{}")
    assert ref in tracker.history([ref])
    cloud.fail("/issue/.*changelog", times=-1, status=403, body=b"{}")
    with pytest.raises(UnavailableError, match="changelogs cannot be read"):
        tracker.history([ref])


def test_a_field_of_the_wrong_kind_stops_the_pull_before_any_issue_is_read(site: JiraSite) -> None:
    feature(site)
    site.store.add_field("Why", custom=TEXT_AREA)
    with pytest.raises(ConfigurationError, match=r"fields\.estimate: .* holds a text of many lines.* has to be a num"):
        site.connect(fields={"estimate": "Why", "owner": "Implementation Cost Forecast"}).pull()
    assert not [one for one in site.requests if "search" in one.path]


def test_an_examination_names_a_field_of_the_wrong_kind(site: JiraSite) -> None:
    [fault] = site.connect(fields={"owner": "Implementation Cost Forecast"}).examine().faults
    assert fault.subject == "field owner"
    assert "holds a number, and owner has to be a text" in str(fault.fault)
