"""Reads the whole scope, project by project, so that one bad project does not stop the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime

from connectors.jira import wire
from connectors.jira.bulk import find_issues
from connectors.jira.configured import check_types
from connectors.jira.keeping import Keeper
from connectors.jira.knowing import Known
from connectors.jira.outcomes import Failure, ScopeError, interrupted, is_hidden, named, once_each, raise_if_nothing
from connectors.jira.position import VERSION, Place, Position, account_of, place_of
from connectors.jira.reading import Kept, ProjectReading, Reader
from lpm_sync.core.work_item import SourceItem
from lpm_sync.errors import RefusedError, UnavailableError
from lpm_sync.ports import Parts, Pull


def pull(
    known: Known, projects: Sequence[str], settings: str, *, now: datetime, census: bool, parts: Parts | None
) -> Pull:
    """Everything in scope; a project that was not delivered whole stands in `failures` and brings nothing.

    `now` is for a tracker that does not tell its time: of that no later reading could go on, and no parts are kept.
    Raises UnavailableError where no project could be read, ConfigurationError where the scope's query is at fault, or a
    configured type does not exist.
    """
    reader, server_time = known.reader, known.site.server_time or now
    before = set(reader.keys)
    seen, failures = look(reader, projects)
    with ExitStack() as opened:
        keeper = None
        if parts is not None and known.site.server_time is not None:
            keeper = opened.enter_context(Keeper(reader, parts, server_time))
            beginning = {project: place_at_beginning(found, server_time) for project, found in seen.items()}
            whole = server_time.isoformat()
            parts.begin(position_of(known, settings, beginning, whole=whole, failures=failures).text())
        readings, failed = read_whole(reader, seen, keeper)
        failures |= failed
        raise_if_nothing(reader, failures, is_all=not readings)
        if keeper is not None:
            keeper.finish()
    types = {kind for one in readings.values() for kind in one.kinds}
    if not failures:  # a project that does not show may be the only one with some type
        check_types(reader.client, reader.types, types)
        for key in before.difference(*(one.keys for one in readings.values())):
            reader.keys.pop(key, None)  # what is gone leads nowhere; what could not be read is not gone
    ignored: Counter[str] = Counter()
    for reading in readings.values():
        ignored.update(reading.ignored_types)
        reader.keys.update(reading.keys)
    items = once_each(item for item in with_parents(reader, list(readings.values())) if reader.is_in_scope(item))
    broken = {item.ref: item for reading in readings.values() for item in reading.broken if item.ref.id not in items}
    handed = [reader.context.ref(one.id) for reading in readings.values() for one in reading.handed]
    places = places_of(readings, items, server_time, keeper)
    position = position_of(known, settings, places, whole=server_time.isoformat(), failures=failures)
    return Pull(
        tracker=reader.context.tracker,
        account=known.site.account,
        server_time=server_time,
        items=tuple(items.values()),
        broken=tuple(broken.values()),
        failures=named(failures, {}),
        interrupted=interrupted(failures),
        ignored_types=ignored,
        resolved=position.resolved,
        position=position.text(),
        present=frozenset((*(item.ref for item in items.values()), *handed, *broken)) if census or keeper else None,
    )


def look(reader: Reader, projects: Sequence[str]) -> tuple[dict[str, wire.Project], dict[str, Failure]]:
    """The projects that show, by configured key, and why others do not: a search just leaves out what is hidden."""
    client = reader.client

    def ask(project: str) -> wire.Project | Failure:
        try:
            return reader.look(project)
        except (RefusedError, UnavailableError) as error:
            return error

    seen: dict[str, wire.Project] = {}
    failures: dict[str, Failure] = {}
    for project, found in zip(projects, client.all(ask, projects), strict=True):
        if isinstance(found, wire.Project):
            seen[project] = found
            reader.project_keys.update((project, found.key))  # one that was renamed still answers to its old key
        else:
            failures[project] = found
    return seen, failures


def read_whole(
    reader: Reader, seen: Mapping[str, wire.Project], keeper: Keeper | None
) -> tuple[dict[str, ProjectReading], dict[str, Failure]]:
    """Those projects as a whole, and why others could not be read."""
    outcomes = _read_together(reader, seen, keeper) or dict(
        zip(seen, reader.client.all(lambda found: _read(reader, found, keeper), seen.values()), strict=True)
    )
    failures = {project: one for project, one in outcomes.items() if not isinstance(one, ProjectReading)}
    return {project: one for project, one in outcomes.items() if isinstance(one, ProjectReading)}, failures


def with_parents(reader: Reader, readings: Sequence[ProjectReading]) -> list[SourceItem]:
    """All items of the readings, with the parents that are named by key."""
    items = [item for reading in readings for item in reading.items]
    parent_keys = {ref: key for reading in readings for ref, key in reading.parent_keys.items()}
    return reader.with_parents(items, parent_keys) if parent_keys else items


def places_of(
    readings: Mapping[str, ProjectReading],
    items: Mapping[str, SourceItem],
    server_time: datetime,
    keeper: Keeper | None = None,
) -> dict[str, Place]:
    """Up to where whole projects were read."""
    digests = keeper.digests if keeper is not None else {}
    return {
        project: place_of(
            reading.project, stamps=reading.stamps, items=items, old=None, now=server_time, digests=digests
        )
        for project, reading in readings.items()
        if reading.project is not None
    }


def place_at_beginning(project: wire.Project, server_time: datetime) -> Place:
    """From where a reading looks for changes that goes on with one which begins now."""
    return place_of(project, stamps={}, items={}, old=None, now=server_time)


def position_of(
    known: Known, settings: str, places: dict[str, Place], *, whole: str, failures: Mapping[str, Failure]
) -> Position:
    """The position that a reading with that knowledge hands out; `whole` is the time of the last whole one."""
    return Position(
        version=VERSION,
        settings=settings,
        account=account_of(known.site.identities),
        is_cloud=known.site.is_cloud,
        fields=known.fields,
        links=dict(known.links),
        wordings=dict(known.wordings),
        whole=whole,
        hidden=sorted(project for project, error in failures.items() if is_hidden(error)),
        places=places,
        dates_answers=known.site.dates_answers,
    )


def _read_together(
    reader: Reader, seen: Mapping[str, wire.Project], keeper: Keeper | None
) -> dict[str, ProjectReading | Failure] | None:
    """Cloud: all projects in one search, which takes the fewest requests; None where each has to be read by itself."""
    if not reader.client.is_cloud or len(seen) < 2:
        return None
    try:
        found = _find(reader, reader.jql(*(project.key for project in seen.values())), keeper)
    except (RefusedError, UnavailableError):
        return None  # one of them stops the others
    issues: dict[str, list[Kept]] = {project.key: [] for project in seen.values()}
    for one in found.values():
        if one.project in issues:  # else it moved out of the scope while the index still has it there
            issues[one.project].append(one)
    return {configured: _completed(reader, project, issues[project.key]) for configured, project in seen.items()}


def _completed(reader: Reader, project: wire.Project, issues: Sequence[Kept]) -> ProjectReading | Failure:
    try:
        return replace(reader.complete(reader.sort(issues)), project=project)
    except UnavailableError as error:
        return error


def _find(reader: Reader, jql: str, keeper: Keeper | None) -> dict[str, Kept]:
    """What a search brings; with a keeper most of it is handed on, and nothing is fetched twice."""
    if keeper is None:
        return reader.find(jql)
    wanted = reader.kept_by(keeper.take)
    return find_issues(reader.client, jql, wanted, known=keeper.handed, expect=keeper.expect)


def _read(reader: Reader, project: wire.Project, keeper: Keeper | None) -> ProjectReading | Failure:
    """The project by itself, or why it could not be read."""
    try:
        found = _find(reader, reader.jql(project.key), keeper)
        return replace(reader.complete(reader.sort(found.values())), project=project)
    except RefusedError as error:
        return ScopeError(str(error))
    except UnavailableError as error:
        return error
