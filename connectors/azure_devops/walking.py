"""Walks through items: ids are searched for, items asked for by their ids, and the comments on these, all at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from connectors.azure_devops.client import Client
from connectors.azure_devops.collecting import NOT_DELIVERED, Collection, Failure, Question
from connectors.azure_devops.decoding import UnreadableError
from connectors.azure_devops.items import IDS_A_QUERY, IdPage, find_page, in_batches, read_items
from connectors.azure_devops.normalize import Reading
from connectors.azure_devops.reading import Reader
from lpm_sync.core.work_item import SourceItem
from lpm_sync.errors import RefusedError, UnavailableError


class _Step(Protocol):
    """Something to ask, and what follows from the answer."""

    def ask(self) -> Any:
        """In any thread."""
        ...

    def take(self, found: Any) -> Iterable[_Step]:
        """In the thread of the reading: notes what was found, and says what is to be asked because of it."""
        ...

    def fail(self, failure: Failure) -> None:
        """In the thread of the reading: notes why nothing was found."""
        ...


class Walk:
    """One walk; what it finds goes into the collection."""

    def __init__(self, client: Client, reader: Reader, collection: Collection, reading: Reading) -> None:
        self.client = client
        self.reader = reader
        self.collection = collection
        self.reading = reading
        self._searching: list[_Search] = []

    def find_and_read(self, questions: Iterable[Question]) -> list[tuple[Question, Sequence[int]]]:
        """The ids that answer those questions that were answered to the end; items are read while more are found."""
        searches = [_Search(walk=self, question=question) for question in questions]
        self._searching = [search for search in searches if search.question.ignored_type is None]
        self._go(searches)
        return [(search.question, search.ids) for search in searches if search.is_done]

    def end(self, search: _Search) -> None:
        """Notes that nothing more comes of a search; with the last one it is known how many items there are."""
        search.has_ended = True
        if search in self._searching and all(one.has_ended for one in self._searching):
            self.collection.expect(sum(len(one.ids) for one in self._searching if one.is_done))

    def read(self, wanted: Mapping[str, Iterable[int]], others: Iterable[int] = ()) -> None:
        """Reads items by the projects in which they are; `others` may be in any: with them all projects fail."""
        batches = [batch for project, ids in wanted.items() for batch in self.batches(project, list(ids))]
        self._go([*batches, *self.batches(None, list(others))])

    def batches(self, project: str | None, ids: Sequence[int]) -> list[_Batch]:
        """The steps that read these items."""
        return [_Batch(walk=self, project=project, ids=portion) for portion in in_batches(ids)]

    def _go(self, steps: Iterable[_Step]) -> None:
        def ask(step: _Step) -> Any:
            try:
                return step.ask()
            except (RefusedError, UnavailableError) as error:
                return error

        def then(step: _Step, found: Any) -> Iterable[_Step]:
            if isinstance(found, Failure):
                step.fail(found)
                return ()
            return step.take(found)

        self.client.converse(ask, steps, then)


@dataclass(slots=True, kw_only=True, eq=False)
class _Search:
    """The ids that answer a question, some at a time; `is_done` once they are all."""

    walk: Walk
    question: Question
    ids: list[int] = field(default_factory=list)
    size: int = IDS_A_QUERY
    is_done: bool = False
    has_ended: bool = False

    def ask(self) -> IdPage:
        after = self.ids[-1] if self.ids else 0
        return find_page(self.walk.client, self.question.condition, after=after, size=self.size)

    def take(self, found: IdPage) -> Iterable[_Step]:
        if not found.ids:
            self.is_done = True
            self.walk.end(self)
            return ()
        self.ids += found.ids
        self.size = found.size
        if self.question.ignored_type is not None:
            return (self,)
        return (self, *self.walk.batches(self.question.project, found.ids))

    def fail(self, failure: Failure) -> None:
        self.walk.collection.fail(self.question.project, failure)
        self.walk.end(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """Items without comments, those whose comments are still to be read, why others cannot be read, and which are not
    there."""

    quiet: Sequence[SourceItem]
    discussed: Sequence[SourceItem]
    broken: Mapping[int, str]
    missing: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """Items to be read in one request; without a project they may be in any."""

    walk: Walk
    project: str | None
    ids: Sequence[int]

    def ask(self) -> _Read:
        """Reads and normalises at once, so that the answer need not be kept."""
        reading = self.walk.reading
        delivered = read_items(self.walk.client, reading.decoder, self.ids)
        broken = dict(delivered.broken)
        quiet: list[SourceItem] = []
        discussed: list[SourceItem] = []
        for item in delivered.items:
            try:
                (discussed if item.may_have_comments else quiet).append(reading.source_item(item))
            except UnreadableError as error:
                broken[item.id] = str(error)
        left = self.walk.collection.keep(quiet)
        return _Read(quiet=left, discussed=discussed, broken=broken, missing=delivered.missing)

    def take(self, found: _Read) -> Iterable[_Step]:
        collection = self.walk.collection
        collection.add(found.quiet)
        for identifier, reason in found.broken.items():
            collection.set_aside(self.project, identifier, reason)
        if self.project is None:
            collection.unplaced.update(found.missing)
        else:
            for identifier in found.missing:
                collection.set_aside(self.project, identifier, NOT_DELIVERED)
        return [_Comments(walk=self.walk, item=item) for item in found.discussed]

    def fail(self, failure: Failure) -> None:
        self.walk.collection.fail(self.project, failure)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Comments:
    """The comments on an item that is read otherwise."""

    walk: Walk
    item: SourceItem

    def ask(self) -> Sequence[SourceItem]:
        whole = self.walk.reader.with_comments(self.walk.reading, self.item)
        return self.walk.collection.keep([whole])

    def take(self, found: Sequence[SourceItem]) -> Iterable[_Step]:
        self.walk.collection.add(found)
        return ()

    def fail(self, failure: Failure) -> None:
        if isinstance(failure, RefusedError):
            reason = f"its comments cannot be read: {failure}"
            self.walk.collection.set_aside(self.item.project, int(self.item.ref.id), reason)
        else:
            self.walk.collection.fail(self.item.project, failure)
