"""`doctor` names each thing that is missing with what to grant, and leaves the trackers as they are."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta

import pytest

from connectors.sandbox.azure_devops.store import AzureDevOpsStore
from connectors.sandbox.clock import MovableClock
from connectors.sandbox.faults import Fault
from connectors.sandbox.jira import JiraStore
from connectors.sandbox.serving import LoopbackServer
from tests.cli.conftest import EMAIL, TOKEN, Desk
from tests.connectors.jira.conftest import is_write

ESCALATION = {"create_in": {"tracker": "jira", "project": "PORT", "type": "Epic"}, "close_to": "Done"}


@pytest.fixture
def jira(desk: Desk) -> tuple[JiraStore, LoopbackServer]:
    """A Jira with an epic and a feature, and the configuration that `init` writes for it."""
    store, server = desk.jira()
    store.add_field("Benefit Hypothesis")
    store.create_issue("PORT", "Epic", "Instant payments")
    store.create_issue("PAY", "Feature", "Refunds")
    assert desk.initialise_jira(server).code == 0
    desk.amend("policy.yaml", escalation=ESCALATION)
    server.wire.requests.clear()
    return store, server


@pytest.fixture
def azure_devops(desk: Desk) -> AzureDevOpsStore:
    store, server = desk.azure_devops()
    store.create_work_item("Platform", "Feature", "Single sign-on")
    assert desk.initialise_azure_devops(server).code == 0
    return store


def test_all_well_ends_with_nothing_said_against_it(desk: Desk, jira: tuple[JiraStore, LoopbackServer]) -> None:
    shown = desk.type("doctor")
    assert shown.code == 0
    lines = shown.out.splitlines()
    assert all(line.startswith(("ok     jira: ", "note   jira: values of ")) for line in lines)
    for said in ("address: http://127", "permission Edit Issues", "statuses of Epic", "closing status Done"):
        assert any(said in line for line in lines)


def test_it_writes_nothing(desk: Desk, jira: tuple[JiraStore, LoopbackServer]) -> None:
    desk.doctor()
    assert not [one for one in jira[1].wire.requests if is_write(one.method, one.path)]


def test_each_fault_is_one_line_with_its_remedy_and_the_code_is_one(
    desk: Desk, jira: tuple[JiraStore, LoopbackServer]
) -> None:
    jira[0].withhold("PAY", "ADD_COMMENTS")
    shown = desk.type("doctor")
    assert shown.code == 1
    [line] = [line for line in shown.out.splitlines() if not line.startswith(("ok ", "note "))]
    assert line == (
        "fault  jira: project PAY: permission Add Comments: the account lacks it, to write the card; "
        "grant Add Comments in the permission scheme of project PAY to the account"
    )


def test_a_value_that_rules_read_and_no_field_is_mapped_to_is_noted_with_its_place_and_remedy(
    desk: Desk, jira: tuple[JiraStore, LoopbackServer]
) -> None:
    desk.amend("policy.yaml", rules=[{"rule": "DOR008"}, {"rule": "DOR004"}])
    answer = desk.doctor()
    assert answer.code == 0
    [check] = [check for name, check in answer.checks.items() if "values of" in name]
    assert check["check"] == "values of team"
    assert "trackers.yaml:" in check["note"]
    assert "DOR008 (" in check["remedy"]
    [line] = [line for line in desk.type("doctor").out.splitlines() if not line.startswith("ok ")]
    assert line.startswith("note   jira: values of team: ")


def test_a_hidden_project_is_named_and_the_rest_is_examined(desk: Desk, jira: tuple[JiraStore, LoopbackServer]) -> None:
    jira[0].hide_project("PAY")
    answer = desk.doctor()
    assert answer.code == 1
    assert list(answer.faults) == ["jira: project PAY"]
    assert "Browse Projects" in answer.faults["jira: project PAY"]["remedy"]
    assert answer.checks["jira: project PORT: permission Edit Issues"]["ok"]


def test_a_hidden_project_for_escalations_is_told_once_and_is_no_mistake_in_the_policy(
    desk: Desk, jira: tuple[JiraStore, LoopbackServer]
) -> None:
    jira[0].hide_project("PORT")
    assert list(desk.doctor().faults) == ["jira: project PORT"]


def test_a_status_that_leads_to_no_stage_is_named_with_its_projects(
    desk: Desk, jira: tuple[JiraStore, LoopbackServer]
) -> None:
    jira[0].add_status("评审", "indeterminate")
    fault = desk.doctor().faults["jira: statuses of Epic"]
    assert fault["fault"] == "not mapped: “评审” (PORT, PAY)"
    assert "stages.portfolio-epic" in fault["remedy"]


def test_a_status_of_a_feature_without_a_category_is_named(desk: Desk, jira: tuple[JiraStore, LoopbackServer]) -> None:
    jira[0].add_status("Odd", "undefined")
    faults = desk.doctor().faults
    assert "progress.feature" in faults["jira: statuses of Feature"]["remedy"]


def test_statuses_that_are_not_told_are_unknown_and_nobodys_mistake(
    desk: Desk, jira: tuple[JiraStore, LoopbackServer]
) -> None:
    jira[1].wire.faults.append(Fault(path="/statuses$", times=-1, status=403, body=b"{}"))
    answer = desk.doctor()
    assert answer.code == 0
    unsure = [check for check in answer.checks.values() if check["ok"] is None]
    assert {check["check"] for check in unsure} >= {"statuses of Epic", "closing status Done"}
    assert all(check["unknown"] and check["remedy"] for check in unsure)


def test_what_types_there_are_may_not_be_told_and_the_rest_is_examined(
    desk: Desk, jira: tuple[JiraStore, LoopbackServer]
) -> None:
    desk.amend("value_streams.yaml", portfolio__report_on="jira:PORT-1")
    jira[1].wire.faults.append(Fault(path="/project/search|/project$", times=-1, status=403, body=b"{}"))
    answer = desk.doctor()
    [(subject, fault)] = answer.faults.items()
    assert subject == "jira: types and statuses"
    assert "Browse Projects" in fault["remedy"]
    assert answer.checks["jira: report_on of the portfolio"]["ok"]


def test_a_type_that_no_project_has_is_named_with_those_that_there_are(
    desk: Desk, jira: tuple[JiraStore, LoopbackServer]
) -> None:
    levels = [{"level": "portfolio-epic", "types": ["Epic", "Initiative"]}, {"level": "feature", "types": ["Feature"]}]
    desk.amend("trackers.yaml", tracker__levels=levels)
    [(subject, fault)] = desk.doctor().faults.items()
    assert subject == "jira: type Initiative"
    assert "Story" in fault["fault"]


@pytest.mark.parametrize("status", [404, 405, 501])
def test_what_a_tracker_need_not_tell_is_no_fault_of_it(
    desk: Desk, jira: tuple[JiraStore, LoopbackServer], status: int
) -> None:
    optional = "mypermissions|issuetype|statuses|editmeta|approximate-count|project/[A-Z]+|serverInfo"
    jira[1].wire.faults.append(Fault(path=rf"/({optional})(\?|$)|/createmeta/", status=status, times=-1))
    if status != 404:  # so a Jira says that its links are switched off
        jira[1].wire.faults.append(Fault(path="/issueLinkType$", status=status, times=-1))
    assert not desk.doctor().faults


def test_a_field_that_is_gone_is_named(desk: Desk, jira: tuple[JiraStore, LoopbackServer]) -> None:
    desk.amend("trackers.yaml", tracker__fields={"benefit_hypothesis": "Benefit Hypotheses"})
    faults = desk.doctor().faults
    assert "Benefit Hypothesis" in faults["jira: field benefit_hypothesis"]["fault"]
    assert "jira: pin of fields.benefit_hypothesis" not in faults  # it is told once


@pytest.mark.parametrize(
    ("target", "subject"),
    [
        ({"type": "Initiative"}, "escalation to Initiative in PORT"),
        ({"close_to": "Gone"}, "closing status Gone"),
    ],
)
def test_a_target_of_escalations_that_is_not_there_is_named(
    desk: Desk, jira: tuple[JiraStore, LoopbackServer], target: dict[str, str], subject: str
) -> None:
    place = {**ESCALATION["create_in"], "type": target.get("type", "Story")}
    desk.amend("policy.yaml", escalation={"create_in": place, "close_to": target.get("close_to")})
    [(found, fault)] = desk.doctor().faults.items()
    assert found == f"jira: {subject}"
    assert "policy.yaml" in fault["remedy"]


def test_places_for_findings_are_looked_up(desk: Desk, jira: tuple[JiraStore, LoopbackServer]) -> None:
    store = jira[0]
    task = store.create_issue("PAY", "Sub-task", "A part", parent="PAY-1")
    desk.amend("value_streams.yaml", portfolio__report_on="jira:PORT-1")
    assert desk.doctor().checks["jira: report_on of the portfolio"]["note"] == "jira:PORT-1"
    for key in ("PORT-99", task.key):
        desk.amend("value_streams.yaml", portfolio__report_on=f"jira:{key}")
        faults = desk.doctor().faults
        assert list(faults) == ["jira: report_on of the portfolio"]
        assert key in faults["jira: report_on of the portfolio"]["fault"]


def test_a_stream_without_a_place_is_told_and_no_fault(desk: Desk, jira: tuple[JiraStore, LoopbackServer]) -> None:
    check = desk.doctor().checks["jira: report_on of value stream pay"]
    assert check["ok"]
    assert "to the digest only" in check["note"]


@pytest.mark.parametrize(("minutes", "is_fault"), [(4, False), (6, True), (-6, True)])
def test_a_clock_that_is_off_by_more_than_five_minutes_is_a_fault(
    desk: Desk, jira: tuple[JiraStore, LoopbackServer], minutes: int, is_fault: bool
) -> None:
    jira[0].clock = MovableClock(datetime.now(UTC) + timedelta(minutes=minutes))
    answer = desk.doctor()
    assert ("jira: clock" in answer.faults) is is_fault
    assert ("behind" if minutes < 0 else "ahead of") in f"{answer.checks['jira: clock']}"


def test_a_token_that_is_missing_or_refused_is_a_fault_and_the_other_tracker_is_examined(
    desk: Desk, jira: tuple[JiraStore, LoopbackServer]
) -> None:
    store, server = desk.azure_devops()
    trackers = desk.read("trackers.yaml")["trackers"]
    assert desk.initialise_azure_devops(server, "--directory", str(desk.folder / "other")).code == 0
    second = desk.read("../other/trackers.yaml")["trackers"]
    desk.amend("trackers.yaml", trackers={**trackers, **second})
    desk.patch.delenv("LPM_JIRA_TOKEN")
    store.token = "another"
    faults = desk.doctor().faults
    assert list(faults) == ["jira: credentials and address", "ado: credentials"]
    assert "LPM_JIRA_TOKEN" in faults["jira: credentials and address"]["remedy"]
    assert "set it as LPM_ADO_TOKEN" in faults["ado: credentials"]["remedy"]


def test_a_tracker_that_does_not_answer_is_a_fault(desk: Desk, jira: tuple[JiraStore, LoopbackServer]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    desk.amend("trackers.yaml", tracker__url=url, tracker__request_timeout=1, tracker__cycle_timeout=1)
    answer = desk.doctor()
    assert answer.code == 1
    [(subject, fault)] = answer.faults.items()
    assert subject == "jira: reachability"
    assert fault["remedy"] == "check the address and the network: name server, proxy (HTTPS_PROXY, NO_PROXY), firewall"


def test_azure_devops_without_the_right_to_make_tags_or_to_write_is_told_what_to_grant(
    desk: Desk, azure_devops: AzureDevOpsStore
) -> None:
    azure_devops.behaviour.may_create_tags = False
    [(subject, fault)] = desk.doctor().faults.items()
    assert subject == 'ado: project Platform: permission "Create tag definition"'
    assert '"Create tag definition"' in fault["remedy"]
    azure_devops.behaviour.may_write = False
    [(subject, fault)] = desk.doctor().faults.items()
    assert subject == 'ado: project Platform: permission "Edit work items in this node"'
    assert "token" in fault["remedy"]


def test_a_chat_is_reached_without_posting(desk: Desk, jira: tuple[JiraStore, LoopbackServer]) -> None:
    desk.amend("policy.yaml", digest={"chats": [{"chat": "slack"}, {"chat": "teams"}]})
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        desk.patch.setenv("LPM_SLACK_WEBHOOK", f"http://127.0.0.1:{port}/services/{TOKEN}")
        answer = desk.doctor()
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.recv(1) == b""
    assert answer.checks["slack: chat slack"]["note"] == f"127.0.0.1:{port} is reachable"
    assert list(answer.faults) == ["teams: chat teams"]
    assert "LPM_TEAMS_WEBHOOK" in answer.faults["teams: chat teams"]["fault"]
    unreachable = desk.doctor().faults["slack: chat slack"]
    assert "cannot be reached" in unreachable["fault"]


def test_the_write_test_takes_everything_back(desk: Desk, jira: tuple[JiraStore, LoopbackServer]) -> None:
    store, server = jira
    before = [_state(store, key) for key in ("PAY-1", "PORT-1")]
    answer = desk.doctor("--write-test", "jira:PAY-1", "--write-test", "jira:PORT-1")
    assert answer.code == 0
    tried = [subject for subject, check in answer.checks.items() if check["note"] == "written, read back, taken back"]
    assert tried == [
        "jira: a label on jira:PAY-1",
        "jira: a comment on jira:PAY-1",
        "jira: a dependency on jira:PAY-1 and jira:PORT-1",
    ]
    assert len([one for one in server.wire.requests if is_write(one.method, one.path)]) == 6
    assert [_state(store, key) for key in ("PAY-1", "PORT-1")] == before


def test_the_write_test_works_on_azure_devops(desk: Desk, azure_devops: AzureDevOpsStore) -> None:
    [first] = azure_devops.items
    second = azure_devops.create_work_item("Platform", "Feature", "Audit trail")
    answer = desk.doctor("--write-test", f"ado:{first}", "--write-test", f"ado:{second}")
    assert answer.code == 0
    assert f"ado: a dependency on ado:{first} and ado:{second}" in answer.checks
    assert not azure_devops.work_item(first).tags
    assert not azure_devops.comments_of(first)
    assert not azure_devops.predecessors_of(second)


def test_the_write_test_names_what_may_not_be_written(desk: Desk, jira: tuple[JiraStore, LoopbackServer]) -> None:
    store, _ = jira
    store.withhold("PAY", "ADD_COMMENTS")
    fault = desk.doctor("--write-test", "jira:PAY-1").faults["jira: a comment on jira:PAY-1"]
    assert "403" in fault["fault"]
    assert "Add Comments" in fault["remedy"]


def test_what_cannot_be_taken_back_is_named(desk: Desk, jira: tuple[JiraStore, LoopbackServer]) -> None:
    store, _ = jira
    store.withhold("PAY", "DELETE_OWN_COMMENTS")
    fault = desk.doctor("--write-test", "jira:PAY-1").faults["jira: a comment on jira:PAY-1"]
    assert "could not be taken back" in fault["fault"]
    assert "by hand" in fault["remedy"]
    assert len(store.issue("PAY-1").comments) == 1


def test_what_does_not_answer_is_taken_back_at_the_next_try(desk: Desk, jira: tuple[JiraStore, LoopbackServer]) -> None:
    store, server = jira
    server.wire.faults.append(Fault(method="DELETE", path="/comment/", status=503))
    assert desk.doctor("--write-test", "jira:PAY-1").faults == {}
    assert not store.issue("PAY-1").comments


@pytest.mark.parametrize(("status", "said"), [(500, "landed late"), (409, "run doctor again")])
def test_nothing_is_to_be_granted_where_nothing_was_refused(
    desk: Desk, jira: tuple[JiraStore, LoopbackServer], status: int, said: str
) -> None:
    jira[1].wire.faults.append(Fault(method="POST", path="/comment$", status=status, body=b"{}"))
    fault = desk.doctor("--write-test", "jira:PAY-1").faults["jira: a comment on jira:PAY-1"]
    assert said in fault["remedy"]
    assert "grant" not in fault["remedy"]


def test_a_comment_whose_footer_does_not_come_back_is_named(desk: Desk, jira: tuple[JiraStore, LoopbackServer]) -> None:
    _, server = jira
    body = b'{"id": "1"}'
    server.wire.faults.append(Fault(method="POST", path="/comment$", status=201, body=body))
    fault = desk.doctor("--write-test", "jira:PAY-1").faults["jira: a comment on jira:PAY-1"]
    assert "without its footer" in fault["fault"]


@pytest.mark.parametrize("key", ["jira:PAY-99", "jira:OUT-1"])
def test_nothing_is_written_to_an_item_that_is_not_there_or_out_of_scope(
    desk: Desk, jira: tuple[JiraStore, LoopbackServer], key: str
) -> None:
    store, server = jira
    store.add_project("OUT")
    store.create_issue("OUT", "Feature", "Of somebody else")
    answer = desk.doctor("--write-test", key)
    assert list(answer.faults) == [f"jira: scratch item {key}"]
    assert not [one for one in server.wire.requests if is_write(one.method, one.path)]


@pytest.mark.parametrize(
    "keys",
    [
        ("PAY-1",),
        ("jira:PAY-1", "jira:PAY-1"),
        ("jira:PAY-1", "ado:1"),
        ("jira:PAY-1", "jira:PAY-2", "jira:PAY-3"),
        ("trello:1",),
    ],
)
def test_scratch_items_that_cannot_be_meant_are_wrong_usage(
    desk: Desk, jira: tuple[JiraStore, LoopbackServer], keys: tuple[str, ...]
) -> None:
    answer = desk.doctor(*(word for key in keys for word in ("--write-test", key)))
    assert answer.code == 2
    assert not jira[1].wire.requests


def test_a_mistake_in_the_files_is_wrong_usage(desk: Desk, jira: tuple[JiraStore, LoopbackServer]) -> None:
    desk.amend("trackers.yaml", tracker__connector="trello")
    answer = desk.doctor()
    assert answer.code == 2
    assert "trackers.yaml:" in answer.err
    assert EMAIL not in answer.err


def _state(store: JiraStore, key: str) -> object:
    issue = store.issue(key)
    return list(issue.labels), list(issue.comments), store.links_by_issue.get(issue.id, [])
