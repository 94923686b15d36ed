"""A card that stands says tomorrow what it says today."""

from __future__ import annotations

from decimal import Decimal

from tests.pipeline.conftest import Office


def test_what_is_blocked_past_its_limit_costs_no_write_on_the_next_fourteen_days(office: Office) -> None:
    ready = {"benefit_hypothesis": "fewer calls", "estimate": Decimal(5)}
    epic = office.jira.create_item(project="PORT", type="Epic", title="Instant payments", fields=ready)
    blocker, waiting = (
        office.jira.create_item(project="PAY", type="Feature", title=title, parent=epic, fields=ready)
        for title in ("Ledger", "Refunds")
    )
    office.jira.link(blocker=blocker, blocked=waiting)
    office.pass_days(9)
    office.cycle()
    assert "blocked since 9 November 2026" in "".join(office.our_comments(waiting))
    for _ in range(14):
        office.pass_days(1)
        assert office.plan().is_empty
