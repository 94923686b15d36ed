"""What is written for a trial is taken back, whatever happens in between."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from connectors.rehearsal import TRIES, Rehearsal, perform
from lpm_sync.errors import ForbiddenError, LpmSyncError, RefusedError, UnavailableError, UnclearError


class Item:
    """A scratch item of which `fails` says what goes wrong with it, by what is done."""

    def __init__(self, **fails: Sequence[BaseException]) -> None:
        self.stands = False
        self.asked = 0
        self.fails = {what: list(errors) for what, errors in fails.items()}

    def rehearsal(self) -> Rehearsal:
        return Rehearsal(
            subject="a label",
            remedy="grant it",
            standing=lambda: None,
            write=lambda: self.do("write", stands=True),
            fault=lambda: self.do("fault", stands=self.stands),
            take_back=lambda: self.do("take_back", stands=False),
            is_gone=lambda: not self.stands,
        )

    def do(self, what: str, *, stands: bool) -> None:
        self.asked += what == "take_back"
        if waiting := self.fails.get(what):
            error = waiting.pop(0)
            self.stands = stands if isinstance(error, UnclearError) else self.stands
            raise error
        self.stands = stands


@pytest.mark.parametrize("what", ["write", "fault"])
def test_an_interruption_leaves_nothing_behind(what: str) -> None:
    item = Item(**{what: [KeyboardInterrupt()]})
    with pytest.raises(KeyboardInterrupt):
        perform(item.rehearsal())
    assert (item.stands, item.asked) == (False, int(what == "fault"))


@pytest.mark.parametrize("stands", [True, False])
def test_after_a_refusal_only_what_stands_all_the_same_is_taken_back(*, stands: bool) -> None:
    item = Item(write=[RefusedError("no")])
    item.stands = stands
    assert perform(item.rehearsal()).fault == "no"
    assert (item.stands, item.asked) == (False, int(stands))


def test_taking_back_is_tried_again_where_nobody_answers_and_not_where_it_is_refused() -> None:
    silent = UnavailableError("nobody answers")
    item = Item(take_back=[silent] * (TRIES - 1))
    assert perform(item.rehearsal()).is_ok
    assert not item.stands
    item = Item(take_back=[ForbiddenError("403", remedy="grant Delete Own Comments")] * TRIES)
    left = perform(item.rehearsal())
    assert (left.fault, item.asked) == ("it could not be taken back: 403", 1)
    assert left.remedy == "remove it by hand; grant Delete Own Comments"


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (ForbiddenError("403"), "grant it"),
        (ForbiddenError("403", remedy="grant Add Comments in PAY"), "grant Add Comments in PAY"),
        (UnclearError("504"), "look at the scratch item in a while, and remove by hand what may have landed late"),
        (UnavailableError("503"), "run doctor again; where it stays so, look at the tracker itself"),
    ],
)
def test_only_what_is_refused_is_to_be_granted(error: LpmSyncError, remedy: str) -> None:
    assert perform(Item(write=[error]).rehearsal()).remedy == remedy
