"""What a script and a person are told where a command comes to nothing, or looks at less than they think."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.faults import Fault
from connectors.sandbox.jira import JiraStore
from connectors.sandbox.jira.model import TEXT_AREA
from connectors.sandbox.serving import LoopbackServer
from tests.cli.conftest import Answer, Desk

RULES = [{"rule": "DOR001", "mode": "enforce", "on_fail": {"label": "not-ready"}}]
Jira = tuple[JiraStore, LoopbackServer]


@pytest.fixture
def jira(desk: Desk) -> Jira:
    """A Jira with three unready features, under limits that allow one of them to be changed."""
    store, server = desk.jira()
    store.add_field("Benefit Hypothesis", custom=TEXT_AREA)
    for title in ("Refunds", "Vouchers", "Payouts"):
        store.create_issue("PAY", "Feature", title)
    assert desk.initialise_jira(server).code == 0
    levels = [{"level": "portfolio-epic", "types": ["Epic"]}, {"level": "feature", "types": ["Feature"]}]
    desk.amend("trackers.yaml", tracker__levels=levels)
    desk.amend("policy.yaml", rules=RULES, safety={"max_changes": 1, "max_share": 1.0})
    return store, server


def only_object(answer: Answer) -> dict[str, Any]:
    """The one object on standard output; the error stands in it and on standard error."""
    told: dict[str, Any] = json.loads(answer.out)
    assert told["exit_code"] == answer.code
    assert told["error"] in answer.err
    return told


def test_a_run_that_is_refused_tells_a_script_its_figures_and_the_digest(desk: Desk, jira: Jira) -> None:
    refused = desk.type("run", "--json")
    told = only_object(refused)
    assert (refused.code, told["pulled"], told["planned"], told["written"], told["not_begun"]) == (3, 3, 6, 0, 6)
    assert f"--approve {told['plan']}" in told["error"]


def test_a_stale_plan_tells_a_script_how_many_changes_are_of_items_that_moved(
    desk: Desk, jira: Jira, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    assert desk.type("plan", "--out", str(plan)).code == 0
    jira[0].edit("PAY-1", {"summary": "Refunds in a second"})
    refused = desk.type("apply", str(plan), "--json")
    told = only_object(refused)
    assert (refused.code, told["moved"], told["not_begun"], told["planned"]) == (3, 2, 4, 6)
    assert told["plan"] == json.loads(plan.read_text())["digest"]


@pytest.mark.parametrize("words", [("run", "--json"), ("plan", "--format", "json"), ("plan", "--format=json")])
def test_a_mistake_in_the_configuration_is_an_object_too(desk: Desk, jira: Jira, words: tuple[str, ...]) -> None:
    (desk.config / "policy.yaml").write_text("labl_prefix: 'lpm:'\n", encoding="utf-8")
    refused = desk.type(*words)
    assert refused.code == 2
    assert "policy.yaml:1" in only_object(refused)["error"]


def test_names_that_only_the_tracker_refutes_are_told_with_their_lines(desk: Desk, jira: Jira) -> None:
    desk.amend(
        "trackers.yaml",
        tracker__fields={"estimate": "Size", "benefit_hypothesis": "Benefit Hypotesis"},
        tracker__dependency_links=[{"blocks": "bloks"}],
    )
    refused = desk.type("plan")
    lines = (desk.config / "trackers.yaml").read_text().splitlines()
    number = 1 + next(at for at, line in enumerate(lines) if "Hypotesis" in line)
    place = f"{desk.config / 'trackers.yaml'}:{number}: trackers.jira.fields.benefit_hypothesis"
    assert refused.code == 2
    assert f"\n{place}: there is no field “Benefit Hypotesis”" in refused.err


def test_without_json_standard_output_stays_empty(desk: Desk, jira: Jira) -> None:
    assert desk.type("run").out == ""


def test_a_field_of_the_wrong_kind_is_one_mistake_and_not_one_an_item(desk: Desk, jira: Jira) -> None:
    desk.amend("trackers.yaml", tracker__fields={"estimate": "Benefit Hypothesis"})
    refused = desk.type("run")
    assert refused.code == 2
    [line] = refused.err.splitlines()
    assert "fields.estimate" in line
    assert "(Benefit Hypothesis) holds a text of many lines, and estimate has to be a number" in line


@pytest.mark.parametrize("reference", ["foo:1", "foo:PAY-1"])
def test_explain_says_that_there_is_no_such_tracker(desk: Desk, jira: Jira, reference: str) -> None:
    jira[1].wire.requests.clear()
    refused = desk.type("explain", reference)
    assert (refused.code, refused.err) == (2, "lpm-sync: there is no tracker 'foo'; there are: jira\n")
    assert jira[1].wire.requests == []


@pytest.mark.parametrize("reference", ["PAY-1", "jira:", ""])
def test_explain_says_how_an_item_is_written(desk: Desk, jira: Jira, reference: str) -> None:
    refused = desk.type("explain", reference)
    assert refused.code == 2
    assert "write it as jira:P" in refused.err


def test_explain_says_what_was_looked_for(desk: Desk, jira: Jira) -> None:
    refused = desk.type("explain", "jira:NOPE-1")
    assert refused.code == 2
    assert "no item jira:NOPE-1 was read" in refused.err
    assert "any of the 3 items of PORT, PAY the key or id 'NOPE-1'" in refused.err


def test_explain_says_why_an_item_that_is_there_was_not_read(desk: Desk, jira: Jira) -> None:
    jira[0].create_issue("PAY", "Task", "Not governed")
    refused = desk.type("explain", "jira:PAY-4")
    assert refused.code == 2
    assert "jira:PAY-4 is of type Task, which stands at no level" in refused.err


def test_explain_of_what_was_not_delivered_says_so(desk: Desk, jira: Jira) -> None:
    jira[0].create_issue("PORT", "Epic", "Instant payments")
    desk.type("run")
    later = {"Retry-After": "86400"}
    jira[1].wire.faults.append(Fault(path="/(project/|search)", times=-1, status=429, headers=later, body=b"{}"))
    refused = desk.type("explain", "jira:PAY-77")
    assert refused.code == 1
    assert "no item jira:PAY-77 was read" in refused.err
    assert "86400 seconds" in refused.err


@pytest.mark.parametrize("words", [("run",), ("plan",), ("digest",), ("explain", "jira:PAY-1")])
def test_a_directory_is_no_state_and_the_remedy_is_named(desk: Desk, jira: Jira, words: tuple[str, ...]) -> None:
    desk.patch.setenv("LPM_STATE", str(desk.folder / "config"))
    refused = desk.type(*words)
    assert refused.code == 2
    assert "config is a directory: name a file in it, for example " in refused.err
    assert "state.sqlite3" in refused.err


def test_a_state_below_a_file_is_none(desk: Desk, jira: Jira) -> None:
    desk.patch.setenv("LPM_STATE", str(desk.config / "policy.yaml" / "state.sqlite3"))
    refused = desk.type("run")
    assert refused.code == 2
    assert "policy.yaml is no directory" in refused.err


def test_plan_run_and_doctor_say_what_is_ignored_by_type(desk: Desk, jira: Jira) -> None:
    for number in range(2):
        jira[0].create_issue("PAY", "Task", f"Not governed {number}")
    planned = desk.type("plan")
    assert planned.code == 0
    assert "note: jira: ignored by type: 2 Task\n" in planned.err
    examined = desk.doctor()
    assert examined.checks["jira: project PAY: ignored by type"]["note"] == "2 Task"
    desk.amend("policy.yaml", safety={"max_changes": 10, "max_share": 1.0})
    ran = desk.type("run", "--json")
    assert ran.code == 0
    assert "note: jira: ignored by type: 2 Task\n" in ran.err
    assert json.loads(ran.out)["troubles"] == []
    assert json.loads(ran.out)["ignored_types"] == {"jira": {"Task": 2}}
    again = desk.type("run", "--json")  # reads only what changed
    assert json.loads(again.out)["ignored_types"] == {"jira": None}
