"""`plan`, `apply`, `run`, `explain` and `digest` as somebody types them: what is said, what is written, how it ends."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from connectors.sandbox.faults import Fault
from connectors.sandbox.jira import JiraStore
from connectors.sandbox.serving import LoopbackServer
from tests.cli.conftest import TOKEN, Desk
from tests.connectors.jira.conftest import is_write

RULES = [
    {"rule": "DOR001", "mode": "enforce", "on_fail": {"label": "not-ready"}},
    {"rule": "DOR005", "mode": "digest"},
]


@pytest.fixture
def jira(desk: Desk) -> tuple[JiraStore, LoopbackServer]:
    """A Jira with an epic and an unready feature, under a policy that says so."""
    store, server = desk.jira()
    store.add_field("Benefit Hypothesis")
    epic = store.create_issue("PORT", "Epic", "Instant payments")
    store.create_issue("PAY", "Feature", "Refunds \x1b[31m <b>[~all]", parent=epic)
    assert desk.initialise_jira(server).code == 0
    desk.amend("policy.yaml", rules=RULES, safety={"max_changes": 10, "max_share": 1.0})
    server.wire.requests.clear()
    return store, server


def writes(server: LoopbackServer) -> int:
    return sum(is_write(one.method, one.path) for one in server.wire.requests)


def test_plan_shows_what_run_then_writes_and_writes_nothing_itself(
    desk: Desk, jira: tuple[JiraStore, LoopbackServer]
) -> None:
    store, server = jira
    shown = desk.type("plan")
    assert shown.code == 0
    assert "+ label lpm:not-ready (DOR001)" in shown.out
    assert "\x1b" not in shown.out
    assert writes(server) == 0
    assert desk.type("run").code == 0
    assert store.issue("PAY-1").labels == ["lpm:not-ready"]
    assert "Nothing to write" in desk.type("plan").out


def test_run_as_json_is_one_object_with_the_figures(desk: Desk, jira: tuple[JiraStore, LoopbackServer]) -> None:
    figures = json.loads(desk.type("run", "--json").out)
    assert (figures["pulled"], figures["planned"], figures["written"], figures["failed"]) == (2, 2, 2, 0)
    assert json.loads(desk.type("run", "--json").out)["planned"] == 0


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_a_plan_has_three_forms_and_each_names_the_rule(
    desk: Desk, jira: tuple[JiraStore, LoopbackServer], form: str
) -> None:
    shown = desk.type("plan", "--format", form)
    assert shown.code == 0
    assert "DOR001" in shown.out
    if form == "json":
        assert json.loads(shown.out)["items"][0]["key"] == "jira:PAY-1"


def test_apply_writes_the_plan_that_was_shown(desk: Desk, jira: tuple[JiraStore, LoopbackServer]) -> None:
    file = desk.folder / "plan.json"
    assert desk.type("plan", "--out", str(file)).code == 0
    assert desk.type("apply", str(file)).code == 0
    assert jira[0].issue("PAY-1").labels == ["lpm:not-ready"]


def test_apply_refuses_a_plan_that_the_tracker_has_left_behind(
    desk: Desk, jira: tuple[JiraStore, LoopbackServer]
) -> None:
    store, server = jira
    file = desk.folder / "plan.json"
    desk.type("plan", "--out", str(file))
    store.edit("PAY-1", {"summary": "Refunds in a second"})
    refused = desk.type("apply", str(file))
    assert refused.code == 3
    assert "jira:PAY-1" in refused.err
    assert "--skip-moved" in refused.err
    assert writes(server) == 0
    rest = desk.type("apply", str(file), "--skip-moved")
    assert rest.code == 4
    assert "jira:PAY-1: left out" in rest.err


@pytest.mark.parametrize("content", [b"", b"nonsense", b"{}", b"[]", b"\xff\xfe"])
def test_a_file_that_is_no_plan_is_refused_by_its_name(
    desk: Desk, jira: tuple[JiraStore, LoopbackServer], content: bytes
) -> None:
    file = desk.folder / "plan.json"
    file.write_bytes(content)
    refused = desk.type("apply", str(file))
    assert refused.code == 2
    assert "plan.json" in refused.err
    assert "Traceback" not in refused.err


def test_a_plan_over_the_limits_ends_with_three_and_names_its_digest(
    desk: Desk, jira: tuple[JiraStore, LoopbackServer]
) -> None:
    store, server = jira
    store.create_issue("PAY", "Feature", "Vouchers")
    desk.amend("policy.yaml", safety={"max_changes": 1, "max_share": 1.0})
    refused = desk.type("run")
    assert refused.code == 3
    assert writes(server) == 0
    digest = refused.err.split("--approve ")[1].split(";")[0]
    assert desk.type("run", "--approve", digest).code == 0


def test_a_plan_of_a_file_is_approved_by_the_command_that_was_typed(
    desk: Desk, jira: tuple[JiraStore, LoopbackServer]
) -> None:
    jira[0].create_issue("PAY", "Feature", "Vouchers")
    file = desk.folder / "the plan.json"
    desk.type("plan", "--out", str(file))
    desk.amend("policy.yaml", safety={"max_changes": 1, "max_share": 1.0})
    refused = desk.type("apply", str(file))
    assert refused.code == 3
    advised = shlex.split(refused.err.split("Approve it with: ")[1].split(";")[0])
    assert advised[:2] == ["lpm-sync", "apply"]
    assert desk.type(*advised[1:]).code == 0


def test_explain_tells_each_rule_with_its_values_and_the_line_of_the_policy(
    desk: Desk, jira: tuple[JiraStore, LoopbackServer]
) -> None:
    shown = desk.type("explain", "jira:PAY-1")
    assert shown.code == 0
    assert "failed   DOR001" in shown.out
    assert "policy.yaml:" in shown.out
    rules = json.loads(desk.type("explain", "jira:pay-1", "--json").out)["rules"]
    assert {rule["code"]: rule["status"] for rule in rules}["DOR001"] == "failed"


def test_explain_of_something_unknown_says_where_to_look(desk: Desk, jira: tuple[JiraStore, LoopbackServer]) -> None:
    refused = desk.type("explain", "jira:PAY-999")
    assert refused.code == 2
    assert "jira:PAY-999" in refused.err
    assert "trackers.yaml" in refused.err


def test_the_digest_is_shown_with_the_findings(desk: Desk, jira: tuple[JiraStore, LoopbackServer]) -> None:
    shown = desk.type("digest")
    assert shown.code == 0
    assert "DOR001" in shown.out


def test_where_no_tracker_can_be_read_the_run_fails_and_says_why(
    desk: Desk, jira: tuple[JiraStore, LoopbackServer]
) -> None:
    desk.type("run")
    jira[1].wire.faults.append(Fault(path=".*", status=401, times=-1, body=b"{}"))
    ended = desk.type("run")
    assert ended.code == 1
    assert "jira" in ended.err
    assert "Traceback" not in ended.err


def test_a_missing_secret_names_the_variable(desk: Desk, jira: tuple[JiraStore, LoopbackServer]) -> None:
    desk.patch.delenv("LPM_JIRA_TOKEN")
    refused = desk.type("run")
    assert refused.code == 2
    assert "LPM_JIRA_TOKEN" in refused.err


def test_a_mistake_in_the_policy_is_told_with_its_file_and_line(
    desk: Desk, jira: tuple[JiraStore, LoopbackServer]
) -> None:
    policy = desk.config / "policy.yaml"
    policy.write_text("labl_prefix: 'lpm:'\n", encoding="utf-8")
    refused = desk.type("plan")
    assert refused.code == 2
    assert "policy.yaml:1" in refused.err
    assert "label_prefix" in refused.err


def test_a_state_that_is_none_is_refused_with_what_to_do(desk: Desk, jira: tuple[JiraStore, LoopbackServer]) -> None:
    (desk.folder / "state.sqlite3").write_bytes(b"not a database at all" * 100)
    refused = desk.type("run")
    assert refused.code == 1
    assert "state.sqlite3" in refused.err
    assert writes(jira[1]) == 0


def test_a_plan_file_that_was_edited_is_refused(desk: Desk, jira: tuple[JiraStore, LoopbackServer]) -> None:
    file = desk.folder / "plan.json"
    desk.type("plan", "--out", str(file))
    file.write_text(file.read_text().replace("lpm:not-ready", "lpm:gone-mad"))
    refused = desk.type("apply", str(file))
    assert refused.code == 2
    assert "edited" in refused.err
    assert writes(jira[1]) == 0


def test_explain_during_an_outage_says_that_the_tracker_could_not_be_read(
    desk: Desk, jira: tuple[JiraStore, LoopbackServer]
) -> None:
    jira[1].wire.faults.append(Fault(path=".*", status=401, times=-1, body=b"{}"))
    refused = desk.type("explain", "jira:PAY-1")
    assert refused.code == 1
    assert "LPM_JIRA_TOKEN" in refused.err or "credential" in refused.err


def test_no_secret_stands_in_the_state_or_in_a_plan(desk: Desk, jira: tuple[JiraStore, LoopbackServer]) -> None:
    desk.type("plan", "--out", str(desk.folder / "plan.json"))
    desk.type("run")
    for path in (path for path in Path(desk.folder).rglob("*") if path.is_file()):
        assert TOKEN.encode() not in path.read_bytes()
