"""Money in a digest: budget, forecast and spend of each value stream, and what belongs to none."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from lpm_sync.core.digest import Section
from lpm_sync.core.document import Block, BulletList, Document, Span
from lpm_sync.core.figures import money_text
from lpm_sync.core.ledger import UNMAPPED
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.text import one_line
from lpm_sync.core.value_stream import ValueStream
from lpm_sync.core.work_item import WorkItem
from lpm_sync.report.digest_content import LONGEST_TEXT, DigestContent, text
from lpm_sync.report.text import listed

NOT_MEASURABLE = "not measurable yet"


def money_section(content: DigestContent) -> Section:
    """One line a stream. A figure that no item gives is not measurable yet, which is not zero."""
    portfolio = content.portfolio
    lines = [_stream_line(stream, content) for stream in portfolio.definition.value_streams]
    claimed = {ref for members in portfolio.members.values() for ref in members}
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
    portfolio = content.portfolio
    items = [portfolio.items[ref] for ref in portfolio.members.get(stream.id, ()) if ref in portfolio.items]
    budget = _budget(stream, portfolio)
    return f"{one_line(stream.name, LONGEST_TEXT)}: {budget}, {_figures(stream.id, items, content)}"


def _budget(stream: ValueStream, portfolio: Portfolio) -> str:
    current = [budget for budget in stream.budgets if budget.period.contains(portfolio.today)]
    if not current:
        return "no budget for this period"
    amount = money_text(sum((budget.amount for budget in current), Decimal(0)), portfolio.definition.currency)
    return f"budget {amount} ({listed(sorted(one_line(budget.period.id, LONGEST_TEXT) for budget in current))})"


def _figures(stream: str, items: Iterable[WorkItem], content: DigestContent) -> str:
    ledger, currency = content.portfolio.ledger, content.portfolio.definition.currency
    found = tuple(items)
    forecast = spend = NOT_MEASURABLE
    if any(item.implementation_cost_forecast is not None for item in found):
        forecast = money_text(ledger.forecast_by_stream.get(stream, Decimal(0)), currency)
    if any(item.actual_spend is not None for item in found):
        spend = f"{money_text(ledger.spend_by_stream.get(stream, Decimal(0)), currency)} ({content.spend_source})"
    return f"forecast {forecast}, spend {spend}"
