"""One graph over a Jira and two organisations of Azure DevOps, whichever way each of them names an item elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.sandbox.azure_devops.application import azure_devops_application
from connectors.sandbox.azure_devops.store import AzureDevOpsStore
from connectors.sandbox.clock import MovableClock
from connectors.sandbox.jira import Account, JiraStore
from connectors.sandbox.jira.application import jira_application
from connectors.sandbox.jira.documents import text_of
from connectors.sandbox.serving import LoopbackServer
from lpm_sync.pipeline.cycle import CycleReport, run_cycle
from lpm_sync.settings import Secrets, Settings
from tests.connectors.sandbox.varied_office import SECRET, QuickWorkplace

START = datetime(2026, 11, 9, 8, tzinfo=UTC)  # a Monday
CONSUMES, PRODUCES = (f"System.LinkTypes.Remote.Dependency-{end}" for end in ("Reverse", "Forward"))

TRACKERS = """\
trackers:
  jira:
    connector: jira
    url: {jira}
    scope: {{projects: [PAY]}}
    levels: [{{level: portfolio-epic, types: [Epic]}}, {{level: feature, types: [Feature]}}]
    stages: {{portfolio-epic: {{To Do: funnel, In Progress: implementing-mvp, Done: done}}}}
    reads_remote_links: true
  north: &organisation
    connector: azure-devops
    url: {north}/northwind
    scope: {{projects: [Platform]}}
    levels: [{{level: portfolio-epic, types: [Epic]}}, {{level: feature, types: [Feature]}}]
    stages:
      portfolio-epic: {{New: funnel, Active: implementing-mvp, Resolved: implementing-mvp, Closed: done, Removed: done}}
    reference_fields: {{blocked-by: Waits For}}
  south:
    connector: azure-devops
    url: {south}/southwind
    scope: {{projects: [Platform]}}
    levels: [{{level: portfolio-epic, types: [Epic]}}, {{level: feature, types: [Feature]}}]
    stages:
      portfolio-epic: {{New: funnel, Active: implementing-mvp, Resolved: implementing-mvp, Closed: done, Removed: done}}
"""
VALUE_STREAMS = """\
portfolio: {name: Northwind, currency: EUR, timezone: Europe/Berlin}
value_streams: [{id: all, match: [{project: PAY}, {project: Platform}]}]
"""
POLICY = """\
safety: {max_changes: 1000, max_share: 1.0}
escalation: {create_in: {tracker: jira, project: PAY, type: Epic}, close_to: Done}
rules:
  - {rule: DEP101, mode: enforce, limit: 5 business days, on_fail: {label: blocked, escalate: {after: 0 business days}}}
  - {rule: DEP103, mode: enforce, on_fail: {label: circle}}
"""


class Office:
    """A Jira and two organisations with a feature each, and an epic above the one in the second organisation."""

    def __init__(self, folder: Path, servers: ExitStack) -> None:
        self.clock = MovableClock(START)
        bot = Account("LPM Bot", name="lpm-bot", email="bot@example.com", token=SECRET)
        self.jira = JiraStore(self.clock, account=bot)
        self.north, self.south = (
            AzureDevOpsStore(self.clock, organization=name, account="LPM Bot", token=SECRET)
            for name in ("northwind", "southwind")
        )
        applications = {"jira": jira_application(self.jira)}
        applications |= {name: azure_devops_application(getattr(self, name)) for name in ("north", "south")}
        urls = {name: servers.enter_context(LoopbackServer(one)).url for name, one in applications.items()}
        self.jira.add_project("PAY", "Payments")
        self.story = self.jira.create_issue("PAY", "Feature", "Refunds")
        self.person = {store: store.add_identity("Ada Lovelace") for store in (self.north, self.south)}
        for store in (self.north, self.south):
            store.add_project("Platform")
        self.north.add_field("Custom.WaitsFor", "Waits For", "string")
        self.racks = self.north.create_work_item("Platform", "Feature", "Racks")
        self.epic = self.south.create_work_item("Platform", "Epic", "Data centre")
        self.power = self.south.create_work_item("Platform", "Feature", "Power", parent=self.epic)
        self.story_url = f"{urls['jira']}/browse/{self.story.key}"
        self.racks_url = f"{urls['north']}/northwind/_apis/wit/workItems/{self.racks}"
        self.power_url = f"{urls['south']}/southwind/Platform/_workitems/edit/{self.power}"
        for name, text in (("trackers", TRACKERS), ("value_streams", VALUE_STREAMS), ("policy", POLICY)):
            (folder / f"{name}.yaml").write_text(text.format(**urls) if name == "trackers" else text)
        secrets = {f"LPM_{name}_TOKEN": SECRET for name in ("JIRA", "NORTH", "SOUTH")}
        self.workplace = QuickWorkplace(
            settings=Settings(config=folder, state=folder / "state.sqlite3"),
            secrets=Secrets(directory=None, environment={**secrets, "LPM_JIRA_EMAIL": bot.email}, on_read=hash),
            clock=self.clock,
        )

    def cycle(self) -> CycleReport:
        report = run_cycle(self.workplace)
        assert report.troubles == ()
        return report

    def racks_block_power(self) -> None:
        """As the service keeps it: a relation at each end, in its own organisation."""
        self.south.link_elsewhere(self.power, CONSUMES, self.racks_url, actor=self.person[self.south])
        self.north.link_elsewhere(self.racks, PRODUCES, self.power_url, actor=self.person[self.north])

    def hyperlink(self, store: AzureDevOpsStore, number: int, url: str) -> None:
        store.add_hyperlink(number, url, comment="Is blocked by:", actor=self.person[store])

    def labels(self) -> tuple[set[str], set[str], set[str]]:
        here = set(self.jira.issue(self.story.key).labels)
        return here, set(self.north.work_item(self.racks).tags), set(self.south.work_item(self.power).tags)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with ExitStack() as servers:
        yield Office(tmp_path, servers)
    shutil.rmtree(tmp_path)


def test_a_circle_over_three_trackers_is_found_at_each_of_its_items_and_ends_where_it_is_cut(office: Office) -> None:
    office.cycle()
    office.racks_block_power()
    power = {"url": office.power_url, "title": "Power"}
    office.jira.put_remote_link(office.story.key, power, relationship="is blocked by")
    office.north.edit(office.racks, {"Custom.WaitsFor": f"see {office.story_url}"}, actor=office.person[office.north])
    office.cycle()
    assert office.labels() == ({"lpm:circle"}, {"lpm:circle"}, {"lpm:circle"})
    [card] = office.south.comments_of(office.power)
    assert all(key in card.text.replace("\\", "") for key in ("jira:PAY-1", "north:1", "south:2"))
    assert office.cycle().planned == 0
    office.north.edit(office.racks, {"Custom.WaitsFor": None}, actor=office.person[office.north])
    office.cycle()
    assert office.labels() == (set(), set(), set())
    assert office.cycle().planned == 0


@pytest.mark.parametrize("named", ["remote dependency", "hyperlink"])
def test_a_blocker_in_another_organisation_escalates_to_the_epic_above_what_it_blocks(
    office: Office, named: str
) -> None:
    if named == "hyperlink":
        office.hyperlink(office.south, office.power, office.racks_url)
    else:
        office.racks_block_power()
    assert office.cycle().planned == 0
    office.clock.move_to(START + timedelta(days=9))
    assert office.cycle().escalations == 1
    [card] = office.south.comments_of(office.epic)
    assert "north:1" in card.text.replace("\\", "")
    assert "Racks" in card.text
    assert office.labels() == (set(), set(), {"lpm:blocked"})
    assert office.cycle().planned == 0
    office.north.set_state(office.racks, "Closed", actor=office.person[office.north])
    assert office.cycle().escalations == 0
    assert office.labels() == (set(), set(), set())


def test_a_work_item_without_an_epic_above_is_escalated_to_an_epic_in_jira(office: Office) -> None:
    office.hyperlink(office.north, office.racks, office.story_url)
    office.cycle()
    office.clock.move_to(START + timedelta(days=9))
    assert office.cycle().escalations == 1
    [epic] = [issue for issue in office.jira.issues.values() if issue.type.name == "Epic"]
    assert office.story.key in epic.summary
    assert any("north:1" in text_of(comment.body) for comment in epic.comments)
    assert office.cycle().planned == 0
