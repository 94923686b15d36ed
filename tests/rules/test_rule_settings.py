"""A rule's settings are checked where they enter."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from lpm_sync.rules import BUILTIN_RULES
from lpm_sync.rules.base import Rule
from lpm_sync.rules.dependency import BlockedTooLong
from lpm_sync.rules.engagement import OwnerEngagement
from lpm_sync.rules.initiative import UnapprovedInitiative
from lpm_sync.rules.kanban import WorkInProcess


@pytest.mark.parametrize(
    ("rule", "settings"),
    [
        (UnapprovedInitiative, {}),
        (UnapprovedInitiative, {"threshold": 0}),
        (UnapprovedInitiative, {"threshold": "much"}),
        (UnapprovedInitiative, {"threshold": float("nan")}),
        (UnapprovedInitiative, {"threshold": 1, "treshold": 2}),
        (BlockedTooLong, {"limit": "5 days"}),
        (BlockedTooLong, {"limit": -1}),
        (WorkInProcess, {"wip": {"analysing": 2}}),
        (WorkInProcess, {"wip": {"funnel": 2}}),
        (WorkInProcess, {"wip": {"done": 2}}),
        (WorkInProcess, {"wip": {"ready": 0}}),
        (OwnerEngagement, {"evidence": ["goodwill"]}),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(rule: type[Rule], settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        rule(**settings)


def test_settings_are_read_as_people_write_them() -> None:
    assert BlockedTooLong.model_validate({"limit": "1 business day"}).limit == 1
    assert UnapprovedInitiative.model_validate({"threshold": "500000.50"}).threshold == Decimal("500000.50")


@pytest.mark.parametrize("rule", BUILTIN_RULES, ids=lambda rule: rule.code)
def test_every_rule_describes_its_settings(rule: type[Rule]) -> None:
    schema = rule.model_json_schema()

    assert schema["additionalProperties"] is False
