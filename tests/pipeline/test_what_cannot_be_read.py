"""An item that cannot be read, or that a search does not show yet, is still there: nothing is concluded from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal

from msgspec import structs

from lpm_sync.core.work_item import Ref
from lpm_sync.pipeline.cycle import plan_cycle
from lpm_sync.policy.configuration import Configuration
from lpm_sync.ports import Parts, Previous, Pull, Tracker
from lpm_sync.state.store import State
from lpm_sync.testing.in_memory import InMemoryTracker
from tests.pipeline.conftest import InMemoryWorkplace, Office

READY = {"benefit_hypothesis": "fewer calls", "estimate": Decimal(5)}
BROKEN = "a list where a text was"


def feature(office: Office, title: str, parent: Ref | None = None) -> Ref:
    return office.jira.create_item(project="PAY", type="Feature", title=title, parent=parent, fields=READY)


def epic_of(office: Office, forecast: int | None = None) -> Ref:
    """An epic that has to be approved where its forecast is significant."""
    fields = READY if forecast is None else READY | {"implementation_cost_forecast": Decimal(forecast)}
    return office.jira.create_item(
        project="PORT", type="Epic", title="Instant payments", status="Analyzing", fields=fields
    )


def stays_when_broken(office: Office, *broken: Ref) -> None:
    """Breaks these items, and looks whether anything follows from it."""
    before = office.everything()
    office.jira.faults.items = dict.fromkeys(broken, BROKEN)
    office.cycle()
    assert office.everything() == before
    office.jira.faults.items = {}
    assert office.plan().is_empty


def reporting(office: Office) -> tuple[Ref, Ref]:
    """Two epics on which the portfolio and the value stream report."""
    create = office.jira.create_item
    portfolio = create(project="PORT", type="Epic", title="The portfolio", status="Done")
    office.report_on("jira:PORT-101", "jira:PORT-102")
    return portfolio, create(project="PORT", type="Epic", title="Payments", status="Done")


def test_an_escalated_finding_does_not_move_to_the_portfolio_while_its_streams_place_is_broken(office: Office) -> None:
    _, payments = reporting(office)
    significant = READY | {"implementation_cost_forecast": Decimal(600_000)}
    office.jira.create_item(
        project="PORT", type="Epic", title="Instant payments", status="Analyzing", fields=significant
    )
    office.cycle()
    office.pass_days(9)
    office.cycle()
    assert "Escalated finding" in office.our_comments(payments)[0]
    stays_when_broken(office, payments)


def test_an_escalated_finding_stays_while_its_item_is_broken(office: Office) -> None:
    _, payments = reporting(office)
    significant = READY | {"implementation_cost_forecast": Decimal(600_000)}
    epic = office.jira.create_item(
        project="PORT", type="Epic", title="Instant payments", status="Analyzing", fields=significant
    )
    office.cycle()
    office.pass_days(9)
    office.cycle()
    assert "Escalated finding" in office.our_comments(payments)[0]
    stays_when_broken(office, epic)


def test_a_circle_stands_while_two_of_its_three_items_are_broken(office: Office) -> None:
    office.amend("policy.yaml", "rule: DEP101, mode: enforce", "rule: DEP101, mode: observe, levels: [story]")
    for _ in range(3):
        feature(office, "Fees")
    circle = [feature(office, title) for title in ("Ledger", "Refunds", "Payouts")]
    for blocker, blocked in zip(circle, [*circle[1:], circle[0]], strict=True):
        office.jira.link(blocker=blocker, blocked=blocked)
    office.cycle()
    assert all("DEP103" in office.our_comments(ref)[0] for ref in circle)
    stays_when_broken(office, *circle[:2])


def test_an_escalation_stays_on_the_epic_while_what_stands_between_is_broken(office: Office) -> None:
    reporting(office)
    epic = office.jira.create_item(
        project="PORT", type="Epic", title="Instant payments", status="Analyzing", fields=READY
    )
    between, blocker = feature(office, "Refunds", epic), feature(office, "Ledger")
    waiting = feature(office, "Payouts", between)
    office.jira.link(blocker=blocker, blocked=waiting)
    office.cycle()
    office.pass_days(9)
    office.cycle()
    assert "Escalated dependency" in office.our_comments(epic)[0]
    for broken in (between, waiting, blocker):
        stays_when_broken(office, broken)


def test_a_sum_over_an_epic_is_not_believed_while_one_of_its_features_is_broken(office: Office) -> None:
    reporting(office)
    epic = office.jira.create_item(
        project="PORT", type="Epic", title="Instant payments", status="Analyzing", fields=READY
    )
    for title in ("Refunds", "Payouts"):
        part = feature(office, title, epic)
        fields = READY | {"implementation_cost_forecast": Decimal(300_000)}
        office.jira.items[part] = structs.replace(office.jira.items[part], fields=fields)
    office.cycle()
    assert "GRD301" in office.our_comments(epic)[0]
    stays_when_broken(office, part)


def over_budget(office: Office) -> tuple[list[Ref], Ref]:
    """Three epics that together are over the budget of their stream, and where that is told."""
    _, payments = reporting(office)
    spent = READY | {"implementation_cost_forecast": Decimal(60_000)}
    refs = [
        office.jira.create_item(project="PORT", type="Epic", title=title, status="Doing", fields=spent)
        for title in ("Refunds", "Payouts", "Fees")
    ]
    office.cycle()
    assert "180,000" in office.our_comments(payments)[0]
    return refs, payments


def told_sum(office: Office, amount: str) -> bool:
    """Whether the stream is found to be over its budget with that sum."""
    findings = office.decide().evaluation.findings
    return any(amount in str(one.readings) for one in findings if one.code == "BUD102")


def test_a_streams_sum_is_as_it_was_while_what_it_sums_over_is_broken(office: Office) -> None:
    refs, _ = over_budget(office)
    before = office.everything()
    office.jira.faults.items = dict.fromkeys(refs[:2], BROKEN)
    for _ in range(2):
        assert "in quarantine" in " ".join(office.cycle().troubles)
        assert office.everything() == before
        assert told_sum(office, "180,000")
    office.jira.faults.items = {}
    assert office.plan().is_empty


def test_a_streams_sum_is_as_it_was_while_a_status_is_not_known(office: Office) -> None:
    refs, payments = over_budget(office)
    told = office.our_comments(payments)
    office.jira.statuses["On the moon"] = office.jira.statuses["Done"]
    for ref in refs[:2]:
        office.jira.change_status(ref, "On the moon")
    for _ in range(3):  # the last snapshot has that status too from the first of them on
        office.cycle()
        assert office.our_comments(payments) == told
        assert told_sum(office, "180,000")
        office.pass_days(0.6)  # some read only what changed, some everything
    for ref in refs[:2]:
        office.jira.change_status(ref, "Doing")
    assert office.plan().is_empty


def test_rules_about_a_stream_go_on_while_one_of_its_items_is_broken(office: Office) -> None:
    refs, _ = over_budget(office)
    office.jira.faults.items = {refs[0]: BROKEN}
    spent = READY | {"implementation_cost_forecast": Decimal(50_000)}
    office.jira.create_item(project="PORT", type="Epic", title="Vouchers", status="Doing", fields=spent)
    assert told_sum(office, "230,000")


class SlowIndex(InMemoryTracker):
    """Does not show yet what our account created."""

    def pull(self, previous: Previous | None = None, *, census: bool = False, parts: Parts | None = None) -> Pull:
        pulled = super().pull(previous, census=census, parts=parts)
        return replace(pulled, items=tuple(item for item in pulled.items if not item.is_ours))


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowWorkplace(InMemoryWorkplace):
    """A workplace whose trackers are slow to show what is new."""

    @contextmanager
    def trackers(self, configuration: Configuration, state: State) -> Iterator[dict[str, Tracker]]:
        yield {name: SlowIndex(self.stores[name]) for name in configuration.trackers}


def test_an_escalation_epic_that_a_search_does_not_show_yet_is_not_opened_again(office: Office) -> None:
    office.jira.create_item(project="PORT", type="Epic", title="Laid aside", status="Done")
    office.jira.link(blocker=feature(office, "Ledger"), blocked=feature(office, "Refunds"))
    office.pass_days(9)
    office.cycle()
    [epic] = office.jira.items_labelled("lpm:escalation")
    usual = office.workplace
    slow = SlowWorkplace(settings=usual.settings, secrets=usual.secrets, clock=usual.clock, stores=usual.stores)
    assert plan_cycle(slow)[1].plan.is_empty
    office.pass_days(0.1)  # longer than any index takes: it is looked for by its id
    assert plan_cycle(slow)[1].plan.is_empty
    office.jira.delete_item(epic)
    assert len(plan_cycle(slow)[1].plan.escalations) == 1
