"""Plans as files: people approve them by their digests, and they outlive an update of the program."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from lpm_sync.core.change import AddLabel, AddLink
from lpm_sync.core.plan import ItemPlan, Plan
from lpm_sync.core.work_item import Ref
from lpm_sync.errors import ConfigurationError

_BECAUSE = ("TST101",)
_LINK = AddLink(target=Ref("ado", "7"), target_url="https://ado.example/7", target_title="Payouts é", because=_BECAUSE)
PLAN = Plan(
    made_at=datetime(2026, 11, 9, 8, tzinfo=UTC),
    portfolio="Northwind",
    items_in_scope=3,
    items=(
        ItemPlan(
            ref=Ref("jira", "10001"),
            key="jira:PAY-1",
            title="Refunds",
            url="https://jira.example/browse/PAY-1",
            precondition="0123456789abcdef",
            changes=(AddLabel(label="lpm:not-ready", because=_BECAUSE), _LINK),
        ),
    ),
)


def test_a_plan_reads_back_from_its_file() -> None:
    assert Plan.from_json(PLAN.to_json()) == PLAN


@pytest.mark.parametrize("part", ["made_at", "portfolio", "items_in_scope", "digest", "seal"])
def test_no_part_of_the_file_can_be_edited_unnoticed(part: str) -> None:
    other = {"made_at": "2026-11-10T08:00:00Z", "items_in_scope": 300}.get(part, "another")
    edited = json.dumps({**json.loads(PLAN.to_json()), part: other}).encode()
    with pytest.raises(ConfigurationError, match="edited after it was made; write it again with: lpm-sync plan --out"):
        Plan.from_json(edited)


def test_plans_stand_in_files_and_have_digests_as_ever() -> None:
    [item] = json.loads(PLAN.to_json())["items"]
    assert item["ref"] == {"tracker": "jira", "id": "10001"}
    assert item["changes"][1]["target"] == {"tracker": "ado", "id": "7"}
    assert PLAN.digest == "62c038a38b66e201"
