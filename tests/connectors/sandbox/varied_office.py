"""A small portfolio in an embedded Jira and an embedded Azure DevOps, and the whole job done on it.

The trackers listen at the same two addresses for the whole session: what they are, a variation decides.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from connectors.azure_devops.connector import connect as connect_to_azure_devops
from connectors.jira.connector import connect as connect_to_jira
from connectors.sandbox.azure_devops.store import AzureDevOpsStore
from connectors.sandbox.clock import MovableClock
from connectors.sandbox.faults import Application, Receive, Scope, Send
from connectors.sandbox.jira import TEXT_AREA, Account, JiraStore
from connectors.sandbox.jira.documents import text_of
from connectors.sandbox.jira.model import Deployment
from connectors.sandbox.serving import LoopbackServer
from connectors.sandbox.variation import Variation
from connectors.sandbox.varying import varied_azure_devops, varied_jira
from lpm_sync.core.work_item import Ref, SourceItem
from lpm_sync.pipeline.cycle import CycleReport, apply_plan, plan_cycle, run_cycle
from lpm_sync.pipeline.doctor import Diagnosis, diagnose
from lpm_sync.pipeline.workplace import Workplace
from lpm_sync.policy.configuration import Configuration
from lpm_sync.policy.loader import load_configuration
from lpm_sync.ports import KeptPauses, Tracker
from lpm_sync.settings import Secrets, Settings
from lpm_sync.testing.conformance.examining import CARD, LABEL
from lpm_sync.testing.mirror import Mirror

START = datetime(2026, 11, 9, 8, tzinfo=UTC)  # a Monday
SECRET = "canary-3e90ab"  # no real credential: what must never be shown
FILES = ("trackers.yaml", "value_streams.yaml", "policy.yaml")
CONNECTORS = {"jira": connect_to_jira, "azure-devops": connect_to_azure_devops}
_loaded: dict[tuple[str, ...], Configuration] = {}

TRACKERS = """\
trackers:
  jira:
    connector: jira
    url: {jira}
    scope: {{projects: [PORT, PAY]}}
    levels: [{{level: portfolio-epic, types: [Epic]}}, {{level: feature, types: [Feature]}}]
    stages: {{portfolio-epic: {{To Do: funnel, In Progress: implementing-mvp, Done: done}}}}
    fields: {{benefit_hypothesis: Benefit Hypothesis, implementation_cost_forecast: Forecast, estimate: Estimate}}
    reads_remote_links: true
  ado:
    connector: azure-devops
    url: {ado}/northwind
    scope: {{projects: [Platform]}}
    levels: [{{level: portfolio-epic, types: [Epic]}}, {{level: feature, types: [Feature]}}]
    stages:
      portfolio-epic: {{New: funnel, Active: implementing-mvp, Resolved: implementing-mvp, Closed: done, Removed: done}}
    fields: {{benefit_hypothesis: Benefit Hypothesis, implementation_cost_forecast: Custom.Forecast}}
"""
VALUE_STREAMS = """\
portfolio: {name: Northwind, currency: EUR, timezone: Europe/Berlin, report_on: jira:PORT-1}
value_streams:
  - {id: payments, match: [{project: PAY}, {project: PORT}]}
  - {id: platform, match: [{project: Platform}]}
"""
POLICY = """\
safety: {max_changes: 1000, max_share: 1.0}
escalation: {create_in: {tracker: jira, project: PORT, type: Epic}, close_to: Done}
rules:
  - {rule: DOR001, mode: enforce, on_fail: {label: not-ready}}
  - {rule: GRD301, mode: enforce, threshold: 500_000, on_fail: {label: needs-lpm-approval}}
  - {rule: DEP101, mode: enforce, limit: 5 business days, on_fail: {label: blocked, escalate: {after: 0 business days}}}
"""


class Switch:
    """Hands each request to the application of the office that is open."""

    def __init__(self) -> None:
        self.application: Application | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.application is not None
        await self.application(scope, receive, send)


@dataclass(frozen=True, slots=True, kw_only=True)
class Street:
    """The two servers, and the switches behind them."""

    jira: Switch
    ado: Switch
    jira_url: str
    ado_url: str


@contextmanager
def open_street() -> Iterator[Street]:
    """Servers for one session."""
    with ExitStack() as servers:
        jira, ado = Switch(), Switch()
        jira_server, ado_server = (servers.enter_context(LoopbackServer(one)) for one in (jira, ado))
        yield Street(jira=jira, ado=ado, jira_url=jira_server.url, ado_url=ado_server.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What the whole job came to, without anything that two runs of it may differ in."""

    items: Mapping[str, SourceItem]
    plan: str
    cycles: Sequence[tuple[int, int, int, tuple[str, ...]]]
    doctor: Mapping[str, str]
    picture: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickWorkplace(Workplace):
    """The real one, but for what would be the same each time: the configuration, and which connectors there are."""

    def configuration(self, *, goes_by_lock: bool = True) -> Configuration:
        texts = (*(path.read_text() for path in sorted(self.settings.config.glob("*.yaml"))), str(goes_by_lock))
        if texts not in _loaded:
            _loaded[texts] = load_configuration(self.settings.config, goes_by_lock=goes_by_lock)
        return _loaded[texts]

    def connect(self, configuration: Configuration, name: str, pauses: KeptPauses | None) -> Tracker:
        connection = configuration.connection(name, self.secrets.credentials_for(name), pauses)
        return CONNECTORS[configuration.tracker(name).connector](connection, self.clock)


class Office:
    """Both trackers with a portfolio, and a workplace that reaches them through the real connectors."""

    def __init__(self, street: Street, variation: Variation, deployment: Deployment = "Cloud") -> None:
        self.clock = MovableClock(START - timedelta(days=21))
        bot = Account("LPM Bot", name="lpm-bot", email="bot@example.com", token=SECRET, time_zone="Europe/Berlin")
        self.jira = JiraStore(self.clock, deployment=deployment, account=bot)
        self.ado = AzureDevOpsStore(self.clock, organization="northwind", account="LPM Bot", token=SECRET)
        self._fill_jira()
        self._fill_azure_devops(street)
        self.clock.move_to(START)
        street.jira.application = varied_jira(self.jira, variation)
        street.ado.application = varied_azure_devops(self.ado, variation)
        self.folder = Path(tempfile.mkdtemp())
        trackers = TRACKERS.format(jira=street.jira_url, ado=street.ado_url)
        for name, text in zip(FILES, (trackers, VALUE_STREAMS, POLICY), strict=True):
            (self.folder / name).write_text(text)
        environment = {"LPM_JIRA_TOKEN": SECRET, "LPM_ADO_TOKEN": SECRET}
        environment |= {"LPM_JIRA_EMAIL": bot.email} if self.jira.is_cloud else {}
        self.workplace = QuickWorkplace(
            settings=Settings(config=self.folder, state=self.folder / "state.sqlite3"),
            secrets=Secrets(directory=None, environment=environment, on_read=hash),
            clock=self.clock,
        )

    def close(self) -> None:
        shutil.rmtree(self.folder)

    def _fill_jira(self) -> None:
        """An epic that reports, one over the threshold, an unready feature, a blocked one; some that only stand by."""
        store = self.jira
        for project in ("PORT", "PAY", "ELSE"):
            store.add_project(project, f"Project {project}")
        store.add_field("Benefit Hypothesis", "string", custom=TEXT_AREA)
        store.add_field("Forecast", "number")
        store.add_field("Estimate", "number")
        ready = {"Benefit Hypothesis": "Fewer calls – “really” 💶", "Estimate": 5.0}
        store.create_issue("PORT", "Epic", "The portfolio", fields=ready)
        epic = store.create_issue("PORT", "Epic", "Instant payments", fields={**ready, "Forecast": 600_000})
        store.create_issue("PAY", "Feature", "Refunds <b>&amp;</b>", parent=epic, labels=["urgent", "q4"])
        self.blocker = store.create_issue("PAY", "Feature", "Ledger", fields=ready, assignee=store.human)
        blocked = store.create_issue("PAY", "Feature", "Payouts", parent=epic, fields=ready, description="Why\n\nnot")
        alone = store.create_issue("PAY", "Feature", "Alone", fields={**ready, "Forecast": 12.25})
        store.create_issue("PAY", "Task", "Not ours")
        for number in range(3):
            outside = store.create_issue("ELSE", "Epic", f"Outside {number}")
            store.create_issue("PAY", "Feature", f"Below {number}", parent=outside, fields=ready)
        store.link(self.blocker, blocked, "Blocks")
        store.link(self.blocker, alone, "Blocks")
        store.link(epic, alone, "Relates")
        for number in range(5):
            store.add_comment(blocked, f"Talk {number}")
        store.add_remote_link(alone, "https://elsewhere.example/1", "One")

    def _fill_azure_devops(self, street: Street) -> None:
        store = self.ado
        person = store.add_identity("Ada Lovelace")
        store.add_project("Platform")
        store.add_project("Another")
        store.add_field("Custom.BenefitHypothesis", "Benefit Hypothesis", "html")
        store.add_field("Custom.Forecast", "Forecast", "double")
        ready = {"Custom.BenefitHypothesis": "<p>Less &amp; churn</p>", "Custom.Forecast": 7}
        by = {"actor": person}
        epic = store.create_work_item("Platform", "Epic", "Data centre", fields=ready, **by)
        first = store.create_work_item("Platform", "Feature", "Racks", parent=epic, tags=["b", "a"], fields=ready, **by)
        second = store.create_work_item("Platform", "Feature", "Power", parent=epic, assigned_to=person, **by)
        third = store.create_work_item("Platform", "Feature", "Cables 🧵", fields=ready, description="<p>x</p>", **by)
        store.create_work_item("Platform", "Task", "Not ours", **by)
        store.link(first, second, actor=person)
        store.set_state(first, "Active", actor=person)
        blocker = f"{street.jira_url}/browse/{self.blocker.key}"
        store.add_hyperlink(third, blocker, comment="Is blocked by", actor=person)
        store.add_hyperlink(third, "https://elsewhere.example/2", actor=person)
        for number in range(5):
            store.add_comment(second, person, f"<p>Talk {number}</p>")

    def beginning(self) -> tuple[Mapping[str, SourceItem], str]:
        """What a first pull brings, and the plan that follows from it."""
        return self.items(), plan_cycle(self.workplace)[1].plan.digest

    def story(self) -> Story:
        """A pull, doctor, a plan, the plan applied, a cycle without any; nine days later an escalation, and its end."""
        items = self.items()
        doctor = {f"{one.place} {one.check.subject}": one.check.fault or "" for one in self.examined()}
        _, decision = plan_cycle(self.workplace)
        reports = [apply_plan(self.workplace, decision.plan, skip_moved=False), run_cycle(self.workplace)]
        self.clock.move_to(START + timedelta(days=9))
        reports.append(run_cycle(self.workplace))
        self.jira.transition(self.blocker, "Done")
        reports += [run_cycle(self.workplace), run_cycle(self.workplace)]
        self.follow()
        return Story(
            items=items,
            plan=decision.plan.digest,
            cycles=[_figures(report) for report in reports],
            doctor=doctor,
            picture=sorted(self.picture()),
        )

    def examined(self) -> Iterator[Diagnosis]:
        """Everything that doctor says, having written to scratch items of each tracker and taken it back."""
        yield from diagnose(self.workplace, ("jira:PAY-1", "jira:PAY-2"))
        configuration = self.workplace.configuration()
        with self.workplace.state() as state, self.workplace.trackers(configuration, state) as trackers:
            for check in trackers["ado"].rehearse(Ref("ado", "3"), label=LABEL, card=CARD, other=Ref("ado", "4")):
                yield Diagnosis(place="ado", check=check)

    def follow(self) -> None:
        """Changes behind the connectors' back; what deltas and a census add up to is what a whole reading brings."""
        configuration = self.workplace.configuration()
        with self.workplace.state() as state, self.workplace.trackers(configuration, state) as trackers:
            mirrors = {name: Mirror() for name in trackers}
            for name, tracker in trackers.items():
                mirrors[name].read(tracker)
            for key in ("PAY-1", "PAY-3", "PAY-4"):
                self.jira.add_label(key, "touched")
            self.jira.delete_issue("PORT-1")
            self.ado.add_tag(2, "touched")
            self.ado.unlink(2, 3)
            self.ado.delete_work_item(4)
            for name, tracker in trackers.items():
                assert mirrors[name].read(tracker).items
                mirrors[name].read(tracker, census=True)
                assert mirrors[name].items == {item.ref: item for item in tracker.pull().items}

    def items(self) -> dict[str, SourceItem]:
        """Everything as a first pull brings it, its times to the second: that is all that some trackers keep."""
        configuration = self.workplace.configuration()
        with self.workplace.state() as state, self.workplace.trackers(configuration, state) as trackers:
            pulls = [tracker.pull() for tracker in trackers.values()]
        assert not [pull for pull in pulls if pull.failures or pull.broken]
        return {str(item.ref): _to_the_second(item) for pull in pulls for item in pull.items}

    def picture(self) -> Iterator[str]:
        """Every label, comment, link and status in both trackers, a line each."""
        for issue in self.jira.issues.values():
            yield f"{issue.key} {issue.summary}: {issue.status.name}, {sorted(issue.labels)}"
            yield from (f"{issue.key} says {text_of(comment.body)}" for comment in issue.comments)
            yield from (f"{issue.key} leads to {link.object['url']}" for link in issue.remote_links)
        for link in self.jira.links.values():
            yield f"{link.inward_id} {link.type.name} {link.outward_id}"
        for item in self.ado.items.values():
            yield f"{item.id} {item.fields['System.Title']}: {item.state}, {sorted(item.tags)}"
            yield from (f"{item.id} says {comment.text}" for comment in self.ado.comments_of(item.id))
            yield from (f"{item.id} leads to {link.url}" for link in item.resources)


def _figures(report: CycleReport) -> tuple[int, int, int, tuple[str, ...]]:
    return report.planned, report.written, report.escalations, report.troubles


def _to_the_second(item: SourceItem) -> SourceItem:
    return replace(
        item,
        created=item.created.replace(microsecond=0),
        updated=item.updated.replace(microsecond=0),
        own_comments=tuple(
            replace(comment, updated=comment.updated.replace(microsecond=0)) for comment in item.own_comments
        ),
    )
