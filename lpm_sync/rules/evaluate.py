"""Asks every governed rule about every subject, once, and makes findings of the failures."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import ParamSpec

from lpm_sync.core.finding import Evaluation, Finding, Reading, Status, Subject, Verdict
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import Level, Ref, WorkItem
from lpm_sync.rules.base import PASSED, GovernedRule, ItemRule, PortfolioRule, StreamRule

OPT_OUT = "opt-out"
"""The human label (without prefix) on an item that no rule is asked about."""

_Asked = tuple[Subject, GovernedRule, Verdict]
_Subject = ParamSpec("_Subject")
_SPEAKING = (Status.FAILED, Status.ERROR)


def evaluate(
    portfolio: Portfolio,
    governed: Sequence[GovernedRule],
    since: Mapping[tuple[str, str], date],
    opt_out: Collection[str] = ("lpm:opt-out",),
) -> Evaluation:
    """All findings, and what is held because a rule could not tell.

    `since` remembers by subject and rule code when a finding was first seen; one that neither its rule nor this can
    date begins on the portfolio's day. Items come in the order of their refs, then streams, then the portfolio, each
    with its rules in the order of the policy. Items that are done or carry a label of `opt_out` are not asked about.
    """
    findings: list[Finding] = []
    held: dict[Subject, dict[str, str]] = {}
    for subject, asked, verdict in _verdicts(portfolio, governed, opt_out):
        if verdict.status is Status.ERROR:
            held.setdefault(subject, {})[asked.rule.code] = verdict.reason
        else:
            first_seen = since.get((str(subject), asked.rule.code), portfolio.today)
            findings.append(_finding(subject, asked, verdict, verdict.since or first_seen))
    return Evaluation(findings=tuple(findings), held=held, governed=tuple(asked.governed for asked in governed))


def explain(
    portfolio: Portfolio,
    governed: Sequence[GovernedRule],
    subject: Subject,
    opt_out: Collection[str] = ("lpm:opt-out",),
) -> list[tuple[GovernedRule, Verdict]]:
    """Every rule of the subject's kind with its verdict, all four outcomes, PASSED with the values that were read.

    Raises KeyError where the portfolio has no such subject.
    """
    explained: list[tuple[GovernedRule, Verdict]] = []
    for asked in governed:
        rule = asked.rule
        if isinstance(rule, ItemRule) and subject.kind == "item":
            item = portfolio.items[Ref.parse(subject.id)]
            reason = _why_not_asked(item, rule, opt_out)
            verdict = Verdict.skipped(reason) if reason else _ask_about_item(rule, item, portfolio)
            explained.append((asked, _with_readings(verdict, rule.read, item, portfolio)))
        elif isinstance(rule, StreamRule) and subject.kind == "stream":
            stream = portfolio.stream(subject.id)
            verdict = _held_while_stale(portfolio) or _ask(rule.check, stream, portfolio)
            explained.append((asked, _with_readings(verdict, rule.read, stream, portfolio)))
        elif isinstance(rule, PortfolioRule) and subject.kind == "portfolio":
            verdict = _held_while_stale(portfolio) or _ask(rule.check, portfolio)
            explained.append((asked, _with_readings(verdict, rule.read, portfolio)))
    return explained


def _verdicts(portfolio: Portfolio, governed: Sequence[GovernedRule], opt_out: Collection[str]) -> Iterator[_Asked]:
    """Every FAILED and every ERROR."""
    yield from _item_verdicts(portfolio, governed, opt_out)
    held = _held_while_stale(portfolio)
    stream_rules = [(asked, asked.rule) for asked in governed if isinstance(asked.rule, StreamRule)]
    for stream in portfolio.definition.value_streams:
        for asked, stream_rule in stream_rules:
            verdict = held or _ask(stream_rule.check, stream, portfolio)
            if verdict.status in _SPEAKING:
                yield Subject(kind="stream", id=stream.id), asked, verdict
    for asked in governed:
        if isinstance(asked.rule, PortfolioRule):
            verdict = held or _ask(asked.rule.check, portfolio)
            if verdict.status in _SPEAKING:
                yield Subject(kind="portfolio", id=portfolio.definition.name), asked, verdict


def _item_verdicts(
    portfolio: Portfolio, governed: Sequence[GovernedRule], opt_out: Collection[str]
) -> Iterator[_Asked]:
    item_rules = [(asked, asked.rule) for asked in governed if isinstance(asked.rule, ItemRule)]
    at_level = {level: [(asked, rule.check) for asked, rule in item_rules if level in rule.levels] for level in Level}
    for item in portfolio.items.values():
        if not item.is_open or label_among(item, opt_out):
            continue
        if item.is_stale:
            subject = Subject(kind="item", id=str(item.ref))
            yield from ((subject, asked, _stale(item)) for asked, _ in at_level[item.level])
            continue
        for asked, check in at_level[item.level]:
            # `_ask` written out: this line runs millions of times.
            try:
                verdict = check(item, portfolio)
                if verdict is PASSED or verdict.status not in _SPEAKING:
                    continue
            except Exception as crash:  # noqa: BLE001 - isolation: as in `_ask`
                verdict = _crashed(crash)
            yield Subject(kind="item", id=str(item.ref)), asked, verdict


def _ask_about_item(rule: ItemRule, item: WorkItem, portfolio: Portfolio) -> Verdict:
    return _stale(item) if item.is_stale else _ask(rule.check, item, portfolio)


def _stale(item: WorkItem) -> Verdict:
    return Verdict.error(f"source {item.ref.tracker} is stale: its last snapshot is read and not acted on")


def _ask(check: Callable[_Subject, Verdict], *subject: _Subject.args, **nothing: _Subject.kwargs) -> Verdict:
    try:
        verdict = check(*subject, **nothing)
        if not isinstance(verdict, Verdict):
            raise TypeError("a rule gives a verdict")
    except Exception as crash:  # noqa: BLE001 - isolation: one crashed rule must not silence the others
        return _crashed(crash)
    return verdict


def _crashed(crash: Exception) -> Verdict:
    """The type alone: a message may quote values that do not belong on a card or in a log."""
    return Verdict.error(f"the rule crashed ({type(crash).__name__})")


def _held_while_stale(portfolio: Portfolio) -> Verdict | None:
    """What looks at the whole waits until the whole is there."""
    if not portfolio.stale:
        return None
    trackers = ", ".join(sorted(portfolio.stale))
    return Verdict.error(f"source {trackers} is stale: sums over the portfolio say nothing")


def _why_not_asked(item: WorkItem, rule: ItemRule, opt_out: Collection[str]) -> str:
    if not item.is_open:
        return "the item is done"
    if label := label_among(item, opt_out):
        return f"the item carries the label {label}"
    return "" if item.level in rule.levels else f"not asked about a {item.level}"


def label_among(item: WorkItem, labels: Collection[str]) -> str | None:
    """The one of these labels that the item carries, whatever its case."""
    own = item.source.labels
    return next((label for one in own if (label := one.lower()) in labels), None) if own else None


def _with_readings(
    verdict: Verdict,
    read: Callable[_Subject, tuple[Reading, ...]],
    *subject: _Subject.args,
    **nothing: _Subject.kwargs,
) -> Verdict:
    if verdict.status is not Status.PASSED or verdict.readings:
        return verdict
    return replace(verdict, readings=read(*subject, **nothing))


def _finding(subject: Subject, asked: GovernedRule, verdict: Verdict, since: date) -> Finding:
    return Finding(
        code=asked.rule.code,
        title=asked.rule.title,
        subject=subject,
        mode=asked.mode,
        readings=verdict.readings,
        threshold=verdict.threshold,
        fix=verdict.fix,
        since=since,
        blockers=verdict.blockers,
        label=asked.label,
        escalate_after=asked.escalate_after,
    )
