"""Compares the configured words with those that a tracker has: types, statuses, the target of escalations."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from lpm_sync.core.discovery import DiscoveredStatus, Discovery
from lpm_sync.core.examination import Check
from lpm_sync.core.governance import EscalationTarget
from lpm_sync.core.vocabulary import Vocabulary
from lpm_sync.core.work_item import Level, SourceItem
from lpm_sync.policy.configuration import Configuration
from lpm_sync.policy.mapped import fields_place, mapped_fields, remedy, unmapped

ITERATION_PATH = "iteration path"
LONGEST_LIST = 20  # names in a line
CREATE_IN = "escalation.create_in in policy.yaml"
UNTOLD = "grant the account the right to see them, or look at each of them in the tracker"


def vocabulary_checks(
    configuration: Configuration, tracker: str, discovery: Discovery, escalation: EscalationTarget | None
) -> Iterator[Check]:
    """One check a configured type, one for the statuses of each, and those of the escalation's target."""
    vocabulary = configuration.vocabulary(tracker)
    for match in vocabulary.levels:
        for name in match.types:
            yield from _type_checks(discovery, vocabulary, match.level, name, match.projects)
    if escalation is not None:
        yield from _target_checks(discovery, escalation)


def mapping_checks(configuration: Configuration, tracker: str, discovery: Discovery) -> Iterator[Check]:
    """A warning for each value that a rule reads and that the tracker is not told to give."""
    has_iterations = any(field.name.casefold() == ITERATION_PATH for field in discovery.fields)
    mapped = mapped_fields(configuration.trackers_file.trackers, [tracker] if has_iterations else [])
    for names, rules in unmapped(configuration, tracker, mapped):
        note = f"{fields_place(configuration, tracker)}: no field is mapped to them"
        yield Check(subject=f"values of {names}", note=note, remedy=remedy(rules))


def scope_fault(configuration: Configuration, item: SourceItem) -> str | None:
    """Why a pull would not bring the item: its project or its type; None where it would."""
    key = f"{item.ref.tracker}:{item.key}"
    stanza = configuration.tracker(item.ref.tracker)
    if not is_in_projects(configuration, item):
        return f"{key} is in project {item.project}, which is not in scope"
    types = {name.casefold() for entry in stanza.levels for name in entry.types}
    if item.type.casefold() not in types:
        return f"{key} is of type {item.type}, which stands at no level"
    return None


def is_in_projects(configuration: Configuration, item: SourceItem) -> bool:
    """Whether the item is in one of the projects of the scope."""
    projects = configuration.tracker(item.ref.tracker).scope.projects
    return item.project.casefold() in map(str.casefold, projects)


def _type_checks(
    discovery: Discovery, vocabulary: Vocabulary, level: Level, name: str, projects: Collection[str]
) -> Iterator[Check]:
    named = [project for project in discovery.projects if not projects or project.key in projects]
    described = [project for project in named if project.types]
    if not described:
        return  # hidden projects are told elsewhere, and not every tracker tells its types
    subject = f"type {name}"
    found = {project.key: kind for project in described if (kind := project.type_named(name)) is not None}
    if not found:
        there = _listed({kind.name for project in described for kind in project.types})
        fault = f"no project of {_listed(project.key for project in described)} has it; there are {there}"
        yield Check(subject=subject, fault=fault, remedy="correct levels in trackers.yaml")
        return
    yield Check(subject=subject, note=f"{level} in {_listed(found)}")
    missing: dict[str, list[str]] = {}
    if untold := [project for project, kind in found.items() if not kind.statuses]:
        yield Check(subject=f"statuses of {name}", unknown=f"they are not told in {_listed(untold)}", remedy=UNTOLD)
        if len(untold) == len(found):
            return
    for project, kind in found.items():
        for status in kind.statuses:
            if not _is_mapped(status, level, vocabulary):
                missing.setdefault(status.name, []).append(project)
    yield _status_check(level, name, missing)


def _is_mapped(status: DiscoveredStatus, level: Level, vocabulary: Vocabulary) -> bool:
    """Whether an item in that status can be understood, as `core.normalise` does it."""
    if level is Level.PORTFOLIO_EPIC:
        return _names(vocabulary.stages.get(level, {}), status.name)
    return status.progress is not None or _names(vocabulary.progress.get(level, {}), status.name)


def _names(words: Iterable[str], name: str) -> bool:
    return name.casefold() in {word.casefold() for word in words}


def _status_check(level: Level, name: str, missing: dict[str, list[str]]) -> Check:
    subject = f"statuses of {name}"
    if not missing:
        return Check(subject=subject)
    listed = _listed(f"“{status}” ({', '.join(projects)})" for status, projects in missing.items())
    section = f"stages.{level}" if level is Level.PORTFOLIO_EPIC else f"progress.{level}"
    remedy = f"map each under {section} in trackers.yaml: until then items with such a status are set aside"
    return Check(subject=subject, fault=f"not mapped: {listed}", remedy=remedy)


def _target_checks(discovery: Discovery, escalation: EscalationTarget) -> Iterator[Check]:
    subject = f"escalation to {escalation.type} in {escalation.project}"
    project = discovery.project(escalation.project)
    if project is None:
        if escalation.project not in discovery.failures:  # a hidden project is told elsewhere
            fault = f"project {escalation.project} is not in scope"
            yield Check(subject=subject, fault=fault, remedy=f"correct {CREATE_IN}, or add it to scope.projects")
        return
    kind = project.type_named(escalation.type)
    if not project.types:
        yield Check(subject=subject, unknown=f"the types of {escalation.project} are not told", remedy=UNTOLD)
        return
    if kind is None:
        fault = f"the project has no such type; it has {_listed(kind.name for kind in project.types)}"
        yield Check(subject=subject, fault=fault, remedy=f"correct {CREATE_IN}")
        return
    yield Check(subject=subject)
    if escalation.close_to is None:
        return
    closing = f"closing status {escalation.close_to}"
    if kind.has_status(escalation.close_to):
        yield Check(subject=closing)
    elif not kind.statuses:
        yield Check(subject=closing, unknown=f"the statuses of {escalation.type} are not told", remedy=UNTOLD)
    else:
        fault = f"{escalation.type} in {escalation.project} has no such status; it has " + _listed(
            status.name for status in kind.statuses
        )
        yield Check(subject=closing, fault=fault, remedy="correct escalation.close_to in policy.yaml")


def _listed(names: Iterable[str]) -> str:
    listed = list(dict.fromkeys(names))
    rest = f" and {len(listed) - LONGEST_LIST} more" if len(listed) > LONGEST_LIST else ""
    return (", ".join(listed[:LONGEST_LIST]) or "none") + rest
