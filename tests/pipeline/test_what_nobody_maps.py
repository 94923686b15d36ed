"""A field that nobody maps is told once and asserted nowhere; a place for findings that moved or is lost lies not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec import structs

from lpm_sync.core.work_item import Ref
from lpm_sync.errors import ConfigurationError
from lpm_sync.pipeline.cycle import ExitStatus
from lpm_sync.pipeline.explaining import explain_reference
from tests.pipeline.conftest import START, Office

UNREADY = "lpm:not-ready"
LINE = "      benefit_hypothesis: Benefit\n"
REASON = "jira maps no field to benefit_hypothesis"


@pytest.fixture
def unready(office: Office) -> Ref:
    """A feature that two rules find unready, in a cycle that went well."""
    ref = office.jira.create_item(project="PAY", type="Feature", title="Refunds")
    assert office.cycle().exit_status is ExitStatus.DONE
    return ref


def card_on(office: Office, ref: Ref) -> str:
    [card] = office.our_comments(ref)
    return card


def endings(office: Office) -> dict[str, str | None]:
    with office.workplace.state_to_read() as state:
        return {one.code: one.ending for one in state.findings.ended_between(START, START + timedelta(days=99))}


def test_what_was_said_of_a_field_that_nobody_maps_any_more_is_withdrawn_and_not_resolved(
    office: Office, unready: Ref
) -> None:
    assert "DOR001 No benefit hypothesis" in card_on(office, unready)
    office.amend("trackers.yaml", LINE, "")
    report = office.cycle()
    assert report.exit_status is ExitStatus.DONE
    assert f"No longer governed ({REASON}): DOR001." in card_on(office, unready)
    assert "DOR003" in card_on(office, unready)  # its estimate is mapped, and asked for as before
    assert UNREADY in office.jira.labels(unready)
    assert endings(office) == {"DOR001": "withdrawn"}
    assert office.plan().is_empty
    office.amend("trackers.yaml", "      estimate: Points\n", f"{LINE}      estimate: Points\n")
    office.cycle()
    assert "DOR001 No benefit hypothesis" in card_on(office, unready)


def test_it_is_told_once_with_its_place_and_its_remedy_and_explained(office: Office, unready: Ref) -> None:
    assert not [line for line in office.cycle().warnings if "no field is mapped" in line]
    office.amend("trackers.yaml", LINE, "")
    [line] = [line for line in office.cycle().warnings if "no field is mapped" in line]
    assert "/trackers.yaml:9: trackers.jira.fields: no field is mapped to benefit_hypothesis; DOR001 (" in line
    assert "/policy.yaml:5) cannot tell there: map one" in line
    explained = explain_reference(office.workplace, str(unready)).verdicts
    verdicts = {rule.rule.code: verdict for rule, verdict in explained}
    assert (verdicts["DOR001"].status, verdicts["DOR001"].reason) == ("skipped", REASON)


def test_planning_intervals_come_from_iteration_paths_where_no_field_names_them(office: Office, unready: Ref) -> None:
    office.amend("policy.yaml", "rule: DOR001,", "rule: DOR001, starts_within: 20 business days,")
    assert [line for line in office.cycle().warnings if "to planning_interval" in line]
    office.jira.items[unready] = structs.replace(office.jira.items[unready], iteration_path="Platform\\PI-1")
    assert not [line for line in office.cycle().warnings if "to planning_interval" in line]


def test_a_name_that_nothing_reads_is_refused(office: Office) -> None:
    office.amend("trackers.yaml", "benefit_hypothesis: Benefit\n", "hypothesis: Benefit\n")
    with pytest.raises(ConfigurationError, match=r"trackers.yaml:11: .*did you mean `benefit_hypothesis`\?"):
        office.cycle()


@pytest.fixture
def places(office: Office) -> tuple[Ref, Ref]:
    """PORT-101, on which the portfolio reports that too much is in process, and PORT-102."""
    one, other, _ = (
        office.jira.create_item(project="PORT", type="Epic", title=f"Epic {number}", status="Doing")
        for number in range(3)
    )
    office.report_on("jira:PORT-101", "jira:PORT-102")
    assert office.cycle().exit_status is ExitStatus.DONE
    assert "KAN101" in card_on(office, one)
    return one, other


def test_the_card_of_a_place_that_was_left_names_the_new_one(office: Office, places: tuple[Ref, Ref]) -> None:
    office.amend("value_streams.yaml", "report_on: jira:PORT-101", "report_on: jira:PORT-102")
    assert office.cycle().exit_status is ExitStatus.DONE
    assert "Now reported on jira:PORT-102: KAN101 (portfolio)." in card_on(office, places[0])
    assert "KAN101 Work in process" in card_on(office, places[1])
    assert endings(office) == {}
    assert office.plan().is_empty


def test_a_place_that_is_not_there_is_a_mistake_and_what_stands_is_left(
    office: Office, places: tuple[Ref, Ref]
) -> None:
    office.amend("value_streams.yaml", "report_on: jira:PORT-101", "report_on: jira:PORT-999")
    stood = office.everything()
    report = office.cycle()
    assert (report.exit_status, report.written) == (ExitStatus.MISTAKEN, 0)
    [line] = report.troubles
    assert "/value_streams.yaml:6: portfolio.report_on: jira:PORT-999 was not read" in line
    assert office.everything() == stood
    new = office.jira.create_item(project="PAY", type="Feature", title="Vouchers")
    office.cycle()
    assert UNREADY in office.jira.labels(new)  # the rest is done


def test_a_place_may_be_named_by_its_immutable_id(office: Office, places: tuple[Ref, Ref]) -> None:
    office.amend("value_streams.yaml", "report_on: jira:PORT-101", f"report_on: {places[0]}")
    assert office.cycle().exit_status is ExitStatus.DONE
    assert office.plan().is_empty
