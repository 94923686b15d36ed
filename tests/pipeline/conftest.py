"""A portfolio office over two trackers in memory."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from lpm_sync.core.plan import Plan
from lpm_sync.core.work_item import Progress, Ref, SourceItem
from lpm_sync.pipeline.cycle import Control, CycleReport, plan_cycle, run_cycle
from lpm_sync.pipeline.deciding import Decision
from lpm_sync.pipeline.workplace import Workplace
from lpm_sync.plugins import RuleClass
from lpm_sync.policy.configuration import Configuration
from lpm_sync.policy.loader import load_configuration
from lpm_sync.ports import KeptPauses, Tracker
from lpm_sync.settings import Secrets, Settings
from lpm_sync.testing.clock import MovableClock
from lpm_sync.testing.in_memory import InMemoryTracker
from lpm_sync.testing.in_memory_store import InMemoryStore

START = datetime(2026, 11, 9, 8, tzinfo=UTC)  # a Monday
CONFIGURATION = Path(__file__).parent / "configuration"
_loaded: dict[tuple[object, ...], Configuration] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class InMemoryWorkplace(Workplace):
    """A workplace whose trackers are in memory; everything else is the real one.

    The same three files are loaded once: a property test runs hundreds of cycles. `rules` replace the installed ones.
    """

    stores: dict[str, InMemoryStore]
    rules: tuple[RuleClass, ...] | None = None

    def configuration(self, *, goes_by_lock: bool = True) -> Configuration:
        texts = tuple(path.read_text(encoding="utf-8") for path in sorted(self.settings.config.glob("*.yaml")))
        key = (texts, self.rules)
        if key not in _loaded:
            _loaded[key] = load_configuration(self.settings.config, self.rules)
        return _loaded[key]

    def connect(self, configuration: Configuration, name: str, pauses: KeptPauses | None) -> Tracker:
        return InMemoryTracker(self.stores[name], pinned=_pinned(configuration, name))


def _pinned(configuration: Configuration, tracker: str) -> dict[str, str]:
    return {where: pin.id for where, pin in configuration.pins(tracker).items()}


@dataclass(slots=True, kw_only=True)
class Office:
    """A portfolio in two trackers, and the commands of its office. `refs` are the items of a random portfolio."""

    folder: Path
    clock: MovableClock
    jira: InMemoryStore
    ado: InMemoryStore
    state_name: str = "state.sqlite3"
    controls: Control = field(default_factory=Control)
    rules: tuple[RuleClass, ...] | None = None
    refs: list[Ref] = field(default_factory=list)

    @property
    def workplace(self) -> InMemoryWorkplace:
        return InMemoryWorkplace(
            settings=Settings(config=self.folder, state=self.folder / self.state_name),
            secrets=Secrets(directory=None, environment={}),
            clock=self.clock,
            stores={"jira": self.jira, "ado": self.ado},
            rules=self.rules,
        )

    @property
    def stores(self) -> tuple[InMemoryStore, InMemoryStore]:
        return self.jira, self.ado

    def store(self, ref: Ref) -> InMemoryStore:
        return self.jira if ref.tracker == "jira" else self.ado

    def configure(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def amend(self, name: str, before: str, after: str) -> None:
        """Changes a part of one of the three files."""
        text = (self.folder / name).read_text(encoding="utf-8")
        assert before in text
        self.configure(name, text.replace(before, after))

    def report_on(self, portfolio: str, payments: str) -> None:
        """Lets the findings of the portfolio and of its stream payments stand on those items, instead of on none."""
        self.amend("value_streams.yaml", "  calendar: DE\n", f"  calendar: DE\n  report_on: {portfolio}\n")
        self.amend("value_streams.yaml", "    teams: [Ledger]\n", f"    teams: [Ledger]\n    report_on: {payments}\n")

    def cycle(self, control: Control | None = None) -> CycleReport:
        return run_cycle(self.workplace, control or self.controls)

    def decide(self) -> Decision:
        return plan_cycle(self.workplace)[1]

    def plan(self) -> Plan:
        return self.decide().plan

    def lose_state(self) -> None:
        for path in self.folder.glob(f"{self.state_name}*"):
            path.unlink()

    def pass_days(self, days: float) -> None:
        self.clock.move_to(self.clock.now() + timedelta(days=days))

    def everything(self) -> dict[str, tuple[SourceItem, tuple[str, ...]]]:
        """Every item as its tracker has it, with all comments: what a judge looks at."""
        return {
            str(ref): (store.view(ref), tuple(comment.text for comment in store.comments(ref)))
            for store in self.stores
            for ref in store.items
        }

    def our_comments(self, *refs: Ref) -> Sequence[str]:
        """Our comments on these items; on all of them where none is named."""
        return [
            comment.text
            for store in self.stores
            for ref in store.items
            if ref in refs or not refs
            for comment in store.comments(ref)
            if comment.is_ours
        ]

    @property
    def writes(self) -> int:
        return self.jira.count_writes() + self.ado.count_writes()


def open_office(folder: Path) -> Office:
    """An office with its configuration and two empty trackers."""
    clock = MovableClock(START)
    for path in CONFIGURATION.iterdir():
        shutil.copy(path, folder)
    return Office(folder=folder, clock=clock, jira=_jira(clock), ado=_ado(clock))


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


@pytest.fixture(scope="module", autouse=True)
def silence() -> Iterator[None]:
    """Thousands of cycles tell nothing that a failed test would want to be read for."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def offices() -> Iterator[Path]:
    """A folder for the states and configurations of the session."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def make_office(offices: Path) -> Callable[[], Office]:
    """A fresh office for each example of a property test."""
    return lambda: open_office(Path(tempfile.mkdtemp(dir=offices)))


@pytest.fixture
def office(make_office: Callable[[], Office]) -> Office:
    return make_office()
