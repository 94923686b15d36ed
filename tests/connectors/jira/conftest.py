"""An embedded Jira for each test, behind one server for the whole session, and the way behind its back."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.http import RetryPolicy
from connectors.jira.connector import JiraTracker
from connectors.sandbox.clock import MovableClock
from connectors.sandbox.faults import Application, Fault, Message, Receive, Request, Scope, Send
from connectors.sandbox.jira import Account, JiraStore, jira_application
from connectors.sandbox.jira.model import Comment, Deployment
from connectors.sandbox.serving import LoopbackServer
from lpm_sync.core.work_item import Direction, FieldValue, Ref
from lpm_sync.ports import Connection
from lpm_sync.testing.backdoor import PeekedComment, Trouble, Wording
from lpm_sync.testing.credentials import GivenCredentials
from lpm_sync.testing.pauses import RememberedPauses
from tests.connectors.troubles import fault_of, fault_that_asks_to_wait

START = datetime(2026, 10, 30, 9, tzinfo=UTC)
SECRET = "canary-7b2e91"  # no real credential: what must never be shown
PROJECTS = ("PORT", "PAY")
FIELDS = {"benefit_hypothesis": "Benefit Hypothesis", "implementation_cost_forecast": "Implementation Cost Forecast"}
READING_POST = re.compile(r"/(search|search/jql|search/approximate-count|(issue|changelog)/bulkfetch)$")
EVERYTHING_BUT_READING = (
    "EDIT_ISSUES",
    "ADD_COMMENTS",
    "EDIT_OWN_COMMENTS",
    "DELETE_OWN_COMMENTS",
    "CREATE_ISSUES",
    "LINK_ISSUES",
    "TRANSITION_ISSUES",
)


def is_write(method: str, path: str) -> bool:
    """Whether a request could change something."""
    return method not in ("GET", "HEAD", "OPTIONS") and not (method == "POST" and READING_POST.search(path))


class Gate:
    """Stands before the application of the test that runs: acts before a write, or keeps its answer back."""

    def __init__(self) -> None:
        self.application: Application | None = None
        self.before_write: Callable[[], None] | None = None
        self.loses_answer = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.application is not None
        if is_write(scope["method"], scope["path"]):
            action, self.before_write = self.before_write, None
            if action is not None:
                await asyncio.to_thread(action)
            if self.loses_answer:
                self.loses_answer = False
                await self.application(scope, receive, _swallow)
                await send({"type": "http.response.start", "status": 504, "headers": [(b"content-type", b"text/html")]})
                await send({"type": "http.response.body", "body": b"<html>Gateway Timeout</html>"})
                return
        await self.application(scope, receive, send)


async def _swallow(message: Message) -> None:
    """Drops an answer."""


class JiraSite:
    """An embedded Jira, the conformance suite's way into it (see `lpm_sync.testing.backdoor`), and connectors to it.

    `waits` are the seconds that its connectors would have waited.
    """

    def __init__(
        self,
        server: LoopbackServer,
        gate: Gate,
        deployment: Deployment,
        *,
        start: datetime = START,
        zone: str = "Europe/Berlin",
    ) -> None:
        self.server = server
        self._gate = gate
        self.clock = MovableClock(start)
        bot = Account("LPM Bot", name="lpm-bot", email="bot@example.com", token=SECRET, time_zone=zone)
        self.store = JiraStore(self.clock, deployment=deployment, account=bot)
        for project in PROJECTS:
            self.store.add_project(project, f"Project {project}")
        self.store.add_status("Parked", "indeterminate")
        self.store.add_field("Benefit Hypothesis")
        self.store.add_field("Implementation Cost Forecast", "number")
        gate.application = jira_application(self.store)
        gate.before_write, gate.loses_answer = None, False
        server.wire.requests.clear()
        server.wire.faults.clear()
        self.waits: list[float] = []
        self._connected: list[JiraTracker] = []
        self._pauses = RememberedPauses()

    @property
    def is_cloud(self) -> bool:
        return self.store.is_cloud

    @property
    def requests(self) -> Sequence[Request]:
        """What has come over the wire."""
        return self.server.wire.requests

    @property
    def connection(self) -> Connection:
        email = {"email": "bot@example.com"} if self.is_cloud else {}
        return Connection(
            name="jira",
            url=self.server.url,
            site_url=self.server.url,
            projects=PROJECTS,
            types=("Epic", "Feature"),
            fields=FIELDS,
            reads_remote_links=True,
            credentials=GivenCredentials({**email, "token": SECRET}),
            request_timeout=5.0,
            cycle_timeout=30.0,
        )

    @property
    def wording(self) -> Wording:
        human = self.store.human
        return Wording(
            projects=PROJECTS,
            epic_type="Epic",
            feature_type="Feature",
            ignored_type="Task",
            todo_status="To Do",
            doing_status="In Progress",
            done_status="Done",
            other_status="Parked",
            text_field="benefit_hypothesis",
            number_field="implementation_cost_forecast",
            person=human.account_id if self.is_cloud else human.name,
            secret=SECRET,
        )

    def connect(self, *, is_restart: bool = True, **differences: Any) -> JiraTracker:
        if isinstance(differences.get("credentials"), dict):
            differences["credentials"] = GivenCredentials(differences["credentials"])
        if is_restart:
            self._pauses = RememberedPauses()
        tracker = JiraTracker(
            replace(self.connection, pauses=self._pauses, **differences),
            self.clock,
            retries=RetryPolicy(first=0.01, jitter=lambda: 1.0),
            wait=lambda seconds: self.waits.append(round(seconds, 1)),
        )
        self._connected.append(tracker)
        return tracker

    def close(self) -> None:
        for tracker in self._connected:
            tracker.close()

    def rename_field(self, field: str, name: str) -> None:
        self.store.field(FIELDS[field]).name = name

    def remove_field(self, field: str) -> None:
        del self.store.fields[self.store.field(FIELDS[field]).id]

    def add_namesake(self, field: str) -> None:
        self.store.add_field(FIELDS[field])

    def fail(self, path: str, **fault: Any) -> None:
        """Switches on a fault for requests whose method, path and query fit."""
        self.server.wire.faults.append(Fault(path=path, **fault))

    def sent(self, method: str, path: str) -> list[Request]:
        """The requests with that method whose path ends so."""
        return [one for one in self.requests if one.method == method and re.search(path + "$", one.path)]

    def create_item(
        self,
        *,
        project: str,
        type: str,
        title: str,
        status: str | None = None,
        labels: Collection[str] = (),
        parent: Ref | None = None,
        description: str = "",
        fields: Mapping[str, FieldValue] | None = None,
        owner: str | None = None,
    ) -> Ref:
        values = {
            FIELDS[name]: float(value) if isinstance(value, Decimal) else value
            for name, value in (fields or {}).items()
        }
        issue = self.store.create_issue(
            project,
            type,
            title,
            status=status,
            parent=parent.id if parent else None,
            labels=labels,
            assignee=self.store.human if owner else None,
            description=description or None,
            fields=values,
        )
        return Ref("jira", issue.id)

    def delete_item(self, ref: Ref) -> None:
        self.store.delete_issue(ref.id)

    def change_title(self, ref: Ref, title: str) -> None:
        self.store.edit(ref.id, {"summary": title})

    def change_parent(self, ref: Ref, parent: Ref | None) -> None:
        self.store.edit(ref.id, {"parent": self.store.issue(parent.id) if parent else None})

    def move_item(self, ref: Ref, project: str) -> None:
        self.store.move_issue(ref.id, project)

    def change_status(self, ref: Ref, status: str, *, at: datetime) -> None:
        with self.store.backdate(at):
            self.store.transition(ref.id, status)

    def change_type(self, ref: Ref, type: str, *, at: datetime) -> None:
        with self.store.backdate(at):
            self.store.edit(ref.id, {"issuetype": self.store.issue_type(type)})

    def change_field(self, ref: Ref, field: str, value: FieldValue, *, at: datetime) -> None:
        known = self.store.field(FIELDS[field])
        with self.store.backdate(at):
            self.store.edit(ref.id, {known.id: float(value) if isinstance(value, Decimal) else value})

    def add_label(self, ref: Ref, label: str) -> None:
        self.store.add_label(ref.id, label)

    def remove_label(self, ref: Ref, label: str) -> None:
        self.store.remove_label(ref.id, label)

    def add_comment(self, ref: Ref, text: str, *, is_ours: bool = False) -> str:
        return self.store.add_comment(ref.id, text, author=self.store.bot if is_ours else self.store.human).id

    def link(self, *, blocker: Ref, blocked: Ref, at: datetime | None = None) -> None:
        if at is None:
            self.store.link(blocker.id, blocked.id, "Blocks")
            return
        with self.store.backdate(at):
            self.store.link(blocker.id, blocked.id, "Blocks")
        for end in (blocker, blocked):  # both ends record it in one instant; the store stamps them one after the other
            self.store.issue(end.id).histories[-1].created = at

    def unlink(self, *, blocker: Ref, blocked: Ref) -> None:
        for link in list(self.store.links_by_issue[blocker.id]):
            if link.type.name == "Blocks" and (link.inward_id, link.outward_id) == (blocker.id, blocked.id):
                self.store.unlink(link)

    def add_foreign_link(self, ref: Ref, url: str, direction: Direction) -> None:
        relationship = "is blocked by" if direction is Direction.BLOCKED_BY else "blocks"
        self.store.put_remote_link(ref.id, {"url": url, "title": "Elsewhere"}, relationship=relationship)

    def hide_project(self, project: str) -> None:
        self.store.hide_project(project)

    def show_project(self, project: str) -> None:
        self.store.show_project(project)

    def forbid_writing(self) -> None:
        for project in PROJECTS:
            self.store.withhold(project, *EVERYTHING_BUT_READING)

    def revoke_credential(self) -> None:
        self.store.bot.token = "another"

    def disturb(self, trouble: Trouble, *, after: int = 0) -> None:
        self.server.wire.faults.append(fault_of(trouble, after=after, login_status=200))

    def calm(self) -> None:
        self.server.wire.faults.clear()

    def ask_to_wait(self, seconds: float) -> None:
        self.server.wire.faults.append(fault_that_asks_to_wait(seconds))

    def waited(self) -> float:
        return sum(self.waits)

    def lose_next_answer(self) -> None:
        self._gate.loses_answer = True

    def before_next_write(self, action: Callable[[], None]) -> None:
        self._gate.before_write = action

    def labels(self, ref: Ref) -> frozenset[str]:
        return frozenset(self.store.issue(ref.id).labels)

    def status(self, ref: Ref) -> str:
        return self.store.issue(ref.id).status.name

    def comments(self, ref: Ref) -> Sequence[PeekedComment]:
        return [
            PeekedComment(id=comment.id, is_ours=comment.author is self.store.bot, text=_seen(comment))
            for comment in self.store.issue(ref.id).comments
        ]

    def items_labelled(self, label: str) -> frozenset[Ref]:
        return frozenset(Ref("jira", issue.id) for issue in self.store.issues.values() if label in issue.labels)

    def writes(self) -> list[Request]:
        """The requests that could change something."""
        return [one for one in self.requests if is_write(one.method, one.path)]

    def count_writes(self) -> int:
        return len(self.writes())


def _seen(comment: Comment) -> str:
    """What a reader sees, near enough: paragraphs as lines, escapes and entities of wiki markup resolved."""
    if comment.body.document is not None:
        return "\n".join(_words(node) for node in comment.body.document["content"])
    return html.unescape(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", comment.body.text or ""))


def _words(node: dict[str, Any]) -> str:
    return str(node.get("text", "")) + "".join(_words(child) for child in node.get("content", []))


@pytest.fixture(scope="session")
def jira_server() -> Iterator[tuple[LoopbackServer, Gate]]:
    gate = Gate()
    with LoopbackServer(gate) as server:
        yield server, gate


@pytest.fixture
def cloud(jira_server: tuple[LoopbackServer, Gate]) -> Iterator[JiraSite]:
    site = JiraSite(*jira_server, "Cloud")
    yield site
    site.close()


@pytest.fixture
def data_center(jira_server: tuple[LoopbackServer, Gate]) -> Iterator[JiraSite]:
    site = JiraSite(*jira_server, "Server")
    yield site
    site.close()


@pytest.fixture(params=["Cloud", "Server"])
def site(request: pytest.FixtureRequest, jira_server: tuple[LoopbackServer, Gate]) -> Iterator[JiraSite]:
    """Either of the two: what holds for both."""
    found = JiraSite(*jira_server, request.param)
    yield found
    found.close()
