"""What a Jira tells of itself, and what is tried on it and taken back."""

from __future__ import annotations

import json

import pytest

from lpm_sync.core.discovery import DiscoveredField, Discovery, FieldKind
from lpm_sync.core.examination import Check
from lpm_sync.core.governance import EscalationTarget
from lpm_sync.core.work_item import Ref
from lpm_sync.errors import RefusedError, UnavailableError
from lpm_sync.testing.conformance.examining import CARD, LABEL
from tests.connectors.jira.conftest import JiraSite


def field_named(discovery: Discovery, name: str) -> DiscoveredField:
    [found] = [field for field in discovery.fields if field.name == name]
    return found


def test_levels_come_from_cloud_and_epics_of_data_center_by_their_name_field(site: JiraSite) -> None:
    site.store.add_issue_type("Initiative", 2)
    project = site.connect().discover().projects[0]
    ranks = {kind.name: kind.rank for kind in project.types}
    assert (ranks["Epic"], ranks["Sub-task"]) == (1, -1)
    assert (ranks["Initiative"], ranks["Feature"]) == ((2, 0) if site.is_cloud else (None, None))


def test_kinds_of_fields_are_told_apart(site: JiraSite) -> None:
    for name, kind, items in (
        ("Points", "number", ""),
        ("Day", "date", ""),
        ("Choice", "option", ""),
        ("Choices", "array", "option"),
        ("Anything", "any", ""),
        ("Dates", "array", "date"),
    ):
        site.store.add_field(name, kind, items=items)
    discovery = site.connect().discover()
    kinds = {
        name: field_named(discovery, name).kind for name in ("Points", "Day", "Choice", "Choices", "Anything", "Dates")
    }
    assert kinds == {
        "Points": FieldKind.NUMBER,
        "Day": FieldKind.DATE,
        "Choice": FieldKind.TEXT,
        "Choices": FieldKind.TEXT,
        "Anything": FieldKind.OTHER,
        "Dates": FieldKind.OTHER,
    }


def test_fields_on_a_screen_are_told_from_those_on_none_and_from_those_that_nobody_tells(site: JiraSite) -> None:
    site.store.add_field("Seen")
    site.store.add_field("Unseen", on_create_screen=False, on_edit_screen=False)
    discovery = site.connect().discover()
    assert field_named(discovery, "Seen").is_on_screen is True
    assert field_named(discovery, "Unseen").is_on_screen is False
    site.fail("/createmeta/", times=-1, status=404)
    assert field_named(site.connect().discover(), "Unseen").is_on_screen is None


def test_all_pages_of_projects_and_fields_come(site: JiraSite) -> None:
    for number in range(120):
        site.store.add_project(f"P{number}")
        site.store.add_field(f"Field {number}")
    discovery = site.connect().discover()
    assert len(discovery.visible_projects) == 122
    assert field_named(discovery, "Field 119").is_on_screen is True


def test_without_projects_it_tells_those_that_there_are(site: JiraSite) -> None:
    discovery = site.connect(projects=()).discover()
    assert discovery.projects == ()
    assert sorted(discovery.visible_projects) == ["PAY", "PORT"]


def test_links_that_are_switched_off_are_none(site: JiraSite) -> None:
    site.fail("/issueLinkType$", times=-1, status=404)
    assert site.connect().discover().links == ()


def test_a_jira_that_does_not_answer_is_no_empty_one(site: JiraSite) -> None:
    site.fail("/field$", times=-1, status=503)
    with pytest.raises(UnavailableError):
        site.connect().discover()
    site.fail("/(serverInfo|myself)$", times=-1, status=404)
    with pytest.raises(UnavailableError, match="no Jira answers at this address"):
        site.connect().discover()


def test_an_item_that_is_there_and_unreadable_is_not_one_that_is_not_there(site: JiraSite) -> None:
    ref = site.create_item(project="PAY", type="Feature", title="Refunds")
    broken = json.dumps({"id": ref.id, "key": "PAY-1", "fields": {"summary": 7}}).encode()
    site.fail("/issue/PAY-1", status=200, body=broken)
    with pytest.raises(RefusedError, match="PAY-1"):
        site.connect().find("PAY-1")


def test_a_field_that_is_demanded_of_new_epics_is_named(site: JiraSite) -> None:
    fields = [
        {"fieldId": name, "name": name.title(), "required": name in ("summary", "risk")}
        for name in ("summary", "labels", "description", "risk")
    ]
    body = json.dumps({"fields" if site.is_cloud else "values": fields, "total": len(fields)}).encode()
    site.fail("/createmeta/", times=-1, status=200, body=body)
    [fault] = site.connect(fields={}).examine(EscalationTarget(tracker="jira", project="PORT", type="Epic")).faults
    assert fault.subject == "project PORT: create Epic"
    assert "it demands Risk" in str(fault.fault)


@pytest.mark.parametrize("phrase", ["blocks", "is blocked by"])
def test_a_dependency_is_rehearsed_by_whichever_phrase_is_read_from_the_blocker(site: JiraSite, phrase: str) -> None:
    checks = rehearse(site, dependency_links=(phrase,))
    assert [check.fault for check in checks] == [None, None, None]
    [made] = site.sent("POST", "/issueLink")
    first = json.loads(made.body)["inwardIssue" if phrase == "blocks" else "outwardIssue"]["id"]
    assert first == min(site.store.issues, key=int)


def test_a_link_that_reads_the_wrong_way_round_is_named_and_removed(site: JiraSite) -> None:
    genuine = site.store.link
    site.store.link = lambda inward, outward, *rest, **more: genuine(outward, inward, *rest, **more)  # type: ignore[method-assign]
    _, _, dependency = rehearse(site)
    assert "the direction is wrong" in str(dependency.fault)
    assert not site.store.links


def test_a_label_that_is_accepted_and_not_kept_is_named(site: JiraSite) -> None:
    site.fail("/issue/[0-9]+$", method="PUT", status=204)
    label, comment, _ = rehearse(site)
    assert "does not stand" in str(label.fault)
    assert comment.is_ok


def rehearse(site: JiraSite, **differences: object) -> list[Check]:
    ref, other = (site.create_item(project="PAY", type="Feature", title=title) for title in ("One", "Other"))
    assert isinstance(other, Ref)
    return list(site.connect(**differences).rehearse(ref, label=LABEL, card=CARD, other=other))
