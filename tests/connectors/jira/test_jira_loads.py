"""A reading of everything that is stopped half way asks only for the rest when it goes on."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from lpm_sync.core.work_item import Direction, Ref
from lpm_sync.errors import ConfigurationError, StoppedError, UnavailableError
from lpm_sync.testing.mirror import Mirror, MirroredParts
from tests.connectors.jira.conftest import JiraSite

LONG_AGO = timedelta(days=3)
ISSUES = 430
ATTEMPTS = 4  # of a request that is not answered


def fill(site: JiraSite, count: int = ISSUES) -> list[Ref]:
    """Features that nobody has touched for days, in turn in both projects."""
    with site.store.backdate(site.clock.now() - LONG_AGO):
        return [
            site.create_item(project=("PORT", "PAY")[number % 2], type="Feature", title=f"Feature {number}")
            for number in range(count)
        ]


def everything(site: JiraSite) -> dict[Ref, object]:
    return {item.ref: item for item in site.connect(reads_remote_links=False).pull().items}


def read_on(mirror: Mirror, site: JiraSite) -> None:
    """Reads as a new process does, with the requests counted from there."""
    site.server.wire.faults.clear()
    site.requests.clear()  # type: ignore[attr-defined]
    mirror.read(site.connect(reads_remote_links=False))


def fetched(site: JiraSite) -> list[str]:
    """The ids that were fetched one by one: in bulk, or by a search that names them."""
    bulk = [one for request in site.sent("POST", "bulkfetch") for one in json.loads(request.body)["issueIdsOrKeys"]]
    named = [json.loads(request.body)["jql"] for request in site.sent("POST", "/search")]
    return bulk + [one for jql in named if jql.startswith("id in (") for one in jql[7:-1].split(", ")]


def test_after_an_outage_only_the_rest_is_fetched(site: JiraSite) -> None:
    fill(site)
    site.fail("/search", skip=2, times=-1, status=503)
    site.fail("bulkfetch", skip=2, times=-1, status=503)
    mirror = Mirror()
    with pytest.raises(UnavailableError):
        mirror.read(site.connect(reads_remote_links=False))
    kept = set(mirror.parts.items)
    assert 100 <= len(kept) <= 300
    read_on(mirror, site)
    asked = fetched(site)
    assert len(asked) == len(set(asked)) == ISSUES - len(kept)
    assert not {ref.id for ref in kept} & set(asked)
    assert len(site.requests) <= 8 + -(-len(asked) // 100)
    assert mirror.items == everything(site)


def test_what_changed_since_is_read_again_and_what_did_not_is_not(site: JiraSite) -> None:
    refs = fill(site, 130)
    mirror = Mirror()
    with pytest.raises(StoppedError):
        mirror.read(site.connect(reads_remote_links=False), stop_after=120)
    kept = list(mirror.parts.items)
    site.clock.move_to(site.clock.now() + timedelta(hours=5))
    site.change_title(kept[7], "Another title")
    read_on(mirror, site)
    assert sorted(fetched(site)) == sorted({ref.id for ref in refs} - {ref.id for ref in kept})
    assert mirror.items[kept[7]].title == "Another title"
    assert mirror.items == everything(site)


def test_what_stood_beside_a_deleted_issue_is_read_again_and_nothing_else(site: JiraSite) -> None:
    refs = fill(site, 60)
    with site.store.backdate(site.clock.now() - LONG_AGO):
        site.link(blocker=refs[3], blocked=refs[4])
    mirror = Mirror()
    with pytest.raises(StoppedError):
        mirror.read(site.connect(reads_remote_links=False), stop_after=59)
    kept = set(mirror.parts.items)
    assert {refs[3], refs[4]} <= kept
    site.clock.move_to(site.clock.now() + timedelta(hours=5))
    site.delete_item(refs[3])
    read_on(mirror, site)
    assert set(fetched(site)) == {refs[4].id, *(ref.id for ref in refs if ref not in kept)}
    assert mirror.items == everything(site)


def test_in_a_later_census_too_only_the_neighbours_of_what_is_gone_are_read_again(site: JiraSite) -> None:
    refs = fill(site, 60)
    with site.store.backdate(site.clock.now() - LONG_AGO):
        site.link(blocker=refs[3], blocked=refs[4])
    mirror = Mirror()
    mirror.read(site.connect(reads_remote_links=False))
    site.clock.move_to(site.clock.now() + timedelta(hours=5))
    site.delete_item(refs[3])
    site.requests.clear()  # type: ignore[attr-defined]
    connected = site.connect(reads_remote_links=False)
    address = mirror.items[refs[3]].url
    assert mirror.read(connected, census=True).is_delta
    assert fetched(site) == [refs[4].id]
    assert connected.ref_for_url(address) is None
    assert mirror.items == everything(site)


def test_a_project_that_fails_while_the_other_comes_goes_on_where_it_stood(site: JiraSite) -> None:
    refs = fill(site, 20)
    last = next(ref for ref in reversed(refs) if site.store.issue(ref.id).project.key == "PAY")
    site.fail(f"issue/{last.id}/remotelink", times=-1, status=503)
    mirror = Mirror()
    mirror.parts = MirroredParts()
    pull = mirror.read(site.connect())
    assert set(pull.failures) <= {"PAY", "PORT"}
    assert "PAY" in pull.failures
    assert not [item for item in mirror.items.values() if item.project == "PAY"]
    site.server.wire.faults.clear()
    mirror.read(site.connect())
    assert not mirror.is_unfinished
    assert {ref: mirror.items[ref].title for ref in mirror.items} == {
        ref: site.store.issue(ref.id).summary for ref in refs
    }


def test_a_project_that_fails_when_it_goes_on_is_not_taken_for_read(site: JiraSite) -> None:
    refs = fill(site, 20)
    of_pay = [ref for ref in refs if site.store.issue(ref.id).project.key == "PAY"]
    mirror = Mirror()
    with pytest.raises(StoppedError):
        mirror.read(site.connect(), stop_after=0)
    site.clock.move_to(site.clock.now() + timedelta(hours=5))
    site.change_title(of_pay[0], "Another title")
    site.fail(f"issue/{of_pay[0].id}/remotelink", times=-1, status=503)
    for _ in range(2):
        position = mirror.read(site.connect()).position
        assert position is not None
        assert set(json.loads(position)["places"]) == {"PORT"}
        assert not [item for item in mirror.items.values() if item.project == "PAY"]
    site.server.wire.faults.clear()
    mirror.read(site.connect())
    assert set(mirror.items) == set(refs)


def test_where_one_search_for_all_fails_each_project_asks_only_for_what_has_not_come(cloud: JiraSite) -> None:
    refs = fill(cloud, 500)
    cloud.store.behaviour.id_page_cap = 250
    cloud.fail("/search/jql", skip=2, times=ATTEMPTS, status=503)
    parts = MirroredParts()
    pull = cloud.connect(reads_remote_links=False).pull(parts=parts)
    assert (pull.failures, pull.present) == ({}, frozenset(refs))
    asked = fetched(cloud)
    assert len(asked) == len(set(asked))


def test_remote_links_and_further_comments_come_with_what_is_kept(site: JiraSite) -> None:
    refs = fill(site, 4)
    site.add_foreign_link(refs[0], "https://dev.example/431", Direction.BLOCKED_BY)
    site.store.behaviour.embedded_comments = 1
    ours = [site.add_comment(refs[1], f"Ours {n}", is_ours=True) for n in range(3)]
    parts = MirroredParts()
    assert site.connect().pull(parts=parts).items == ()
    assert [link.url for link in parts.items[refs[0]].foreign_links] == ["https://dev.example/431"]
    assert [comment.id for comment in parts.items[refs[1]].own_comments] == ours


def test_issues_that_wait_for_their_parents_are_kept_with_them(data_center: JiraSite) -> None:
    with data_center.store.backdate(data_center.clock.now() - LONG_AGO):
        children = [data_center.create_item(project="PAY", type="Feature", title=f"Child {n}") for n in range(5)]
        epic = data_center.create_item(project="PORT", type="Epic", title="Epic")
        for child in children:
            data_center.change_parent(child, epic)
    parts = MirroredParts()
    pull = data_center.connect().pull(parts=parts)
    assert pull.items == ()
    assert {parts.items[child].parent for child in children} == {epic}


def test_a_type_that_is_not_there_is_found_out_also_where_the_reading_was_stopped(site: JiraSite) -> None:
    fill(site, 6)
    types = ("Epic", "Feature", "Featur")
    mirror = Mirror()
    with pytest.raises(StoppedError):
        mirror.read(site.connect(types=types), stop_after=2)
    with pytest.raises(ConfigurationError, match="Featur"):
        mirror.read(site.connect(types=types))


def test_a_jira_that_does_not_tell_its_time_is_read_without_parts(
    site: JiraSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(site, 6)
    monkeypatch.setattr("connectors.jira.client._instant", lambda text: None)
    monkeypatch.setattr("connectors.jira.client._date", lambda text: None)
    parts = MirroredParts()
    pull = site.connect().pull(parts=parts)
    assert (len(pull.items), parts.begun, parts.kept) == (6, 0, [])


def test_the_first_delta_after_a_load_knows_what_was_kept(site: JiraSite) -> None:
    for number in range(4):
        site.create_item(project="PAY", type="Feature", title=f"New {number}")
    mirror = Mirror()
    mirror.read(site.connect())
    assert mirror.read(site.connect()).items == ()
