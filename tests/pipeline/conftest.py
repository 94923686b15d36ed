"""A portfolio office over two trackers in memory, and random portfolios and edits for its property tests."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
import structlog
from hypothesis import strategies as st

from lpm_sync.core.plan import Plan
from lpm_sync.core.work_item import Direction, Progress, Ref, SourceItem
from lpm_sync.pipeline.cycle import Control, CycleReport, plan_cycle, run_cycle
from lpm_sync.pipeline.deciding import Decision
from lpm_sync.pipeline.workplace import Workplace
from lpm_sync.plugins import RuleClass
from lpm_sync.policy.configuration import Configuration
from lpm_sync.policy.loader import load_configuration
from lpm_sync.ports import Tracker
from lpm_sync.settings import Secrets, Settings
from lpm_sync.testing.clock import MovableClock
from lpm_sync.testing.in_memory import InMemoryTracker
from lpm_sync.testing.in_memory_store import InMemoryStore

START = datetime(2026, 11, 9, 8, tzinfo=UTC)  # a Monday
CONFIGURATION = Path(__file__).parent / "configuration"
IN_MEMORY = Path("/dev/shm")
"""Where a state costs no wait for a disk, on systems that have it."""

_loaded: dict[tuple[object, ...], Configuration] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class InMemoryWorkplace(Workplace):
    """A workplace whose trackers are in memory; everything else is the real one.

    The same three files are loaded once: a property test runs hundreds of cycles. `rules` replace the installed ones.
    """

    stores: dict[str, InMemoryStore]
    rules: tuple[RuleClass, ...] | None = None

    def configuration(self) -> Configuration:
        texts = tuple(path.read_text(encoding="utf-8") for path in sorted(self.settings.config.glob("*.yaml")))
        key = (texts, self.rules)
        if key not in _loaded:
            _loaded[key] = load_configuration(self.settings.config, self.rules)
        return _loaded[key]

    @contextmanager
    def trackers(self, configuration: Configuration) -> Iterator[dict[str, Tracker]]:
        yield {name: InMemoryTracker(self.stores[name]) for name in configuration.trackers}


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
    with tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def make_office(offices: Path) -> Callable[[], Office]:
    """A fresh office for each example of a property test."""
    return lambda: open_office(Path(tempfile.mkdtemp(dir=offices)))


@pytest.fixture
def office(make_office: Callable[[], Office]) -> Office:
    return make_office()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedItem:
    """An item of a random portfolio; `status` counts back from done, `parent` on from the first epic of its tracker."""

    tracker: str
    is_epic: bool
    status: int
    forecast: int | None
    is_ready: bool
    parent: int | None
    labels: frozenset[str]
    is_commented: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLink:
    """A dependency between two items by their positions, made `age` days before the start."""

    blocker: int
    blocked: int
    age: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Something that people do to the item at that position, or that time does."""

    kind: str
    item: int
    other: int


_items = st.builds(
    PlannedItem,
    tracker=st.sampled_from(["jira", "ado"]),
    is_epic=st.booleans(),
    status=st.sampled_from([2, 2, 1, 1, 0]),
    forecast=st.sampled_from([None, 60_000, 600_000]),
    is_ready=st.booleans(),
    parent=st.sampled_from([None, 0, 1]),
    labels=st.frozensets(st.sampled_from(["urgent", "LPM-team", "lpm:approved", "lpm:opt-out"]), max_size=2),
    is_commented=st.booleans(),
)
_positions = st.integers(0, 9)
_links = st.builds(PlannedLink, blocker=_positions, blocked=_positions, age=st.sampled_from([0, 7, 8, 20]))
_portfolios = st.tuples(st.lists(_items, min_size=2, max_size=7), st.lists(_links, max_size=5))
_EDITS = (
    *("status", "title", "forecast", "ready", "remove our labels", "add our label", "label", "comment"),
    *("link", "unlink", "opt out", "approve", "parent", "days", "delete", "close escalations"),
)
_edits = st.lists(st.builds(Edit, kind=st.sampled_from(_EDITS), item=_positions, other=_positions), max_size=4)


def _create(office: Office, planned: Sequence[PlannedItem], links: Sequence[PlannedLink]) -> None:
    """Fills an empty office: two items that report in jira, one that is done in ado, then the random ones."""
    for title in ("The portfolio", "Payments"):
        office.jira.create_item(project="PORT", type="Epic", title=title, status="Done")
    office.ado.create_item(project="Platform", type="Epic", title="Laid aside", status="Closed")
    epics: dict[str, list[Ref]] = {"jira": [], "ado": []}
    for item in sorted(planned, key=lambda item: not item.is_epic):
        store, above = (office.jira, epics["jira"]) if item.tracker == "jira" else (office.ado, epics["ado"])
        ref = store.create_item(
            project="Platform" if item.tracker == "ado" else "PORT" if item.is_epic else "PAY",
            type="Epic" if item.is_epic else "Feature",
            title=f"Item {len(office.refs)}",
            status=tuple(store.statuses)[-1 - item.status],
            labels=item.labels,
            parent=above[item.parent % len(above)] if above and item.parent is not None else None,
            fields=_fields(item.forecast, item.is_ready),
        )
        office.refs.append(ref)
        if item.is_epic:
            above.append(ref)
        if item.is_commented:
            store.add_comment(ref, "Please keep lpm:not-ready in mind.\nlpm-sync card: none")
            store.add_comment(ref, "Said in our name by somebody, and no card.", is_ours=True)
    for link in links:
        _link(office, link.blocker, link.blocked, office.clock.now() - timedelta(days=link.age))


def _fields(forecast: int | None, is_ready: bool) -> dict[str, str | Decimal]:
    fields: dict[str, str | Decimal] = {"estimate": Decimal(5)}
    if forecast is not None:
        fields["implementation_cost_forecast"] = Decimal(forecast)
    return fields | ({"benefit_hypothesis": "fewer calls"} if is_ready else {})


def _link(office: Office, blocker: int, blocked: int, at: datetime) -> None:
    one, other = office.refs[blocker % len(office.refs)], office.refs[blocked % len(office.refs)]
    if one == other or one not in office.store(one).items or other not in office.store(other).items:
        return
    if one.tracker == other.tracker:
        office.store(one).link(blocker=one, blocked=other, at=at)
    else:
        office.store(other).add_foreign_link(other, office.store(one).view(one).url, Direction.BLOCKED_BY)


def _edit(office: Office, edit: Edit) -> None:  # noqa: C901, PLR0912 one branch a kind of edit
    """Does what the edit says, where its item is still there."""
    ref = office.refs[edit.item % len(office.refs)]
    store = office.store(ref)
    if ref not in store.items:
        return
    item = store.items[ref]
    match edit.kind:
        case "status":
            store.change_status(ref, tuple(store.statuses)[-1 - edit.other % 3])
        case "title":
            store.change_title(ref, f"Called {edit.other}")
        case "forecast":
            amount = {"implementation_cost_forecast": Decimal(edit.other * 100_000)}
            store.items[ref] = replace(item, fields={**item.fields, **amount})
        case "ready":
            store.items[ref] = replace(item, fields=_fields(None, edit.other % 2 == 0))
        case "remove our labels":
            for label in item.labels:
                if label.startswith("lpm:"):
                    store.remove_label(ref, label)
        case "add our label":
            store.add_label(ref, ("lpm:not-ready", "LPM:Not-Ready", "lpm:blocked", "lpm:of-old")[edit.other % 4])
        case "label":
            store.add_label(ref, f"human-{edit.other}")
        case "comment":
            quoted = [comment.text for comment in store.comments(ref) if comment.is_ours]
            store.add_comment(ref, (quoted or ["What is this?"])[0])
        case "link":
            _link(office, edit.item, edit.other, office.clock.now())
        case "unlink":
            store.unlink(blocker=ref, blocked=office.refs[edit.other % len(office.refs)])
        case "opt out":
            store.add_label(ref, "lpm:opt-out")
        case "approve":
            store.add_label(ref, "lpm:approved")
        case "parent":
            above = [other for other in office.refs if other.tracker == ref.tracker and other in store.items]
            store.items[ref] = replace(item, parent=above[edit.other % len(above)])
        case "days":
            office.pass_days(edit.other)
        case "delete":
            store.delete_item(ref)
        case "close escalations":
            for epic in office.jira.items_labelled("lpm:escalation"):
                office.jira.change_status(epic, "Done")


@pytest.fixture(scope="session")
def random() -> SimpleNamespace:
    """Strategies for portfolios and edits, and what brings them about in an office."""
    return SimpleNamespace(portfolios=_portfolios, edits=_edits, create=_create, edit=_edit)


@pytest.fixture(scope="session")
def begin(make_office: Callable[[], Office]) -> Callable[[st.DataObject], Office]:
    """A fresh office with a portfolio that is drawn."""

    def begun(data: st.DataObject) -> Office:
        office = make_office()
        _create(office, *data.draw(_portfolios))
        return office

    return begun


@pytest.fixture(scope="session")
def go_on() -> Callable[[Office, st.DataObject], None]:
    """Lets people, and time, change something that is drawn."""

    def gone_on(office: Office, data: st.DataObject) -> None:
        for edit in data.draw(_edits):
            _edit(office, edit)

    return gone_on
