"""A tracker in memory that lost a field, a project or us: told, nothing of it acted on, and the other goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from msgspec import structs

from lpm_sync.core.discovery import FieldKind
from lpm_sync.core.resolution import Resolution
from lpm_sync.core.work_item import Ref
from lpm_sync.pipeline.cycle import ExitStatus
from lpm_sync.pipeline.sources import pull_sources
from lpm_sync.ports import Parts, Previous, Pull
from lpm_sync.testing.in_memory import InMemoryTracker
from lpm_sync.testing.in_memory_store import InMemoryStore
from tests.pipeline.conftest import Office

UNREADY = "lpm:not-ready"
HYPOTHESIS = "benefit_hypothesis"
PIN = Resolution(id="field-1", name="Benefit Hypothesis", kind="text")
LOCK = """\
version: 1
trackers:
  jira:
    url: https://jira.example
    fields: {benefit_hypothesis: {configured: Benefit, id: field-1, name: Benefit Hypothesis, kind: text}}
complete: true
"""
LOSSES: dict[str, Callable[[InMemoryStore], None]] = {
    "a field": lambda store: store.remove_field(HYPOTHESIS),
    "a field, and another has its name": lambda store: (store.remove_field(HYPOTHESIS), store.add_namesake(HYPOTHESIS)),
    "what a field was": lambda store: store.fields.redefine(HYPOTHESIS, FieldKind.NUMBER),
    "us": lambda store: store.revoke_credential(),
    "its only project with anything in it": lambda store: store.hide_project("PAY"),
}


@pytest.fixture
def features(office: Office) -> tuple[Ref, Ref]:
    """An unready feature in each tracker, with its label and card, under a lock."""
    office.configure("trackers.lock.yaml", LOCK)
    here = office.jira.create_item(project="PAY", type="Feature", title="Refunds")
    there = office.ado.create_item(project="Platform", type="Feature", title="Racks")
    assert office.cycle().exit_status is ExitStatus.DONE
    assert UNREADY in office.jira.labels(here) & office.ado.labels(there)
    return here, there


@pytest.mark.parametrize("loss", LOSSES)
def test_nothing_of_what_lost_something_is_acted_on(office: Office, features: tuple[Ref, Ref], loss: str) -> None:
    here, _ = features
    office.jira.items[here] = structs.replace(office.jira.items[here], fields={HYPOTHESIS: "Fewer calls"})
    new = office.ado.create_item(project="Platform", type="Feature", title="New")
    before = office.jira.whole(here), tuple(office.jira.comments(here))
    LOSSES[loss](office.jira)
    report = office.cycle()
    assert report.exit_status is ExitStatus.PARTIAL
    assert [line for line in report.troubles if line.startswith("jira")]
    assert (office.jira.whole(here), tuple(office.jira.comments(here))) == before
    assert UNREADY in office.ado.labels(new)


def test_a_field_that_goes_by_another_name_is_told_until_somebody_says_that_it_is_meant(
    office: Office, features: tuple[Ref, Ref]
) -> None:
    office.jira.rename_field(HYPOTHESIS, "What For")
    for _ in range(2):
        report = office.cycle()
        assert (report.exit_status, report.planned) == (ExitStatus.DONE, 0)
        [remark] = [line for line in report.warnings if "is called" in line]
        assert "field-1 (“Benefit Hypothesis”), which is called “What For” now" in remark
    office.configure("trackers.lock.yaml", LOCK.replace("Benefit Hypothesis", "What For"))
    assert not [line for line in office.cycle().warnings if "is called" in line]


class Stubborn(InMemoryTracker):
    """Does not care about pins, and takes what has the name."""

    def pull(self, previous: Previous | None = None, *, census: bool = False, parts: Parts | None = None) -> Pull:
        pull = super().pull(previous, census=census, parts=parts)
        return replace(pull, resolved={**pull.resolved, "fields.benefit_hypothesis": replace(PIN, id="field-9")})


def test_a_connector_that_takes_another_field_is_found_out(office: Office, features: tuple[Ref, Ref]) -> None:
    pins = {"fields.benefit_hypothesis": PIN}
    with office.workplace.state_to_read() as state:
        [source] = pull_sources(
            {"jira": Stubborn(office.jira)},
            state,
            office.clock.now(),
            accept_smaller=False,
            pins=lambda tracker: pins,
        )
    assert source.pull is None
    assert [item.ref for item in source.stale_items] == [features[0]]
    assert "leads to field-9" in str(source.error)
