"""Items as connectors hand them over, for what is measured without a network."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from lpm_sync.core.work_item import Edge, Progress, Ref, SourceItem
from lpm_sync.ports import Pull

NOW = datetime(2026, 11, 9, 8, tzinfo=UTC)
EPIC_EACH = 50
WORDS = "the settlement of a card payment has to reach the ledger of the merchant before the next working day begins. "
_STATUSES = (
    ("Funnel", Progress.TODO),
    ("Analyzing", Progress.TODO),
    ("In Progress", Progress.DOING),
    ("Done", Progress.DONE),
)


def source_item(number: int) -> SourceItem:
    """Item `number` of a portfolio in which every fiftieth is an epic above the following ones."""
    is_epic, here = number % EPIC_EACH == 0, _ref(number)
    project = "PORT" if is_epic else ("PAY", "MOB", "LEND")[number % 3]
    status, progress = _STATUSES[number // EPIC_EACH % 4 if is_epic else number % 10 % 4]
    blocked = Edge(_ref(number - 1), here) if number % 100 == 2 else None
    return SourceItem(
        ref=here,
        key=f"{project}-{number}",
        url=f"https://northwind.atlassian.net/browse/{project}-{number}",
        project=project,
        type="Epic" if is_epic else "Feature",
        title=f"Item {number}: {WORDS[:60]}",
        status=status,
        progress=progress,
        created=NOW - timedelta(days=90, minutes=number),
        updated=NOW - timedelta(minutes=number),
        parent=None if is_epic else _ref(number - number % EPIC_EACH),
        labels=frozenset({"frontend", f"team-{number % 7}"}) if number % 3 == 0 else frozenset(),
        owner=f"557058:user-{number % 40}",
        components=(f"component-{number % 5}",),
        description=WORDS * 6,
        fields={
            "implementation_cost_forecast": Decimal("40000.50") if is_epic else Decimal("800.25"),
            "estimate": Decimal(number % 13 + 1),
            "benefit_hypothesis": "Merchants are paid a day sooner, and call support less often.",
            "acceptance_criteria": "The ledger shows the amount on the same day.",
            "work_category": "Feature",
            "horizon": "Horizon 1 investing",
            "planning_interval": "PI-1",
            "team": f"Team {number % 30}",
        },
        edges=frozenset() if blocked is None else frozenset({blocked}),
    )


def pull_of(items: tuple[SourceItem, ...]) -> Pull:
    """A reading that brought these, and everything."""
    return Pull(tracker="jira", account="bot", server_time=NOW, items=items)


def _ref(number: int) -> Ref:
    return Ref("jira", str(10_001 + number))
