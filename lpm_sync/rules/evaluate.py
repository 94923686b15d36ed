"""Asks every governed rule about every subject, once, and makes findings of the failures."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import ParamSpec

from lpm_sync.core.finding import WITHDRAWN, Ending, Evaluation, Finding, Reading, Status, Subject, Verdict
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.value_stream import ValueStream
from lpm_sync.core.work_item import Level, Ref, WorkItem
from lpm_sync.rules.base import PASSED, GovernedRule, ItemRule, PortfolioRule, StreamRule

OPT_OUT = "opt-out"
"""The human label (without prefix) on an item that no rule is asked about."""

_Asked = tuple[Subject, GovernedRule, Verdict]
_Subject = ParamSpec("_Subject")
_RESOLVED = Ending(is_resolved=True)
_SPEAKING = (Status.FAILED, Status.ERROR)


def evaluate(
    portfolio: Portfolio,
    governed: Sequence[GovernedRule],
    since: Mapping[tuple[str, str], date],
    opt_out: Collection[str] = ("lpm:opt-out",),
) -> Evaluation:
    """All findings, what is held because a rule could not tell, and how those of before ended.

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
    standing = {(str(finding.subject), finding.code) for finding in findings}
    standing |= {(str(subject), code) for subject, codes in held.items() for code in codes}
    ended = [(Subject.parse(subject), code) for subject, code in since.keys() - standing]
    return Evaluation(
        findings=tuple(findings),
        held=held,
        governed=tuple(asked.governed for asked in governed),
        endings={key: _ending(*key, portfolio, governed, opt_out) for key in ended},
    )


def _ending(
    subject: Subject, code: str, portfolio: Portfolio, governed: Sequence[GovernedRule], opt_out: Collection[str]
) -> Ending:
    """How a finding of before ended: its rule is asked again, since it tells only of what fails now."""
    rules = [asked for asked in governed if asked.rule.code == code]
    if not rules:
        return WITHDRAWN
    if subject.kind == "item":
        item = portfolio.items.get(Ref.parse(subject.id))
        if item is None or not item.is_open:
            return _RESOLVED
    try:
        explained = explain(portfolio, rules, subject, opt_out)
    except KeyError:
        return WITHDRAWN
    for _, verdict in explained:
        return _RESOLVED if verdict.status is Status.PASSED else Ending(is_resolved=False, reason=verdict.reason)
    return WITHDRAWN


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
            verdict = _ask_about_item(rule, item, portfolio, opt_out)
            explained.append((asked, _with_readings(verdict, rule.read, item, portfolio)))
        elif isinstance(rule, StreamRule) and subject.kind == "stream":
            stream = portfolio.stream(subject.id)
            verdict = _ask_about_stream(rule, stream, portfolio)
            explained.append((asked, _with_readings(verdict, rule.read, stream, portfolio)))
        elif isinstance(rule, PortfolioRule) and subject.kind == "portfolio":
            explained.append((asked, _with_readings(_ask_about_all(rule, portfolio), rule.read, portfolio)))
    return explained


def _verdicts(portfolio: Portfolio, governed: Sequence[GovernedRule], opt_out: Collection[str]) -> Iterator[_Asked]:
    """Every FAILED and every ERROR."""
    yield from _item_verdicts(portfolio, governed, opt_out)
    stream_rules = [(asked, asked.rule) for asked in governed if isinstance(asked.rule, StreamRule)]
    for stream in portfolio.definition.value_streams:
        for asked, stream_rule in stream_rules:
            verdict = _ask_about_stream(stream_rule, stream, portfolio)
            if verdict.status in _SPEAKING:
                yield Subject(kind="stream", id=stream.id), asked, verdict
    for asked in governed:
        if isinstance(asked.rule, PortfolioRule):
            verdict = _ask_about_all(asked.rule, portfolio)
            if verdict.status in _SPEAKING:
                yield Subject(kind="portfolio", id=portfolio.definition.name), asked, verdict


def _item_verdicts(
    portfolio: Portfolio, governed: Sequence[GovernedRule], opt_out: Collection[str]
) -> Iterator[_Asked]:
    item_rules = [(asked, asked.rule) for asked in governed if isinstance(asked.rule, ItemRule)]

    @cache
    def rules_for(tracker: str) -> dict[Level, list[tuple[GovernedRule, Callable[[WorkItem, Portfolio], Verdict]]]]:
        """Those that can tell, by level."""
        told = [(asked, rule) for asked, rule in item_rules if not portfolio.mapped.lacking(tracker, rule.needs())]
        return {level: [(asked, rule.check) for asked, rule in told if level in rule.levels] for level in Level}

    for item in portfolio.items.values():
        if not item.is_open or label_among(item, opt_out):
            continue
        asked_here = rules_for(item.source.ref.tracker)[item.level]
        if item.is_stale:
            subject = Subject(kind="item", id=str(item.ref))
            yield from ((subject, asked, _stale(item, portfolio)) for asked, _ in asked_here)
            continue
        for asked, check in asked_here:
            # `_ask` written out: this line runs millions of times.
            try:
                verdict = check(item, portfolio)
                if verdict is PASSED or verdict.status not in _SPEAKING:
                    continue
            except Exception as crash:  # noqa: BLE001 - isolation: as in `_ask`
                verdict = _crashed(crash)
            yield Subject(kind="item", id=str(item.ref)), asked, verdict


def _ask_about_item(rule: ItemRule, item: WorkItem, portfolio: Portfolio, opt_out: Collection[str]) -> Verdict:
    if reason := _why_not_asked(item, rule, portfolio, opt_out):
        return Verdict.skipped(reason)
    return _stale(item, portfolio) if item.is_stale else _ask(rule.check, item, portfolio)


def _ask_about_stream(rule: StreamRule, stream: ValueStream, portfolio: Portfolio) -> Verdict:
    """Skipped where a value that it needs is unknown of an item of the stream, or whose item it is: no sum is true."""
    if held := _held_while_stale(portfolio):
        return held
    if needed := rule.needs():
        members = portfolio.members.get(stream.id, ())
        trackers = {item.source.ref.tracker for item in members if item.level in rule.counts}
        if unmapped := portfolio.mapped.why_unknown(trackers, needed):
            return Verdict.skipped(unmapped)
    verdict = _ask(rule.check, stream, portfolio)
    perhaps = {ref.tracker for ref, streams in portfolio.perhaps_claimed.items() if stream.id in streams}
    if perhaps and rule.reads and (needed or verdict.status is Status.PASSED):
        return Verdict.skipped(f"{' and '.join(sorted(perhaps))} does not map the field by which it claims items")
    return verdict


def _ask_about_all(rule: PortfolioRule, portfolio: Portfolio) -> Verdict:
    if held := _held_while_stale(portfolio):
        return held
    if unmapped := portfolio.mapped.why_unknown({ref.tracker for ref in portfolio.items}, rule.needs()):
        return Verdict.skipped(unmapped)
    return _ask(rule.check, portfolio)


def _stale(item: WorkItem, portfolio: Portfolio) -> Verdict:
    if item.ref in portfolio.quarantined:
        return Verdict.error(f"{item.key} is in quarantine: how it stood before is read and not acted on")
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


def _why_not_asked(item: WorkItem, rule: ItemRule, portfolio: Portfolio, opt_out: Collection[str]) -> str:
    if not item.is_open:
        return "the item is done"
    if label := label_among(item, opt_out):
        return f"the item carries the label {label}"
    if item.level not in rule.levels:
        return f"not asked about a {item.level}"
    return portfolio.mapped.why_unknown((item.ref.tracker,), rule.needs())


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
