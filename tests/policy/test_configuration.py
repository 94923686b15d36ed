"""The core's values are what the files say."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from lpm_sync.core.governance import EscalationTarget, Governance, SafetyLimits, WriteBudget
from lpm_sync.core.portfolio import Approval
from lpm_sync.core.value_stream import Band, Budget, Match, Period, Person
from lpm_sync.core.vocabulary import LevelMatch
from lpm_sync.core.work_item import Horizon, Level, Progress, Ref, Stage
from lpm_sync.errors import ConfigurationError
from lpm_sync.testing.credentials import GivenCredentials
from tests.policy.conftest import Sample

KEYS = {"jira:PORT-1": Ref("jira", "10001"), "jira:PORT-2": Ref("jira", "10002")}


def test_the_portfolio_is_as_its_office_defines_it(sample: Sample) -> None:
    definition = sample.load().definition(KEYS.get)
    assert (definition.name, definition.currency, definition.timezone) == ("Northwind", "EUR", "Europe/Berlin")
    assert definition.report_on == Ref("jira", "10001")
    assert definition.planning_intervals == (Period(id="PI-2026.4", start=date(2026, 10, 5), end=date(2026, 12, 18)),)
    assert definition.horizon_targets[Horizon.INVESTING] == Band(lower=Decimal(40), upper=Decimal(70))
    assert definition.capacity["enabler"] == Decimal(25)
    assert definition.people == (
        Person(id="dana", accounts={"jira": "557058:2f", "ado": "dana@northwind.example", "slack": "U0"}),
    )


def test_a_value_stream_is_as_its_office_defines_it(sample: Sample) -> None:
    (stream,) = sample.load().definition(KEYS.get).value_streams
    assert (stream.id, stream.name, stream.teams) == ("payments", "Payments", ("Acquirers", "Ledger"))
    assert stream.report_on == Ref("jira", "10002")
    assert stream.matches == (Match(project="PAY"), Match(area_path="Platform\\Payments"), Match(label="vs-payments"))
    half = Period(id="2026-H2", start=date(2026, 7, 1), end=date(2026, 12, 31))
    assert stream.budgets == (Budget(period=half, amount=Decimal(2_400_000)),)
    assert stream.horizon_targets is None
    assert stream.capacity is None


def test_a_value_stream_may_have_its_own_targets_and_match_a_field(sample: Sample) -> None:
    sample.change("value_streams", "{project: PAY}", "{project: PAY, field: {gate: go}}")
    sample.change(
        "value_streams",
        "    teams:",
        "    capacity: {enabler: 100}\n    horizon_targets: {retiring: [0, 5]}\n    teams:",
    )
    (stream,) = sample.load().definition(KEYS.get).value_streams
    assert stream.capacity == {"enabler": Decimal(100)}
    assert stream.horizon_targets == {Horizon.RETIRING: Band(lower=Decimal(0), upper=Decimal(5))}
    assert stream.matches[0] == Match(project="PAY", field=("gate", "go"))


def test_a_budget_may_name_a_planning_interval_or_a_period_of_the_portfolio(sample: Sample) -> None:
    sample.change(
        "value_streams", "  capacity:", "  periods: [{id: FY27, start: 2027-01-01, end: 2027-09-30}]\n  capacity:"
    )
    sample.change(
        "value_streams",
        "{period: 2026-H2, amount: 2_400_000}",
        "{period: PI-2026.4, amount: 1}, {period: FY27, amount: 2.50}",
    )
    (stream,) = sample.load().definition(KEYS.get).value_streams
    assert [(budget.period.start, budget.amount) for budget in stream.budgets] == [
        (date(2026, 10, 5), Decimal(1)),
        (date(2027, 1, 1), Decimal("2.50")),
    ]


def test_a_named_period_of_the_portfolio_counts_before_the_calendar(sample: Sample) -> None:
    sample.change(
        "value_streams", "  capacity:", "  periods: [{id: 2026, start: 2025-10-01, end: 2026-09-30}]\n  capacity:"
    )
    sample.change("value_streams", "period: 2026-H2", "period: 2026")
    (stream,) = sample.load().definition(KEYS.get).value_streams
    assert stream.budgets[0].period.start == date(2025, 10, 1)


def test_a_place_for_findings_that_was_not_read_is_none_and_a_mistake_with_its_line(sample: Sample) -> None:
    configuration = sample.load()
    assert configuration.lost_places(KEYS.get, ["jira"]) == configuration.lost_places({}.get, ["ado"]) == ()
    lost = configuration.definition({}.get)
    assert (lost.report_on, lost.is_report_on_lost, lost.value_streams[0].is_report_on_lost) == (None, True, True)
    assert not configuration.definition(KEYS.get).is_report_on_lost
    portfolio, stream = configuration.lost_places({}.get, ["jira"])
    assert f"{sample.directory}/value_streams.yaml:6: portfolio.report_on: jira:PORT-1 was not read" in portfolio
    assert "value_streams[0].report_on: jira:PORT-2" in stream


def test_a_place_for_findings_that_is_not_named_is_a_warning(sample: Sample) -> None:
    sample.change("value_streams", "    report_on: jira:PORT-2\n", "")
    (warning,) = sample.load().without_place()
    assert "value stream payments" in warning
    assert "no report_on" in warning


def test_a_vocabulary_holds_the_words_of_its_tracker(sample: Sample) -> None:
    sample.change(
        "trackers",
        "    fields:",
        "    progress: {feature: {Accepted: done}}\n    horizons: {H3: evaluating}\n"
        "    work_categories: {Debt: tech_debt}\n    team_field: component\n    fields:",
    )
    vocabulary = sample.load().vocabulary("jira")
    assert vocabulary.levels == (
        LevelMatch(level=Level.PORTFOLIO_EPIC, types=("Epic",), projects=("PORT",)),
        LevelMatch(level=Level.FEATURE, types=("Feature", "Story")),
    )
    assert vocabulary.stages[Level.PORTFOLIO_EPIC]["In Progress"] is Stage.IMPLEMENTING_MVP
    assert vocabulary.progress == {Level.FEATURE: {"Accepted": Progress.DONE}}
    assert vocabulary.horizons == {"H3": Horizon.EVALUATING}
    assert vocabulary.work_categories == {"Debt": "tech_debt"}
    assert vocabulary.team_field == "component"


def test_a_connection_tells_the_connector_everything_and_shows_no_secret(sample: Sample) -> None:
    sample.change(
        "trackers",
        "    fields:",
        "    site_url: https://jira.northwind.example/\n    reference_fields: {blocked-by: Waits For}\n"
        "    previous_accounts: [old-bot]\n    options: {page_size: 50, is_cloud: true}\n"
        "    request_timeout: 5\n    cycle_timeout: 2 minutes\n    fields:",
    )
    connection = sample.load().connection("jira", GivenCredentials({"token": "hunter2"}))
    assert (connection.name, connection.url) == ("jira", "https://northwind.atlassian.net")
    assert connection.site_url == "https://jira.northwind.example"
    assert connection.projects == ("PORT", "PAY", "MOB")
    assert connection.types == ("Epic", "Feature", "Story")
    assert connection.dependency_links == ("blocks",)
    assert connection.fields["horizon"] == "Horizon"
    assert connection.reference_fields == {"blocked-by": "Waits For"}
    assert connection.previous_accounts == ("old-bot",)
    assert connection.options == {"page_size": "50", "is_cloud": "true"}
    assert (connection.request_timeout, connection.cycle_timeout) == (5.0, 120.0)
    assert connection.credentials.read("token") == "hunter2"
    assert connection.credential is None
    assert "hunter2" not in repr(connection)


def test_a_connection_tells_of_each_name_that_the_tracker_may_refute_where_it_is_written(sample: Sample) -> None:
    sample.change("trackers", "    fields:", "    reference_fields: {blocked-by: Waits For}\n    fields:")
    sample.change("policy", "type: Epic}, close_to: Done", "type: Escalation}, close_to: Closed")
    connection = sample.load().connection("jira", GivenCredentials({}))
    told = {
        "fields.horizon": "trackers.yaml:12: trackers.jira.fields.horizon",
        "reference_fields.blocked-by": "trackers.yaml:11: trackers.jira.reference_fields.blocked-by",
        "dependency_links.blocks": "trackers.yaml:10: trackers.jira.dependency_links[0]",
        "types.Epic": "trackers.yaml:7: trackers.jira.levels[0].types[0]",
        "types.Story": "trackers.yaml:8: trackers.jira.levels[1].types[1]",
        "types.Escalation": "policy.yaml:3: escalation.create_in.type",
    }
    text = str(connection.misnamed(dict.fromkeys(told, "no such thing"))).replace(f"{sample.directory}/", "")
    assert text.splitlines() == [f"{where}: no such thing" for where in told.values()]
    assert str(connection.misnamed({"fields.x": "why"})) == "jira: fields.x: why"


def test_the_pace_and_the_write_budgets_of_a_tracker_are_as_written_or_as_documented(sample: Sample) -> None:
    usual = sample.load()
    assert usual.connection("jira", GivenCredentials({})).requests_at_once == 8
    assert usual.write_budgets()["jira"] == WriteBudget(item_a_day=48, cycle=2000, hour=5000)
    sample.change("trackers", "    fields:", "    requests_at_once: 2\n    write_budget: {item_a_day: 10}\n    fields:")
    changed = sample.load()
    assert changed.connection("jira", GivenCredentials({})).requests_at_once == 2
    assert changed.write_budgets()["jira"] == WriteBudget(item_a_day=10, cycle=2000, hour=5000)
    assert changed.write_budgets()["ado"] == usual.write_budgets()["ado"]


def test_the_site_is_the_address_of_the_api_unless_another_is_named(sample: Sample) -> None:
    assert sample.load().connection("ado", {}).site_url == "https://dev.azure.com/northwind"


def test_the_type_of_escalation_epics_is_read_even_when_no_level_names_it(sample: Sample) -> None:
    sample.change("policy", "type: Epic}, close_to: Done", "type: Escalation}, close_to: Closed")
    assert "Escalation" in sample.load().connection("jira", {}).types
    assert "Escalation" not in sample.load().connection("ado", {}).types


def test_a_tracker_that_is_not_configured_is_told_with_those_that_are(sample: Sample) -> None:
    with pytest.raises(ConfigurationError, match="did you mean `jira`"):
        sample.load().vocabulary("jra")


def test_governance_is_what_the_policy_says(sample: Sample) -> None:
    sample.change("policy", "kanban:", "cool_down: 5 business days\ncontested_after: 2\nkanban:")
    assert sample.load().governance() == Governance(
        label_prefix="lpm:",
        safety=SafetyLimits(max_changes=200, max_share=0.30),
        escalation=EscalationTarget(tracker="jira", project="PORT", type="Epic", close_to="Done"),
        cool_down=5,
        contested_after=2,
    )


def test_a_policy_of_nothing_but_a_rule_has_the_defaults_of_the_core(sample: Sample) -> None:
    sample.write("policy", "rules: [{rule: KAN101, wip: {reviewing: 5}}]\n")
    configuration = sample.load()
    assert configuration.governance() == Governance()
    assert configuration.approval() == Approval()


@pytest.mark.parametrize("text", ["", "rules: []\n", "label_prefix: 'lpm:'\n"])
def test_a_policy_without_rules_is_refused_since_it_would_withdraw_everything(sample: Sample, text: str) -> None:
    sample.write("policy", text)
    with pytest.raises(ConfigurationError, match=r"policy\.yaml:1"):
        sample.load()


def test_the_approving_label_follows_the_prefix(sample: Sample) -> None:
    sample.change("policy", '"lpm:"', '"gov/"')
    assert sample.load().approval().label == "gov/approved"


def test_an_approval_may_be_a_label_of_people_or_a_field(sample: Sample) -> None:
    sample.change(
        "policy", "kanban:", "approval: {stages: [ready], label: go, field: gate, values: [passed, 1]}\nkanban:"
    )
    assert sample.load().approval() == Approval(stages=("ready",), label="go", field="gate", values=("passed", "1"))


def test_schedule_and_digest_are_read_in_the_words_of_people(sample: Sample) -> None:
    sample.change(
        "policy",
        "kanban:",
        "schedule: {every: 1 hour}\n"
        'digest: {schedule: {weekday: friday, time: "16:30"}, chats: [{chat: slack}, {chat: slack, name: office}]}\n'
        "kanban:",
    )
    configuration = sample.load()
    assert configuration.interval == timedelta(hours=1)
    assert (configuration.digest_schedule.weekday, configuration.digest_schedule.time) == (4, time(16, 30))
    assert [(chat.chat, chat.called) for chat in configuration.chats] == [("slack", "slack"), ("slack", "office")]
    assert configuration.trackers == ("jira", "ado")
    assert configuration.timezone == "Europe/Berlin"
