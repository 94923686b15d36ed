"""What an examination says, each with its place and its remedy."""

from __future__ import annotations

import pytest

from lpm_sync.core.examination import Check
from lpm_sync.core.governance import EscalationTarget
from lpm_sync.errors import UnauthorisedError
from tests.connectors.jira.conftest import EVERYTHING_BUT_READING, JiraSite

TO_PORT = EscalationTarget(tracker="jira", project="PORT", type="Epic")
ALWAYS_NEEDED = ("EDIT_ISSUES", "ADD_COMMENTS", "EDIT_OWN_COMMENTS", "DELETE_OWN_COMMENTS")


def faults(site: JiraSite, escalation: EscalationTarget | None = None, **differences: object) -> list[Check]:
    found = list(site.connect(**differences).examine(escalation).faults)
    assert all(check.remedy for check in found)
    return found


def with_issues(site: JiraSite) -> JiraSite:
    for project in ("PORT", "PAY"):
        site.create_item(project=project, type="Feature", title="Refunds")
    return site


def test_nothing_is_wrong_where_all_is_well(site: JiraSite) -> None:
    assert faults(with_issues(site), TO_PORT, scope_query="labels is EMPTY") == []


def test_it_says_who_we_are_and_that_the_clocks_agree(site: JiraSite) -> None:
    examination = site.connect().examine()
    assert examination.account in {f"LPM Bot ({name})" for name in (site.store.bot.account_id, site.store.bot.name)}
    assert examination.clock_skew is not None
    assert abs(examination.clock_skew.total_seconds()) < 1


def test_each_check_that_is_well_is_told_too(site: JiraSite) -> None:
    told = {check.subject for check in site.connect().examine(TO_PORT).checks}
    assert {"project PAY", "project PAY: permission Edit Issues", "links that read “blocks”"} <= told
    assert {"field benefit_hypothesis", "project PORT: create Epic"} <= told


@pytest.mark.parametrize("permission", ALWAYS_NEEDED)
def test_each_permission_that_is_missing_is_named_with_its_project(site: JiraSite, permission: str) -> None:
    site.store.withhold("PAY", permission)
    [fault] = faults(site)
    words = permission.replace("_", " ").title()
    assert fault.subject == f"project PAY: permission {words}"
    assert fault.remedy == f"grant {words} in the permission scheme of project PAY to the account"


def test_a_project_that_a_team_manages_has_roles_and_no_permission_scheme(cloud: JiraSite) -> None:
    cloud.store.project("PAY").is_simplified = True
    cloud.store.withhold("PAY", "ADD_COMMENTS")
    [fault] = faults(cloud)
    assert fault.remedy == "give the account a role in project PAY that has Add Comments (Project settings, Access)"


@pytest.mark.parametrize("permission", sorted(set(EVERYTHING_BUT_READING) - set(ALWAYS_NEEDED)))
def test_what_only_escalations_need_is_missed_only_where_they_are_created(site: JiraSite, permission: str) -> None:
    site.store.withhold("PORT", permission)
    assert faults(site) == []
    assert [fault.subject for fault in faults(site, TO_PORT)] == [
        f"project PORT: permission {permission.replace('_', ' ').title()}"
    ]


def test_a_project_that_is_hidden_says_what_to_do(site: JiraSite) -> None:
    site.hide_project("PORT")
    [fault] = faults(site)
    assert fault.line == (
        "project PORT: not there, or hidden from the account; "
        "check the key, or grant Browse Projects in its permission scheme to the account"
    )


def test_fields_that_are_not_there_and_all_else_are_said_at_once(site: JiraSite) -> None:
    site.store.withhold("PAY", "EDIT_ISSUES")
    found = faults(
        site,
        fields={"horizon": "Horizon"},
        reference_fields={"blocks": "Waits"},
        dependency_links=("blocks", "precedes"),
        scope_query="nothing = 1",
    )
    assert [fault.subject for fault in found] == [
        "links that read “precedes”",
        "project PORT: items",
        "project PAY: permission Edit Issues",
        "project PAY: items",
        "field horizon",
        "field blocks",
    ]
    assert "“blocks” / “is blocked by”" in str(found[0].fault)


def test_a_field_that_could_be_two_is_named_with_both(site: JiraSite) -> None:
    ids = {site.store.add_field("Horizon").id for _ in range(2)}
    [fault] = faults(site, fields={"horizon": "Horizon"})
    assert all(identifier in str(fault.fault) for identifier in ids)


def test_a_field_on_no_screen_is_one_that_nobody_can_fill(site: JiraSite) -> None:
    site.store.add_field("Horizon", on_create_screen=False, on_edit_screen=False)
    [fault] = faults(with_issues(site), fields={"horizon": "Horizon"})
    assert fault.subject == "field horizon"
    assert "on no screen" in str(fault.fault)
    assert "screens" in fault.remedy


@pytest.mark.parametrize("place", ["on_create_screen", "on_edit_screen"])
def test_a_field_on_one_of_the_screens_is_well(site: JiraSite, place: str) -> None:
    screens = {"on_create_screen": False, "on_edit_screen": False, place: True}
    site.store.add_field("Horizon", **screens)
    assert faults(with_issues(site), fields={"horizon": "Horizon"}) == []


def test_labels_off_the_edit_screen_are_named_with_type_and_project(site: JiraSite) -> None:
    site.store.field("labels").on_edit_screen = False
    found = faults(with_issues(site))
    assert [fault.subject for fault in found] == ["project PORT: labels of Feature", "project PAY: labels of Feature"]
    assert "Labels on the edit screen of Feature" in found[0].remedy


def test_an_escalation_that_cannot_carry_labels_is_named(site: JiraSite) -> None:
    site.store.field("labels").on_create_screen = False
    [fault] = faults(site, TO_PORT)
    assert fault.subject == "project PORT: create Epic"
    assert "Labels" in str(fault.fault)
    assert faults(site) == []


def test_a_phrase_that_reads_the_same_from_both_ends_is_no_dependency(site: JiraSite) -> None:
    [fault] = faults(site, dependency_links=("relates to",))
    assert "in one direction only" in str(fault.fault)


def test_a_stranger_is_told_so(site: JiraSite) -> None:
    site.revoke_credential()
    with pytest.raises(UnauthorisedError):
        site.connect().examine()


def test_what_cannot_be_asked_is_a_fault_too(site: JiraSite) -> None:
    site.fail("/mypermissions", times=-1, status=503)
    assert any("503" in fault.line for fault in faults(site))


@pytest.mark.parametrize("status", [403, 404])
def test_permissions_that_nobody_tells_are_unknown_with_how_to_find_out(site: JiraSite, status: int) -> None:
    site.fail("/mypermissions", times=-1, status=status, body=b"{}")
    examination = site.connect().examine(TO_PORT)
    assert examination.faults == ()
    [port, pay] = [
        check for check in examination.checks if check.unknown is not None and "permissions" in check.subject
    ]
    assert str(status) in str(port.unknown)
    assert "--write-test REF" in port.remedy
    assert "Create Issues" in port.remedy
    assert "Create Issues" not in pay.remedy


def test_a_search_that_is_not_permitted_is_not_the_fault_of_a_scope_that_there_is_not(site: JiraSite) -> None:
    site.fail("/search", times=-1, status=403, body=b"{}")
    assert [fault.subject for fault in faults(site)] == ["project PORT: items", "project PAY: items"]
    assert all("Browse Projects" in fault.remedy and "scope.query" not in fault.line for fault in faults(site))


def test_links_that_are_switched_off_are_told_where_a_phrase_is_configured(site: JiraSite) -> None:
    site.fail("/issueLinkType", times=-1, status=404, body=b"{}")
    [fault] = faults(site, dependency_links=("blocks",))
    assert "switch issue linking on" in fault.remedy
    assert faults(site, dependency_links=()) == []


def test_a_jira_that_does_not_tell_its_screens_is_not_blamed_for_it(site: JiraSite) -> None:
    site.fail("/createmeta/", times=-1, status=404)
    site.fail("/editmeta", times=-1, status=404)
    site.store.add_field("Horizon", on_create_screen=False, on_edit_screen=False)
    assert faults(with_issues(site), TO_PORT, fields={"horizon": "Horizon"}) == []


def test_examining_writes_nothing(site: JiraSite) -> None:
    site.connect(scope_query="labels is EMPTY").examine(TO_PORT)
    assert site.count_writes() == 0


def test_how_many_issues_are_ignored_by_type_is_told_and_is_no_fault(site: JiraSite) -> None:
    for number in range(3):
        site.create_item(project="PAY", type="Task", title=f"Task {number}")
    examination = with_issues(site).connect(scope_query="labels is EMPTY").examine()
    told = {check.subject: check for check in examination.checks}
    assert told["project PAY: ignored by type"].note == "3 Task"
    assert told["project PAY: ignored by type"].is_ok
    assert "project PORT: ignored by type" not in told


def test_where_every_type_is_read_none_is_ignored(site: JiraSite) -> None:
    site.create_item(project="PAY", type="Task", title="Task")
    told = {check.subject for check in site.connect(types=()).examine().checks}
    assert not any("ignored" in subject for subject in told)
