"""Which values the configured trackers give, and which rules read one that a tracker never gives."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from lpm_sync.core.mapped_fields import MappedFields
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.resolution import FIELDS
from lpm_sync.core.work_item import Level
from lpm_sync.policy.configuration import Configuration
from lpm_sync.policy.trackers import TrackerStanza
from lpm_sync.rules.base import GovernedRule, ItemRule, StreamRule

_TEAM, _INTERVAL = "team", "planning_interval"
_TEAM_PLACES = ("component", "area_path")


def mapped_fields(trackers: Mapping[str, TrackerStanza], with_iterations: Collection[str]) -> MappedFields:
    """What each tracker gives: the fields that it maps, a team from where `team_field` says, and planning intervals
    where its items have iteration paths."""
    return MappedFields(
        by_tracker={
            name: frozenset(_given(stanza, has_iterations=name in with_iterations)) for name, stanza in trackers.items()
        }
    )


def _given(stanza: TrackerStanza, *, has_iterations: bool) -> Iterator[str]:
    yield from (name for name in stanza.fields if name != _TEAM)
    if stanza.team_field in {*stanza.fields, *_TEAM_PLACES}:
        yield _TEAM
    if has_iterations:
        yield _INTERVAL


def unmapped(configuration: Configuration, tracker: str, mapped: MappedFields) -> Iterator[tuple[str, str]]:
    """What rules read and the tracker does not give: which fields, and which rules cannot tell for it."""
    levels = {entry.level for entry in configuration.tracker(tracker).levels}
    readers: dict[str, list[str]] = {}
    for governed in configuration.governed_rules():
        if levels & _levels_of(governed):
            for name in mapped.lacking(tracker, _read_by(governed, configuration)):
                readers.setdefault(name, []).append(f"{governed.rule.code} ({governed.place})")
    grouped: dict[tuple[str, ...], list[str]] = {}
    for name, codes in readers.items():
        grouped.setdefault(tuple(codes), []).append(name)
    for places, together in grouped.items():
        yield _and(together), _and(places)


def unmapped_lines(configuration: Configuration, tracker: str, mapped: MappedFields) -> Iterator[str]:
    """A remark for people about each of them, with its place and its remedy."""
    for names, rules in unmapped(configuration, tracker, mapped):
        yield f"{fields_place(configuration, tracker)}: no field is mapped to {names}; {remedy(rules)}"


def claiming_lines(configuration: Configuration, tracker: str, portfolio: Portfolio) -> Iterator[str]:
    """A remark about items of which nobody knows whose they are, since a value stream claims by what is not mapped."""
    unclaimed = {ref: streams for ref, streams in portfolio.perhaps_claimed.items() if ref.tracker == tracker}
    for stream in portfolio.definition.value_streams:
        if count := sum(stream.id in streams for streams in unclaimed.values()):
            names = portfolio.mapped.lacking(tracker, sorted({name for one in stream.matches for name in one.read}))
            yield (
                f"{fields_place(configuration, tracker)}: no field is mapped to {_and(names)}, by which value stream "
                f"{stream.id} claims items: of {count:,} here nobody can tell whether they are its own; map one, or "
                "name the project in that match too"
            )


def fields_place(configuration: Configuration, tracker: str) -> str:
    """Where the fields of the tracker are written."""
    return configuration.written_at.get(tracker, {}).get(FIELDS, f"trackers.{tracker}.{FIELDS}")


def remedy(rules: str) -> str:
    """What it means, and what to do."""
    return f"{rules} cannot tell there: map one, or take what nobody can measure out of the policy"


def _read_by(governed: GovernedRule, configuration: Configuration) -> tuple[str, ...]:
    rule, approval = governed.rule, configuration.approval().field
    by_field = (approval,) if rule.weighs_approval and approval is not None else ()
    return tuple(dict.fromkeys((*rule.needs(), *rule.weighs(), *by_field)))


def _levels_of(governed: GovernedRule) -> frozenset[Level]:
    match governed.rule:
        case ItemRule(levels=levels):
            return frozenset(levels)
        case StreamRule(counts=levels):
            return frozenset(levels)
        case _:
            return frozenset(Level)


def _and(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
