"""Why something has its findings: every rule asked again, with the values that it reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lpm_sync.core.finding import Subject, Verdict
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import Ref, WorkItem
from lpm_sync.errors import ConfigurationError, UnavailableError
from lpm_sync.pipeline.reading import read_portfolio
from lpm_sync.pipeline.workplace import Workplace
from lpm_sync.rules.base import GovernedRule
from lpm_sync.rules.evaluate import explain


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A subject by name, what it was read as, and every rule of its kind with its verdict."""

    name: str
    facts: tuple[str, ...]
    verdicts: tuple[tuple[GovernedRule, Verdict], ...]


def explain_reference(workplace: Workplace, reference: str) -> Explanation:
    """Reads the portfolio and explains `tracker:key`, `tracker:id`, `stream:id` or `portfolio`; writes nothing.

    Raises ConfigurationError where nothing of that name was read, saying where it is instead.
    """
    configuration = workplace.configuration()
    with workplace.state_to_read() as state, workplace.trackers(configuration) as trackers:
        reading = read_portfolio(configuration, trackers, state, workplace.clock.now())
    portfolio = reading.portfolio
    try:
        subject = _subject(reference, portfolio)
    except ConfigurationError as unknown:
        failed = [source.error for source in reading.sources if source.error is not None]
        raise UnavailableError("\n".join([str(unknown), *failed])) if failed else unknown from None
    verdicts = explain(portfolio, configuration.governed_rules(), subject, configuration.governance().label_prefix)
    item = portfolio.items.get(Ref.parse(subject.id)) if subject.kind == "item" else None
    return Explanation(
        name=f"{item.key} {item.title}" if item else f"{subject.kind} {subject.id}",
        facts=tuple(_facts(item, portfolio)) if item else (),
        verdicts=tuple(verdicts),
    )


def _subject(reference: str, portfolio: Portfolio) -> Subject:
    if reference == "portfolio":
        return Subject(kind="portfolio", id=portfolio.definition.name)
    kind, _, identifier = reference.partition(":")
    if kind == "stream":
        known = {stream.id for stream in portfolio.definition.value_streams}
        if identifier in known:
            return Subject(kind="stream", id=identifier)
        raise ConfigurationError(f"no value stream {identifier!r}; there are: {', '.join(sorted(known))}")
    for item in portfolio.items.values():
        if reference.casefold() in (item.key.casefold(), str(item.ref).casefold()):
            return Subject(kind="item", id=str(item.ref))
    for aside in portfolio.quarantined.values():
        if reference.casefold() in (aside.key.casefold(), str(aside.ref).casefold()):
            raise ConfigurationError(f"{aside.key} is in quarantine: {aside.reason}")
    raise ConfigurationError(f"no item {reference} was read: check its key, the scope and the levels in trackers.yaml")


def _facts(item: WorkItem, portfolio: Portfolio) -> Iterator[str]:
    claims = portfolio.claims.get(item.ref, ())
    yield f"level: {item.level}, status: {item.source.status}, progress: {item.progress}"
    yield f"value stream: {', '.join(claims) or 'none'}, team: {item.team or 'none'}"
    above = " < ".join(parent.key for parent in portfolio.ancestors(item.ref))
    if above:
        yield f"above it: {above}"
    if item.is_stale:
        yield "from the last snapshot: its tracker did not deliver it, so nothing is concluded from it"
