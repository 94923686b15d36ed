"""Guardrail 1: the mix of investments over the horizons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import ClassVar

from lpm_sync.core.finding import Reading, Status, Verdict
from lpm_sync.core.ledger import UNMAPPED
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.value_stream import Band, Period, ValueStream
from lpm_sync.core.work_item import Horizon, WorkItem
from lpm_sync.rules.base import PASSED, Example, PortfolioRule, StreamRule
from lpm_sync.rules.budget import current_budget
from lpm_sync.rules.example import bands, epic, portfolio_of, stream
from lpm_sync.rules.wording import number_text, percent_of

_NO_TARGETS = Verdict.skipped("no targets for horizons are set")
_NO_MONEY = Verdict.skipped("no open forecast is due in a current budget period")

_READ = ("implementation_cost_forecast", "target_date", "horizon")

_Shares = Mapping[Horizon | None, int]  # whole percents; None: money without a horizon


class HorizonMix(StreamRule):
    """The shares of a value stream's money per horizon lie in their target bands.

    Counted are the open forecasts whose target date lies in the current budget period. An item without a horizon or a
    target date takes those of the nearest item above it. Shares are rounded to whole percents.
    """

    code: ClassVar[str] = "GRD101"
    reads: ClassVar[tuple[str, ...]] = _READ
    title: ClassVar[str] = "Horizon mix outside its targets"
    family: ClassVar[str] = "guardrails"
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            name="all the money stays where it always went",
            given=lambda: portfolio_of(*_by_horizon(investing=100), streams=(_TARGETED,)),
            subject="payments",
            expect=Status.FAILED,
            fix="emerging needs 10 % more",
        ),
        Example(
            name="every share within its band",
            given=lambda: portfolio_of(*_by_horizon(investing=80, emerging=20), streams=(_TARGETED,)),
            subject="payments",
            expect=Status.PASSED,
        ),
        Example(
            name="what is due in another period does not count",
            given=lambda: portfolio_of(
                epic("PAY-9", forecast=100, horizon=Horizon.INVESTING, target_date=date(2027, 1, 1)),
                streams=(_TARGETED,),
            ),
            subject="payments",
            expect=Status.SKIPPED,
        ),
    )

    def check(self, stream: ValueStream, portfolio: Portfolio) -> Verdict:
        targets = _targets(stream, portfolio)
        return _horizon_verdict(_stream_shares(stream, portfolio), targets) if targets else _NO_TARGETS

    def read(self, stream: ValueStream, portfolio: Portfolio) -> tuple[Reading, ...]:
        return _horizon_readings(_stream_shares(stream, portfolio), _targets(stream, portfolio))


class PortfolioHorizonMix(PortfolioRule):
    """The shares of the whole portfolio's money per horizon lie in their target bands.

    The money of each value stream counts by that stream's current budget period, by the same rule as GRD101; what no
    stream claims counts where any of those periods contains its target date.
    """

    code: ClassVar[str] = "GRD102"
    reads: ClassVar[tuple[str, ...]] = _READ
    title: ClassVar[str] = "Portfolio's horizon mix outside its targets"
    family: ClassVar[str] = "guardrails"
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            name="two streams that both leave the future out",
            given=lambda: portfolio_of(
                *_by_horizon(investing=60), *_by_horizon("MOB", investing=40), streams=_TWO, definition=_PORTFOLIO_BANDS
            ),
            expect=Status.FAILED,
            fix="emerging needs 10 % more",
        ),
        Example(
            name="one stream makes up for the other",
            given=lambda: portfolio_of(
                *_by_horizon(investing=60), *_by_horizon("MOB", emerging=40), streams=_TWO, definition=_PORTFOLIO_BANDS
            ),
            expect=Status.PASSED,
        ),
    )

    def check(self, portfolio: Portfolio) -> Verdict:
        targets = portfolio.definition.horizon_targets
        return _horizon_verdict(_portfolio_shares(portfolio), targets) if targets else _NO_TARGETS

    def read(self, portfolio: Portfolio) -> tuple[Reading, ...]:
        return _horizon_readings(_portfolio_shares(portfolio), portfolio.definition.horizon_targets)


def _targets(stream: ValueStream, portfolio: Portfolio) -> Mapping[Horizon, Band]:
    return portfolio.definition.horizon_targets if stream.horizon_targets is None else stream.horizon_targets


def _stream_shares(stream: ValueStream, portfolio: Portfolio) -> _Shares:
    return _shares(_due_of_stream(stream, portfolio))


def _portfolio_shares(portfolio: Portfolio) -> _Shares:
    streams = portfolio.definition.value_streams
    periods = [budget.period for stream in streams if (budget := current_budget(stream, portfolio))]
    due = [pair for stream in streams for pair in _due_of_stream(stream, portfolio)]
    return _shares([*due, *_due(UNMAPPED, periods, portfolio)])


def _due_of_stream(stream: ValueStream, portfolio: Portfolio) -> Iterator[tuple[Horizon | None, Decimal]]:
    budget = current_budget(stream, portfolio)
    return _due(stream.id, [budget.period] if budget else [], portfolio)


def _due(stream: str, periods: Sequence[Period], portfolio: Portfolio) -> Iterator[tuple[Horizon | None, Decimal]]:
    """Horizon and amount of each open forecast of the stream that is due in one of the periods."""
    for entry in portfolio.ledger.by_stream.get(stream, ()) if periods else ():
        if entry.target_date is None or not entry.forecast or not entry.item.is_open:
            continue
        if any(period.contains(entry.target_date) for period in periods):
            yield entry.horizon, entry.forecast


def _shares(due: Iterable[tuple[Horizon | None, Decimal]]) -> _Shares:
    amounts: defaultdict[Horizon | None, Decimal] = defaultdict(Decimal)
    for horizon, amount in due:
        amounts[horizon] += amount
    whole = sum(amounts.values(), Decimal(0))
    return {horizon: percent_of(amount, whole) for horizon, amount in amounts.items()}


def _horizon_verdict(shares: _Shares, targets: Mapping[Horizon, Band]) -> Verdict:
    if not shares:
        return _NO_MONEY
    fixes = []
    for horizon in Horizon:
        if (band := targets.get(horizon)) is None:
            continue
        share = shares.get(horizon, 0)
        if share < band.lower:
            fixes.append(f"{horizon} needs {number_text(band.lower - share)} % more")
        elif share > band.upper:
            fixes.append(f"{horizon} has {number_text(share - band.upper)} % too much")
    if not fixes:
        return PASSED
    if None in shares:
        fixes.append(f"give {shares[None]} % of the money a horizon")
    threshold = ", ".join(f"{horizon} {_band_text(targets[horizon])}" for horizon in Horizon if horizon in targets)
    return Verdict.failed(*_horizon_readings(shares, targets), threshold=threshold, fix="; ".join(fixes))


def _horizon_readings(shares: _Shares, targets: Mapping[Horizon, Band]) -> tuple[Reading, ...]:
    source = "open forecasts due in the current budget period"
    shown = [horizon for horizon in Horizon if horizon in shares or horizon in targets]
    readings = tuple(Reading(name=horizon, shown=f"{shares.get(horizon, 0)} %", source=source) for horizon in shown)
    return (
        (*readings, Reading(name="no horizon", shown=f"{shares[None]} %", source=source))
        if None in shares
        else readings
    )


def _band_text(band: Band) -> str:
    return f"{number_text(band.lower)}–{number_text(band.upper)} %"


_TARGETED: ValueStream = stream(
    "payments", "PAY", budget=1, horizon_targets=bands(emerging=(10, 30), investing=(40, 100))
)
_TWO: tuple[ValueStream, ...] = (stream("payments", "PAY", budget=1), stream("mobile", "MOB", budget=1))
_PORTFOLIO_BANDS: Mapping[str, object] = {"horizon_targets": bands(emerging=(10, 40), investing=(40, 100))}


def _by_horizon(project: str = "PAY", **amounts: int) -> list[WorkItem]:
    return [
        epic(f"{project}-{n}", forecast=amount, horizon=Horizon(horizon), target_date=date(2026, 12, 1))
        for n, (horizon, amount) in enumerate(amounts.items())
    ]
