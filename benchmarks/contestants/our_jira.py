"""Our connector to Jira, and a first reading through it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from benchmarks.contestants.asking import EMAIL, JIRA_FIELDS, TOKEN, TYPES, MachineClock
from benchmarks.contestants.first_load import stored
from benchmarks.measuring import Surroundings, Work
from benchmarks.servers import issues
from connectors.jira.connector import connect
from lpm_sync.ports import Connection, Tracker
from lpm_sync.testing.credentials import GivenCredentials


def our_jira(surroundings: Surroundings) -> Tracker:
    """The connector, before it asked anything."""
    address = surroundings.servers["jira"]
    connection = Connection(
        name="jira",
        url=address,
        site_url=address,
        projects=issues.PROJECTS,
        types=TYPES,
        fields=JIRA_FIELDS,
        credentials=GivenCredentials({"email": EMAIL, "token": TOKEN}),
    )
    return connect(connection, MachineClock())


def read(surroundings: Surroundings) -> Work:
    """Everything pulled, normalised and stored."""
    tracker, clock = our_jira(surroundings), MachineClock()

    def work() -> Mapping[str, float]:
        return {"items": stored(tracker, Path(surroundings.folder), clock)}

    return work
