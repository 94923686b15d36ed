"""Whole cycles over both trackers: pull, evaluate all rules, plan, write, record."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from benchmarks.contestants.asking import AZURE_DEVOPS_FIELDS, JIRA_FIELDS
from benchmarks.control import Server
from benchmarks.measuring import Surroundings, Work
from benchmarks.servers import issues, work_items
from lpm_sync.log import Redactor, configure_logging
from lpm_sync.pipeline.cycle import Control, run_cycle
from lpm_sync.pipeline.digesting import post_digest
from lpm_sync.pipeline.workplace import SystemClock, Workplace
from lpm_sync.settings import Secrets, Settings
from lpm_sync.state.digests import DigestStatus

STATE = "state.sqlite3"
HOUR = 3600.0  # seconds
ENVIRONMENT = {
    "LPM_JIRA_EMAIL": "bot@northwind.example",
    "LPM_JIRA_TOKEN": "bench-token",
    "LPM_ADO_TOKEN": "bench-token",
}
STAGES = "{Funnel: funnel, Analyzing: analyzing, In Progress: implementing-mvp, Done: done}"
STATES = "{New: funnel, Active: implementing-mvp, Resolved: implementing-persevere, Closed: done}"
TRACKERS = """\
trackers:
  jira:
    connector: jira
    url: {jira}
    scope: {{projects: [{jira_projects}]}}
    levels: [{{level: portfolio-epic, types: [Epic]}}, {{level: feature, types: [Feature]}}]
    stages: {{portfolio-epic: {stages}}}
    fields: {{{jira_fields}}}
    horizons: {{Horizon 1 investing: investing}}
    work_categories: {{Feature: business_feature}}
  ado:
    connector: azure-devops
    url: {ado}
    scope: {{projects: [{ado_projects}]}}
    levels: [{{level: portfolio-epic, types: [Epic]}}, {{level: feature, types: [Feature]}}]
    stages: {{portfolio-epic: {states}}}
    fields: {{{ado_fields}}}
    horizons: {{Horizon 1 investing: investing}}
    work_categories: {{Feature: business_feature}}
    team_field: area_path
"""
STREAMS = """\
portfolio:
  name: Bench
  currency: EUR
  timezone: Europe/Berlin
  calendar: DE
  planning_intervals: [{id: PI-1, start: 2026-10-05, end: 2026-12-18}]
  horizon_targets: {investing: [0, 100]}
  capacity: {business_feature: 100}
value_streams:
  - {id: payments, match: [{project: PAY}, {project: PORT}], budgets: [{period: 2026-H2, amount: 900_000_000}]}
  - {id: mobile, match: [{project: MOB}], budgets: [{period: 2026-H2, amount: 900_000_000}]}
  - {id: lending, match: [{project: LEND}], budgets: [{period: 2026-H2, amount: 900_000_000}]}
  - id: platform
    match: [{project: Platform}, {project: Data}]
    budgets: [{period: 2026-H2, amount: 900_000_000}]
"""
TOLD = (
    *("MAP101", "MAP102", "MAP103", "DOR001", "DOR002", "DOR003", "DOR004", "DOR005", "DOR006", "DOR007", "DOR008"),
    *("GRD101", "GRD102", "GRD201", "GRD401", "BUD101", "BUD102", "BUD103", "BUD104", "BUD105", "KAN101"),
    *("DEP101", "DEP102", "DEP103"),
)
CHAT = """\
digest: {chats: [{chat: slack}]}
"""
POLICY = """\
safety: {max_changes: 100_000, max_share: 1.0}
kanban: {wip: {analyzing: 10_000}}
rules:
  - {rule: GRD301, mode: enforce, threshold: 500_000, on_fail: {label: needs-lpm-approval}}
"""


def prepare(surroundings: Surroundings) -> Work:
    """The cycles before, an hour between them: everything read and written once, a census, and one without."""

    def work() -> Mapping[str, float]:
        pulled = 0
        for _ in range(3):
            pulled = _run(surroundings, surroundings.prepared)
            for name, address in surroundings.servers.items():
                Server(name=name, address=address).advance(HOUR)
        _post_digest(surroundings)
        return {"items": pulled}

    return work


def once_more(surroundings: Surroundings) -> Work:
    """A cycle after those."""
    for path in Path(surroundings.prepared).glob(f"{STATE}*"):
        shutil.copy(path, surroundings.folder)
    return lambda: {"items": _run(surroundings, surroundings.folder)}


def _post_digest(surroundings: Surroundings) -> None:
    """Posts to the chat, if there is one, what is due there: no cycle after that has to."""
    for posting in post_digest(_workplace(surroundings, surroundings.prepared), is_scheduled=False):
        if posting.status is not DigestStatus.POSTED:
            raise RuntimeError(posting.detail)


def _workplace(surroundings: Surroundings, folder: str) -> Workplace:
    configuration = Path(folder) / "config"
    write_configuration(configuration, surroundings.servers)
    redactor = Redactor()
    configure_logging(redactor, level="error", style="json")
    settings = Settings(config=configuration, state=Path(folder) / STATE)
    chat = surroundings.servers.get("chat")
    webhook = {} if chat is None else {"LPM_SLACK_WEBHOOK": f"{chat}/services/bench"}
    secrets = Secrets(directory=None, environment=ENVIRONMENT | webhook, on_read=redactor.register)
    return Workplace(settings=settings, secrets=secrets, clock=SystemClock())


def _run(surroundings: Surroundings, folder: str) -> int:
    report = run_cycle(_workplace(surroundings, folder), Control())
    if report.troubles:
        raise RuntimeError("; ".join(report.troubles[:5]))
    return report.pulled


def write_configuration(folder: Path, servers: Mapping[str, str]) -> None:
    """All rules: one is enforced, and finds a few epics; the others only tell the digest."""
    folder.mkdir(exist_ok=True)
    trackers = TRACKERS.format(
        jira=servers["jira"],
        jira_projects=", ".join(issues.PROJECTS),
        jira_fields=_listed(JIRA_FIELDS),
        stages=STAGES,
        ado=f"{servers['ado']}/{work_items.ORGANISATION}",
        ado_projects=", ".join(work_items.PROJECTS),
        ado_fields=_listed(AZURE_DEVOPS_FIELDS),
        states=STATES,
    )
    (folder / "trackers.yaml").write_text(trackers, encoding="utf-8")
    (folder / "value_streams.yaml").write_text(STREAMS, encoding="utf-8")
    told = "".join(f"  - {{rule: {code}, mode: digest}}\n" for code in TOLD)
    chat = CHAT if "chat" in servers else ""
    (folder / "policy.yaml").write_text(chat + POLICY + told, encoding="utf-8")


def _listed(fields: Mapping[str, str]) -> str:
    return ", ".join(f"{name}: {field}" for name, field in fields.items())
