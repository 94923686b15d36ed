"""One escalation epic for one blocker, also where a search does not show it yet or shows two."""

from __future__ import annotations

from datetime import UTC, datetime

from lpm_sync.core.change import CloseEscalation
from lpm_sync.core.escalation_marker import marker_label
from lpm_sync.rules.example import feature, portfolio_of, ref_of
from tests.planning.conftest import blocked, changes_on, escalation_epic, evaluation, planned

ITEMS = feature("PAY-2", blocked_by=["PAY-3"]), feature("PAY-3")
OUTCOME = evaluation(blocked("PAY-2", by="PAY-3"), escalates=True)
MARKER = marker_label("lpm:", ref_of("PAY-3"))


def test_one_that_was_opened_lately_and_is_not_found_yet_is_not_opened_again() -> None:
    assert [one.marker for one in planned(portfolio_of(*ITEMS), OUTCOME).escalations] == [MARKER]
    assert planned(portfolio_of(*ITEMS), OUTCOME, opened={MARKER: ref_of("PORT-9")}).escalations == ()


def test_one_that_stands_is_not_opened_again() -> None:
    standing = escalation_epic("PORT-9", blocker="PAY-3")
    assert planned(portfolio_of(*ITEMS, standing), OUTCOME).escalations == ()


def test_of_two_the_younger_is_closed_and_the_older_stays_open() -> None:
    older, younger = (
        escalation_epic(key, blocker="PAY-3", created=datetime(2026, 11, day, tzinfo=UTC))
        for key, day in (("PORT-9", 2), ("PORT-8", 3))
    )
    plan = planned(portfolio_of(*ITEMS, older, younger), OUTCOME)
    closes = {
        key: any(isinstance(change, CloseEscalation) for change in changes_on(key, plan))
        for key in ("PORT-9", "PORT-8")
    }
    assert closes == {"PORT-9": False, "PORT-8": True}
