"""A scenario file tells what is wrong with it, and a scenario tells every difference."""

from __future__ import annotations

import pytest
import yaml

from lpm_sync.core.finding import Mode
from lpm_sync.errors import ConfigurationError
from lpm_sync.rules import BUILTIN_RULES
from lpm_sync.rules.base import GovernedRule
from lpm_sync.rules.readiness import Owner
from lpm_sync.rules.scenario import ScenarioFile, read_scenarios
from lpm_sync.rules.scenario_check import check_scenario

_HEAD = "scenarios: [{name: one, today: 2026-11-10, items: {PAY-2: {}}, "


def _file(text: str) -> ScenarioFile:
    return read_scenarios(yaml.safe_load(text), "ours.yaml")


def _differences(text: str, policy: tuple[GovernedRule, ...] = ()) -> list[str]:
    file = _file(_HEAD + text)
    return check_scenario(file, file.scenarios[0], BUILTIN_RULES, policy)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("scenarios: []", "ours.yaml: scenarios:"),
        ("[]", "ours.yaml: the file:"),
        ("scenarios: [{name: one, today: soon, expect: {PAY-2: {}}}]", "ours.yaml: scenarios.0.today:"),
        (_HEAD + "expect: {PAY-2: {finding: []}}}]", "ours.yaml: scenarios.0.expect.PAY-2.finding:"),
        ("scenarios: [{name: one, today: 2026-11-10, expect: {}}]", "ours.yaml: scenarios.0.expect:"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, place: str) -> None:
    with pytest.raises(ConfigurationError, match=place.replace(".", r"\.")):
        _file(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules: [{rule: DOR999}], expect: {PAY-2: {}}}]", "there is no rule DOR999"),
        ("rules: [{rule: DEP101, limit: long}], expect: {PAY-2: {}}}]", "DEP101: limit"),
        ("expect: {PAY-7: {}}}]", "PAY-7"),
    ],
)
def test_a_scenario_that_cannot_be_run_says_why(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        _differences(text)


def test_every_difference_is_told() -> None:
    differences = _differences(
        "rules: [{rule: DOR005}], expect: {PAY-2: {findings: [], held: [DOR001], says: [nobody], since: 2026-11-01, "
        "blockers: [PAY-3], goes_to: PORT-1, share: 5, compared: 7, value_stream: payments}, unmapped: {forecast: 1}}}]"
    )

    assert len(differences) == 10
    assert differences[0] == "PAY-2: findings are DOR005, expected none"
    assert differences[-1] == "unmapped: forecast is 0, expected 1"


def test_without_rules_of_its_own_a_scenario_runs_against_the_policy() -> None:
    policy = (GovernedRule(rule=Owner(), mode=Mode.ENFORCE),)

    assert _differences("expect: {PAY-2: {findings: [DOR005]}}}]", policy) == []
    assert _differences("expect: {PAY-2: {findings: []}}}]") == []
