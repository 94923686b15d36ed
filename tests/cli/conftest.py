"""Embedded trackers in a portfolio office of their own, and the command line as somebody would type it."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
import yaml

from connectors.sandbox.azure_devops.application import azure_devops_application
from connectors.sandbox.azure_devops.store import AzureDevOpsStore
from connectors.sandbox.clock import MovableClock
from connectors.sandbox.jira import Account, JiraStore, jira_application
from connectors.sandbox.jira.model import Deployment
from connectors.sandbox.serving import LoopbackServer
from lpm_sync.cli.main import main

TOKEN = "canary-5ce0a7"  # no real credential: what must never be shown
EMAIL = "bot@example.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def checks(self) -> dict[str, dict[str, Any]]:
        """What `doctor --json` said, by place and subject."""
        listed = json.loads(self.out)["checks"]
        return {f"{one['place']}: {one['check']}": one for one in listed}

    @property
    def faults(self) -> dict[str, dict[str, Any]]:
        return {subject: check for subject, check in self.checks.items() if check["ok"] is False}


@dataclass(slots=True, kw_only=True)
class Desk:
    """Where commands are typed: a folder with a configuration, an environment, and the trackers that it leads to."""

    folder: Path
    servers: ExitStack
    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch
    clock: MovableClock = field(default_factory=lambda: MovableClock(datetime.now(UTC)))

    @property
    def config(self) -> Path:
        return self.folder / "config"

    def type(self, *words: str) -> Answer:
        """Types a command."""
        self.patch.setattr(sys, "argv", ["lpm-sync", *words])
        self.capture.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = self.capture.readouterr()
        assert TOKEN not in said.out + said.err
        code = ended.value.code
        return Answer(code=code if isinstance(code, int) else 0, out=said.out, err=said.err)

    def doctor(self, *words: str) -> Answer:
        return self.type("doctor", "--json", *words)

    def jira(self, deployment: Deployment = "Cloud") -> tuple[JiraStore, LoopbackServer]:
        """A Jira with two projects and nothing in it."""
        store = JiraStore(self.clock, deployment=deployment, account=Account("LPM Bot", email=EMAIL, token=TOKEN))
        for key, name in (("PORT", "Portfolio"), ("PAY", "Payments")):
            store.add_project(key, name)
        self.patch.setenv("LPM_JIRA_TOKEN", TOKEN)
        if store.is_cloud:
            self.patch.setenv("LPM_JIRA_EMAIL", EMAIL)
        return store, self.servers.enter_context(LoopbackServer(jira_application(store)))

    def azure_devops(self) -> tuple[AzureDevOpsStore, LoopbackServer]:
        """An organisation with one project and nothing in it."""
        store = AzureDevOpsStore(self.clock, organization="northwind", account="LPM Sync", token=TOKEN)
        store.add_project("Platform")
        self.patch.setenv("LPM_ADO_TOKEN", TOKEN)
        return store, self.servers.enter_context(LoopbackServer(azure_devops_application(store)))

    def initialise_jira(self, server: LoopbackServer, *words: str) -> Answer:
        address = ("--connector", "jira", "--url", server.url)
        return self.type("init", *address, "--project", "PORT", "--project", "PAY", *words)

    def initialise_azure_devops(self, server: LoopbackServer, *words: str) -> Answer:
        address = ("--connector", "azure-devops", "--url", f"{server.url}/northwind", "--name", "ado")
        return self.type("init", *address, "--project", "Platform", *words)

    def read(self, name: str) -> Any:
        return yaml.safe_load((self.config / name).read_text(encoding="utf-8"))

    def amend(self, name: str, **stanza: Any) -> None:
        """Changes a file as a value: `tracker__fields={…}` is the fields of the only tracker."""
        content = self.read(name)
        for path, value in stanza.items():
            *above, last = path.split("__")
            place = content
            for key in above:
                place = next(iter(place["trackers"].values())) if key == "tracker" else place[key]
            place[last] = value
        (self.config / name).write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    for name in ("LPM_SECRETS_DIR", "LPM_JIRA_TOKEN", "LPM_JIRA_EMAIL", "LPM_ADO_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LPM_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("LPM_STATE", str(tmp_path / "state.sqlite3"))
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with ExitStack() as servers:
        yield Desk(folder=tmp_path, servers=servers, capture=capsys, patch=monkeypatch)
    root.handlers[:] = handlers  # a command logs to the output that was captured, which is closed now
    root.setLevel(level)
    structlog.reset_defaults()
