"""A mistake that concerns one tracker leaves that tracker aside, as an outage does; the others do their work."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec import structs

from lpm_sync.core.timeline import Timeline
from lpm_sync.core.work_item import Ref
from lpm_sync.errors import ConfigurationError, UnsafePlanError
from lpm_sync.pipeline.cycle import ExitStatus, apply_plan, plan_cycle, run_cycle
from lpm_sync.pipeline.workplace import Workplace
from lpm_sync.policy.configuration import Configuration
from lpm_sync.ports import KeptPauses, Tracker
from lpm_sync.testing.in_memory import InMemoryTracker
from tests.pipeline.conftest import InMemoryWorkplace, Office
from tests.pipeline.jira_office import SECRET, Site, open_workplace

UNREADY = "lpm:not-ready"
SECRET_FILE = "LPM_OTHER_TOKEN_FILE"


@pytest.fixture
def sites() -> Iterator[tuple[Site, Site]]:
    opened = Site(), Site()
    yield opened
    for site in opened:
        site.close()


@pytest.fixture
def workplace(sites: tuple[Site, Site], tmp_path: Path) -> Workplace:
    """Two Jiras; the secret of the second stands in a file, as where secrets are rotated."""
    usual = open_workplace(tmp_path, jira=sites[0].server.url, other=sites[1].server.url)
    secrets = dict(usual.secrets.environment)
    del secrets["LPM_OTHER_TOKEN"]
    secrets[SECRET_FILE] = str(tmp_path / "token")
    (tmp_path / "token").write_text(SECRET)
    return replace(usual, secrets=replace(usual.secrets, environment=secrets))


def secret_of(workplace: Workplace) -> Path:
    return Path(workplace.secrets.environment[SECRET_FILE])


def findings(workplace: Workplace) -> set[tuple[str, str]]:
    with workplace.state_to_read() as state:
        return {(str(subject), code) for subject, code in state.findings.since()}


def test_while_one_secret_is_absent_the_others_are_written_to_and_nothing_of_it_is_withdrawn(
    sites: tuple[Site, Site], workplace: Workplace
) -> None:
    site, other = sites
    assert run_cycle(workplace).exit_status is ExitStatus.DONE
    stood, found = other.picture(), findings(workplace)
    site.store.create_issue("PAY", "Feature", "New")
    other.store.edit(other.unready, {"summary": "Renamed meanwhile"})
    other.server.wire.requests.clear()
    secret_of(workplace).unlink()
    report = run_cycle(workplace)
    assert (report.exit_status, report.exit_status.value) == (ExitStatus.MISTAKEN, 2)
    [trouble] = report.troubles
    assert "there is no such file, but LPM_OTHER_TOKEN_FILE names it" in trouble
    assert f"New has {UNREADY}" in site.picture()
    assert other.server.wire.requests == []
    assert found < findings(workplace)
    secret_of(workplace).write_text(SECRET)
    report = run_cycle(workplace)
    assert (report.exit_status, report.planned) == (ExitStatus.DONE, 0)
    assert stood - other.picture() == {line: 1 for line in stood if line.startswith("Refunds")}  # renamed, that is all


def test_the_first_cycle_without_a_secret_acts_on_the_others_alone(
    sites: tuple[Site, Site], workplace: Workplace
) -> None:
    secret_of(workplace).unlink()
    assert run_cycle(workplace).exit_status is ExitStatus.MISTAKEN
    assert f"Refunds has {UNREADY}" in sites[0].picture()
    assert sites[1].server.wire.requests == []


def test_a_plan_of_what_stands_aside_is_not_applied_and_says_why(
    sites: tuple[Site, Site], workplace: Workplace
) -> None:
    plan = plan_cycle(workplace)[1].plan
    secret_of(workplace).unlink()
    with pytest.raises(UnsafePlanError, match=r"Not read: .*LPM_OTHER_TOKEN_FILE"):
        apply_plan(workplace, plan, skip_moved=False)
    report = apply_plan(workplace, plan, skip_moved=True)
    assert report.exit_status is ExitStatus.MISTAKEN
    assert (sites[0].writes > 0, sites[1].writes) == (True, 0)


def test_a_mistake_of_every_tracker_ends_the_cycle_before_anything(
    sites: tuple[Site, Site], workplace: Workplace
) -> None:
    nothing = replace(workplace, secrets=replace(workplace.secrets, environment={}))
    with pytest.raises(ConfigurationError, match=r"LPM_JIRA_TOKEN(.|\n)*LPM_OTHER_TOKEN"):
        run_cycle(nothing)
    assert sites[0].server.wire.requests == sites[1].server.wire.requests == []


@pytest.mark.parametrize("name", ["could be any of", "is not there"])
def test_a_name_without_a_pin_that_one_tracker_refutes_leaves_that_tracker_aside(office: Office, name: str) -> None:
    here = office.jira.create_item(project="PAY", type="Feature", title="Refunds")
    office.ado.create_item(project="Platform", type="Feature", title="Racks")
    assert office.cycle().exit_status is ExitStatus.DONE
    new = office.ado.create_item(project="Platform", type="Feature", title="New")
    office.jira.items[here] = structs.replace(office.jira.items[here], fields={"benefit_hypothesis": "Fewer calls"})
    before = office.jira.whole(here), tuple(office.jira.comments(here))
    if name == "could be any of":
        office.jira.add_namesake("benefit_hypothesis")
    else:
        office.jira.remove_field("benefit_hypothesis")
    report = office.cycle()
    assert report.exit_status is ExitStatus.MISTAKEN
    assert [line for line in report.troubles if line.startswith("jira: ")]
    assert (office.jira.whole(here), tuple(office.jira.comments(here))) == before
    assert UNREADY in office.ado.labels(new)


class Forgetful(InMemoryTracker):
    """Its secret is gone when it is asked for the past."""

    def history(self, refs: Collection[Ref]) -> Mapping[Ref, Timeline]:
        raise ConfigurationError(f"{self.name}: there is no credential")


class ForgetfulWorkplace(InMemoryWorkplace):
    def connect(self, configuration: Configuration, name: str, pauses: KeptPauses | None) -> Tracker:
        return (Forgetful if name == "jira" else InMemoryTracker)(self.stores[name])


def test_a_secret_that_goes_in_the_middle_of_a_cycle_leaves_its_tracker_aside(office: Office) -> None:
    feature = {"project": "PAY", "type": "Feature"}
    blocker, blocked = (office.jira.create_item(title=title, **feature) for title in ("Ledger", "Refunds"))
    office.jira.link(blocker=blocker, blocked=blocked)
    there = office.ado.create_item(project="Platform", type="Feature", title="Racks")
    usual = office.workplace
    report = run_cycle(
        ForgetfulWorkplace(settings=usual.settings, secrets=usual.secrets, clock=usual.clock, stores=usual.stores)
    )
    assert report.exit_status is ExitStatus.MISTAKEN
    assert (office.jira.count_writes(), office.ado.labels(there)) == (0, {UNREADY})


def test_a_tracker_that_asks_to_be_left_alone_is_left_alone_until_then_and_the_others_go_on(office: Office) -> None:
    office.jira.create_item(project="PAY", type="Feature", title="Refunds")
    office.jira.faults.wait = 3600.0  # what the next request is told, once
    assert office.cycle().exit_status is ExitStatus.PARTIAL
    new = office.ado.create_item(project="Platform", type="Feature", title="New")
    office.clock.move_to(office.clock.now() + timedelta(minutes=30))
    report = office.cycle()
    assert (report.exit_status, office.jira.count_writes()) == (ExitStatus.PARTIAL, 0)
    [trouble] = report.troubles
    assert trouble.startswith("jira: it asked to be left alone until 2026-11-09 09:00:")
    assert trouble.endswith(" UTC; nothing is sent to it before that")
    assert UNREADY in office.ado.labels(new)
    office.clock.move_to(office.clock.now() + timedelta(minutes=31))
    report = office.cycle()
    assert (report.exit_status, office.jira.count_writes()) == (ExitStatus.DONE, 2)
