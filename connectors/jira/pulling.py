"""Reads the whole scope, project by project, so that one bad project does not stop the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import quote

from connectors.jira import wire
from connectors.jira.client import Site
from connectors.jira.reading import ProjectReading, Reader
from lpm_sync.core.work_item import SourceItem
from lpm_sync.errors import ConfigurationError, RefusedError, UnavailableError
from lpm_sync.ports import Pull


def pull(tracker: str, site: Site, reader: Reader, projects: Sequence[str], *, now: datetime) -> Pull:
    """Everything in scope; a project that was not delivered whole stands in `failures` and brings nothing.

    Raises UnavailableError where no project could be read, ConfigurationError where the scope's query is at fault.
    """
    outcomes = dict(zip(projects, reader.client.all(lambda project: _read(reader, project), projects), strict=True))
    readings = [outcome for outcome in outcomes.values() if isinstance(outcome, ProjectReading)]
    failures = {project: outcome for project, outcome in outcomes.items() if not isinstance(outcome, ProjectReading)}
    _raise_if_nothing(tracker, reader, failures, is_all=not readings)
    if not failures:
        reader.keys.clear()  # what is gone leads nowhere; what could not be read is not gone
    ignored: Counter[str] = Counter()
    for reading in readings:
        ignored.update(reading.ignored_types)
        reader.keys.update(reading.keys)
    return Pull(
        tracker=tracker,
        account=site.account,
        server_time=site.server_time or now,
        items=tuple(_with_parents(reader, readings)),
        broken=tuple(item for reading in readings for item in reading.broken),
        failures={project: str(error) for project, error in failures.items()},
        ignored_types=ignored,
    )


class _ScopeError(RefusedError):
    """A project that is visible, whose search was not accepted."""


def _read(reader: Reader, project: str) -> ProjectReading | RefusedError | UnavailableError:
    """The project, or why it could not be read. Visibility is asked first: a search just leaves out what is hidden."""
    try:
        found = reader.client.get(f"project/{quote(project, safe='')}", wire.Keyed)
    except (RefusedError, UnavailableError) as error:
        return error
    reader.project_keys.update((project, found.key))  # a project that was renamed still answers to its old key
    try:
        return reader.project(project)
    except RefusedError as error:
        return _ScopeError(str(error))
    except UnavailableError as error:
        return error


def _with_parents(reader: Reader, readings: Sequence[ProjectReading]) -> list[SourceItem]:
    items = [item for reading in readings for item in reading.items]
    parent_keys = {ref: key for reading in readings for ref, key in reading.parent_keys.items()}
    return reader.with_parents(items, parent_keys) if parent_keys else items


def _raise_if_nothing(
    tracker: str, reader: Reader, failures: Mapping[str, RefusedError | UnavailableError], *, is_all: bool
) -> None:
    if not is_all or not failures:
        return
    errors = list(failures.values())
    if reader.scope_query and all(isinstance(error, _ScopeError) for error in errors):
        raise ConfigurationError(f"{tracker}: the scope's query is not accepted ({reader.scope_query}): {errors[0]}")
    unavailable = [error for error in errors if isinstance(error, UnavailableError)]
    if len(unavailable) == len(errors):
        waits = [error.retry_after for error in unavailable if error.retry_after is not None]
        raise UnavailableError(str(errors[0]), retry_after=max(waits, default=None))
