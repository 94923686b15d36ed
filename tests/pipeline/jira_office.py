"""Portfolios in embedded Jiras, which a cycle reaches through the real connector, and what stands in them."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.http import RetryPolicy
from connectors.jira.connector import JiraTracker
from connectors.sandbox.clock import MovableClock
from connectors.sandbox.faults import Fault, Message, Receive, Scope, Send
from connectors.sandbox.jira import Account, JiraStore, jira_application
from connectors.sandbox.serving import LoopbackServer
from lpm_sync.pipeline.workplace import Workplace
from lpm_sync.policy.configuration import Configuration
from lpm_sync.ports import KeptPauses, Tracker
from lpm_sync.settings import Secrets, Settings

SECRET = "canary-41f0c2"  # no real credential: what must never be shown
READING_POST = re.compile(r"/(search|search/jql|search/approximate-count|changelog/bulkfetch|issue/bulkfetch)$")
CARD = "lpm-sync card"
START = datetime(2026, 11, 9, 8, tzinfo=UTC)

TRACKER = """\
  {name}:
    connector: jira
    url: {url}
    site_url: https://{name}.northwind.example
    scope: {{projects: [PORT, PAY]}}
    levels: [{{level: portfolio-epic, types: [Epic]}}, {{level: feature, types: [Feature]}}]
    stages: {{portfolio-epic: {{To Do: funnel, In Progress: implementing-mvp, Done: done}}}}
    fields: {{benefit_hypothesis: Benefit Hypothesis}}
"""
VALUE_STREAMS = """\
portfolio: {name: Northwind, currency: EUR, timezone: Europe/Berlin}
value_streams: [{id: payments, match: [{project: PAY}, {project: PORT}]}]
"""
POLICY = """\
safety: {max_changes: 1000, max_share: 1.0}
escalation: {create_in: {tracker: jira, project: PORT, type: Epic}, close_to: Done}
rules:
  - {rule: DOR001, mode: enforce, on_fail: {label: not-ready}}
  - {rule: DEP101, mode: enforce, limit: 5 business days, on_fail: {label: blocked, escalate: {after: 0 business days}}}
"""


@dataclass(frozen=True, slots=True)
class StandingClock:
    """The program's clock; it can be handed to another process."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant


class Site:
    """An embedded Jira with a portfolio: an unready feature, and one that has long been blocked under no epic.

    `before_write` is asked before each write reaches the Jira; where it gives a reply, the write takes effect or not
    as the reply says, and nothing is answered. `before_fetch` is told of each time that issues are fetched in bulk.
    """

    def __init__(self) -> None:
        self.before_write: Callable[[], bool | None] = lambda: None
        self.before_fetch: Callable[[], None] = lambda: None
        bot = Account("LPM Bot", name="lpm-bot", email="bot@example.com", token=SECRET, time_zone="Europe/Berlin")
        self.store = JiraStore(MovableClock(START), deployment="Cloud", account=bot)
        for project in ("PORT", "PAY"):
            self.store.add_project(project, project)
        self.store.add_field("Benefit Hypothesis")
        ready = {"Benefit Hypothesis": "fewer calls"}
        with self.store.backdate(START - timedelta(days=21)):
            self.epic = self.store.create_issue("PORT", "Epic", "Instant payments").id
            self.unready = self.store.create_issue("PAY", "Feature", "Refunds", parent=self.epic, labels=["urgent"]).id
            self.blocker = self.store.create_issue("PAY", "Feature", "Ledger", fields=ready).id
            self.blocked = self.store.create_issue("PAY", "Feature", "Payouts", fields=ready).id
            self.store.link(self.blocker, self.blocked, "Blocks")
            self.store.add_comment(self.unready, "Who wants this?")
        self._application = jira_application(self.store)
        self.server = LoopbackServer(self._gate)
        self.server.__enter__()

    def add_ready(self, count: int) -> None:
        """Adds features that nothing is wrong with, and that nobody has touched for weeks."""
        with self.store.backdate(START - timedelta(days=21)):
            for number in range(count):
                self.store.create_issue(
                    "PAY", "Feature", f"Ready {number}", fields={"Benefit Hypothesis": "fewer calls"}
                )

    def close(self) -> None:
        self.server.__exit__(None, None, None)

    def fail(self, path: str, **fault: object) -> None:
        """Switches on a fault for requests whose path and query fit."""
        self.server.wire.faults.append(Fault(path=path, **fault))  # type: ignore[arg-type]

    def mend(self) -> None:
        self.server.wire.faults.clear()

    @property
    def writes(self) -> int:
        """The requests so far that could change something."""
        return sum(is_write(one.method, one.path) for one in self.server.wire.requests)

    def picture(self) -> Counter[str]:
        """What stands there: every label, comment, link and status of every issue, by title, and how often."""
        return Counter(line for issue in list(self.store.issues.values()) for line in self._lines(issue.id))

    def cards(self, issue: str) -> list[str]:
        """The comments on an issue that are cards."""
        return [text for text in self._comments(issue) if CARD in text]

    def escalations(self) -> list[str]:
        """The statuses of all escalation epics."""
        found = (issue for issue in self.store.issues.values() if "lpm:escalation" in issue.labels)
        return [issue.status.name for issue in found]

    def _lines(self, identifier: str) -> Iterator[str]:
        issue = self.store.issue(identifier)
        yield f"{issue.summary}: {issue.status.name}"
        yield from (f"{issue.summary} has {label}" for label in issue.labels)
        yield from (f"{issue.summary} says {text}" for text in self._comments(identifier))
        for link in self.store.links_by_issue.get(identifier, []):
            ends = (self.store.issue(end).summary for end in (link.inward_id, link.outward_id))
            yield f"{issue.summary} {link.type.name} {' '.join(ends)}"

    def _comments(self, identifier: str) -> list[str]:
        bodies = (comment.body for comment in self.store.issue(identifier).comments)
        return [text_of(body.document) if body.document else str(body.text) for body in bodies]

    async def _gate(self, scope: Scope, receive: Receive, send: Send) -> None:
        takes_effect = None
        if scope["path"].endswith("issue/bulkfetch"):
            await asyncio.to_thread(self.before_fetch)
        if is_write(scope["method"], scope["path"]):
            takes_effect = await asyncio.to_thread(self.before_write)
        if takes_effect is not False:
            await self._application(scope, receive, _unheard if takes_effect else send)


async def _unheard(message: Message) -> None:
    """An answer that nobody is there to hear."""


def is_write(method: str, path: str) -> bool:
    """Whether a request could change something."""
    return method not in ("GET", "HEAD", "OPTIONS") and not (method == "POST" and READING_POST.search(path))


def text_of(node: dict[str, Any]) -> str:
    """The words of a document, a block a line."""
    below = [text_of(child) for child in node.get("content", ())]
    return str(node.get("text", "")) + ("\n" if node["type"] in ("doc", "bulletList") else "").join(below)


@dataclass(frozen=True, slots=True, kw_only=True)
class HastyWorkplace(Workplace):
    """The real one, but for connectors that do not wait between their attempts."""

    def connect(self, configuration: Configuration, name: str, pauses: KeptPauses | None) -> Tracker:
        connection = configuration.connection(name, self.secrets.credentials_for(name), pauses)
        return JiraTracker(connection, self.clock, retries=RetryPolicy(first=0.0), wait=lambda seconds: None)


def open_workplace(folder: Path, kind: type[Workplace] = Workplace, **sites: str) -> Workplace:
    """A workplace for Jiras at these addresses, by the names of the trackers; a process of its own can be given it."""
    trackers = "".join(TRACKER.format(name=name, url=url) for name, url in sites.items())
    (folder / "trackers.yaml").write_text("trackers:\n" + trackers)
    (folder / "value_streams.yaml").write_text(VALUE_STREAMS)
    (folder / "policy.yaml").write_text(POLICY)
    credentials = {f"LPM_{name.upper()}_TOKEN": SECRET for name in sites}
    credentials |= {f"LPM_{name.upper()}_EMAIL": "bot@example.com" for name in sites}
    return kind(
        settings=Settings(config=folder, state=folder / "state.sqlite3"),
        secrets=Secrets(directory=None, environment=credentials, on_read=hash),
        clock=StandingClock(START),
    )
