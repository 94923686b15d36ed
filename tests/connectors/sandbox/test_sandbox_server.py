"""The embedded trackers start, answer through the real connectors, and stop."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from msgspec.structs import replace

from connectors.azure_devops.connector import connect as connect_azure_devops
from connectors.jira.connector import connect as connect_jira
from connectors.sandbox.server import SampleTrackers, start
from lpm_sync.core.work_item import SourceItem
from lpm_sync.errors import ConfigurationError
from lpm_sync.pipeline.cycle import plan_cycle, run_cycle
from lpm_sync.pipeline.workplace import Workplace
from lpm_sync.policy.loader import load_configuration
from lpm_sync.ports import Pull, Sandbox, SandboxRequest
from lpm_sync.rules import BUILTIN_RULES
from lpm_sync.settings import Secrets, Settings

MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def start_sample(at: datetime = MONDAY, seed: int = 1) -> SampleTrackers:
    sandbox = start(SandboxRequest(start=at, seed=seed))
    assert isinstance(sandbox, SampleTrackers)
    return sandbox


def pull_all(sandbox: Sandbox, directory: Path) -> dict[str, Pull]:
    """What the real connectors read with the configuration that the sandbox writes."""
    sandbox.write_configuration(directory)
    configuration = load_configuration(directory)
    secrets = Secrets(directory=None, environment=sandbox.environment)
    pulls = {}
    for name, connect in (("jira", connect_jira), ("ado", connect_azure_devops)):
        with closing(connect(configuration.connection(name, secrets.credentials_for(name)), sandbox.clock)) as tracker:
            assert tracker.examine().faults == ()
            pulls[name] = tracker.pull()
    return pulls


def without_addresses(pull: Pull) -> list[SourceItem]:
    """The items without what differs from one start to the next: ports."""
    return [
        replace(item, url="", foreign_links=tuple(replace(link, url="") for link in item.foreign_links))
        for item in pull.items
    ]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SampleTrackers]:
    with closing(start_sample()) as running:
        yield running


@pytest.fixture(scope="module")
def pulls(sandbox: SampleTrackers, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pull]:
    return pull_all(sandbox, tmp_path_factory.mktemp("config"))


def test_the_real_connectors_deliver_the_whole_sample(pulls: dict[str, Pull]) -> None:
    for pull in pulls.values():
        assert not pull.broken
        assert not pull.failures
    items = [item for pull in pulls.values() for item in pull.items]
    assert sum(item.type == "Epic" for item in items) >= 30
    assert sum(item.type == "Feature" for item in items) >= 300
    assert pulls["jira"].ignored_types == {"Task": 4}


def test_items_refer_to_items_of_the_other_tracker_in_both_directions(pulls: dict[str, Pull]) -> None:
    for pull in pulls.values():
        assert sum(bool(item.foreign_links) for item in pull.items) >= 2


def test_the_same_seed_and_day_give_the_same_trackers(pulls: dict[str, Pull], tmp_path: Path) -> None:
    later_that_day = MONDAY.replace(hour=14)
    with closing(start_sample(later_that_day)) as again:
        found = pull_all(again, tmp_path)
    assert {name: without_addresses(pull) for name, pull in found.items()} == {
        name: without_addresses(pull) for name, pull in pulls.items()
    }


def test_its_configuration_names_all_built_in_rules_and_warns_of_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.write_configuration(tmp_path)
    configuration = load_configuration(tmp_path)
    assert configuration.warnings == ()
    assert {rule.rule.code for rule in configuration.governed_rules()} == {rule.code for rule in BUILTIN_RULES}
    assert len(configuration.value_streams_file.value_streams) >= 4
    assert len(configuration.value_streams_file.portfolio.planning_intervals) == 2


def test_secrets_stand_in_the_environment_alone(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.write_configuration(tmp_path)
    written = "".join(file.read_text() for file in tmp_path.iterdir())
    for name, value in sandbox.environment.items():
        assert name.endswith("_EMAIL") or value not in written


def test_the_sample_stands_in_a_data_center_too_and_the_whole_job_is_done_there(tmp_path: Path) -> None:
    with closing(start(SandboxRequest(start=MONDAY, editions={"jira": "data-center"}))) as sandbox:
        assert "LPM_JIRA_EMAIL" not in sandbox.environment
        sandbox.write_configuration(tmp_path)
        workplace = Workplace(
            settings=Settings(config=tmp_path, state=tmp_path / "state"),
            secrets=Secrets(directory=None, environment=sandbox.environment),
            clock=sandbox.clock,
        )
        reading, _ = plan_cycle(workplace)
        first, second = run_cycle(workplace), run_cycle(workplace)
    owners = {item.source.owner for item in reading.portfolio.items.values() if item.ref.tracker == "jira"}
    assert {person["jira"] for person in load_configuration(tmp_path).value_streams_file.people.values()} < owners
    assert first.planned == first.written > 100
    assert (second.planned, second.troubles) == (0, ())


def test_each_chat_counts_what_it_accepts() -> None:
    with closing(start_sample()) as sandbox:
        assert sandbox.accepted_messages() == {"slack": 0, "teams": 0}
        answer = requests.post(sandbox.environment["LPM_SLACK_WEBHOOK"], json={"text": "hello"}, timeout=10)
        assert answer.status_code == 200
        assert sandbox.accepted_messages() == {"slack": 1, "teams": 0}


@pytest.mark.parametrize(
    ("at", "clock"),
    [
        (datetime(2026, 11, 23, 10, 15, tzinfo=UTC), datetime(2026, 11, 23, 10, 15, tzinfo=UTC)),
        (datetime(2026, 11, 23, 1, tzinfo=UTC), datetime(2026, 11, 23, 8, tzinfo=UTC)),
        (datetime(2026, 11, 23, 22, tzinfo=UTC), datetime(2026, 11, 23, 16, tzinfo=UTC)),
        (datetime(2026, 11, 21, 10, tzinfo=UTC), datetime(2026, 11, 23, 8, tzinfo=UTC)),
        (datetime(2026, 12, 25, 10, tzinfo=UTC), datetime(2026, 12, 28, 8, tzinfo=UTC)),
    ],
    ids=["office hours", "early", "late", "Saturday", "Christmas"],
)
def test_the_clock_stands_in_the_office_hours_of_a_working_day(at: datetime, clock: datetime) -> None:
    with closing(start_sample(at)) as sandbox:
        assert sandbox.clock.now() == clock


def test_a_server_listens_on_the_port_that_was_asked_for_and_lets_go_of_it() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    with closing(start(SandboxRequest(start=MONDAY, listen={"jira": port}))) as sandbox:
        assert sandbox.addresses["jira"] == f"http://127.0.0.1:{port}"
        assert sandbox.addresses.keys() == {"jira", "azure-devops", "slack", "teams"}
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))


def test_closing_twice_is_closing_once() -> None:
    sandbox = start_sample()
    sandbox.close()
    sandbox.close()


def test_a_port_that_is_taken_is_named() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"azure-devops: cannot listen on port {port}"):
            start(SandboxRequest(start=MONDAY, listen={"azure-devops": port}))


@pytest.mark.parametrize("editions", [{"jira": "server"}, {"chat": "cloud"}])
def test_an_edition_that_does_not_exist_is_refused_with_those_that_do(editions: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="of jira there are: cloud, data-center"):
        start(SandboxRequest(start=MONDAY, editions=editions))


def test_a_server_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(ConfigurationError, match="no embedded server 'jirra'; there are: jira, azure-devops, chat"):
        start(SandboxRequest(start=MONDAY, listen={"jirra": 8001}))
