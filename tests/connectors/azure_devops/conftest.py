"""An embedded organisation for each test, behind one server for the whole session, and the way behind its back."""

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

from connectors.azure_devops.connector import AzureDevOpsTracker
from connectors.http import RetryPolicy
from connectors.sandbox.azure_devops.application import azure_devops_application
from connectors.sandbox.azure_devops.model import Comment
from connectors.sandbox.azure_devops.releases import SERVICE, Release
from connectors.sandbox.azure_devops.store import AzureDevOpsStore
from connectors.sandbox.clock import MovableClock
from connectors.sandbox.faults import Application, Message, Receive, Request, Scope, Send
from connectors.sandbox.serving import LoopbackServer
from lpm_sync.core.work_item import Direction, FieldValue, Ref
from lpm_sync.ports import Connection, Tracker
from lpm_sync.testing.backdoor import PeekedComment, Trouble, Wording
from lpm_sync.testing.credentials import GivenCredentials
from lpm_sync.testing.pauses import RememberedPauses
from tests.connectors.troubles import fault_of, fault_that_asks_to_wait

SECRET = "canary-9d1f3c"  # no real credential: what must never be shown
PROJECTS = ("Payments", "Mobile O'Hara")
REFERENCE_NAMES = {
    "benefit_hypothesis": "Custom.BenefitHypothesis",
    "implementation_cost_forecast": "Custom.ImplementationCost",
}
# As someone would configure them: one by its display name, one by its reference name.
FIELDS = {"benefit_hypothesis": "Benefit Hypothesis", "implementation_cost_forecast": "Custom.ImplementationCost"}
READING_POST = re.compile(r"/(wiql|workitemsbatch)$", re.IGNORECASE)


def is_write(method: str, path: str, query: str) -> bool:
    """Whether a request could change something."""
    if method in ("GET", "OPTIONS", "HEAD") or "validateOnly=true" in query:
        return False
    return not (method == "POST" and READING_POST.search(path))


class Gate:
    """Stands before the application of the test that runs: acts before a request, or keeps its answer back."""

    def __init__(self) -> None:
        self.application: Application | None = None
        self.before_request: Callable[[str], None] | None = None
        self.before_write: Callable[[], None] | None = None
        self.loses_answer = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.application is not None
        if self.before_request is not None:
            await asyncio.to_thread(self.before_request, scope["path"])
        if is_write(scope["method"], scope["path"], scope["query_string"].decode()):
            action, self.before_write = self.before_write, None
            if action is not None:
                await asyncio.to_thread(action)
            if self.loses_answer:
                self.loses_answer = False
                await self.application(scope, receive, _swallow)
                headers = [(b"content-type", b"text/html")]
                await send({"type": "http.response.start", "status": 502, "headers": headers})
                await send({"type": "http.response.body", "body": b"<html>Bad Gateway</html>"})
                return
        await self.application(scope, receive, send)


async def _swallow(message: Message) -> None:
    """Drops an answer."""


class Backdoor:
    """The conformance suite's way into an embedded organisation; see `lpm_sync.testing.backdoor`.

    `waits` are the seconds that its connectors would have waited.
    """

    def __init__(self, server: LoopbackServer, gate: Gate, release: Release = SERVICE) -> None:
        self.server = server
        self._gate = gate
        self.clock = MovableClock(datetime(2026, 10, 30, 9, tzinfo=UTC))
        # Each release at an address of its own: the package keeps what an address spoke while the process runs.
        organization = "Contoso" if release is SERVICE else f"Contoso{release.newest}-{release.comments}"
        self.store = AzureDevOpsStore(self.clock, organization=organization, account="LPM Sync", token=SECRET)
        self.store.behaviour.release = release
        self.person = self.store.add_identity("Ada Lovelace")
        for project in PROJECTS:
            self.store.add_project(project)
        self.store.add_field("Custom.BenefitHypothesis", "Benefit Hypothesis", "html")
        self.store.add_field("Custom.ImplementationCost", "Implementation Cost Forecast", "double")
        gate.application = azure_devops_application(self.store)
        gate.before_request, gate.before_write, gate.loses_answer = None, None, False
        server.wire.requests.clear()
        server.wire.faults.clear()
        self.waits: list[float] = []
        self._connected: list[Tracker] = []
        self._pauses = RememberedPauses()

    @property
    def root(self) -> str:
        return f"{self.server.url}/{self.store.organization}"

    @property
    def requests(self) -> Sequence[Request]:
        """What has come over the wire."""
        return self.server.wire.requests

    @property
    def wording(self) -> Wording:
        return Wording(
            projects=PROJECTS,
            epic_type="Epic",
            feature_type="Feature",
            ignored_type="Task",
            todo_status="New",
            doing_status="Active",
            done_status="Closed",
            other_status="Resolved",
            text_field="benefit_hypothesis",
            number_field="implementation_cost_forecast",
            person=self.person.unique_name,
            secret=SECRET,
        )

    @property
    def connection(self) -> Connection:
        return Connection(
            name="ado",
            url=self.root,
            site_url=self.root,
            projects=PROJECTS,
            types=("Epic", "Feature"),
            fields=FIELDS,
            credentials=GivenCredentials({"token": SECRET}),
            request_timeout=5.0,
            cycle_timeout=30.0,
        )

    def connect(self, *, is_restart: bool = True, **differences: Any) -> Tracker:
        if isinstance(differences.get("credentials"), dict):
            differences["credentials"] = GivenCredentials(differences["credentials"])
        if is_restart:
            self._pauses = RememberedPauses()
        tracker = AzureDevOpsTracker(
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
        found = self.store.field(REFERENCE_NAMES[field])
        assert found is not None
        self.store.add_field(found.reference_name, name, found.type)

    def remove_field(self, field: str) -> None:
        self.store.remove_field(REFERENCE_NAMES[field])

    def add_namesake(self, field: str) -> None:
        self.store.add_field("Custom.Namesake", FIELDS[field])

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
            REFERENCE_NAMES[name]: float(value) if isinstance(value, Decimal) else value
            for name, value in (fields or {}).items()
        }
        number = self.store.create_work_item(
            project,
            type,
            title,
            state=status,
            tags=labels,
            parent=int(parent.id) if parent else None,
            description=html.escape(description) or None,
            fields=values,
            assigned_to=self.person if owner else None,
            actor=self.person,
        )
        return Ref("ado", str(number))

    def delete_item(self, ref: Ref) -> None:
        self.store.delete_work_item(int(ref.id), actor=self.person)

    def change_title(self, ref: Ref, title: str) -> None:
        self.store.edit(int(ref.id), {"System.Title": title}, actor=self.person)

    def change_parent(self, ref: Ref, parent: Ref | None) -> None:
        self.store.set_parent(int(ref.id), int(parent.id) if parent else None, actor=self.person)

    def move_item(self, ref: Ref, project: str) -> None:
        self.store.move(int(ref.id), project, actor=self.person)

    def change_status(self, ref: Ref, status: str, *, at: datetime) -> None:
        self.store.set_state(int(ref.id), status, actor=self.person, at=at)

    def change_type(self, ref: Ref, type: str, *, at: datetime) -> None:
        self.store.edit(int(ref.id), {"System.WorkItemType": type}, actor=self.person, at=at)

    def change_field(self, ref: Ref, field: str, value: FieldValue, *, at: datetime) -> None:
        told = float(value) if isinstance(value, Decimal) else value
        self.store.edit(int(ref.id), {REFERENCE_NAMES[field]: told}, actor=self.person, at=at)

    def add_label(self, ref: Ref, label: str) -> None:
        self.store.add_tag(int(ref.id), label, actor=self.person)

    def remove_label(self, ref: Ref, label: str) -> None:
        self.store.remove_tag(int(ref.id), label, actor=self.person)

    def add_comment(self, ref: Ref, text: str, *, is_ours: bool = False) -> str:
        author = self.store.account if is_ours else self.person
        body = "".join(f"<div>{html.escape(line)}</div>" for line in text.splitlines())
        return str(self.store.add_comment(int(ref.id), author, body))

    def link(self, *, blocker: Ref, blocked: Ref, at: datetime | None = None) -> None:
        self.store.link(int(blocker.id), int(blocked.id), actor=self.person, at=at)

    def unlink(self, *, blocker: Ref, blocked: Ref) -> None:
        self.store.unlink(int(blocker.id), int(blocked.id), actor=self.person)

    def add_foreign_link(self, ref: Ref, url: str, direction: Direction) -> None:
        comment = "Is blocked by" if direction is Direction.BLOCKED_BY else "blocks"
        self.store.add_hyperlink(int(ref.id), url, comment=comment, actor=self.person)

    def hide_project(self, project: str) -> None:
        self.store.hide_project(project)

    def show_project(self, project: str) -> None:
        self.store.show_project(project)

    def forbid_writing(self) -> None:
        self.store.behaviour.may_write = False

    def revoke_credential(self) -> None:
        self.store.token = "another"

    def before_each_request(self, action: Callable[[str], None] | None) -> None:
        """Runs `action` with the path of every request from now on, before it is answered."""
        self._gate.before_request = action

    def disturb(self, trouble: Trouble, *, after: int = 0) -> None:
        self.server.wire.faults.append(fault_of(trouble, after=after, login_status=203))

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
        return frozenset(self.store.work_item(int(ref.id)).tags)

    def status(self, ref: Ref) -> str:
        return self.store.work_item(int(ref.id)).state

    def comments(self, ref: Ref) -> Sequence[PeekedComment]:
        return [
            PeekedComment(id=str(one.id), is_ours=one.author == self.store.account, text=_seen(one))
            for one in self.store.comments_of(int(ref.id))
        ]

    def items_labelled(self, label: str) -> frozenset[Ref]:
        return frozenset(
            Ref("ado", str(item.id)) for item in self.store.items.values() if label in item.tags and not item.deleted
        )

    def writes(self) -> list[Request]:
        """The requests that could change something."""
        return [one for one in self.requests if is_write(one.method, one.path, one.query)]

    def count_writes(self) -> int:
        return len(self.writes())


def _seen(comment: Comment) -> str:
    """What a reader sees, near enough: without tags, escapes and entities."""
    if comment.format == "markdown":
        return html.unescape(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", comment.text))
    return html.unescape(re.sub(r"<[^>]*>", "\n", comment.text)).strip()


@pytest.fixture(scope="session")
def azure_devops_server() -> Iterator[tuple[LoopbackServer, Gate]]:
    gate = Gate()
    with LoopbackServer(gate) as server:
        yield server, gate


@pytest.fixture
def azure_devops_backdoor(azure_devops_server: tuple[LoopbackServer, Gate]) -> Iterator[Backdoor]:
    opened = Backdoor(*azure_devops_server)
    yield opened
    opened.close()


@pytest.fixture
def open_release(azure_devops_server: tuple[LoopbackServer, Gate]) -> Iterator[Callable[[Release], Backdoor]]:
    """Opens the embedded organisation as one of its releases would answer."""
    opened: list[Backdoor] = []

    def open_it(release: Release) -> Backdoor:
        opened.append(Backdoor(*azure_devops_server, release))
        return opened[-1]

    yield open_it
    for door in opened:
        door.close()
