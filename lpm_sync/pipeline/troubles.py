"""Lines for people about everything that did not go through: one a reason, however many items it concerns."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from lpm_sync.core.change import Outcome, Result
from lpm_sync.core.finding import Evaluation
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import Ref
from lpm_sync.pipeline.deciding import REFUSAL_LASTS, Decision
from lpm_sync.pipeline.grouping import grouped
from lpm_sync.pipeline.reading import Reading
from lpm_sync.pipeline.sources import Source
from lpm_sync.planning.budgets import PutOff
from lpm_sync.planning.cardless import INSTEAD, Unwritable
from lpm_sync.rules.wording import listed


def troubles(reading: Reading, decision: Decision, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """The lines; empty where all went through. No line names more than ten items."""
    return tuple(_troubles(reading, decision, outcomes))


def left_out(moved: Sequence[str]) -> tuple[str, ...]:
    """The line about items that moved after their plan was made, if there are any."""
    if len(moved) > 1:
        return (f"{len(moved)} left out, since they moved after the plan was made: {listed(moved)}",)
    return tuple(f"{one}: left out, since it moved after the plan was made" for one in moved)


def _troubles(reading: Reading, decision: Decision, outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield from reading.mistakes
    for source in reading.sources:
        if source.error is not None:
            yield source.error
        yield from _failures(source)
    yield from _quarantined(reading.portfolio)
    yield from _untold(reading.portfolio, decision.evaluation)
    yield from _refused_before(decision)
    yield from _put_off(decision.put_off)
    yield from _unwritable(decision.unwritable)
    yield from _outcomes(outcomes, [escalation.title for escalation in decision.plan.escalations])


def _failures(source: Source) -> Iterator[str]:
    """Where several projects failed for one reason its own name is left out of it."""
    reasons = {
        name: re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "…", reason) for name, reason in source.failures.items()
    }
    for group in grouped(reasons.items()):
        if len(group.names) == 1:
            [name] = group.names
            yield f"{source.tracker}: project {name}: {source.failures[name]}"
        else:
            yield f"{source.tracker}: {len(group.names)} projects ({group.named}): {group.reason}"


def _quarantined(portfolio: Portfolio) -> Iterator[str]:
    for group in grouped((aside.key, aside.reason) for aside in portfolio.quarantined.values()):
        if len(group.names) == 1:
            yield f"{group.named}: in quarantine: {group.reason}"
        else:
            yield f"{len(group.names)} items in quarantine ({group.named}): {group.reason}"


def _untold(portfolio: Portfolio, evaluation: Evaluation) -> Iterator[str]:
    """Each rule that could not tell, once a reason. What is only stale is left to the line of its source."""
    about: dict[tuple[str, str], list[str]] = {}
    for subject, codes in evaluation.held.items():
        item = portfolio.items[Ref.parse(subject.id)] if subject.kind == "item" else None
        if item.is_stale if item else portfolio.stale:
            continue
        for code, reason in codes.items():
            about.setdefault((code, reason), []).append(item.key if item else str(subject))
    yield from (f"{code} could not tell about {listed(names)}: {reason}" for (code, reason), names in about.items())


def _refused_before(decision: Decision) -> Iterator[str]:
    told = (
        (str(one.ref), f"{one.created + REFUSAL_LASTS:%Y-%m-%d %H:%M %Z}, since the tracker refused it: {one.detail}")
        for one in decision.set_aside
    )
    for group in grouped(told):
        names = group.named if len(group.names) == 1 else f"{len(group.names)} items ({group.named})"
        yield f"{names}: set aside until {group.reason}"


def _put_off(waiting: Sequence[PutOff]) -> Iterator[str]:
    for group in grouped((one.name, one.reason) for one in waiting):
        names = group.named if len(group.names) == 1 else f"{len(group.names)} items ({group.named})"
        yield f"{names}: put off to a later cycle: {group.reason}"


def _unwritable(left: Sequence[Unwritable]) -> Iterator[str]:
    for group in grouped((one.name, one.reason) for one in left):
        names = group.named if len(group.names) == 1 else f"{len(group.names)} items ({group.named})"
        yield f"{names}: nothing is written, since no card can be: {group.reason}, {INSTEAD}"


def _outcomes(outcomes: Sequence[Outcome], titles: Collection[str]) -> Iterator[str]:
    """A detail begins with the key of its item, or with the title of its escalation."""
    kinds: dict[str, list[tuple[str, str]]] = {}
    for outcome in outcomes:
        if outcome.result not in (Result.WRITTEN, Result.UNCHANGED):
            told = kinds.setdefault(f"{outcome.change.kind} {outcome.result}", [])
            told.append(_name_and_reason(outcome.detail, titles))
    for kind, told in kinds.items():
        for group in grouped(told):
            if len(group.names) == 1:
                yield f"{kind}: {group.named}: {group.reason}"
            else:
                yield f"{kind} on {len(group.names)} items ({group.named}): {group.reason}"


def _name_and_reason(detail: str, titles: Collection[str]) -> tuple[str, str]:
    title = next((title for title in titles if detail.startswith(f"{title}: ")), None)
    name = detail.partition(": ")[0] if title is None else title
    return name, detail[len(name) + 2 :]
