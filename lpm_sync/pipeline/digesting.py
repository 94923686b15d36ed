"""The digest: which slot it is for, what it says, and that each chat gets it once a slot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from lpm_sync.core.card import find_cards
from lpm_sync.core.digest import Digest
from lpm_sync.errors import ConfigurationError, RefusedError, UnavailableError, UnclearError
from lpm_sync.pipeline.changed_findings import changed_findings
from lpm_sync.pipeline.cycle import ExitStatus, exit_status_of
from lpm_sync.pipeline.deciding import Decision, decide
from lpm_sync.pipeline.reading import Reading, read_portfolio
from lpm_sync.pipeline.workplace import Workplace, resting
from lpm_sync.planning.desired import desired_state
from lpm_sync.policy.configuration import Configuration, DigestSchedule
from lpm_sync.ports import Chat
from lpm_sync.report.digest import make_digest
from lpm_sync.report.digest_content import ContestedLabel, DigestContent
from lpm_sync.state.digests import DigestStatus
from lpm_sync.state.store import State

log = structlog.get_logger(__name__)

_PERIOD = timedelta(days=7)
_WAITS = "waits for the next slot: the state is younger than this one and does not know whether it was posted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What became of the digest in one chat; `detail` is for people.

    `is_whole`: it was made of everything, which it else says itself. `is_mistaken`: the configuration of the chat or of
    a tracker has to be corrected. `is_for_next_slot`: this slot's is left out for good.
    """

    chat: str
    status: DigestStatus | None  # None: not tried, or certainly not accepted
    messages: int = 0
    detail: str = ""
    is_whole: bool = True
    is_mistaken: bool = False
    is_for_next_slot: bool = False

    @property
    def is_settled(self) -> bool:
        """Whether this slot's is not to be tried again."""
        return self.is_for_next_slot or (self.status is not None and self.status.is_settled)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDigest:
    """A digest that is not posted, and what of the trackers it lacks, for people."""

    digest: Digest
    troubles: tuple[str, ...]
    is_blind: bool
    is_mistaken: bool

    @property
    def exit_status(self) -> ExitStatus:
        return exit_status_of(self, self.troubles)


def digest_slot(schedule: DigestSchedule, timezone: str, now: datetime) -> datetime:
    """The latest instant at or before `now` on which a digest was due. Its local date names the slot."""
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    day = today - timedelta(days=(today.weekday() - schedule.weekday) % 7)
    due = datetime.combine(day, schedule.time, tzinfo=zone)
    return due if due <= now else datetime.combine(day - _PERIOD, schedule.time, tzinfo=zone)


def show_digest(workplace: Workplace) -> ShownDigest:
    """The digest as it would be posted now; posts and records nothing."""
    configuration = workplace.configuration()
    with workplace.state_to_read() as state, workplace.trackers(configuration, state) as trackers:
        reading = read_portfolio(configuration, trackers, state, workplace.clock.now())
        digest = _digest(configuration, reading, decide(configuration, reading, state), state)
    return ShownDigest(
        digest=digest,
        troubles=_told_troubles(reading),
        is_blind=reading.is_blind,
        is_mistaken=reading.is_mistaken,
    )


def post_digest(workplace: Workplace, *, is_scheduled: bool) -> tuple[Posting, ...]:
    """Posts the digest of the current slot to every chat that has not had it; one that refused it is asked again.

    A scheduled posting waits for the next slot where the state is younger than this one: whether it went out before
    the state was lost is not known. None is posted where no tracker could be read: the slot is left for later.
    """
    configuration = workplace.configuration()
    with workplace.state() as state, workplace.trackers(configuration, state) as trackers:
        now = workplace.clock.now()
        slot = digest_slot(configuration.digest_schedule, configuration.timezone, now)
        if is_scheduled and state.created > slot:
            return tuple(
                Posting(chat=stanza.called, status=None, detail=_WAITS, is_for_next_slot=True)
                for stanza in configuration.chats
            )
        reading = read_portfolio(configuration, trackers, state, now)
        troubles = _told_troubles(reading)
        if reading.is_blind:
            reason = f"no tracker could be read: {'; '.join(troubles)}"
            return tuple(Posting(chat=stanza.called, status=None, detail=reason) for stanza in configuration.chats)
        digest = _digest(configuration, reading, decide(configuration, reading, state), state)
        postings = [
            _post(digest, name, chat, state, workplace) for name, chat in workplace.chats(configuration).items()
        ]
    return tuple(
        replace(posting, is_whole=not troubles, is_mistaken=posting.is_mistaken or reading.is_mistaken)
        for posting in postings
    )


def is_digest_settled(workplace: Workplace) -> bool:
    """Whether no chat is left to which the digest of the current slot may be posted."""
    configuration = workplace.configuration()
    slot = digest_slot(configuration.digest_schedule, configuration.timezone, workplace.clock.now()).date().isoformat()
    with workplace.state_to_read() as state:
        found = [state.digests.status(slot, stanza.called) for stanza in configuration.chats]
    return all(status is not None and status.is_settled for status in found)


def _post(digest: Digest, name: str, chat: Chat, state: State, workplace: Workplace) -> Posting:
    """Marks the slot before anything is sent. A lost answer leaves it marked: never twice."""
    until = state.pauses.of_chat(name, workplace.clock.now())
    before = state.digests.status(digest.slot, name)
    if until is not None and (before is None or not before.is_settled):
        return Posting(chat=name, status=None, detail=resting(until))
    if not state.digests.claim(digest.slot, name, workplace.clock.now()):
        status = state.digests.status(digest.slot, name)
        return Posting(chat=name, status=status, detail=f"the digest of {digest.slot} was {_told(status)} before")
    try:
        messages = chat.post(digest)
    except (ConfigurationError, UnavailableError) as error:
        state.digests.release(digest.slot, name)
        if isinstance(error, UnavailableError) and error.retry_after:
            state.pauses.learn(("chat", name), error.retry_after)
        return Posting(chat=name, status=None, detail=str(error), is_mistaken=isinstance(error, ConfigurationError))
    except RefusedError as error:
        posting = Posting(chat=name, status=DigestStatus.REFUSED, detail=str(error))
    except UnclearError as error:
        posting = Posting(chat=name, status=DigestStatus.PERHAPS, detail=str(error))
    else:
        posting = Posting(chat=name, status=DigestStatus.POSTED, messages=messages)
    if posting.status is not None:
        state.digests.settle(digest.slot, name, posting.status, workplace.clock.now(), detail=posting.detail)
    log.info("digest_settled", chat=name, slot=digest.slot, status=posting.status, messages=posting.messages)
    return posting


def _told(status: DigestStatus | None) -> str:
    return "posted" if status is DigestStatus.POSTED else "perhaps sent"


def _digest(configuration: Configuration, reading: Reading, decision: Decision, state: State) -> Digest:
    portfolio, governance = reading.portfolio, configuration.governance()
    slot = digest_slot(configuration.digest_schedule, configuration.timezone, portfolio.now)
    start, end = portfolio.now - _PERIOD, portfolio.now + timedelta(microseconds=1)
    changed = changed_findings(state.findings, start, end)
    desired = desired_state(portfolio, decision.evaluation, decision.escalations).values()
    groups = (*decision.escalations.by_epic.values(), decision.escalations.orphans)
    content = DigestContent(
        portfolio=portfolio,
        evaluation=decision.evaluation,
        items_in_scope=reading.pulled,
        escalations=tuple(escalation.section for group in groups for escalation in group),
        escalated_findings=tuple(finding for here in desired for finding in here.escalated_findings),
        new=changed.new,
        resolved=changed.resolved,
        withdrawn=changed.withdrawn,
        contested=tuple(_contested(reading, governance.label_prefix, governance.contested_after)),
        troubles=tuple(_troubles(reading)),
    )
    return make_digest(content, slot.date().isoformat())


def _contested(reading: Reading, prefix: str, limit: int) -> Iterator[ContestedLabel]:
    for item in reading.portfolio.items.values():
        for _, footer in find_cards(item.source)[:1]:
            for label in footer.labels:
                if label.removed_on is not None and label.turns >= limit:
                    yield ContestedLabel(ref=item.ref, label=prefix + label.name, turns=label.turns)


def _told_troubles(reading: Reading) -> tuple[str, ...]:
    return (*reading.mistakes, *(f"{place}: {reason}" for place, reason in _troubles(reading)))


def _troubles(reading: Reading) -> Iterator[tuple[str, str]]:
    for source in reading.sources:
        if source.error is not None:
            yield source.tracker, source.error
        for project, reason in source.failures.items():
            yield f"{source.tracker}, project {project}", reason
