"""Reads everything in scope, and takes note from where the next reading goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

import structlog

from connectors.azure_devops.catalogue import (
    Account,
    ProjectCatalogue,
    check_types,
    read_project,
)
from connectors.azure_devops.client import Client
from connectors.azure_devops.collecting import Collection, Question, wanted_types
from connectors.azure_devops.feeds import Tokens, first_tokens
from connectors.azure_devops.fields import FieldCatalogue, read_fields
from connectors.azure_devops.items import find_page
from connectors.azure_devops.position import Position, ProjectPosition
from connectors.azure_devops.queries import scope_clause, scope_condition
from connectors.azure_devops.reading import Reader
from connectors.azure_devops.walking import Walk
from lpm_sync.core.work_item import Ref
from lpm_sync.errors import RefusedError, UnavailableError
from lpm_sync.ports import Connection, Parts, Pull

NOTHING = "[System.Id] = 0"  # no item satisfies it: only the server's time is asked for


class WholeReading:
    """One reading of everything."""

    def __init__(self, client: Client, connection: Connection, reader: Reader, parts: Parts | None) -> None:
        self._client = client
        self._connection = connection
        self._reader = reader
        self._collection = Collection(client, connection)
        self._parts = parts
        self._projects = tuple(dict.fromkeys(connection.projects))
        self._fields = FieldCatalogue(named={}, references={})
        self._catalogues: dict[str, ProjectCatalogue] = {}
        self._begun: datetime | None = None

    def pull(self, account: Account, now: datetime, mark: str, before: Position | None, *, census: bool) -> Pull:
        """Everything in scope; `mark` is the fingerprint for the position, a project that fails keeps that of `before`.

        A project that is refused, or in which a request fails for good, stands in `failures`; where all are refused
        they all stand there. Raises UnavailableError where none could be read and one of them for lack of an answer,
        ConfigurationError for a field or a type that is not there, ChangedError for a field that is pinned.
        """
        self._learn()
        if not self._collection.failures:  # a project that does not show may be the only one with some type
            check_types(self._connection, self._catalogues.values())
        tokens = self._first_tokens()  # before anything is read: what changes from here on is in the feeds
        self._reader.begin(account, self._fields)
        reading = self._reader.keep(self._catalogues)
        if tokens and self._parts:
            self._parts.begin(self._position(tokens, mark, now, before).text())
            self._collection.parts = self._parts
        found, ignored = self._read(Walk(self._client, self._reader, self._collection, reading))
        refs = (Ref(self._connection.name, str(one)) for ids in found.values() for one in ids)
        return Pull(
            tracker=self._connection.name,
            account=account.name,
            server_time=self._begun or now,
            items=self._collection.items,
            broken=self._collection.broken,
            failures={project: str(failure) for project, failure in self._collection.failures.items()},
            interrupted=self._collection.interrupted,
            retry_after=self._collection.retry_after,
            ignored_types=ignored,
            resolved=self._fields.resolved,
            position=self._position(tokens, mark, now, before).text() if tokens else None,
            present=frozenset(refs) if census or self._collection.parts else None,
        )

    def _learn(self) -> None:
        """Asks at the same time for the fields, the server's time and what each project defines."""
        asked: list[Callable[[], None]] = [self._learn_fields, self._learn_time]
        asked += [partial(self._learn_project, project) for project in self._projects]
        self._client.in_parallel(lambda ask: ask(), asked)

    def _learn_fields(self) -> None:
        self._fields = read_fields(self._client, self._connection)

    def _learn_time(self) -> None:
        try:
            self._begun = find_page(self._client, NOTHING).as_of
        except (RefusedError, UnavailableError) as error:
            self._say_why(error)

    def _learn_project(self, project: str) -> None:
        try:
            self._catalogues[project] = read_project(self._client, project)
        except (RefusedError, UnavailableError) as error:
            self._collection.fail(project, error)

    def _first_tokens(self) -> Tokens | None:
        """Where the feeds stand; None where there is no such feed, and everything has to be read again next time."""
        if self._begun is None:
            return None
        try:
            return first_tokens(self._client, self._begun)
        except (RefusedError, UnavailableError) as error:
            self._say_why(error)
            return None

    def _say_why(self, error: Exception) -> None:
        structlog.get_logger().warning("changes_not_told", tracker=self._connection.name, reason=str(error))

    def _read(self, walk: Walk) -> tuple[Mapping[str, Sequence[int]], Mapping[str, int]]:
        """Reads all items in scope.

        Returns their ids by project; and how many items of each other type there are, of which no more is asked.
        """
        ids: dict[str, Sequence[int]] = {}
        ignored: Counter[str] = Counter()
        questions = [one for project in self._catalogues for one in self._questions(project)]
        for question, found in walk.find_and_read(questions):
            if question.ignored_type is None:
                ids[question.project] = found
            elif found:
                ignored[question.ignored_type] += len(found)
        failures = self._collection.failures
        unavailable = [failure for failure in failures.values() if isinstance(failure, UnavailableError)]
        if unavailable and not ids and failures.keys() >= set(self._projects):
            raise unavailable[0]
        return ids, dict(ignored)

    def _questions(self, project: str) -> list[Question]:
        catalogue, clause = self._catalogues[project], scope_clause(self._connection)
        named = wanted_types(self._connection, catalogue)
        others = [name for name in catalogue.types if self._connection.types and name not in named]
        counts = [
            Question(project=project, condition=scope_condition(project, (name,), clause), ignored_type=name)
            for name in others
        ]
        return [*self._collection.in_scope(project, catalogue), *counts]

    def _position(self, tokens: Tokens, mark: str, now: datetime, before: Position | None) -> Position:
        places = dict(before.projects) if before else {}
        for project in self._projects:
            if project in self._collection.failures:
                places.setdefault(project.casefold(), ProjectPosition())
            else:
                places[project.casefold()] = ProjectPosition(tokens=tokens, catalogue=self._catalogues[project])
        hidden = self._collection.hidden()
        return Position(
            fingerprint=mark,
            fields=self._fields,
            projects=places,
            read_whole=now,
            hidden=hidden,
            locations=self._client.locations(),
        )
