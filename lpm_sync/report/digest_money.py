"""Money in a digest: budget, forecast and spend of each value stream, and what belongs to none."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from lpm_sync.core.digest import Section
from lpm_sync.core.document import Block, BulletList, Document, Span
from lpm_sync.core.figures import money_text
from lpm_sync.core.ledger import UNMAPPED
from lpm_sync.core.text import one_line
from lpm_sync.core.value_stream import ValueStream
from lpm_sync.core.work_item import WorkItem
from lpm_sync.report.digest_content import LONGEST_TEXT, DigestContent, text
from lpm_sync.report.text import listed
from lpm_sync.rules.budget import current_budget, entries_in

NOT_MEASURABLE = "not measurable yet"


def money_section(content: DigestContent) -> Section:
    """One line a stream. A figure that no item gives is not measurable yet, which is not zero."""
    portfolio = content.portfolio
    lines = [_stream_line(stream, content) for stream in portfolio.definition.value_streams]
    claimed = {item.ref for members in portfolio.members.values() for item in members}
    unmapped = [item for ref, item in portfolio.items.items() if ref not in claimed]
    if unmapped:
        lines.append(f"Without a value stream: {_figures(UNMAPPED, unmapped, content)}")
    blocks: list[Block] = [BulletList(items=tuple((Span(text=line),) for line in lines))]
    if not portfolio.ledger.closes:
        blocks.append(text("The ledger does not close: the sum over items differs from the sum over value streams."))
    if portfolio.stale:
        names = listed(sorted(one_line(name, LONGEST_TEXT) for name in portfolio.stale))
        blocks.append(text(f"Figures of {names} are those of the last complete reading."))
    return Section(heading="Money", body=Document(blocks=tuple(blocks)))


def _stream_line(stream: ValueStream, content: DigestContent) -> str:
    """The budget beside what falls into its period, by the rule of the budget rules; then everything there is."""
    portfolio = content.portfolio
    items = portfolio.members.get(stream.id, ())
    name, everything = one_line(stream.name, LONGEST_TEXT), _figures(stream.id, items, content)
    budget = current_budget(stream, portfolio)
    if budget is None:
        return f"{name}: no budget for this period, {everything}"
    entries = list(entries_in(stream, budget.period, portfolio))
    forecast = sum((entry.forecast for entry in entries), Decimal(0))
    spend = sum((entry.spend for entry in entries), Decimal(0))
    period = one_line(budget.period.id, LONGEST_TEXT)
    amount = money_text(budget.amount, portfolio.definition.currency)
    in_period = _told(forecast, spend, items, content)
    return f"{name}: budget {amount} for {period}, {in_period}; over all periods {everything}"


def _figures(stream: str, items: Iterable[WorkItem], content: DigestContent) -> str:
    ledger = content.portfolio.ledger
    forecast, spend = ledger.forecast_by_stream, ledger.spend_by_stream
    return _told(forecast.get(stream, Decimal(0)), spend.get(stream, Decimal(0)), items, content)


def _told(forecast: Decimal, spend: Decimal, items: Iterable[WorkItem], content: DigestContent) -> str:
    portfolio, found = content.portfolio, tuple(items)
    currency, trackers = portfolio.definition.currency, {item.ref.tracker for item in found}
    forecast_text = spend_text = None
    if any(item.implementation_cost_forecast is not None for item in found):
        forecast_text = money_text(forecast, currency)
    if any(item.actual_spend is not None for item in found):
        spend_text = f"{money_text(spend, currency)} ({content.spend_source})"
    forecast_unknown = portfolio.mapped.why_unknown(trackers, ("implementation_cost_forecast",))
    spend_unknown = portfolio.mapped.why_unknown(trackers, ("actual_spend",))
    return f"forecast {_measured(forecast_text, forecast_unknown)}, spend {_measured(spend_text, spend_unknown)}"


def _measured(figure: str | None, unknown: str) -> str:
    """A sum that lacks what a tracker does not tell is no figure: it says why, and what there is of it."""
    if not unknown:
        return figure or NOT_MEASURABLE
    return f"{NOT_MEASURABLE} ({unknown}{f'; without that {figure}' if figure else ''})"
