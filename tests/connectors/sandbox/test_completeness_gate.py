"""What is lost or becomes another thing under us is told, and nothing that depends on it is acted on; the rest goes on.

Each loss on Jira Cloud, Jira Data Center and Azure DevOps, read by the real connectors; `tests/pipeline` has the same
for the tracker in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from connectors.sandbox.azure_devops.store import AzureDevOpsStore
from connectors.sandbox.jira import JiraStore
from connectors.sandbox.jira.model import Deployment
from connectors.sandbox.variation import Variation
from lpm_sync.pipeline.cycle import CycleReport, ExitStatus, run_cycle
from lpm_sync.pipeline.doctor import diagnose
from tests.connectors.sandbox.varied_office import SECRET, START, Office, Street, open_street

Store = JiraStore | AzureDevOpsStore


def lose_field(store: Store) -> None:
    """Takes the field away, and leaves another one of its name."""
    if isinstance(store, JiraStore):
        del store.fields[store.field("Benefit Hypothesis").id]
        store.add_field("Benefit Hypothesis")
    else:
        store.remove_field("Custom.BenefitHypothesis")
        store.add_field("Custom.Another", "Benefit Hypothesis", "html")


def redefine_field(store: Store) -> None:
    """Makes a list of options of it, under the same id and name."""
    if isinstance(store, JiraStore):
        store.field("Benefit Hypothesis").custom = "com.atlassian.jira.plugin.system.customfieldtypes:select"
        store.field("Benefit Hypothesis").kind = "option"
    else:
        store.add_field("Custom.BenefitHypothesis", "Benefit Hypothesis", "string")


def answer_as_to_a_stranger(store: Store) -> None:
    if isinstance(store, JiraStore):
        store.bot.token = "another"
    else:
        store.token = "another"


LOSSES: dict[str, tuple[Callable[[Store], None], str]] = {
    "field lost": (lose_field, "fields.benefit_hypothesis is pinned to"),
    "field redefined": (redefine_field, "fields.benefit_hypothesis is pinned to"),
    "anonymous": (answer_as_to_a_stranger, "token"),
}


@pytest.fixture(scope="module")
def street() -> Iterator[Street]:
    with open_street() as opened:
        yield opened


@pytest.fixture(params=["jira Cloud", "jira Server", "ado"])
def office(street: Street, request: pytest.FixtureRequest) -> Iterator[tuple[Office, str]]:
    """An office after a first cycle, all names pinned, and the name of the tracker that something happens to."""
    tracker, _, deployment = request.param.partition(" ")
    kind: Deployment = "Server" if deployment == "Server" else "Cloud"
    with closing(Office(street, Variation(), kind)) as opened:
        assert not [one for one in diagnose(opened.workplace, pins=True) if not one.check.is_ok]
        assert run_cycle(opened.workplace).exit_status is ExitStatus.DONE
        yield opened, tracker


def store_of(office: Office, tracker: str) -> Store:
    return office.jira if tracker == "jira" else office.ado


def touch_everything(office: Office) -> None:
    """Lets days pass, so that a dependency is due, and makes an unready feature in each project."""
    office.clock.move_to(START + timedelta(days=9))
    for project in ("PORT", "PAY"):
        office.jira.create_issue(project, "Feature", f"New in {project}")
    office.ado.create_work_item("Platform", "Feature", "New in Platform")


def of_tracker(office: Office, tracker: str) -> list[str]:
    """What stands in one of the trackers: the lines of the other begin with a number and a title."""
    stands = sorted(office.picture())
    return [line for line in stands if (tracker == "jira") == any(key in line for key in ("PORT-", "PAY-", "ELSE-"))]


def troubles(report: CycleReport, tracker: str) -> list[str]:
    assert SECRET not in repr(report)
    return [line for line in report.troubles if line.startswith(f"{tracker}: ")]


@pytest.mark.parametrize("loss", LOSSES)
def test_a_source_that_lost_something_is_told_and_left_alone(office: tuple[Office, str], loss: str) -> None:
    opened, tracker = office
    lose, said = LOSSES[loss]
    touch_everything(opened)
    before = of_tracker(opened, tracker)
    lose(store_of(opened, tracker))
    report = run_cycle(opened.workplace)
    assert report.exit_status is ExitStatus.PARTIAL
    [trouble] = troubles(report, tracker)
    assert said in trouble
    assert of_tracker(opened, tracker) == before
    other = "ado" if tracker == "jira" else "jira"
    assert report.written > 0
    assert "lpm:not-ready" in str([line for line in of_tracker(opened, other) if "New in" in line])


def test_a_project_that_is_lost_is_told_and_left_alone_and_the_others_go_on(office: tuple[Office, str]) -> None:
    opened, tracker = office
    touch_everything(opened)
    hidden = "PAY" if tracker == "jira" else "Platform"
    before = [line for line in of_tracker(opened, tracker) if tracker == "ado" or line.startswith("PAY-")]
    store_of(opened, tracker).hide_project(hidden)
    report = run_cycle(opened.workplace)
    assert report.exit_status is ExitStatus.PARTIAL
    [trouble] = troubles(report, tracker)
    assert hidden in trouble
    stands = of_tracker(opened, tracker)
    assert [line for line in stands if tracker == "ado" or line.startswith("PAY-")] == before
    assert "lpm:not-ready" in str([line for line in opened.picture() if "New in PORT" in line])


def test_a_field_that_is_renamed_is_read_all_the_same_and_told(office: tuple[Office, str]) -> None:
    opened, tracker = office
    store = store_of(opened, tracker)
    if isinstance(store, JiraStore):
        store.field("Benefit Hypothesis").name = "Why"
    else:
        store.add_field("Custom.BenefitHypothesis", "Why", "html")
    store_of(opened, tracker).add_tag(1, "x") if tracker == "ado" else opened.jira.add_label("PAY-1", "x")
    report = run_cycle(opened.workplace)
    assert (report.exit_status, report.planned) == (ExitStatus.DONE, 0)
    [remark] = [line for line in report.warnings if line.startswith(f"{tracker}: fields.benefit_hypothesis")]
    assert "is called “Why” now" in remark
    assert "lpm-sync doctor --pin" in remark


@pytest.mark.parametrize("loss", [lose_field, redefine_field])
def test_where_nothing_else_changed_fields_are_asked_for_before_anything_is_written(
    office: tuple[Office, str], loss: Callable[[Store], None]
) -> None:
    opened, tracker = office
    assert run_cycle(opened.workplace).planned == 0
    policy = opened.folder / "policy.yaml"
    policy.write_text(policy.read_text().replace("label: not-ready", "label: unready"))
    before = of_tracker(opened, tracker)
    loss(store_of(opened, tracker))
    report = run_cycle(opened.workplace)
    assert report.exit_status is ExitStatus.PARTIAL
    [trouble] = troubles(report, tracker)
    assert "fields.benefit_hypothesis is pinned to" in trouble
    assert of_tracker(opened, tracker) == before
    assert "lpm:unready" in str(list(opened.picture()))
