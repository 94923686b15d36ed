"""What became of each project in a reading, and what that makes of the whole of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connectors.jira.position import Place
from connectors.jira.reading import Reader
from lpm_sync.core.work_item import SourceItem
from lpm_sync.errors import ConfigurationError, RefusedError, UnavailableError

Failure = RefusedError | UnavailableError


class ScopeError(RefusedError):
    """A project that is visible, whose search was not accepted."""


def is_hidden(failure: Failure) -> bool:
    """Whether the project is not there for the account, or not there at all."""
    return isinstance(failure, RefusedError) and not isinstance(failure, ScopeError)


def raise_if_nothing(reader: Reader, failures: Mapping[str, Failure], *, is_all: bool) -> None:
    """Raises UnavailableError or ConfigurationError where no project could be read, and not for each its own reason."""
    if not is_all or not failures:
        return
    tracker, errors = reader.context.tracker, list(failures.values())
    if reader.scope_query and all(isinstance(error, ScopeError) for error in errors):
        raise ConfigurationError(f"{tracker}: the scope's query is not accepted ({reader.scope_query}): {errors[0]}")
    unavailable = [error for error in errors if isinstance(error, UnavailableError)]
    if len(unavailable) == len(errors):
        waits = [error.retry_after for error in unavailable if error.retry_after is not None]
        raise UnavailableError(str(errors[0]), retry_after=max(waits, default=None))


def interrupted(failures: Mapping[str, Failure]) -> frozenset[str]:
    """The projects, by configured key, that did not answer."""
    return frozenset(project for project, error in failures.items() if isinstance(error, UnavailableError))


def named(failures: Mapping[str, Failure], places: Mapping[str, Place]) -> dict[str, str]:
    """The reasons by project: by the configured key, and by the one that its items carry, if it was renamed."""
    reasons = {project: str(error) for project, error in failures.items()}
    return reasons | {places[project].key: text for project, text in reasons.items() if project in places}


def once_each(items: Iterable[SourceItem]) -> dict[str, SourceItem]:
    """The items by id; one that moved while two projects were read stands in both, and the later copy holds."""
    found: dict[str, SourceItem] = {}
    for item in items:
        if item.ref.id not in found or found[item.ref.id].updated <= item.updated:
            found[item.ref.id] = item
    return found
