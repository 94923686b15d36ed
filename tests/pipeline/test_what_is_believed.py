"""What a cycle takes from its sources: whole projects, and no sudden emptiness; the rest stands as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest

from lpm_sync.core.finding import Subject, Verdict
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import Ref, WorkItem
from lpm_sync.pipeline.cycle import Control, ExitStatus, plan_cycle, run_cycle
from lpm_sync.policy.configuration import Configuration
from lpm_sync.ports import Parts, Previous, Pull, Tracker
from lpm_sync.rules import BUILTIN_RULES
from lpm_sync.rules.readiness import BenefitHypothesis
from lpm_sync.state.store import State
from lpm_sync.testing.in_memory import InMemoryTracker
from tests.pipeline.conftest import InMemoryWorkplace, Office

UNREADY = "lpm:not-ready"


@pytest.fixture
def features(office: Office) -> list[Ref]:
    """Six features that are not ready, labelled and commented by a first cycle."""
    refs = [office.jira.create_item(project="PAY", type="Feature", title=f"Feature {n}") for n in range(6)]
    office.cycle()
    assert all(UNREADY in office.jira.labels(ref) for ref in refs)
    return refs


def test_a_source_that_fails_stands_in_the_portfolio_as_it_was_read_last(office: Office, features: list[Ref]) -> None:
    office.jira.faults.source = "502 Bad Gateway"
    items = plan_cycle(office.workplace)[0].portfolio.items
    assert {ref for ref, item in items.items() if item.is_stale} >= set(features)


def test_a_source_that_brings_almost_nothing_is_believed_only_on_a_persons_word(
    office: Office, features: list[Ref]
) -> None:
    for ref in features[1:]:
        office.jira.delete_item(ref)
    office.jira.change_title(features[0], "Feature, the last")
    before = office.everything()
    report = office.cycle()
    assert report.exit_status is ExitStatus.PARTIAL
    assert "--accept-smaller" in " ".join(report.troubles)
    assert office.everything() == before
    assert office.cycle(Control(accept_smaller=True)).exit_status is ExitStatus.DONE


class HalfRead(InMemoryTracker):
    """Delivers everything, and says that one project was not delivered whole."""

    def pull(self, previous: Previous | None = None, *, census: bool = False, parts: Parts | None = None) -> Pull:
        return replace(super().pull(previous, census=census, parts=parts), failures={"PAY": "page 7 of 12 failed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfReadWorkplace(InMemoryWorkplace):
    """The trackers of the office, of which one delivers a project in part."""

    @contextmanager
    def trackers(self, configuration: Configuration, state: State) -> Iterator[dict[str, Tracker]]:
        yield {name: HalfRead(store) for name, store in self.stores.items()}


def test_items_of_a_project_that_did_not_come_whole_are_not_acted_on(office: Office) -> None:
    unread = office.jira.create_item(project="PAY", type="Feature", title="In the part that came")
    office.jira.create_item(project="PORT", type="Epic", title="What the stream reports on, held while it is stale")
    whole = office.jira.create_item(project="PORT", type="Feature", title="In a project that came whole")
    usual = office.workplace
    half = HalfReadWorkplace(settings=usual.settings, secrets=usual.secrets, clock=usual.clock, stores=usual.stores)
    run_cycle(half)
    assert office.jira.labels(unread) == frozenset()
    assert office.jira.labels(whole) == {UNREADY}


class CrashingHypothesis(BenefitHypothesis):
    """The rule under the same code, on a bad day."""

    def check(self, item: WorkItem, portfolio: Portfolio) -> Verdict:
        raise RuntimeError("it is Friday afternoon")


def test_a_finding_that_could_not_be_told_is_remembered_as_standing(office: Office, features: list[Ref]) -> None:
    key = (Subject(kind="item", id=str(features[0])), BenefitHypothesis.code)
    office.rules = tuple(CrashingHypothesis if rule is BenefitHypothesis else rule for rule in BUILTIN_RULES)
    office.cycle()
    with office.workplace.state_to_read() as state:
        assert key in state.findings.since()
