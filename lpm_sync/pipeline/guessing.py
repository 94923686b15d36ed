"""Guesses how a tracker's words map onto the portfolio's: types to levels, statuses to stages, fields, link phrases.

Everything here is a proposal that a person looks through; where nothing fits nothing is proposed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from lpm_sync.core.discovery import (
    DiscoveredField,
    DiscoveredLink,
    DiscoveredStatus,
    DiscoveredType,
    Discovery,
    FieldKind,
)
from lpm_sync.core.work_item import Level, Progress, Stage

EPIC_WORDS = ("epic", "epos", "épopée", "épica", "epik", "initiative", "史诗", "长篇故事", "エピック", "에픽", "эпик")
STAGE_WORDS: Mapping[Stage, tuple[str, ...]] = {
    Stage.FUNNEL: ("funnel", "idea", "ideas", "proposed"),
    Stage.REVIEWING: ("reviewing", "review", "under review"),
    Stage.ANALYZING: ("analyzing", "analysing", "analysis", "in analysis"),
    Stage.READY: ("ready", "portfolio backlog", "approved", "ready for implementation"),
    Stage.IMPLEMENTING_MVP: ("implementing", "mvp", "implementing mvp"),
    Stage.IMPLEMENTING_PERSEVERE: ("persevere", "implementing persevere"),
}
STAGES = {
    Progress.TODO: Stage.FUNNEL,
    Progress.DOING: Stage.IMPLEMENTING_MVP,
    Progress.DONE: Stage.DONE,
    None: Stage.FUNNEL,
}
BLOCKING_WORDS = ("block", "bloque", "bloquei", "blocc", "阻塞", "阻止", "阻碍", "ブロック", "차단", "блокир")
STORY_POINTS = ("story points", "story punkte", "storypunkte", "ストーリーポイント", "ストーリー ポイント", "故事点")
"""The field is one of each site's own, called so in its language."""
FIELD_NAMES: Mapping[str, tuple[FieldKind, tuple[str, ...]]] = {
    "benefit_hypothesis": (FieldKind.TEXT, ("benefit hypothesis", "business outcome hypothesis")),
    "acceptance_criteria": (FieldKind.TEXT, ("acceptance criteria",)),
    "estimate": (FieldKind.NUMBER, (*STORY_POINTS, "story point estimate", "effort", "estimate")),
    "horizon": (FieldKind.TEXT, ("horizon", "investment horizon")),
    "work_category": (FieldKind.TEXT, ("work category", "work type", "investment category", "value area")),
    "implementation_cost_forecast": (
        FieldKind.NUMBER,
        ("implementation cost forecast", "implementation cost", "forecast cost", "cost forecast", "estimated cost"),
    ),
    "mvp_cost_estimate": (FieldKind.NUMBER, ("mvp cost estimate", "mvp cost")),
    "actual_spend": (FieldKind.NUMBER, ("actual spend", "actual cost", "spend")),
    "benefit_realised": (FieldKind.NUMBER, ("benefit realised", "benefit realized")),
    "target_date": (FieldKind.DATE, ("target date", "target end", "due date")),
    "needed_by": (FieldKind.DATE, ("needed by", "need date", "needed by date")),
    "planning_interval": (FieldKind.TEXT, ("planning interval", "program increment", "pi")),
    "team": (FieldKind.TEXT, ("delivery team", "team", "agile team", "scrum team")),
    "user_business_value": (FieldKind.NUMBER, ("user business value", "business value")),
    "time_criticality": (FieldKind.NUMBER, ("time criticality",)),
    "risk_reduction_opportunity_enablement": (
        FieldKind.NUMBER,
        (
            "risk reduction opportunity enablement",
            "risk reduction and opportunity enablement",
            "risk reduction",
            "rr oe",
        ),
    ),
    "job_size": (FieldKind.NUMBER, ("job size",)),
    "business_value_planned": (FieldKind.NUMBER, ("business value planned", "planned business value")),
    "business_value_actual": (FieldKind.NUMBER, ("business value actual", "actual business value")),
}
"""What each field holds, and the names that it usually has, the likeliest first; folded, without punctuation."""
CLOSED_VOCABULARIES = ("horizon",)
"""Fields whose every word has to be known: an unknown one sets the item aside, so they are proposed as comments."""
LIKENESS = 0.8  # of a name, from which on it is worth mentioning
MOST_CANDIDATES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldGuess:
    """The tracker's field for one of ours: `chosen` is what to write, None where nothing is certain enough."""

    chosen: DiscoveredField | None
    candidates: tuple[DiscoveredField, ...]


def guess_levels(types: Iterable[DiscoveredType]) -> dict[Level, list[str]]:
    """The names of the types at each level, in the tracker's order; what is a part of something is left out."""
    levels: dict[Level, list[str]] = {Level.PORTFOLIO_EPIC: [], Level.FEATURE: []}
    for kind in types:
        rank = _rank_by_name(kind.name) if kind.rank is None else kind.rank
        if rank >= 0:
            names = levels[Level.PORTFOLIO_EPIC if rank else Level.FEATURE]
            names.extend([kind.name] if kind.name not in names else [])
    # A type that ranks differently from project to project stands where it ranks higher.
    levels[Level.FEATURE] = [name for name in levels[Level.FEATURE] if name not in levels[Level.PORTFOLIO_EPIC]]
    return {level: names for level, names in levels.items() if names}


def guess_stages(statuses: Iterable[DiscoveredStatus]) -> dict[str, Stage]:
    """The stage of each status, in their order; at least one of them is the last stage."""
    stages = {status.name: guess_stage(status) for status in _distinct(statuses)}
    if stages and Stage.DONE not in stages.values():
        stages[list(stages)[-1]] = Stage.DONE
    return stages


def guess_stage(status: DiscoveredStatus) -> Stage:
    """By its name, where that is a word for a stage, else by the tracker's category."""
    if status.progress is Progress.DONE:
        return Stage.DONE
    named = (stage for stage, words in STAGE_WORDS.items() if folded(status.name) in words)
    return next(named, STAGES[status.progress])


def guess_progress(statuses: Iterable[DiscoveredStatus]) -> dict[str, Progress]:
    """A progress for each status that the tracker puts into no category: work that is under way is seen."""
    return {status.name: Progress.DOING for status in _distinct(statuses) if status.progress is None}


def guess_fields(discovery: Discovery) -> dict[str, FieldGuess]:
    """The field for each name of ours. One that stands on no screen, or holds something else, is a candidate only."""
    return {name: _guess_field(kind, names, discovery) for name, (kind, names) in FIELD_NAMES.items()}


def guess_link(links: Iterable[DiscoveredLink]) -> DiscoveredLink | None:
    """The type of link that means blocking, with its phrase read from the blocker."""
    directed = [link for link in links if folded(link.phrase) != folded(link.inverse)]
    exact = (link for link in directed if folded(link.phrase) == "blocks")
    alike = (link for link in directed if any(word in link.phrase.casefold() for word in BLOCKING_WORDS))
    return next(exact, None) or next(alike, None)


def names_of(field: DiscoveredField) -> frozenset[str]:
    """What it may be called: here, and everywhere."""
    return frozenset(filter(None, (folded(field.name), folded(field.known_as))))


def folded(text: str) -> str:
    """A name without case, punctuation and superfluous blanks."""
    return " ".join("".join(sign if sign.isalnum() else " " for sign in text.casefold()).split())


def _distinct(statuses: Iterable[DiscoveredStatus]) -> list[DiscoveredStatus]:
    """Case does not count, as configuration has it; the first spelling stays."""
    found: dict[str, DiscoveredStatus] = {}
    for status in statuses:
        found.setdefault(status.name.strip().casefold(), status)
    return list(found.values())


def _rank_by_name(name: str) -> int:
    return int(any(word in name.casefold() for word in EPIC_WORDS))


def _guess_field(kind: FieldKind, names: tuple[str, ...], discovery: Discovery) -> FieldGuess:
    named = [[field for field in discovery.fields if name in names_of(field)] for name in names]
    fitting = [
        [field for field in fields if field.kind is kind and field.is_on_screen is not False] for fields in named
    ]
    certain = next((fields for fields in fitting if len(fields) == 1), None)
    chosen = certain[0] if certain else None
    alike = sorted(
        ((_likeness(field, names), field) for field in discovery.fields if field.kind is kind),
        key=lambda pair: (-pair[0], pair[1].id),
    )
    listed = [*(field for fields in named for field in fields), *(field for ratio, field in alike if ratio >= LIKENESS)]
    others = dict.fromkeys(field for field in listed if field != chosen)
    return FieldGuess(chosen=chosen, candidates=tuple(others)[:MOST_CANDIDATES])


def _likeness(field: DiscoveredField, names: tuple[str, ...]) -> float:
    pairs = ((text, other) for text in names_of(field) for other in names)
    return max((SequenceMatcher(None, *pair).ratio() for pair in pairs), default=0.0)  # a name may hold no letter
