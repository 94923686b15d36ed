"""Why something has its findings: every rule asked again, with the values that it reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lpm_sync.core.finding import Subject, Verdict
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import Ref, WorkItem
from lpm_sync.errors import ConfigurationError, LpmSyncError, UnavailableError
from lpm_sync.pipeline.reading import Reading, read_portfolio
from lpm_sync.pipeline.vocabulary_checks import scope_fault
from lpm_sync.pipeline.workplace import Workplace
from lpm_sync.policy.configuration import Configuration
from lpm_sync.ports import Tracker
from lpm_sync.rules.base import GovernedRule
from lpm_sync.rules.evaluate import OPT_OUT, explain


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A subject by name, what it was read as, and every rule of its kind with its verdict."""

    name: str
    facts: tuple[str, ...]
    verdicts: tuple[tuple[GovernedRule, Verdict], ...]


def explain_reference(workplace: Workplace, reference: str) -> Explanation:
    """Reads the portfolio and explains `tracker:key`, `tracker:id`, `stream:id` or `portfolio`; writes nothing.

    Raises ConfigurationError where nothing of that name was read, saying where it is instead, and UnavailableError
    where it may stand in what was not delivered.
    """
    configuration = workplace.configuration()
    _check_form(reference, configuration)
    with workplace.state_to_read() as state, workplace.trackers(configuration, state) as trackers:
        reading = read_portfolio(configuration, trackers, state, workplace.clock.now())
        subject = _subject(reference, reading.portfolio)
        if subject is None:
            raise _unread(reference, configuration, reading, trackers)
    portfolio = reading.portfolio
    verdicts = explain(portfolio, configuration.governed_rules(), subject, configuration.governance().labelled(OPT_OUT))
    item = portfolio.items.get(Ref.parse(subject.id)) if subject.kind == "item" else None
    return Explanation(
        name=f"{item.key} {item.title}" if item else f"{subject.kind} {subject.id}",
        facts=tuple(_facts(item, portfolio)) if item else (),
        verdicts=tuple(verdicts),
    )


def _check_form(reference: str, configuration: Configuration) -> None:
    """Raises ConfigurationError for what cannot name anything, before a tracker is asked."""
    kind, colon, identifier = reference.partition(":")
    if reference == "portfolio" or kind == "stream":
        return
    known = ", ".join(configuration.trackers)
    if not (colon and identifier):
        example = f"{configuration.trackers[0]}:{'PAY-12' if colon or not reference else reference}"
        raise ConfigurationError(
            f"{reference!r} names no item: write it as {example} (the trackers are: {known}), stream:ID, or portfolio"
        )
    if kind not in configuration.trackers:
        raise ConfigurationError(f"there is no tracker {kind!r}; there are: {known}")


def _subject(reference: str, portfolio: Portfolio) -> Subject | None:
    if reference == "portfolio":
        return Subject(kind="portfolio", id=portfolio.definition.name)
    kind, _, identifier = reference.partition(":")
    if kind == "stream":
        known = {stream.id for stream in portfolio.definition.value_streams}
        if identifier in known:
            return Subject(kind="stream", id=identifier)
        raise ConfigurationError(f"no value stream {identifier!r}; there are: {', '.join(sorted(known))}")
    for aside in portfolio.quarantined.values():
        if reference.casefold() in (aside.key.casefold(), str(aside.ref).casefold()):
            raise ConfigurationError(f"{aside.key} is in quarantine: {aside.reason}")
    for item in portfolio.items.values():
        if reference.casefold() in (item.key.casefold(), str(item.ref).casefold()):
            return Subject(kind="item", id=str(item.ref))
    return None


def _unread(
    reference: str, configuration: Configuration, reading: Reading, trackers: Mapping[str, Tracker]
) -> LpmSyncError:
    """Why that item was not read: its tracker failed, it is out of scope, or nobody has it; and what was looked for."""
    name, _, key = reference.partition(":")
    [source] = [source for source in reading.sources if source.tracker == name]
    unread = f"no item {reference} was read"
    if source.error is not None:
        return (ConfigurationError if source.is_mistaken else UnavailableError)(f"{unread}\n{source.error}")
    try:
        item = trackers[name].find(key)
    except LpmSyncError as error:
        return ConfigurationError(f"{unread}, and it cannot be asked for: {error}")
    if item is None:
        scope = ", ".join(configuration.tracker(name).scope.projects)
        return ConfigurationError(
            f"{unread}: neither has any of the {len(source.items):,} items of {scope} the key or id {key!r}, nor does "
            f"{name} show such a one to the account; check the key, and the scope and the levels in trackers.yaml"
        )
    if item.project in source.failures:
        return UnavailableError(f"{unread}\n{name}: project {item.project}: {source.failures[item.project]}")
    if any(item.ref == epic.ref for epics in reading.portfolio.escalations.values() for epic in epics):
        return ConfigurationError(f"{reference} is an escalation of ours: no rule is about it; explain what it names")
    fault = scope_fault(configuration, item) or "the query of the scope leaves it out"
    return ConfigurationError(f"{unread}: {fault}; correct the scope and the levels in trackers.yaml")


def _facts(item: WorkItem, portfolio: Portfolio) -> Iterator[str]:
    claims = portfolio.claims.get(item.ref, ())
    yield f"level: {item.level}, status: {item.source.status}, progress: {item.progress}"
    yield f"value stream: {', '.join(claims) or 'none'}, team: {item.team or 'none'}"
    above = " < ".join(parent.key for parent in portfolio.ancestors(item.ref))
    if above:
        yield f"above it: {above}"
    if item.is_stale:
        yield "from the last snapshot: its tracker did not deliver it, so nothing is concluded from it"
