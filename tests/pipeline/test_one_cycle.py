from __future__ import annotations

from decimal import Decimal

import pytest

from lpm_sync.core.card import parse_footer
from lpm_sync.core.change import Result
from lpm_sync.core.work_item import Direction, Ref
from lpm_sync.errors import UnsafePlanError
from lpm_sync.pipeline.cycle import Control, ExitStatus, apply_plan

READY = {"benefit_hypothesis": "fewer calls", "estimate": Decimal(5)}


@pytest.fixture
def refs(office) -> dict[str, Ref]:
    """Two epics that report, one significant epic, a blocked feature under it, and a blocked one under none."""
    jira, ado = office.jira, office.ado

    def create(store, project: str, type: str, title: str, **more) -> Ref:
        return store.create_item(project=project, type=type, title=title, **more)

    made = {
        "portfolio": create(jira, "PORT", "Epic", "The portfolio", status="Done"),
        "payments": create(jira, "PORT", "Epic", "Payments", status="Done"),
    }
    office.report_on("jira:PORT-101", "jira:PORT-102")
    significant = {"benefit_hypothesis": "less churn", "implementation_cost_forecast": Decimal(600_000)}
    made["epic"] = create(jira, "PORT", "Epic", "Instant payments", status="Analyzing", fields=significant)
    made["feature"] = create(jira, "PAY", "Feature", "Refunds", parent=made["epic"], fields=READY)
    made["blocker"] = create(jira, "PAY", "Feature", "Ledger", fields=READY)
    made["orphan"] = create(ado, "Platform", "Feature", "Data centre", fields=READY)
    made["unready"] = create(jira, "PAY", "Feature", "Vouchers", parent=made["epic"], fields={"estimate": Decimal(5)})
    jira.link(blocker=made["blocker"], blocked=made["feature"])
    ado.add_foreign_link(made["orphan"], jira.view(made["blocker"]).url, Direction.BLOCKED_BY)
    return made


def card_on(store, ref: Ref) -> str:
    [card] = [comment.text for comment in store.comments(ref) if comment.is_ours]
    return card


def test_the_first_cycle_labels_and_comments_and_the_second_writes_nothing(office, refs) -> None:
    first = office.cycle()
    before = office.everything()
    second = office.cycle()
    assert first.written == first.planned > 0
    assert "lpm:needs-lpm-approval" in office.jira.labels(refs["epic"])
    assert "GRD301" in card_on(office.jira, refs["epic"])
    assert (second.planned, second.written) == (0, 0)
    assert office.everything() == before


def test_a_card_is_edited_in_place_and_says_when_all_is_well(office, refs) -> None:
    office.cycle()
    [card] = office.jira.comments(refs["epic"])
    office.jira.add_label(refs["epic"], "lpm:approved")
    office.cycle()
    [edited] = office.jira.comments(refs["epic"])
    assert edited.id == card.id
    assert "All is well" in edited.text
    assert "Resolved: GRD301" in edited.text
    assert office.jira.labels(refs["epic"]) == {"lpm:approved"}


def test_what_the_stream_and_the_portfolio_break_stands_on_the_items_that_report_it(office, refs) -> None:
    office.cycle()
    assert "BUD102" in card_on(office.jira, refs["payments"])
    assert "lpm:over-budget" in office.jira.labels(refs["payments"])


def test_a_blocked_dependency_escalates_to_the_portfolio_epic_above_and_goes_when_it_is_resolved(office, refs) -> None:
    office.cycle()
    assert "Escalated dependency" not in card_on(office.jira, refs["epic"])
    office.pass_days(9)
    office.cycle()
    card = card_on(office.jira, refs["epic"])
    assert "Escalated dependency: jira:PAY-105" in card
    assert "blocked since 9 November 2026" in card
    office.jira.change_status(refs["blocker"], "Done")
    office.cycle()
    assert "Escalated dependency" not in card_on(office.jira, refs["epic"])
    assert office.plan().is_empty


def test_a_blocked_item_without_an_epic_above_gets_one_escalation_epic_for_its_blocker(office, refs) -> None:
    office.cycle()
    office.pass_days(9)
    third = office.cycle()
    [epic] = office.jira.items_labelled("lpm:escalation")
    assert third.written == third.planned
    assert third.escalations == 1
    assert "Data centre" in card_on(office.jira, epic)
    assert office.plan().is_empty
    office.jira.change_status(refs["blocker"], "Done")
    office.cycle()
    assert office.jira.status(epic) == "Done"
    assert "resolved" in card_on(office.jira, epic)
    assert office.plan().is_empty


def test_an_escalation_that_is_needed_again_right_after_it_was_closed_is_opened_again(office, refs) -> None:
    office.cycle()
    office.pass_days(9)
    office.cycle()
    [first] = office.jira.items_labelled("lpm:escalation")
    office.ado.add_label(refs["orphan"], "lpm:opt-out")
    closing = office.cycle()
    assert office.jira.status(first) == "Done"
    assert closing.ignored == ()  # an epic of ours is not one that nobody governs
    assert office.cycle().ignored == ()
    office.ado.remove_label(refs["orphan"], "lpm:opt-out")
    office.cycle()
    [second] = set(office.jira.items_labelled("lpm:escalation")) - {first}
    assert office.jira.status(second) != "Done"
    assert office.plan().is_empty


def test_a_finding_that_lasts_is_escalated_to_where_its_stream_reports(office, refs) -> None:
    office.cycle()
    assert "Escalated finding" not in card_on(office.jira, refs["payments"])
    office.pass_days(9)
    office.cycle()
    assert "Escalated finding: jira:PORT-103" in card_on(office.jira, refs["payments"])
    assert office.plan().is_empty


def test_a_label_that_a_person_removed_stays_away_for_the_cool_down_and_the_third_time_for_ever(office, refs) -> None:
    unready, label = refs["unready"], "lpm:not-ready"
    office.cycle()
    for turn in (1, 2, 3):
        office.jira.remove_label(unready, label)
        office.cycle()
        assert label not in office.jira.labels(unready)
        assert "removed" in card_on(office.jira, unready)
        assert office.plan().is_empty
        office.pass_days(21)
        office.cycle()
        assert (label in office.jira.labels(unready)) == (turn < 3)
    assert "no longer set" in card_on(office.jira, unready)


def test_the_memory_of_a_removed_label_survives_the_loss_of_the_state(office, refs) -> None:
    office.cycle()
    office.jira.remove_label(refs["unready"], "lpm:not-ready")
    office.cycle()
    office.lose_state()
    office.pass_days(3)
    assert "lpm:not-ready" not in office.jira.labels(refs["unready"])
    office.cycle()
    assert "lpm:not-ready" not in office.jira.labels(refs["unready"])


def test_a_rule_that_is_taken_down_a_mode_withdraws_what_it_wrote_as_no_longer_governed(office, refs) -> None:
    office.cycle()
    policy = (office.folder / "policy.yaml").read_text()
    office.configure("policy.yaml", policy.replace("rule: GRD301\n    mode: enforce", "rule: GRD301\n    mode: digest"))
    office.cycle()
    card = card_on(office.jira, refs["epic"])
    assert "No longer governed: GRD301" in card
    assert "Resolved" not in card
    assert office.jira.labels(refs["epic"]) == frozenset()
    assert office.plan().is_empty


def test_an_item_with_the_opt_out_label_is_let_go(office, refs) -> None:
    office.cycle()
    office.jira.add_label(refs["epic"], "lpm:opt-out")
    office.cycle()
    assert office.jira.labels(refs["epic"]) == {"lpm:opt-out"}
    assert "No longer governed" in card_on(office.jira, refs["epic"])
    assert office.plan().is_empty


def test_a_plan_over_the_safety_limits_is_refused_and_its_digest_approves_it(office, refs) -> None:
    policy = (office.folder / "policy.yaml").read_text()
    office.configure("policy.yaml", policy.replace("max_changes: 1000", "max_changes: 1"))
    with pytest.raises(UnsafePlanError) as refusal:
        office.cycle()
    assert office.writes == 0
    report = office.cycle(Control(approved_digest=refusal.value.digest))
    assert report.written == report.planned > 1


def test_apply_writes_exactly_the_plan_and_refuses_it_once_something_moved(office, refs) -> None:
    plan = office.plan()
    office.jira.change_title(refs["epic"], "Instant payments, really")
    with pytest.raises(UnsafePlanError, match="jira:PORT-103"):
        apply_plan(office.workplace, plan, skip_moved=False)
    assert office.writes == 0
    report = apply_plan(office.workplace, plan, skip_moved=True)
    assert report.moved == len(next(i for i in plan.items if i.ref == refs["epic"]).changes) > 0
    assert report.written == plan.change_count - report.moved
    assert not [comment for comment in office.jira.comments(refs["epic"]) if comment.is_ours]


def test_apply_of_an_unmoved_plan_leaves_nothing_to_plan(office, refs) -> None:
    apply_plan(office.workplace, office.plan(), skip_moved=False)
    assert office.plan().is_empty


def test_an_unknown_status_puts_that_item_in_quarantine_and_the_run_ends_in_part(office, refs) -> None:
    office.jira.statuses["On the moon"] = office.jira.statuses["Done"]
    office.jira.change_status(refs["epic"], "On the moon")
    report = office.cycle()
    assert report.exit_status is ExitStatus.PARTIAL
    assert any("On the moon" in trouble for trouble in report.troubles)
    assert office.jira.labels(refs["epic"]) == frozenset()
    assert office.jira.labels(refs["unready"]) == {"lpm:not-ready"}


def test_a_refused_change_is_set_aside_shown_and_not_repeated(office, refs) -> None:
    office.jira.faults.change = (0, Result.REFUSED)
    first = office.cycle()
    writes = office.writes
    second = office.cycle()
    assert first.failed > 0
    assert office.writes == writes
    assert any("set aside" in trouble for trouble in second.troubles)
    office.pass_days(2)
    office.cycle()
    assert office.plan().is_empty


def test_a_second_card_of_ours_is_taken_away_and_the_first_stays(office, refs) -> None:
    office.cycle()
    [card] = office.jira.comments(refs["epic"])
    office.jira.add_comment(refs["epic"], card.text, is_ours=True)
    office.cycle()
    assert [comment.id for comment in office.jira.comments(refs["epic"])] == [card.id]


def test_a_comment_by_a_person_that_quotes_our_footer_is_no_card(office, refs) -> None:
    office.cycle()
    [card] = office.jira.comments(refs["epic"])
    office.jira.add_comment(refs["epic"], card.text)
    assert parse_footer(card.text) is not None
    assert office.plan().is_empty


def test_every_write_has_its_intent_its_outcome_and_its_reason(office, refs) -> None:
    report = office.cycle()
    with office.workplace.state_to_read() as state:
        assert state.intents.unfinished() == ()
        written = [one for ref in office.everything() for one in state.intents.about(Ref.parse(ref))]
    assert len(written) == report.written
    assert all(one.result is Result.WRITTEN and one.change.because and one.authority.account for one in written)


def test_an_item_that_moved_under_a_write_makes_the_next_reading_a_whole_one(office, refs) -> None:
    office.cycle()
    office.jira.add_label(refs["epic"], "lpm:approved")

    def somebody_edits_it() -> bool:
        office.jira.change_title(refs["epic"], "Instant payments, really")
        return False

    assert office.cycle(Control(should_stop=somebody_edits_it)).moved > 0
    with office.workplace.state_to_read() as state:
        snapshot = state.snapshots.last("jira")
    assert snapshot is not None
    assert snapshot.position is None
    office.cycle()
    assert office.plan().is_empty
