"""Writes what was guessed of a tracker as the text of three commented configuration files."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from unicodedata import combining, normalize

from lpm_sync.core.discovery import (
    DiscoveredField,
    DiscoveredProject,
    DiscoveredStatus,
    DiscoveredType,
    Discovery,
    FieldKind,
)
from lpm_sync.core.resolution import filled_in
from lpm_sync.core.work_item import Level, Stage
from lpm_sync.pipeline.first_policy import POLICY
from lpm_sync.pipeline.guessing import (
    CLOSED_VOCABULARIES,
    FieldGuess,
    folded,
    guess_fields,
    guess_levels,
    guess_link,
    guess_progress,
    guess_stages,
    names_of,
)
from lpm_sync.policy.yaml_text import quoted

LONGEST_NAME = 500  # characters: what a name in the configuration may have
AREA_PATH = "area path"
TRACKERS_HEAD = """\
# Which trackers there are, what of them is in scope, and how their words are read. Owner: platform engineering.
#
# Written by `lpm-sync init` from what the tracker has. Every line is a guess: read it once."""
SECRETS_HEAD = """\
#
# Secrets never stand here; they are environment variables, files that a variable with _FILE behind the name leads to,
# or files of that name in the directory LPM_SECRETS_DIR."""
VALUE_STREAMS_HEAD = """\
# The portfolio, its value streams and its people. Owner: the portfolio office.
#
# Written by `lpm-sync init`: one value stream a project, until somebody says what the value streams are.

portfolio:
  name: Portfolio
  currency: EUR                     # of all figures, by its ISO 4217 code
  timezone: UTC                     # of dates and of the digest: Europe/Berlin, America/New_York, …
  calendar: ""                      # whose public holidays are no business days: DE, DE-BY, US, …
  # report_on: …                    # the item whose card carries findings about the whole portfolio
  # planning_intervals:
  #   - {id: PI-1, start: 2027-01-04, end: 2027-03-26}
  # horizon_targets:                # percent of the money, from and to
  #   {evaluating: [5, 15], emerging: [10, 30], investing: [40, 70], extracting: [5, 25], retiring: [0, 10]}
  # capacity: {business_feature: 60, enabler: 25, tech_debt: 10, maintenance: 5}   # percent of the effort

value_streams:"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a person said of the tracker; `name` is what it will be called."""

    name: str
    connector: str
    url: str
    site_url: str | None = None
    credential: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)


def first_configuration(place: Place, discovery: Discovery) -> dict[str, str]:
    """The text of each file by its name."""
    types = [kind for project in discovery.projects for kind in project.types if len(kind.name) <= LONGEST_NAME]
    levels = guess_levels(types)
    stages = guess_stages(_statuses(types, levels.get(Level.PORTFOLIO_EPIC, ())))
    return {
        "trackers.yaml": "\n".join(_trackers(place, discovery, types)) + "\n",
        "value_streams.yaml": "\n".join(_value_streams(discovery.projects)) + "\n",
        "policy.yaml": _policy(place.name, discovery.projects, levels, stages),
    }


def _comment(text: str) -> str:
    """A text that cannot end its comment."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(quoted(name) for name in names)


def _trackers(place: Place, discovery: Discovery, types: Sequence[DiscoveredType]) -> Iterator[str]:
    yield TRACKERS_HEAD
    yield from _secrets(place.name, discovery.credentials)
    yield "\ntrackers:"
    yield f"  {place.name}:"
    yield f"    connector: {quoted(place.connector)}"
    yield f"    url: {quoted(place.url)}"
    if place.site_url:
        yield f"    site_url: {quoted(place.site_url)}"
    if place.credential:
        yield f"    credential: {quoted(place.credential)}"
    if place.options:
        yield f"    options: {{{', '.join(f'{quoted(name)}: {quoted(text)}' for name, text in place.options.items())}}}"
    yield "    scope:"
    yield "      # nothing outside of these is read or written"
    yield f"      projects: [{_listed(project.key for project in discovery.projects)}]"
    yield from _levels(types)
    yield from _words(types)
    yield from _links(discovery)
    yield from _fields(guess_fields(discovery), discovery.fields)
    if any(AREA_PATH in names_of(field) for field in discovery.fields):
        yield "    team_field: area_path               # the last part of the path; or `team`, if a field holds it"
    else:
        yield "    # team_field: component             # where a team stands, if not in the field `team`"
    yield "    # reads_remote_links: true          # dependencies across trackers; costs a request an item"


def _secrets(name: str, ways: Sequence[str]) -> Iterator[str]:
    yield SECRETS_HEAD
    if ways:
        yield f"# What `{name}` could sign in with, exactly one of:"
        yield from (f"#   {_comment(way)}" for way in ways)


def _levels(types: Sequence[DiscoveredType]) -> Iterator[str]:
    levels = guess_levels(types)
    yield "    levels:                             # the first entry that fits counts; other types are ignored"
    for level, names in levels.items():
        yield f"      - {{level: {level}, types: [{_listed(names)}]}}"
    named = {name for names in levels.values() for name in names}
    left = list(dict.fromkeys(kind.name for kind in types if kind.name not in named))
    if left:
        yield f"    # left out: {_comment(_listed(left))}"


def _words(types: Sequence[DiscoveredType]) -> Iterator[str]:
    """Statuses of portfolio epics to stages; of features only those that the tracker has in no category."""
    statuses = {level: _statuses(types, names) for level, names in guess_levels(types).items()}
    if stages := guess_stages(statuses.get(Level.PORTFOLIO_EPIC, ())):
        told = {status.name: status.progress for status in statuses[Level.PORTFOLIO_EPIC]}
        yield "    stages:                             # every status of a portfolio epic: others set the item aside"
        yield f"      # in their order: {', '.join(Stage)}"
        yield "      portfolio-epic:"
        for status, stage in stages.items():
            yield f"        {quoted(status)}: {stage}   # {told[status] or 'in no category'} for the tracker"
    if progress := guess_progress(statuses.get(Level.FEATURE, ())):
        yield "    progress:                           # statuses that the tracker has in no category"
        yield "      feature:"
        for status, doing in progress.items():
            yield f"        {quoted(status)}: {doing}   # or todo, or done"


def _statuses(types: Iterable[DiscoveredType], names: Collection[str]) -> list[DiscoveredStatus]:
    every = [status for kind in types if kind.name in names for status in kind.statuses]
    return [status for status in every if len(status.name) <= LONGEST_NAME]


def _links(discovery: Discovery) -> Iterator[str]:
    if not discovery.links:
        return
    chosen = guess_link(discovery.links)
    if chosen is None:
        yield "    # dependency_links:                 # choose one, read from blocker to blocked; none reads like it"
    else:
        yield "    dependency_links:                   # the phrase read from the blocker to what it blocks"
        yield f"      - blocks: {quoted(chosen.phrase)}"
    others = dict.fromkeys(link.phrase for link in discovery.links if link != chosen)
    yield from (f"    #   - blocks: {_comment(quoted(phrase))}" for phrase in others)


def _fields(guesses: Mapping[str, FieldGuess], known: Sequence[DiscoveredField]) -> Iterator[str]:
    lines = [line for name, guess in guesses.items() for line in _field(name, guess, known)]
    has_any = any(not line.lstrip().startswith("#") for line in lines)
    yield "    fields:                             # our name: the tracker's name or id" if has_any else "    # fields:"
    yield from lines


def _field(name: str, guess: FieldGuess, known: Sequence[DiscoveredField]) -> Iterator[str]:
    chosen = guess.chosen
    if chosen is not None and name in CLOSED_VOCABULARIES:
        yield f"      # {name}: {_comment(_reference(chosen, known))}   # and map each of its words under `horizons`"
    elif chosen is not None:
        shown = chosen.name if _is_named_by_id(chosen, known) else chosen.id
        yield f"      {name}: {_reference(chosen, known)}   # {_comment(shown).strip()}"
    elif not guess.candidates:
        yield f"      # {name}:"
    for candidate in guess.candidates:
        remark = f"{candidate.name}, {candidate.kind if candidate.kind is not FieldKind.OTHER else 'not readable'}"
        off = ", on no screen" if candidate.is_on_screen is False else ""
        often = f", {filled_in(candidate.filled)}" if candidate.filled is not None else ""
        yield f"      # {name}: {_comment(quoted(candidate.id))}   # {_comment(remark)}{off}{often}"


def _reference(field: DiscoveredField, known: Sequence[DiscoveredField]) -> str:
    return quoted(field.id if _is_named_by_id(field, known) else field.name.strip())


def _is_named_by_id(field: DiscoveredField, known: Sequence[DiscoveredField]) -> bool:
    """Where others have the name too, and where it is a translation: those follow the language of the account."""
    alike = [other for other in known if other.name.strip().casefold() == field.name.strip().casefold()]
    return len(alike) > 1 or bool(field.known_as and folded(field.known_as) != folded(field.name))


def _value_streams(projects: Sequence[DiscoveredProject]) -> Iterator[str]:
    yield VALUE_STREAMS_HEAD
    taken: set[str] = set()
    for project in projects:
        yield f"  - id: {quoted(_identifier(project.key, taken))}"
        yield f"    name: {quoted(project.name[:LONGEST_NAME])}"
        yield "    match:                          # an item belongs to the stream when any entry fits"
        yield f"      - {{project: {quoted(project.key)}}}"
        yield "    # business_owners: []           # of `people`"
        yield "    # teams: []"
        yield "    # budgets: [{period: 2027-H1, amount: 1_000_000}]"
    yield ""
    yield "# people:                           # trackers hide e-mail addresses: one person, all accounts"


def _identifier(key: str, taken: set[str]) -> str:
    """A name of our own for a project: its key in small letters without accents, as far as that has letters."""
    plain = "".join(sign for sign in normalize("NFKD", key.casefold()) if not combining(sign))
    text = "-".join(re.findall("[a-z0-9]+", plain))[:40].strip("-")
    base = text if re.match("[a-z]", text) else f"stream-{text}" if text else "stream"
    found, number = base, 2
    while found in taken:
        found, number = f"{base}-{number}", number + 1
    taken.add(found)
    return found


def _policy(
    name: str, projects: Sequence[DiscoveredProject], levels: Mapping[Level, Sequence[str]], stages: Mapping[str, Stage]
) -> str:
    """Where escalations could go, as a comment: creating something is for people to switch on."""
    kind = next(iter(levels.get(Level.PORTFOLIO_EPIC, ("…",))))
    project = next((project for project in projects if project.type_named(kind) is not None), projects[0])
    closing = next((status for status, stage in stages.items() if stage is Stage.DONE), "…")
    place = f"{{tracker: {name}, project: {_comment(quoted(project.key))}, type: {_comment(quoted(kind))}}}"
    return POLICY.format(escalation=place, closing=_comment(quoted(closing)))
