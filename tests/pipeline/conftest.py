from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lpm_sync.core.plan import Plan
from lpm_sync.core.work_item import Progress, SourceItem
from lpm_sync.pipeline.cycle import Control, CycleReport, plan_cycle, run_cycle
from lpm_sync.pipeline.workplace import Workplace
from lpm_sync.policy.configuration import Configuration
from lpm_sync.ports import Tracker
from lpm_sync.settings import Secrets, Settings
from lpm_sync.testing.clock import MovableClock
from lpm_sync.testing.in_memory import InMemoryTracker
from lpm_sync.testing.in_memory_store import InMemoryStore

START = datetime(2026, 11, 9, 8, tzinfo=UTC)  # a Monday

TRACKERS = """\
trackers:
  jira:
    connector: jira
    url: https://jira.example
    scope: {projects: [PORT, PAY]}
    levels: [{level: portfolio-epic, types: [Epic]}, {level: feature, types: [Feature]}]
    stages:
      portfolio-epic: {Funnel: funnel, Analyzing: analyzing, Doing: implementing-mvp, Done: done}
    fields:
      implementation_cost_forecast: Forecast
      benefit_hypothesis: Benefit
      estimate: Points
      target_date: Target
  ado:
    connector: azure-devops
    url: https://ado.example
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
  report_on: jira:PORT-101
  planning_intervals: [{id: PI-1, start: 2026-10-05, end: 2026-12-18}]
value_streams:
  - id: payments
    teams: [Ledger]
    match: [{project: PAY}, {project: PORT}]
    budgets: [{period: 2026-H2, amount: 100_000}]
    report_on: jira:PORT-102
  - id: platform
    match: [{project: Platform}]
"""
POLICY = """\
safety: {max_changes: 1000, max_share: 1.0}
escalation: {create_in: {tracker: jira, project: PORT, type: Epic}, close_to: Done}
rules:
  - {rule: MAP101, mode: comment}
  - {rule: DOR001, mode: enforce, on_fail: {label: not-ready}}
  - {rule: DOR003, mode: enforce, on_fail: {label: not-ready}}
  - rule: GRD301
    mode: enforce
    threshold: 500_000
    on_fail: {label: needs-lpm-approval, escalate: {after: 5 business days}}
  - {rule: BUD102, mode: enforce, on_fail: {label: over-budget}}
  - {rule: KAN101, mode: comment, wip: {implementing-mvp: 2}}
  - {rule: DEP101, mode: enforce, limit: 5 business days, on_fail: {label: blocked, escalate: {after: 0 business days}}}
  - {rule: DEP103, mode: enforce, on_fail: {escalate: {after: 0 business days}}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class InMemoryWorkplace(Workplace):
    """A workplace whose trackers are in memory; everything else is the real one."""

    stores: dict[str, InMemoryStore]

    @contextmanager
    def trackers(self, configuration: Configuration) -> Iterator[dict[str, Tracker]]:
        yield {name: InMemoryTracker(self.stores[name]) for name in configuration.trackers}


@dataclass(slots=True, kw_only=True)
class Office:
    """A portfolio in two trackers, and the commands of its office."""

    folder: Path
    clock: MovableClock
    jira: InMemoryStore
    ado: InMemoryStore
    state_name: str = "state.sqlite3"
    controls: Control = field(default_factory=Control)

    @property
    def workplace(self) -> InMemoryWorkplace:
        return InMemoryWorkplace(
            settings=Settings(config=self.folder, state=self.folder / self.state_name),
            secrets=Secrets(directory=None, environment={}),
            clock=self.clock,
            stores={"jira": self.jira, "ado": self.ado},
        )

    def configure(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def cycle(self, control: Control | None = None) -> CycleReport:
        return run_cycle(self.workplace, control or self.controls)

    def plan(self) -> Plan:
        return plan_cycle(self.workplace)[1].plan

    def lose_state(self) -> None:
        for path in self.folder.glob(f"{self.state_name}*"):
            path.unlink()

    def pass_days(self, days: float) -> None:
        self.clock.move_to(self.clock.now() + timedelta(days=days))

    def everything(self) -> dict[str, tuple[SourceItem, tuple[str, ...]]]:
        """Every item as its tracker has it, with all comments: what a judge looks at."""
        return {
            str(ref): (store.view(ref), tuple(comment.text for comment in store.comments(ref)))
            for store in (self.jira, self.ado)
            for ref in store.items
        }

    def our_comments(self) -> Sequence[str]:
        return [
            comment.text
            for store in (self.jira, self.ado)
            for ref in store.items
            for comment in store.comments(ref)
            if comment.is_ours
        ]

    @property
    def writes(self) -> int:
        return self.jira.count_writes() + self.ado.count_writes()


def open_office(folder: Path) -> Office:
    """An office with its configuration and two empty trackers."""
    clock = MovableClock(START)
    office = Office(folder=folder, clock=clock, jira=_jira(clock), ado=_ado(clock))
    for name, text in (("trackers.yaml", TRACKERS), ("value_streams.yaml", VALUE_STREAMS), ("policy.yaml", POLICY)):
        office.configure(name, text)
    return office


def _jira(clock: MovableClock) -> InMemoryStore:
    return InMemoryStore(
        name="jira",
        projects=("PORT", "PAY"),
        types=("Epic", "Feature"),
        statuses={
            "To Do": Progress.TODO,
            "Funnel": Progress.TODO,
            "Analyzing": Progress.TODO,
            "Doing": Progress.DOING,
            "Done": Progress.DONE,
        },
        clock=clock,
    )


def _ado(clock: MovableClock) -> InMemoryStore:
    return InMemoryStore(
        name="ado",
        projects=("Platform",),
        types=("Epic", "Feature"),
        statuses={"New": Progress.TODO, "Active": Progress.DOING, "Closed": Progress.DONE},
        clock=clock,
    )


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return open_office(tmp_path)


@pytest.fixture
def make_office(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Office]:
    """A fresh office for each example of a property test."""
    return lambda: open_office(tmp_path_factory.mktemp("office"))
