"""The ledger counts every cent once, whatever the hierarchy."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpm_sync.core.ledger import UNMAPPED, Ledger, build_ledger
from lpm_sync.core.work_item import Horizon, Level, Ref, WorkItem
from lpm_sync.rules.example import epic, feature, item, ref_of

_PORT = ref_of("PORT-1")
_STREAMS = ("", "payments", "mobile")
_AMOUNTS = st.none() | st.decimals(min_value=0, max_value=10**9, places=2)


def _ledger(*items: WorkItem, claims: dict[str, tuple[str, ...]] | None = None) -> Ledger:
    by_ref = {one.ref: one for one in items}
    children: dict[Ref, tuple[Ref, ...]] = {}
    for one in items:
        if one.parent in by_ref:
            children[one.parent] = (*children.get(one.parent, ()), one.ref)
    return build_ledger(by_ref, children, {ref_of(key): streams for key, streams in (claims or {}).items()})


@pytest.mark.parametrize(
    ("own", "features", "share", "compared"),
    [
        (600_000, (200_000, 150_000), 250_000, 600_000),
        (300_000, (200_000, 150_000), 0, 350_000),
        (None, (200_000, 350_000), 0, 550_000),
    ],
)
def test_an_epic_adds_what_is_not_yet_broken_down(
    own: int | None, features: tuple[int, ...], share: int, compared: int
) -> None:
    below = [feature(f"PAY-{n}", parent="PORT-1", forecast=amount) for n, amount in enumerate(features)]

    ledger = _ledger(epic("PORT-1", forecast=own), *below)

    assert ledger.entries[_PORT].forecast == share
    assert ledger.compared[_PORT] == compared
    assert ledger.broken_down[_PORT] == sum(features)


def test_what_is_not_measured_is_not_zero() -> None:
    ledger = _ledger(epic("PORT-1"), feature("PAY-1", parent="PORT-1"), epic("PORT-2", forecast=0))

    assert _PORT not in ledger.compared
    assert _PORT not in ledger.broken_down
    assert ledger.compared[ref_of("PORT-2")] == 0


def test_stories_break_a_feature_down_as_features_break_an_epic_down() -> None:
    ledger = _ledger(
        epic("PORT-1", forecast=100),
        feature("PAY-1", parent="PORT-1", forecast=50),
        item("PAY-2", Level.STORY, parent="PAY-1", forecast=70),
    )

    assert ledger.broken_down == {_PORT: 70, ref_of("PAY-1"): 70}
    assert ledger.entries[_PORT].forecast == 30
    assert ledger.entries[ref_of("PAY-1")].forecast == 0


def test_spend_stays_on_the_item_that_carries_it() -> None:
    ledger = _ledger(
        epic("PORT-1", spend=10),
        feature("PAY-1", parent="PORT-1", spend=5),
        claims={"PORT-1": ("payments",), "PAY-1": ("mobile",)},
    )

    assert ledger.entries[_PORT].spend == 10
    assert ledger.spend_by_stream == {"payments": 10, "mobile": 5}


@pytest.mark.parametrize("claims", [(), ("payments", "mobile")])
def test_money_of_no_stream_or_of_several_is_kept_as_unmapped(claims: tuple[str, ...]) -> None:
    ledger = _ledger(epic("PORT-1", forecast=10), claims={"PORT-1": claims})

    assert ledger.forecast_by_stream == {UNMAPPED: 10}
    assert ledger.closes


def test_nothing_is_counted_for_a_parent_outside_the_portfolio() -> None:
    ledger = _ledger(feature("PAY-1", parent="ELSE-1", forecast=10))

    assert set(ledger.compared) == {ref_of("PAY-1")}
    assert ledger.broken_down == {}


def test_a_circle_of_parents_is_counted_once_each() -> None:
    ledger = _ledger(
        epic("PORT-1", forecast=100, parent="PORT-2"),
        epic("PORT-2", forecast=50, parent="PORT-1"),
        epic("PORT-3", forecast=7, parent="PORT-3"),
        feature("PAY-1", parent="PORT-1", forecast=30),
    )

    assert {ref.id: entry.forecast for ref, entry in ledger.entries.items()} == {
        "PORT-1": 70,
        "PORT-2": 50,
        "PORT-3": 7,
        "PAY-1": 30,
    }
    assert ledger.closes


def test_a_share_is_due_when_its_item_is_or_else_the_nearest_above_it() -> None:
    top, middle = date(2026, 12, 1), date(2026, 11, 1)
    ledger = _ledger(
        epic("PORT-1", target_date=top, horizon=Horizon.EMERGING),
        epic("PORT-2", parent="PORT-1", target_date=middle),
        feature("PAY-1", parent="PORT-2"),
        feature("PAY-2", parent="PORT-1", target_date=middle),
        feature("PAY-3"),
    )

    due = {ref.id: (entry.target_date, entry.horizon) for ref, entry in ledger.entries.items()}

    assert due[ref_of("PAY-1").id] == (middle, Horizon.EMERGING)
    assert due[ref_of("PAY-2").id] == (middle, Horizon.EMERGING)
    assert due[ref_of("PAY-3").id] == (None, None)


def test_items_above_each_other_end_the_search_for_a_date() -> None:
    ledger = _ledger(
        epic("PORT-1", parent="PORT-2"), epic("PORT-2", parent="PORT-1"), feature("PAY-1", parent="PORT-1")
    )

    assert {entry.target_date for entry in ledger.entries.values()} == {None}


def test_a_lost_cent_leaves_the_ledger_open() -> None:
    ledger = _ledger(epic("PORT-1", forecast=Decimal("0.01")))

    assert not Ledger(
        entries=ledger.entries,
        compared=ledger.compared,
        broken_down=ledger.broken_down,
        by_stream=ledger.by_stream,
        forecast_by_stream={},
        spend_by_stream=ledger.spend_by_stream,
    ).closes


@st.composite
def _forest(draw: st.DrawFn) -> tuple[list[WorkItem], dict[str, tuple[str, ...]]]:
    """Items whose parents come before them, with any money and any stream."""
    count = draw(st.integers(1, 25))
    items, claims = [], {}
    for n in range(count):
        above = draw(st.none() | st.integers(0, n - 1)) if n else None
        parent = None if above is None else f"X-{above}"
        items.append(feature(f"X-{n}", parent=parent, forecast=draw(_AMOUNTS), spend=draw(_AMOUNTS)))
        claims[f"X-{n}"] = tuple(filter(None, (draw(st.sampled_from(_STREAMS)),)))
    return draw(st.permutations(items)), claims


@given(_forest())
def test_money_is_conserved_to_the_cent(forest: tuple[list[WorkItem], dict[str, tuple[str, ...]]]) -> None:
    items, claims = forest

    ledger = _ledger(*items, claims=claims)

    roots = [one.ref for one in items if one.parent is None]
    shares = sum(entry.forecast for entry in ledger.entries.values())
    assert ledger.closes
    assert shares == sum(ledger.compared.get(root, 0) for root in roots)
    assert sum(ledger.spend_by_stream.values()) == sum(one.actual_spend or 0 for one in items)


@given(_forest())
def test_a_share_is_never_negative_nor_above_the_items_own_forecast(
    forest: tuple[list[WorkItem], dict[str, tuple[str, ...]]],
) -> None:
    items, claims = forest

    ledger = _ledger(*items, claims=claims)

    for one in items:
        assert 0 <= ledger.entries[one.ref].forecast <= (one.implementation_cost_forecast or 0)
