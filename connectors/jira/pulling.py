"""Reads the whole scope, project by project, so that one bad project does not stop the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from connectors.jira.configured import check_types
from connectors.jira.knowing import Known
from connectors.jira.outcomes import Failure, ScopeError, is_hidden, named, once_each, raise_if_nothing
from connectors.jira.position import VERSION, Place, Position, account_of, place_of
from connectors.jira.projects import read_project
from connectors.jira.reading import ProjectReading, Reader
from lpm_sync.core.work_item import SourceItem
from lpm_sync.errors import RefusedError, UnavailableError
from lpm_sync.ports import Pull


def pull(known: Known, projects: Sequence[str], settings: str, *, now: datetime, census: bool) -> Pull:
    """Everything in scope; a project that was not delivered whole stands in `failures` and brings nothing.

    `now` is for a tracker that does not tell its time. Raises UnavailableError where no project could be read,
    ConfigurationError where the scope's query is at fault, or a configured type does not exist.
    """
    reader, server_time = known.reader, known.site.server_time or now
    readings, failures = read_whole(reader, projects)
    raise_if_nothing(reader, failures, is_all=not readings)
    if not failures:  # a project that does not show may be the only one with some type
        check_types(reader.client, reader.types, {item.type for one in readings.values() for item in one.items})
        reader.keys.clear()  # what is gone leads nowhere; what could not be read is not gone
    ignored: Counter[str] = Counter()
    for reading in readings.values():
        ignored.update(reading.ignored_types)
        reader.keys.update(reading.keys)
    items = once_each(item for item in with_parents(reader, list(readings.values())) if reader.is_in_scope(item))
    broken = {item.ref: item for reading in readings.values() for item in reading.broken if item.ref.id not in items}
    places = places_of(readings, items, server_time)
    return Pull(
        tracker=reader.context.tracker,
        account=known.site.account,
        server_time=server_time,
        items=tuple(items.values()),
        broken=tuple(broken.values()),
        failures=named(failures, {}),
        ignored_types=ignored,
        position=position_of(known, settings, places, whole=server_time.isoformat(), failures=failures).text(),
        present=frozenset((*(item.ref for item in items.values()), *broken)) if census else None,
    )


def read_whole(reader: Reader, projects: Sequence[str]) -> tuple[dict[str, ProjectReading], dict[str, Failure]]:
    """Those projects as a whole, and why others could not be read."""
    outcomes = dict(zip(projects, reader.client.all(lambda project: _read(reader, project), projects), strict=True))
    readings = {project: one for project, one in outcomes.items() if isinstance(one, ProjectReading)}
    return readings, {project: one for project, one in outcomes.items() if not isinstance(one, ProjectReading)}


def with_parents(reader: Reader, readings: Sequence[ProjectReading]) -> list[SourceItem]:
    """All items of the readings, with the parents that are named by key."""
    items = [item for reading in readings for item in reading.items]
    parent_keys = {ref: key for reading in readings for ref, key in reading.parent_keys.items()}
    return reader.with_parents(items, parent_keys) if parent_keys else items


def places_of(
    readings: Mapping[str, ProjectReading], items: Mapping[str, SourceItem], server_time: datetime
) -> dict[str, Place]:
    """Up to where whole projects were read."""
    return {
        project: place_of(reading.project, stamps=reading.stamps, items=items, old=None, now=server_time)
        for project, reading in readings.items()
        if reading.project is not None
    }


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
        wordings=dict(known.wordings),
        whole=whole,
        hidden=sorted(project for project, error in failures.items() if is_hidden(error)),
        places=places,
    )


def _read(reader: Reader, project: str) -> ProjectReading | Failure:
    """The project, or why it could not be read. Visibility is asked first: a search just leaves out what is hidden."""
    try:
        found = read_project(reader.client, project)
    except (RefusedError, UnavailableError) as error:
        return error
    reader.project_keys.update((project, found.key))  # a project that was renamed still answers to its old key
    try:
        return replace(reader.project(found.key), project=found)
    except RefusedError as error:
        return ScopeError(str(error))
    except UnavailableError as error:
        return error
