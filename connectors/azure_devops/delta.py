"""Reads what changed since a position, and what is gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from connectors.azure_devops.catalogue import Account, ProjectCatalogue, visible_projects
from connectors.azure_devops.client import Client
from connectors.azure_devops.collecting import NOT_DELIVERED, Collection
from connectors.azure_devops.feeds import Changes, Tokens, read_on
from connectors.azure_devops.fields import read_fields
from connectors.azure_devops.position import Position, ProjectPosition
from connectors.azure_devops.reading import Reader
from connectors.azure_devops.sorting import Sorted, sort_changes
from connectors.azure_devops.walking import Walk
from lpm_sync.core.work_item import Ref
from lpm_sync.errors import RefusedError, UnauthorisedError, UnavailableError
from lpm_sync.ports import Connection, Parts, Pull

IDS_A_CONDITION = 500
# Moved away, or its project has another name: that is told once all configured projects show.
ASTRAY = "it stands in a project that is not configured, while a configured one does not show: was that one renamed?"


class CannotGoOnError(Exception):
    """A position is of no use any more; the text says why."""


class DeltaReading:
    """One reading from a position on.

    Where nothing changed it costs four requests, however many projects there are: who we are, which projects there
    are, and the two feeds. Types and states are taken from the position, and asked for again with the census; the
    fields also where anything changed: a value that is missing must not come of a field that is.
    """

    def __init__(self, client: Client, connection: Connection, reader: Reader, position: Position) -> None:
        self._client = client
        self._connection = connection
        self._reader = reader
        self._position = position
        self._collection = Collection(client, connection)
        self._is_unfinished = False
        self._projects = tuple(dict.fromkeys(connection.projects))
        self._types = frozenset(name.casefold() for name in connection.types)
        self._present: set[int] = set()
        self._as_of: datetime | None = None

    def go_on(self, parts: Parts | None) -> None:
        """Makes it go on with a reading of everything that was stopped, and keep in `parts` what it brings."""
        self._is_unfinished = True
        self._collection.parts = parts

    def pull(self, account: Account, now: datetime, known: frozenset[int], *, census: bool) -> Pull:
        """At least what changed since; `known` are the items that stood then.

        Raises CannotGoOnError where everything has to be read again, UnavailableError where the server does not answer,
        ConfigurationError and ChangedError as a whole reading does.
        """
        visible = self._visible()
        self._check_hidden(visible)
        changes = self._read_feeds(visible)
        catalogues = self._catalogues(visible, changes, census=census)
        self._reader.begin(account, self._position.fields)
        reading = self._reader.keep(catalogues)
        found = sort_changes(changes, self._connection, known, {one.casefold(): one for one in catalogues})
        if self._connection.scope_query:
            self._ask_scope(found, catalogues, known)
        self._walk(found, catalogues, known, census=census)
        if census or found.others or any(found.wanted.values()):
            self._check_fields()
        self._collection.expect(len(self._present))
        Walk(self._client, self._reader, self._collection, reading).read(found.wanted, found.others)
        for identifier in found.astray:
            self._collection.set_aside(None, identifier, ASTRAY)
        gone = self._gone(found, known, census=census)
        return Pull(
            tracker=self._connection.name,
            account=account.name,
            server_time=self._as_of or now,
            items=self._collection.items,
            broken=self._collection.broken,
            failures={project: str(failure) for project, failure in self._collection.failures.items()},
            resolved=self._position.fields.resolved,
            interrupted=self._collection.interrupted,
            retry_after=self._collection.retry_after,
            position=self._next_position(changes.tokens, catalogues).text(),
            is_delta=True,
            gone=self._refs(gone),
            present=self._refs(self._present) if census else None,
        )

    def _visible(self) -> list[str]:
        try:
            seen = visible_projects(self._client, self._projects)
        except (RefusedError, UnauthorisedError):
            # A token for work items alone may not list projects, and was accepted a moment ago: each is asked for.
            return list(self._collection.catalogues(self._projects))
        for project in self._projects:
            if project not in seen:
                place = f"{self._connection.name}: project {project!r}"
                self._collection.fail(project, RefusedError(f"{place}: not there, renamed, or hidden from the account"))
        return [project for project in self._projects if project in seen]

    def _check_hidden(self, visible: Iterable[str]) -> None:
        """While a project is hidden no relation to its items shows; and no feed tells when they show again."""
        for project in visible:
            if project.casefold() in self._position.hidden and project not in self._collection.failures:
                raise CannotGoOnError(f"project {project!r} was hidden before")

    def _check_fields(self) -> None:
        if read_fields(self._client, self._connection) != self._position.fields:
            raise CannotGoOnError("the configured fields are others now")

    def _read_feeds(self, visible: Iterable[str]) -> Changes:
        """Both feeds, from each place at which a project stands; as a rule all stand at the same.

        They end at the first of those ends: what the later ones told beyond it is told again.
        """
        places = dict.fromkeys(tokens for project in visible if (tokens := self._place_of(project).tokens))
        try:
            walks = [read_on(self._client, tokens) for tokens in places]
        except RefusedError as error:
            raise CannotGoOnError(str(error)) from None
        except UnavailableError as error:
            if error.retry_after is not None:
                raise  # it asks for rest: reading everything is the last thing to do
            raise CannotGoOnError(str(error)) from None
        if not walks:
            raise CannotGoOnError("no visible project was read whole before")
        return Changes(
            revised={identifier: last for walk in walks for identifier, last in walk.revised.items()},
            linked=frozenset().union(*(walk.linked for walk in walks)),
            tokens=walks[0].tokens,
        )

    def _catalogues(self, visible: list[str], changes: Changes, *, census: bool) -> dict[str, ProjectCatalogue]:
        """What each visible project defines: asked for again where something turned up that is not known of it."""
        known = {project: found for project in visible if (found := self._place_of(project).catalogue)}
        folded = {project.casefold(): found for project, found in known.items()}
        strange = {
            project
            for last in changes.revised.values()
            if (project := (last.project or "").casefold()) in folded
            and folded[project].progress_of(last.type or "", last.state or "") is None
            and self._is_wanted(last.type)
        }
        asked = [one for one in visible if census or one not in known or one.casefold() in strange]
        fresh = self._collection.catalogues(asked)
        return {one: catalogue for one in visible if (catalogue := fresh.get(one) if one in asked else known[one])}

    def _is_wanted(self, type_name: str | None) -> bool:
        return not self._types or (type_name or "").casefold() in self._types

    def _ask_scope(self, found: Sorted, catalogues: Mapping[str, ProjectCatalogue], known: frozenset[int]) -> None:
        """Only the tracker can tell which of the changed items satisfy the clause of the scope."""
        in_doubt = sorted({*found.others, *(one for ids in found.wanted.values() for one in ids)})
        portions = [in_doubt[n : n + IDS_A_CONDITION] for n in range(0, len(in_doubt), IDS_A_CONDITION)]
        questions = [
            one
            for project, catalogue in catalogues.items()
            for portion in portions
            for one in self._collection.in_scope(project, catalogue, portion)
        ]
        found.wanted.clear()
        found.others.clear()
        for question, answer in self._collection.ids(questions):
            found.wanted.setdefault(question.project, set()).update(answer.ids)
        if not self._collection.failures:
            inside = {one for ids in found.wanted.values() for one in ids}
            found.gone.update(one for one in in_doubt if one in known and one not in inside)

    def _walk(
        self, found: Sorted, catalogues: Mapping[str, ProjectCatalogue], known: frozenset[int], *, census: bool
    ) -> None:
        """Adds all items of projects that must be read whole; with a census also all that nobody knows of yet."""
        unread = {project for project, catalogue in catalogues.items() if not self._is_read(project, catalogue)}
        asked = [project for project in catalogues if census or project in unread]
        questions = [one for project in asked for one in self._collection.in_scope(project, catalogues[project])]
        for question, answer in self._collection.ids(questions):
            self._as_of = self._as_of or answer.as_of
            self._present.update(answer.ids)
            ids = answer.ids if question.project in unread else [one for one in answer.ids if one not in known]
            found.wanted.setdefault(question.project, set()).update(ids)
            found.others.difference_update(ids)

    def _is_read(self, project: str, catalogue: ProjectCatalogue) -> bool:
        place = self._place_of(project)
        return place.tokens is not None and place.catalogue == catalogue

    def _gone(self, found: Sorted, known: frozenset[int], *, census: bool) -> set[int]:
        """What certainly left. An item that does not come and of which nothing is told is in a project that failed, or
        else it is named."""
        gone = set(found.gone)
        configured = {project.casefold() for project in self._projects}
        for item in self._collection.items:
            is_elsewhere = item.project.casefold() not in configured
            if is_elsewhere or not self._is_wanted(item.type):
                self._collection.leave_out(item.ref)
                if is_elsewhere and self._collection.failures:
                    self._collection.set_aside(None, int(item.ref.id), ASTRAY)
                else:
                    gone.add(int(item.ref.id))
        if self._collection.failures:
            return gone - self._present
        if census:
            gone |= known - self._present - {int(item.ref.id) for item in self._collection.items}
        for identifier in self._collection.unplaced - gone:
            self._collection.set_aside(None, identifier, NOT_DELIVERED)
        return gone - self._present

    def _next_position(self, tokens: Tokens, catalogues: Mapping[str, ProjectCatalogue]) -> Position:
        """A project that failed stays where it was; one that never came whole is nowhere yet."""
        places = {} if self._is_unfinished else dict(self._position.projects)
        for project in self._projects:
            if project in self._collection.failures:
                places.setdefault(project.casefold(), ProjectPosition())
            else:
                places[project.casefold()] = ProjectPosition(tokens=tokens, catalogue=catalogues[project])
        return Position(
            fingerprint=self._position.fingerprint,
            fields=self._position.fields,
            projects=places,
            read_whole=self._position.read_whole,
            hidden=self._collection.hidden(self._position.hidden),
            locations=self._client.locations(),
        )

    def _place_of(self, project: str) -> ProjectPosition:
        return self._position.projects.get(project.casefold(), ProjectPosition())

    def _refs(self, ids: Iterable[int]) -> frozenset[Ref]:
        return frozenset(Ref(self._connection.name, str(one)) for one in ids)
