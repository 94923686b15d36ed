"""Reads everything in scope: each project by itself, so that one that fails takes no other with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from connectors.azure_devops.catalogue import ProjectCatalogue, read_project
from connectors.azure_devops.client import Client
from connectors.azure_devops.items import FoundIds, find_ids, in_batches, read_items
from connectors.azure_devops.normalize import Reading, UnreadableError
from connectors.azure_devops.queries import scope_condition
from connectors.azure_devops.reading import Reader
from lpm_sync.core.work_item import BrokenItem, Ref, SourceItem
from lpm_sync.errors import RefusedError, UnavailableError
from lpm_sync.ports import Clock, Connection, Pull

Argument = TypeVar("Argument")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scope:
    """What a project has of items in scope."""

    catalogue: ProjectCatalogue
    ids: tuple[int, ...]
    ignored: Mapping[str, int]
    as_of: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """Items without comments, items whose comments are still to be read, and why others cannot be read."""

    quiet: list[SourceItem]
    discussed: list[SourceItem]
    broken: dict[int, str]


class Puller:
    """One reading of one organisation."""

    def __init__(self, client: Client, connection: Connection, reader: Reader) -> None:
        self._client = client
        self._connection = connection
        self._reader = reader
        self._items: dict[Ref, SourceItem] = {}
        self._broken: dict[Ref, BrokenItem] = {}
        self._failures: dict[str, RefusedError | UnavailableError] = {}

    def pull(self, clock: Clock) -> Pull:
        """Everything in scope.

        A project that is refused, or in which a request fails for good, stands in `failures`; where all are refused
        they all stand there. Raises UnavailableError where none could be read and one of them for lack of an answer,
        UnauthorisedError, and ConfigurationError for a field.
        """
        account = self._reader.learn().account
        scopes = self._read_scopes()
        reading = self._reader.keep({project: scope.catalogue for project, scope in scopes.items()})
        self._read_items(reading, scopes)
        ignored: Counter[str] = Counter()
        for scope in scopes.values():
            ignored.update(scope.ignored)
        return Pull(
            tracker=self._connection.name,
            account=account.name,
            server_time=max((scope.as_of for scope in scopes.values() if scope.as_of), default=clock.now()),
            items=tuple(self._items.values()),
            broken=tuple(item for ref, item in self._broken.items() if ref not in self._items),
            failures={project: str(failure) for project, failure in self._failures.items()},
            ignored_types=dict(ignored),
        )

    def _read_scopes(self) -> dict[str, _Scope]:
        projects = tuple(dict.fromkeys(self._connection.projects))
        scopes: dict[str, _Scope] = {}
        for project, found in self._ask(self._read_scope, projects):
            if isinstance(found, _Scope):
                scopes[project] = found
            else:
                self._failures[project] = found
        unavailable = [failure for failure in self._failures.values() if isinstance(failure, UnavailableError)]
        if unavailable and not scopes:
            raise unavailable[0]
        return scopes

    def _read_scope(self, project: str) -> _Scope:
        """Ids of the types that matter, and how many items the others have: of those nothing more is asked."""
        catalogue = read_project(self._client, project)
        clause = self._connection.scope_query
        wanted = {name.casefold() for name in self._connection.types}
        named = tuple(name for name in catalogue.types if name.casefold() in wanted)
        has_some = bool(named or not wanted)
        found = find_ids(self._client, scope_condition(project, named, clause)) if has_some else FoundIds()
        others = [name for name in catalogue.types if wanted and name not in named]
        counts = {name: len(find_ids(self._client, scope_condition(project, (name,), clause)).ids) for name in others}
        ignored = {name: count for name, count in counts.items() if count}
        return _Scope(catalogue=catalogue, ids=found.ids, ignored=ignored, as_of=found.as_of)

    def _read_items(self, reading: Reading, scopes: Mapping[str, _Scope]) -> None:
        batches = [(project, ids) for project, scope in scopes.items() for ids in in_batches(scope.ids)]
        discussed: list[tuple[str, SourceItem]] = []
        for (project, _), found in self._ask(lambda batch: self._read_batch(reading, *batch), batches):
            if not isinstance(found, _Batch):
                self._failures.setdefault(project, found)
                continue
            self._items |= {item.ref: item for item in found.quiet}
            discussed += ((project, item) for item in found.discussed)
            for identifier, reason in found.broken.items():
                self._set_aside(project, identifier, reason)
        for (project, item), complete in self._ask(lambda one: self._reader.with_comments(reading, one[1]), discussed):
            if isinstance(complete, SourceItem):
                self._items[item.ref] = complete
            elif isinstance(complete, RefusedError):
                self._set_aside(project, int(item.ref.id), f"its comments cannot be read: {complete}")
            else:
                self._failures.setdefault(project, complete)

    def _read_batch(self, reading: Reading, project: str, ids: Sequence[int]) -> _Batch:
        """Reads and normalises at once, so that the answers need not be kept."""
        delivered = read_items(self._client, ids)
        broken = dict.fromkeys(delivered.missing, "not delivered: deleted or hidden since the query found it")
        broken |= delivered.broken
        quiet: list[SourceItem] = []
        discussed: list[SourceItem] = []
        for item in delivered.items:
            try:
                (discussed if item.system.comment_count else quiet).append(reading.source_item(item))
            except UnreadableError as error:
                broken[item.item.id] = str(error)
        return _Batch(quiet=quiet, discussed=discussed, broken=broken)

    def _set_aside(self, project: str, identifier: int, reason: str) -> None:
        key = str(identifier)
        ref = Ref(self._connection.name, key)
        self._broken[ref] = BrokenItem(ref=ref, key=key, project=project, reason=reason)

    def _ask(
        self, question: Callable[[Argument], Answer], arguments: Sequence[Argument]
    ) -> list[tuple[Argument, Answer | RefusedError | UnavailableError]]:
        """Asks in parallel; what is refused or not answered stands where the answer would."""

        def attempt(argument: Argument) -> Answer | RefusedError | UnavailableError:
            try:
                return question(argument)
            except (RefusedError, UnavailableError) as error:
                return error

        return list(zip(arguments, self._client.in_parallel(attempt, arguments), strict=True))
