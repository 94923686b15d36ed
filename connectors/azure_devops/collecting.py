"""Gathers what one reading brings: each project by itself, so that one that fails takes no other with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from connectors.azure_devops.catalogue import ProjectCatalogue, read_project
from connectors.azure_devops.client import Client
from connectors.azure_devops.items import FoundIds, find_ids
from connectors.azure_devops.queries import scope_clause, scope_condition, with_ids
from lpm_sync.core.work_item import BrokenItem, Ref, SourceItem
from lpm_sync.errors import RefusedError, UnavailableError
from lpm_sync.ports import Connection, Parts

Argument = TypeVar("Argument")
Answer = TypeVar("Answer")
Failure = RefusedError | UnavailableError

NOT_DELIVERED = "not delivered: deleted or hidden since it was found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A query for ids about one project; `ignored_type` where they are only to be counted."""

    project: str
    condition: str
    ignored_type: str | None = None


class Collection:
    """Items, those that cannot be read, and the projects that are not whole, with the reasons."""

    def __init__(self, client: Client, connection: Connection) -> None:
        self._client = client
        self._connection = connection
        self._items: dict[Ref, SourceItem] = {}
        self._broken: dict[Ref, BrokenItem] = {}
        self._failures: dict[str, Failure] = {}
        self.parts: Parts | None = None  # where items go as soon as they are whole
        self.unplaced: set[int] = set()  # asked for without a project, and not delivered
        self._projects = frozenset(name.casefold() for name in connection.projects)
        self._types = frozenset(name.casefold() for name in connection.types)

    @property
    def items(self) -> tuple[SourceItem, ...]:
        """By their ids: they come in any order."""
        return tuple(sorted(self._items.values(), key=lambda item: int(item.ref.id)))

    @property
    def broken(self) -> tuple[BrokenItem, ...]:
        return tuple(item for ref, item in self._broken.items() if ref not in self._items)

    @property
    def failures(self) -> Mapping[str, Failure]:
        """By the projects' names as they are configured."""
        return self._failures

    @property
    def interrupted(self) -> frozenset[str]:
        """Those of them that did not answer."""
        return frozenset(name for name, failure in self._failures.items() if isinstance(failure, UnavailableError))

    @property
    def retry_after(self) -> float | None:
        """How many seconds it asked to be left alone, where that is why no project is whole."""
        told = [failure.retry_after for failure in self._failures.values() if isinstance(failure, UnavailableError)]
        waits = [seconds for seconds in told if seconds is not None]
        is_all = self._projects <= {project.casefold() for project in self._failures}
        return max(waits, default=None) if is_all else None

    def hidden(self, before: Iterable[str] = ()) -> tuple[str, ...]:
        """Folded names of the projects that were refused; with those of `before` that did not come this time either."""
        failed = {project.casefold() for project in self._failures}
        refused = {name.casefold() for name, failure in self._failures.items() if isinstance(failure, RefusedError)}
        return tuple(sorted(refused | failed.intersection(before)))

    def fail(self, project: str | None, failure: Failure) -> None:
        """Notes that a project, or without one all of them, is not whole; the first reason stays."""
        for name in self._connection.projects if project is None else (project,):
            self._failures.setdefault(name, failure)

    def expect(self, count: int) -> None:
        """Says how many items there are at most."""
        if self.parts is not None:
            self.parts.expect(count)

    def leave_out(self, ref: Ref) -> None:
        """Takes an item out that is not in scope after all."""
        self._items.pop(ref, None)

    def catalogues(self, projects: Iterable[str]) -> dict[str, ProjectCatalogue]:
        """What each project defines."""
        catalogues: dict[str, ProjectCatalogue] = {}
        for project, found in self._ask(lambda one: read_project(self._client, one), list(projects)):
            if isinstance(found, ProjectCatalogue):
                catalogues[project] = found
            else:
                self.fail(project, found)
        return catalogues

    def ids(self, questions: Iterable[Question]) -> list[tuple[Question, FoundIds]]:
        """The answers to those questions that were answered."""
        answers: list[tuple[Question, FoundIds]] = []
        for question, answer in self._ask(lambda one: find_ids(self._client, one.condition), list(questions)):
            if isinstance(answer, FoundIds):
                answers.append((question, answer))
            else:
                self.fail(question.project, answer)
        return answers

    def in_scope(self, project: str, catalogue: ProjectCatalogue, among: Sequence[int] = ()) -> list[Question]:
        """The question for all items in scope (or for those of `among`); none where the project has no such type."""
        named = wanted_types(self._connection, catalogue)
        if self._connection.types and not named:
            return []
        condition = scope_condition(project, named, scope_clause(self._connection))
        return [Question(project=project, condition=with_ids(condition, among))]

    def set_aside(self, project: str | None, identifier: int, reason: str) -> None:
        """Notes an item that cannot be read; without a project it may be in any."""
        key = str(identifier)
        ref = Ref(self._connection.name, key)
        place = ", ".join(self._connection.projects) if project is None else project
        self._broken[ref] = BrokenItem(ref=ref, key=key, project=place, reason=reason)

    def add(self, items: Iterable[SourceItem]) -> None:
        """Takes in items that are whole."""
        self._items |= {item.ref: item for item in items}

    def keep(self, items: Sequence[SourceItem]) -> list[SourceItem]:
        """Hands on, from any thread, what certainly is in scope; returns the others, or all where nobody takes them."""
        if self.parts is None:
            return list(items)
        kept = [item for item in items if self._is_in_scope(item)]
        self.parts.keep(kept)
        return [item for item in items if not self._is_in_scope(item)]

    def _is_in_scope(self, item: SourceItem) -> bool:
        is_wanted = not self._types or item.type.casefold() in self._types
        return is_wanted and item.project.casefold() in self._projects

    def _ask(
        self, question: Callable[[Argument], Answer], arguments: Sequence[Argument]
    ) -> list[tuple[Argument, Answer | Failure]]:
        """Asks in parallel; what is refused or not answered stands where the answer would."""

        def attempt(argument: Argument) -> Answer | Failure:
            try:
                return question(argument)
            except (RefusedError, UnavailableError) as error:
                return error

        return list(zip(arguments, self._client.in_parallel(attempt, arguments), strict=True))


def wanted_types(connection: Connection, catalogue: ProjectCatalogue) -> tuple[str, ...]:
    """The types of a project that are configured, as the server spells them."""
    wanted = {name.casefold() for name in connection.types}
    return tuple(name for name in catalogue.types if name.casefold() in wanted)
