"""A card with figures of a stream or the portfolio is rewritten once a working day, or when its findings change."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from lpm_sync.core.change import PutCard
from lpm_sync.core.finding import Finding, Reading, Subject
from lpm_sync.core.work_item import WorkItem
from lpm_sync.rules.example import TODAY, epic, portfolio_of, ref_of, stream
from tests.planning.conftest import carded, changes_on, evaluation, finding, planned

WRITTEN_TODAY = datetime(2026, 11, 10, 7, tzinfo=UTC)
STREAM = stream("payments", "PORT", report_on=ref_of("PORT-1"))


def spent(amount: str, **values: Any) -> Finding:
    reading = Reading(name="spend", shown=amount)
    return finding(Subject(kind="stream", id="payments"), readings=(reading,), **values)


def cards_of(reporting: WorkItem, *findings: Finding, today: date = TODAY) -> list[PutCard]:
    portfolio = portfolio_of(reporting, streams=(STREAM,), today=today)
    changes = changes_on("PORT-1", planned(portfolio, evaluation(*findings)))
    return [change for change in changes if isinstance(change, PutCard)]


@pytest.fixture
def reporting() -> WorkItem:
    """An epic whose card was written this morning."""
    [card] = cards_of(epic("PORT-1"), spent("90,000 EUR"))
    return carded(epic("PORT-1"), (card,), updated=WRITTEN_TODAY)


def test_another_figure_waits_for_the_next_working_day(reporting: WorkItem) -> None:
    assert cards_of(reporting, spent("91,000 EUR")) == []
    assert len(cards_of(reporting, spent("91,000 EUR"), today=date(2026, 11, 11))) == 1


def test_another_finding_does_not_wait(reporting: WorkItem) -> None:
    assert len(cards_of(reporting, spent("90,000 EUR"), finding("PORT-1"))) == 1


def test_the_same_figure_costs_no_write_on_any_day(reporting: WorkItem) -> None:
    assert cards_of(reporting, spent("90,000 EUR"), today=date(2026, 11, 24)) == []
