"""Gathers what one reading brings: each project by itself, so that one that fails takes no other with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from connectors.azure_devops.catalogue import ProjectCatalogue, read_project
from connectors.azure_devops.client import Client
from connectors.azure_devops.decoding import UnreadableError
from connectors.azure_devops.items import FoundIds, find_ids, in_batches, read_items
from connectors.azure_devops.normalize import Reading
from connectors.azure_devops.queries import scope_condition, with_ids
from connectors.azure_devops.reading import Reader
from lpm_sync.core.work_item import BrokenItem, Ref, SourceItem
from lpm_sync.errors import RefusedError, UnavailableError
from lpm_sync.ports import Connection, Parts

Argument = TypeVar("Argument")
Answer = TypeVar("Answer")
Failure = RefusedError | UnavailableError

BATCHES_A_ROUND = 40  # before their comments are read; a multiple of what is asked at a time
NOT_DELIVERED = "not delivered: deleted or hidden since it was found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A query for ids about one project; `ignored_type` where they are only to be counted."""

    project: str
    condition: str
    ignored_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """Items without comments, those whose comments are still to be read, why others cannot be read, and which are not
    there."""

    quiet: list[SourceItem]
    discussed: list[SourceItem]
    broken: dict[int, str]
    missing: tuple[int, ...]


class Collection:
    """Items, those that cannot be read, and the projects that are not whole, with the reasons."""

    def __init__(self, client: Client, connection: Connection, reader: Reader) -> None:
        self._client = client
        self._connection = connection
        self._reader = reader
        self._items: dict[Ref, SourceItem] = {}
        self._broken: dict[Ref, BrokenItem] = {}
        self._failures: dict[str, Failure] = {}
        self.parts: Parts | None = None  # where items go as soon as they are whole
        self.unplaced: set[int] = set()  # asked for without a project, and not delivered
        self._projects = frozenset(name.casefold() for name in connection.projects)
        self._types = frozenset(name.casefold() for name in connection.types)

    @property
    def items(self) -> tuple[SourceItem, ...]:
        return tuple(self._items.values())

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

    def fail(self, project: str, failure: Failure) -> None:
        """Notes that a project is not whole; the first reason stays."""
        self._failures.setdefault(project, failure)

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
        condition = scope_condition(project, named, self._connection.scope_query)
        return [Question(project=project, condition=with_ids(condition, among))]

    def read(self, reading: Reading, wanted: Mapping[str, Iterable[int]], others: Iterable[int] = ()) -> None:
        """Reads items by the projects in which they are; `others` may be in any: with them all projects fail."""
        batches: list[tuple[str | None, Sequence[int]]] = [
            (project, ids) for project, of_it in wanted.items() for ids in in_batches(list(of_it))
        ]
        batches += [(None, ids) for ids in in_batches(list(others))]
        for start in range(0, len(batches), BATCHES_A_ROUND):
            self._read_round(reading, batches[start : start + BATCHES_A_ROUND])

    def _read_round(self, reading: Reading, batches: Sequence[tuple[str | None, Sequence[int]]]) -> None:
        """Some batches, and the comments on their items: what a round brought is whole."""
        discussed: list[SourceItem] = []
        for (project, _), found in self._ask(lambda one: self._read_batch(reading, one[1]), batches):
            if not isinstance(found, _Batch):
                for name in self._connection.projects if project is None else (project,):
                    self.fail(name, found)
                continue
            self._items |= {item.ref: item for item in found.quiet}
            discussed += found.discussed
            for identifier, reason in found.broken.items():
                self.set_aside(project, identifier, reason)
            if project is None:
                self.unplaced.update(found.missing)
            else:
                for identifier in found.missing:
                    self.set_aside(project, identifier, NOT_DELIVERED)
        self._read_comments(reading, discussed)

    def set_aside(self, project: str | None, identifier: int, reason: str) -> None:
        """Notes an item that cannot be read; without a project it may be in any."""
        key = str(identifier)
        ref = Ref(self._connection.name, key)
        place = ", ".join(self._connection.projects) if project is None else project
        self._broken[ref] = BrokenItem(ref=ref, key=key, project=place, reason=reason)

    def _read_comments(self, reading: Reading, discussed: Sequence[SourceItem]) -> None:
        def complete_one(item: SourceItem) -> SourceItem | None:
            return next(iter(self._keep([self._reader.with_comments(reading, item)])), None)

        for item, complete in self._ask(complete_one, discussed):
            if isinstance(complete, SourceItem):
                self._items[item.ref] = complete
            elif complete is None:
                continue
            elif isinstance(complete, RefusedError):
                self.set_aside(item.project, int(item.ref.id), f"its comments cannot be read: {complete}")
            else:
                self.fail(item.project, complete)

    def _read_batch(self, reading: Reading, ids: Sequence[int]) -> _Batch:
        """Reads and normalises at once, so that the answers need not be kept."""
        delivered = read_items(self._client, reading.decoder, ids)
        broken = dict(delivered.broken)
        quiet: list[SourceItem] = []
        discussed: list[SourceItem] = []
        for item in delivered.items:
            try:
                (discussed if item.may_have_comments else quiet).append(reading.source_item(item))
            except UnreadableError as error:
                broken[item.id] = str(error)
        return _Batch(quiet=self._keep(quiet), discussed=discussed, broken=broken, missing=delivered.missing)

    def _keep(self, items: Sequence[SourceItem]) -> list[SourceItem]:
        """Hands on what certainly is in scope; returns the others, or all where nobody takes them."""
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
