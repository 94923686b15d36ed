"""`init` writes what `doctor` accepts, whatever the tracker is called and speaks, and replaces nothing unasked."""

from __future__ import annotations

import pytest

from connectors.sandbox.faults import Request, Wire
from connectors.sandbox.jira.model import EPIC_LINK, EPIC_NAME, PARENT_LINK, Deployment
from lpm_sync.core.finding import Mode
from lpm_sync.core.work_item import Level, Stage
from lpm_sync.plugins import rule_classes
from lpm_sync.policy.loader import load_configuration
from tests.cli.conftest import Desk
from tests.connectors.azure_devops.conftest import is_write as writes_to_azure_devops
from tests.connectors.jira.conftest import is_write as writes_to_jira


@pytest.mark.parametrize("deployment", ["Cloud", "Server"])
def test_what_it_writes_for_a_jira_is_accepted_by_the_doctor(desk: Desk, deployment: Deployment) -> None:
    store, server = desk.jira(deployment)
    store.add_field("Benefit Hypothesis")
    store.add_field("Story Points", "number")
    store.create_issue("PORT", "Epic", "Instant payments")
    store.create_issue("PAY", "Feature", "Refunds")
    assert desk.initialise_jira(server).code == 0
    assert desk.doctor().faults == {}
    tracker = load_configuration(desk.config).tracker("jira")
    assert {entry.level: entry.types for entry in tracker.levels} == {
        Level.PORTFOLIO_EPIC: ("Epic",),
        Level.FEATURE: ("Feature", "Story", "Task"),
    }
    assert tracker.stages[Level.PORTFOLIO_EPIC] == {
        "To Do": Stage.FUNNEL,
        "In Progress": Stage.IMPLEMENTING_MVP,
        "Done": Stage.DONE,
    }
    assert tracker.fields == {
        "benefit_hypothesis": "Benefit Hypothesis",
        "estimate": "Story Points",
        "target_date": "Due date",
    }


def test_what_it_writes_for_azure_devops_is_accepted_by_the_doctor(desk: Desk) -> None:
    store, server = desk.azure_devops()
    store.add_field("Custom.BenefitHypothesis", "Benefit Hypothesis", "html")
    store.create_work_item("Platform", "Feature", "Single sign-on")
    assert desk.initialise_azure_devops(server).code == 0
    assert desk.doctor().faults == {}
    tracker = load_configuration(desk.config).tracker("ado")
    assert [entry.types for entry in tracker.levels] == [("Epic",), ("Feature",)]
    assert tracker.stages[Level.PORTFOLIO_EPIC]["Closed"] is Stage.DONE
    assert tracker.fields["benefit_hypothesis"] == "Benefit Hypothesis"
    assert tracker.fields["estimate"] == "Story Points"


def test_backlogs_count_and_not_names(desk: Desk) -> None:
    store, server = desk.azure_devops()
    states = {"新建": "Proposed", "进行中": "InProgress", "已关闭": "Completed"}
    store.add_work_item_type("Platform", "长篇", states, category="Microsoft.EpicCategory")
    store.add_work_item_type("Platform", "特性", states, category="Microsoft.FeatureCategory")
    assert desk.initialise_azure_devops(server).code == 0
    assert desk.doctor().faults == {}
    tracker = load_configuration(desk.config).tracker("ado")
    assert [entry.types for entry in tracker.levels] == [("Epic", "长篇"), ("Feature", "特性")]
    assert tracker.stages[Level.PORTFOLIO_EPIC]["已关闭"] is Stage.DONE


@pytest.mark.parametrize("deployment", ["Cloud", "Server"])
def test_names_in_any_language_and_with_any_sign_survive(desk: Desk, deployment: Deployment) -> None:
    store, server = desk.jira(deployment)
    names = {"漏斗": "new", 'On hold: #1 "later"': "indeterminate", "yes": "done", "Done\\": "done", "007": "new"}
    for name, category in names.items():
        store.add_status(name, category)
    store.add_project("ZF", "支付: {平台}")
    store.add_issue_type("史诗", 1)
    store.add_link_type("阻塞", "被阻塞", "阻塞")
    assert desk.initialise_jira(server, "--project", "ZF").code == 0
    assert desk.doctor().faults == {}
    configuration = load_configuration(desk.config)
    assert names.keys() <= configuration.tracker("jira").stages[Level.PORTFOLIO_EPIC].keys()
    assert [stream.name for stream in configuration.value_streams_file.value_streams][-1] == "支付: {平台}"


@pytest.mark.parametrize("deployment", ["Cloud", "Server"])
@pytest.mark.parametrize(
    ("due", "points", "epic"),
    [("Fälligkeitsdatum", "Story-Punkte", "Epos"), ("期限", "ストーリー ポイント", "エピック")],
)
def test_fields_that_each_jira_has_are_known_in_any_language_and_written_by_their_id(
    desk: Desk, deployment: Deployment, due: str, points: str, epic: str
) -> None:
    store, server = desk.jira(deployment)
    for kind in (EPIC_LINK, EPIC_NAME, PARENT_LINK):
        if (field := store.field_of_kind(kind)) is not None:
            field.name = f"{epic} {kind}"
    store.issue_type("Epic").name = "大きなもの" if store.field_of_kind(EPIC_NAME) else epic
    store.field("duedate").name = due
    store.add_field(points, "number")
    assert desk.initialise_jira(server).code == 0
    assert desk.doctor().faults == {}
    tracker = load_configuration(desk.config).tracker("jira")
    assert tracker.fields == {"target_date": "duedate", "estimate": points}
    assert [entry.level for entry in tracker.levels] == [Level.PORTFOLIO_EPIC, Level.FEATURE]
    assert f'target_date: "duedate"   # {due}\n' in (desk.config / "trackers.yaml").read_text(encoding="utf-8")


def test_fields_of_roadmaps_and_of_team_managed_projects_are_known_by_their_kind(desk: Desk) -> None:
    store, server = desk.jira()
    end = store.add_field("Zielende", "date", custom="com.atlassian.jpo:jpo-custom-field-baseline-end").id
    estimate = store.add_field("見積もり", "number", custom="com.pyxis.greenhopper.jira:jsw-story-points").id
    assert desk.initialise_jira(server).code == 0
    assert load_configuration(desk.config).tracker("jira").fields == {"target_date": end, "estimate": estimate}


def test_fields_of_azure_devops_are_known_by_their_reference_names(desk: Desk) -> None:
    store, server = desk.azure_devops()
    store.add_field("Microsoft.VSTS.Scheduling.TargetDate", "Zieldatum", "dateTime")
    store.add_field("System.AreaPath", "Bereichspfad", "treePath")
    assert desk.initialise_azure_devops(server).code == 0
    assert desk.doctor().faults == {}
    tracker = load_configuration(desk.config).tracker("ado")
    assert tracker.fields["target_date"] == "Microsoft.VSTS.Scheduling.TargetDate"
    assert tracker.team_field == "area_path"


def test_an_account_that_sees_nothing_is_told_what_to_grant(desk: Desk) -> None:
    store, server = desk.jira()
    store.projects.clear()
    asked = desk.type("init", "--connector", "jira", "--url", server.url)
    assert asked.code == 2
    assert "sees no project at all: check whose credential it is, and grant it the right to see them" in asked.err


def test_of_many_projects_some_are_named_with_how_many_more_there_are(desk: Desk) -> None:
    store, server = desk.jira()
    for number in range(60):
        store.add_project(f"P{number}")
    asked = desk.type("init", "--connector", "jira", "--url", server.url)
    assert asked.err.rstrip().endswith("and 12 more")


def test_link_phrases_of_another_language_are_read_from_the_blocker(desk: Desk) -> None:
    store, server = desk.jira()
    store.link_types.clear()
    store.add_link_type("Klon", "wird kopiert von", "kopiert")
    store.add_link_type("Blocker", "wird blockiert von", "blockiert")
    assert desk.initialise_jira(server).code == 0
    assert desk.doctor().faults == {}
    assert load_configuration(desk.config).tracker("jira").dependency_links[0].blocks == "blockiert"


def test_a_status_without_a_category_is_given_a_progress(desk: Desk) -> None:
    store, server = desk.jira()
    store.add_status("Odd", "undefined")
    assert desk.initialise_jira(server).code == 0
    assert desk.doctor().faults == {}


def test_fields_that_are_not_certain_are_comments_with_their_candidates(desk: Desk) -> None:
    store, server = desk.jira()
    ids = [store.add_field("Job Size", "number").id for _ in range(2)]
    hidden = store.add_field("Acceptance Criteria", on_create_screen=False, on_edit_screen=False)
    words = store.add_field("Horizon", "option")
    assert desk.initialise_jira(server).code == 0
    assert desk.doctor().faults == {}
    assert (
        not {"job_size", "acceptance_criteria", "horizon"}
        & load_configuration(desk.config).tracker("jira").fields.keys()
    )
    text = (desk.config / "trackers.yaml").read_text(encoding="utf-8")
    assert all(f'# job_size: "{identifier}"' in text for identifier in ids)
    assert f'# acceptance_criteria: "{hidden.id}"' in text
    assert f'# horizon: "{words.name}"' in text


def test_the_first_policy_names_every_rule_and_only_watches(desk: Desk) -> None:
    _, server = desk.jira()
    desk.initialise_jira(server)
    rules = load_configuration(desk.config).governed_rules()
    assert {rule.rule.code for rule in rules} == {rule.code for rule in rule_classes()}
    assert {rule.mode for rule in rules} <= {Mode.OBSERVE, Mode.DIGEST, Mode.COMMENT}


def test_there_is_a_value_stream_for_each_project(desk: Desk) -> None:
    _, server = desk.jira()
    desk.initialise_jira(server)
    streams = load_configuration(desk.config).value_streams_file.value_streams
    assert [(stream.id, stream.match[0].project) for stream in streams] == [("port", "PORT"), ("pay", "PAY")]


def test_it_replaces_nothing_unless_it_is_told_to(desk: Desk) -> None:
    _, server = desk.jira()
    desk.config.mkdir()
    (desk.config / "policy.yaml").write_text("mine", encoding="utf-8")
    refused = desk.initialise_jira(server)
    assert refused.code == 2
    assert "policy.yaml" in refused.err
    assert "--force" in refused.err
    assert not server.wire.requests
    assert [path.name for path in desk.config.iterdir()] == ["policy.yaml"]
    assert desk.initialise_jira(server, "--force").code == 0
    assert desk.doctor().faults == {}


def test_a_lock_that_stands_alone_is_not_replaced_either(desk: Desk) -> None:
    _, server = desk.jira()
    desk.config.mkdir()
    (desk.config / "trackers.lock.yaml").write_text("trackers: {}\n", encoding="utf-8")
    refused = desk.initialise_jira(server)
    assert (refused.code, "trackers.lock.yaml" in refused.err) == (2, True)
    assert not server.wire.requests


def test_a_file_that_somebody_writes_meanwhile_is_left_as_it_is(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _, server = desk.jira()

    def write_policy(request: Request) -> None:
        desk.config.mkdir(exist_ok=True)
        (desk.config / "policy.yaml").write_text("mine", encoding="utf-8")

    monkeypatch.setattr(Wire, "observers", [*Wire.observers, write_policy])
    refused = desk.initialise_jira(server)
    assert (refused.code, "policy.yaml: there now; it was left as it is" in refused.err) == (2, True)
    assert (desk.config / "policy.yaml").read_text(encoding="utf-8") == "mine"


def test_it_writes_where_it_is_told(desk: Desk) -> None:
    _, server = desk.jira()
    elsewhere = desk.folder / "a" / "b"
    assert desk.initialise_jira(server, "--directory", str(elsewhere)).code == 0
    assert load_configuration(elsewhere).trackers == ("jira",)
    assert not desk.config.exists()


def test_without_projects_it_names_those_that_there_are(desk: Desk) -> None:
    _, server = desk.jira()
    asked = desk.type("init", "--connector", "jira", "--url", server.url)
    assert asked.code == 2
    assert "PAY, PORT" in asked.err
    assert not desk.config.exists()


@pytest.mark.parametrize("deployment", ["Cloud", "Server"])
def test_a_project_that_is_hidden_or_mistyped_is_named_with_those_that_there_are(
    desk: Desk, deployment: Deployment
) -> None:
    store, server = desk.jira(deployment)
    store.hide_project("PORT")
    asked = desk.initialise_jira(server)
    assert asked.code == 2
    assert "project PORT is not there, or hidden" in asked.err
    assert "the account sees these projects: PAY" in asked.err
    assert not desk.config.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--name", "My Jira"), "--name My Jira"),
        (("--url", "http://jira.example"), "https"),
        (("--connector", "trello"), "installed: azure-devops, jira"),
    ],
)
def test_what_cannot_be_used_is_refused_before_anything_is_asked(desk: Desk, words: tuple[str, ...], said: str) -> None:
    _, server = desk.jira()
    asked = desk.initialise_jira(server, *words)
    assert asked.code == 2
    assert said in asked.err
    assert not server.wire.requests


def test_a_missing_token_is_named_by_its_variable(desk: Desk) -> None:
    _, server = desk.jira()
    asked = desk.initialise_jira(server, "--name", "other")
    assert asked.code == 2
    assert "LPM_OTHER_TOKEN" in asked.err


def test_it_asks_and_writes_nothing_to_the_tracker(desk: Desk) -> None:
    _, jira = desk.jira()
    _, azure_devops = desk.azure_devops()
    desk.initialise_jira(jira)
    desk.initialise_azure_devops(azure_devops, "--force")
    assert not [one for one in jira.wire.requests if writes_to_jira(one.method, one.path)]
    assert not [one for one in azure_devops.wire.requests if _writes(one)]


def _writes(request: Request) -> bool:
    return writes_to_azure_devops(request.method, request.path, request.query)
