"""What the fields of ours have to hold, so that a field of another kind is found before any item is read."""

from __future__ import annotations

from enum import StrEnum


class Held(StrEnum):
    """What a tracker's field holds, as people would say it."""

    NUMBER = "a number"
    DATE = "a date"
    LINE = "a line of text"
    CHOICE = "an option"
    CHOICE_BELOW_CHOICE = "an option below an option"
    TEXT = "a text of many lines"
    PERSON = "a person"
    FLAG = "yes or no"
    NAME = "a name of the tracker's own"
    LIST = "a list"


_NUMBERS = frozenset(
    ("estimate", "implementation_cost_forecast", "mvp_cost_estimate", "actual_spend", "benefit_realised")
)
_DATES = frozenset(("target_date", "needed_by"))
_TEXTS = frozenset(("benefit_hypothesis", "acceptance_criteria", "owner", "team"))
_MAY_HOLD_ANYTHING = frozenset((Held.LINE, Held.CHOICE))  # whether `12` or `soon` stands in it, only its items tell


def misfit(name: str, held: Held | None) -> str | None:
    """Why a field that holds that cannot be ours of that name, for people; None where it may well be.

    Nothing is said of names without a meaning of their own, nor where the tracker does not tell what a field holds.
    """
    if held is None:
        return None
    for names, wanted in ((_NUMBERS, Held.NUMBER), (_DATES, Held.DATE)):
        if name in names and held is not wanted and held not in _MAY_HOLD_ANYTHING:
            return f"holds {held}, and {name} has to be {wanted}: name another field"
    if name in _TEXTS and held in (Held.NUMBER, Held.DATE, Held.FLAG):
        return f"holds {held}, and {name} has to be a text: name another field"
    return None
