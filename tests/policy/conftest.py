"""A small valid configuration, and rules of its own, so that each test may break one thing."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import ClassVar

import pytest

from lpm_sync.core.finding import Status, Verdict
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import Stage, WorkItem
from lpm_sync.errors import ConfigurationError
from lpm_sync.plugins import RuleClass
from lpm_sync.policy.configuration import Configuration
from lpm_sync.policy.loader import load_configuration
from lpm_sync.rules.base import BusinessDays, Example, ItemRule, PortfolioRule
from lpm_sync.rules.example import epic, portfolio_of

TRACKERS = """\
trackers:
  jira:
    connector: jira
    url: https://northwind.atlassian.net
    scope: {projects: [PORT, PAY, MOB]}
    levels:
      - {level: portfolio-epic, projects: [PORT], types: [Epic]}
      - {level: feature, types: [Feature, Story]}
    stages: {portfolio-epic: {Funnel: funnel, Reviewing: reviewing, "In Progress": implementing-mvp, Done: done}}
    dependency_links: [{blocks: blocks}]
    fields: {implementation_cost_forecast: Implementation Cost Forecast, horizon: Horizon, gate: Gate}
  ado:
    connector: azure-devops
    url: https://dev.azure.com/northwind
    scope: {projects: [Platform]}
    levels: [{level: portfolio-epic, types: [Epic]}, {level: feature, types: [Feature]}]
    stages: {portfolio-epic: {New: funnel, Active: implementing-mvp, Closed: done}}
"""

VALUE_STREAMS = """\
portfolio:
  name: Northwind
  currency: EUR
  timezone: Europe/Berlin
  calendar: DE
  report_on: jira:PORT-1
  planning_intervals: [{id: PI-2026.4, start: 2026-10-05, end: 2026-12-18}]
  horizon_targets:
    {evaluating: [5, 15], emerging: [10, 30], investing: [40, 70], extracting: [5, 25], retiring: [0, 10]}
  capacity: {business_feature: 60, enabler: 25, tech_debt: 10, maintenance: 5}
value_streams:
  - id: payments
    business_owners: [dana]
    report_on: jira:PORT-2
    teams: [Acquirers, Ledger]
    match: [{project: PAY}, {area_path: 'Platform\\Payments'}, {label: vs-payments}]
    budgets: [{period: 2026-H2, amount: 2_400_000}]
people:
  dana: {jira: 557058:2f, ado: dana@northwind.example, slack: U0}
"""

POLICY = """\
label_prefix: "lpm:"
safety: {max_changes: 200, max_share: 0.30}
escalation: {create_in: {tracker: jira, project: PORT, type: Epic}, close_to: Done}
kanban: {wip: {reviewing: 5}}
rules:
  - rule: GRD301
    mode: enforce
    threshold: 500_000
    on_fail: {label: needs-lpm-approval, escalate: {after: 5 business days}}
  - rule: KAN101
"""


class Significant(ItemRule):
    """An item above the threshold."""

    code: ClassVar[str] = "GRD301"
    title: ClassVar[str] = "Significant"
    reads: ClassVar[tuple[str, ...]] = ("gate",)
    family: ClassVar[str] = "guardrails"
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            name="above | beyond it",
            given=lambda: portfolio_of(epic("PORT-1")),
            subject="jira:PORT-1",
            settings={"threshold": 5},
            expect=Status.FAILED,
        ),
    )

    threshold: Decimal
    """Above it an approval is needed."""
    grace: BusinessDays = 3
    """How long it may wait."""

    def check(self, item: WorkItem, portfolio: Portfolio) -> Verdict:
        return Verdict.passed()


class Crowded(PortfolioRule):
    """A stage above its limit."""

    code: ClassVar[str] = "KAN101"
    title: ClassVar[str] = "Crowded"
    family: ClassVar[str] = "kanban"

    wip: dict[Stage, int]
    """Epics in a stage."""

    def check(self, portfolio: Portfolio) -> Verdict:
        return Verdict.passed()


class Sample:
    """The files of a configuration in a directory of their own."""

    rules: ClassVar[tuple[RuleClass, ...]] = (Significant, Crowded)

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        for name, text in (("trackers", TRACKERS), ("value_streams", VALUE_STREAMS), ("policy", POLICY)):
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        (self.directory / f"{name}.yaml").write_text(text, encoding="utf-8")

    def change(self, name: str, old: str, new: str) -> None:
        """Replaces the first `old` in a file; it must be there."""
        text = (self.directory / f"{name}.yaml").read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new, 1))

    def load(self) -> Configuration:
        return load_configuration(self.directory, self.rules)

    def mistakes(self) -> list[str]:
        """What loading complains about, line by line, with file names alone."""
        with pytest.raises(ConfigurationError) as caught:
            self.load()
        return str(caught.value).replace(f"{self.directory}/", "").splitlines()


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    return Sample(tmp_path)
