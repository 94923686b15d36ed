"""Since when a dependency is known that no tracker dates stands on the card, and outlives the loss of the state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from lpm_sync.core.work_item import Direction
from lpm_sync.ports import Clock
from tests.pipeline.conftest import Office

READY = {"benefit_hypothesis": "Fewer calls"}


@dataclass(frozen=True, slots=True)
class Ahead:
    """The clock of a tracker that is ahead of ours."""

    clock: Clock
    by: timedelta

    def now(self) -> datetime:
        return self.clock.now() + self.by


@pytest.mark.parametrize("ahead", [timedelta(), timedelta(milliseconds=40), timedelta(hours=7)], ids=str)
def test_a_first_sight_survives_the_loss_of_the_state_right_after_a_write_by_whatever_clock(
    office: Office, ahead: timedelta
) -> None:
    office.ado.clock = Ahead(office.clock, ahead)
    blocker = office.jira.create_item(project="PAY", type="Feature", title="Ledger", fields=READY)
    waiting = office.ado.create_item(project="Platform", type="Feature", title="Data centre", fields=READY)
    office.ado.add_foreign_link(waiting, office.jira.view(blocker).url, Direction.BLOCKED_BY)
    office.cycle()
    office.pass_days(9)
    office.cycle()
    [card] = office.our_comments(waiting)
    assert "DEP101" in card
    before = office.everything()
    office.lose_state()
    assert office.cycle().planned == 0
    assert office.everything() == before
