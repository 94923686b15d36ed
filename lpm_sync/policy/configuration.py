"""The configuration as one value, and the core's values that are made of it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from lpm_sync.core.escalation_marker import ESCALATION
from lpm_sync.core.governance import EscalationTarget, Governance, SafetyLimits, WriteBudget
from lpm_sync.core.portfolio import Approval
from lpm_sync.core.resolution import Resolution
from lpm_sync.core.value_stream import Band, Budget, Match, Person, PortfolioDefinition, ValueStream
from lpm_sync.core.vocabulary import LevelMatch, Vocabulary
from lpm_sync.core.work_item import Horizon, Ref
from lpm_sync.errors import ConfigurationError
from lpm_sync.policy.lock import LockFile, Misfit, misfits
from lpm_sync.policy.mistakes import meant
from lpm_sync.policy.periods import period_named
from lpm_sync.policy.policy import ChatStanza, PolicyFile, Weekday
from lpm_sync.policy.stream_checks import period, periods_of
from lpm_sync.policy.trackers import TrackersFile, TrackerStanza
from lpm_sync.policy.value_streams import MatchStanza, Targets, ValueStreamsFile, ValueStreamStanza
from lpm_sync.ports import Connection, Credentials, KeptPauses
from lpm_sync.rules.base import GovernedRule

Resolve = Callable[[str], Ref | None]
"""Finds the item that a key like `jira:PORT-1` names; None where it was not pulled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestSchedule:
    """When the digest is due, in the portfolio's time zone; `weekday` counts from Monday, 0."""

    weekday: int
    time: datetime.time


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The three files and the lock beside them, validated together.

    `version` is a fingerprint of their content: 16 hexadecimal digits. `lock` is None where there is none. `warnings`
    are remarks for people about what is allowed and has no effect. `written_at` tells of each tracker where the names
    stand that it may refute, by place; `report_on_at` where each `report_on` stands, the portfolio's under None.
    """

    trackers_file: TrackersFile
    value_streams_file: ValueStreamsFile
    policy_file: PolicyFile
    rules: tuple[GovernedRule, ...]
    version: str
    lock: LockFile | None = None
    warnings: tuple[str, ...] = ()
    written_at: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    report_on_at: Mapping[str | None, str] = field(default_factory=dict)

    @property
    def trackers(self) -> tuple[str, ...]:
        """The names of the trackers, in the order of the file."""
        return tuple(self.trackers_file.trackers)

    @property
    def chats(self) -> tuple[ChatStanza, ...]:
        """The chats that the digest is posted to."""
        return self.policy_file.digest.chats

    @property
    def digest_schedule(self) -> DigestSchedule:
        """When the digest is due."""
        schedule = self.policy_file.digest.schedule
        return DigestSchedule(
            weekday=tuple(Weekday).index(schedule.weekday), time=datetime.time.fromisoformat(schedule.time)
        )

    @property
    def interval(self) -> datetime.timedelta:
        """How often `serve` runs a cycle."""
        return self.policy_file.schedule.every

    @property
    def timezone(self) -> str:
        """The portfolio's time zone."""
        return self.value_streams_file.portfolio.timezone

    def tracker(self, name: str) -> TrackerStanza:
        """The stanza of that tracker; raises ConfigurationError where there is none."""
        try:
            return self.trackers_file.trackers[name]
        except KeyError:
            raise ConfigurationError(f"there is no tracker {name!r}; {meant(name, self.trackers)}") from None

    def pins(self, tracker: str) -> Mapping[str, Resolution]:
        """What the names of that tracker are pinned to, by place."""
        return self.lock.pins(tracker, self.tracker(tracker)) if self.lock is not None else {}

    def misfits(self) -> tuple[Misfit, ...]:
        """Everything in which the lock does not fit the trackers as they are configured now."""
        return tuple(misfits(self.lock, self.trackers_file)) if self.lock is not None else ()

    def governed_rules(self) -> tuple[GovernedRule, ...]:
        """The rules that govern, in the order of the policy."""
        return self.rules

    def vocabulary(self, tracker: str) -> Vocabulary:
        """How the words of that tracker map onto the portfolio's."""
        stanza = self.tracker(tracker)
        return Vocabulary(
            levels=tuple(
                LevelMatch(level=entry.level, types=entry.types, projects=entry.projects) for entry in stanza.levels
            ),
            stages=stanza.stages,
            progress=stanza.progress,
            horizons=stanza.horizons,
            work_categories=stanza.work_categories,
            team_field=stanza.team_field,
        )

    def connection(self, tracker: str, credentials: Credentials, pauses: KeptPauses | None = None) -> Connection:
        """What the tracker's connector is told; `credentials` are its secrets, `pauses` what it asked for before."""
        stanza = self.tracker(tracker)
        return Connection(
            name=tracker,
            url=stanza.url,
            site_url=stanza.site_url or stanza.url,
            projects=stanza.scope.projects,
            types=self._types(tracker, stanza),
            scope_query=stanza.scope.query,
            labels_in_scope=self.governance().labelled(ESCALATION),
            fields=stanza.fields,
            reference_fields={direction.value: name for direction, name in stanza.reference_fields.items()},
            dependency_links=tuple(link.blocks for link in stanza.dependency_links),
            pinned={where: pin.id for where, pin in self.pins(tracker).items()},
            reads_remote_links=stanza.reads_remote_links,
            previous_accounts=stanza.previous_accounts,
            credentials=credentials,
            credential=stanza.credential,
            options=stanza.options,
            request_timeout=stanza.request_timeout.total_seconds(),
            cycle_timeout=stanza.cycle_timeout.total_seconds(),
            requests_at_once=stanza.requests_at_once,
            written_at=self.written_at.get(tracker, {}),
            pauses=pauses,
        )

    def governance(self) -> Governance:
        """What the policy lets the planner do."""
        policy = self.policy_file
        return Governance(
            label_prefix=policy.label_prefix,
            previous_prefixes=policy.previous_label_prefixes,
            safety=SafetyLimits(max_changes=policy.safety.max_changes, max_share=policy.safety.max_share),
            escalation=self._escalation_target(),
            cool_down=policy.cool_down,
            contested_after=policy.contested_after,
        )

    def write_budgets(self) -> Mapping[str, WriteBudget]:
        """How many changes each tracker takes."""
        stanzas = {name: stanza.write_budget for name, stanza in self.trackers_file.trackers.items()}
        return {
            name: WriteBudget(item_a_day=stanza.item_a_day, cycle=stanza.cycle, hour=stanza.hour)
            for name, stanza in stanzas.items()
        }

    def approval(self) -> Approval:
        """What counts as a portfolio approval."""
        stanza = self.policy_file.approval
        ours = self.governance().labelled("approved")
        return Approval(
            stages=tuple(stage.value for stage in stanza.stages),
            label=stanza.label or ours[0],
            former_labels=() if stanza.label else ours[1:],
            field=stanza.field,
            values=stanza.values,
        )

    def definition(self, resolve: Resolve) -> PortfolioDefinition:
        """The portfolio as its office defines it; a `report_on` that `resolve` does not know is None there."""
        portfolio = self.value_streams_file.portfolio
        return PortfolioDefinition(
            name=portfolio.name,
            currency=portfolio.currency,
            timezone=portfolio.timezone,
            calendar=portfolio.calendar,
            value_streams=tuple(self._stream(stream, resolve) for stream in self.value_streams_file.value_streams),
            planning_intervals=tuple(period(stanza) for stanza in portfolio.planning_intervals),
            horizon_targets=_bands(portfolio.horizon_targets),
            capacity=portfolio.capacity,
            work_categories=portfolio.work_categories,
            people=tuple(
                Person(id=name, accounts=accounts) for name, accounts in self.value_streams_file.people.items()
            ),
            report_on=resolve(portfolio.report_on) if portfolio.report_on else None,
            is_report_on_lost=_is_lost(portfolio.report_on, resolve),
        )

    def without_place(self) -> tuple[str, ...]:
        """A warning for each subject that names no place for its findings."""
        return tuple(
            f"findings about {subject} stand on no card, as it has no report_on; only the digest shows them"
            for _, subject, key in self.report_places()
            if key is None
        )

    def lost_places(self, resolve: Resolve, read: Collection[str]) -> tuple[str, ...]:
        """A mistake for each place for findings that is not among what these trackers brought."""
        remedy = "correct it, or the scope and the levels in trackers.yaml. Until then what stands about"
        return tuple(
            f"{self.report_on_at.get(identifier, subject)}: {key} was not read: {remedy} {subject} is left as it is"
            for identifier, subject, key in self.report_places()
            if key is not None and key.partition(":")[0] in read and resolve(key) is None
        )

    def report_places(self) -> Iterator[tuple[str | None, str, str | None]]:
        """The portfolio and each value stream: its id (None: the portfolio), its name for people, and the key of the
        item that carries its findings, or None."""
        yield None, "the portfolio", self.value_streams_file.portfolio.report_on
        for stream in self.value_streams_file.value_streams:
            yield stream.id, f"value stream {stream.id}", stream.report_on

    def _types(self, tracker: str, stanza: TrackerStanza) -> tuple[str, ...]:
        """The types of all levels, and that of escalation epics, which must be found again."""
        types = [kind for entry in stanza.levels for kind in entry.types]
        target = self._escalation_target()
        if target is not None and target.tracker == tracker:
            types.append(target.type)
        return tuple(dict.fromkeys(types))

    def _escalation_target(self) -> EscalationTarget | None:
        stanza = self.policy_file.escalation
        if stanza is None:
            return None
        place = stanza.create_in
        return EscalationTarget(tracker=place.tracker, project=place.project, type=place.type, close_to=stanza.close_to)

    def _stream(self, stanza: ValueStreamStanza, resolve: Resolve) -> ValueStream:
        named = periods_of(self.value_streams_file.portfolio)
        spans = {budget.period: named.get(budget.period) or period_named(budget.period) for budget in stanza.budgets}
        return ValueStream(
            id=stanza.id,
            name=stanza.name or stanza.id.replace("-", " ").capitalize(),
            business_owners=stanza.business_owners,
            teams=stanza.teams,
            matches=tuple(_match(match) for match in stanza.match),
            budgets=tuple(
                Budget(period=span, amount=budget.amount)
                for budget in stanza.budgets
                if (span := spans[budget.period]) is not None
            ),
            horizon_targets=None if stanza.horizon_targets is None else _bands(stanza.horizon_targets),
            capacity=stanza.capacity,
            report_on=resolve(stanza.report_on) if stanza.report_on else None,
            is_report_on_lost=_is_lost(stanza.report_on, resolve),
        )


def _is_lost(key: str | None, resolve: Resolve) -> bool:
    return key is not None and resolve(key) is None


def _bands(targets: Targets) -> dict[Horizon, Band]:
    return {horizon: Band(lower=lower, upper=upper) for horizon, (lower, upper) in targets.items()}


def _match(stanza: MatchStanza) -> Match:
    return Match(
        project=stanza.project,
        area_path=stanza.area_path,
        label=stanza.label,
        component=stanza.component,
        team=stanza.team,
        field=next(iter(stanza.field.items())) if stanza.field else None,
    )
