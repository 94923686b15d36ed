"""A tracker in memory: the port `Tracker` over an `InMemoryStore`, for tests that need no wire.

store = InMemoryStore()
ref = store.create_item(project="PAY", type="Feature", title="Refund a payment")
store.faults.change = (2, Result.FAILED)      # two writes succeed, the third fails
tracker = InMemoryTracker(store)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from lpm_sync.core import work_item
from lpm_sync.core.card import parse_footer
from lpm_sync.core.change import (
    AddLabel,
    AddLink,
    Card,
    Change,
    CloseEscalation,
    ItemChange,
    OpenEscalation,
    Outcome,
    PutCard,
    RemoveCard,
    RemoveLabel,
    Result,
)
from lpm_sync.core.discovery import Discovery
from lpm_sync.core.document import plain_text
from lpm_sync.core.examination import Check, Examination
from lpm_sync.core.governance import EscalationTarget
from lpm_sync.core.timeline import DEPENDENCY, Entry, Timeline
from lpm_sync.core.work_item import Progress, Ref, SourceItem
from lpm_sync.errors import UnavailableError
from lpm_sync.ports import Parts, Previous, Pull
from lpm_sync.testing.in_memory_examining import InMemoryExaminer, InMemoryScratch
from lpm_sync.testing.in_memory_reading import InMemoryReading
from lpm_sync.testing.in_memory_store import InMemoryStore, StoredComment

ACCOUNT = "lpm-sync"

_Write = Callable[[], None]


class InMemoryTracker:
    """The port, with every obligation of it; several over one store are several connections to one tracker."""

    def __init__(
        self,
        store: InMemoryStore,
        *,
        projects: Collection[str] | None = None,
        pinned: Mapping[str, str] | None = None,
    ) -> None:
        """Without `projects` all that the store says are in scope."""
        self._store = store
        self._projects = projects
        self._pinned = dict(pinned or {})

    @property
    def name(self) -> str:
        return self._store.name

    def examine(self, escalation: EscalationTarget | None = None) -> Examination:
        self._store.request()
        return InMemoryExaminer(self._store, self._projects, ACCOUNT, self._pinned).examine(escalation)

    def discover(self) -> Discovery:
        self._store.request()
        return InMemoryExaminer(self._store, self._projects, ACCOUNT, self._pinned).discover()

    def find(self, key: str) -> SourceItem | None:
        self._store.request()
        found = (item for item in self._store.items.values() if key in (item.key, item.ref.id))
        return next((self._store.view(item.ref) for item in found if item.project in self._store.projects), None)

    def rehearse(self, ref: Ref, *, label: str, card: Card, other: Ref | None = None) -> Sequence[Check]:
        self._store.request()
        trial = AddLabel(label=label, because=("rehearsal",))

        def attempt(write: Callable[[], object]) -> str | None:
            return self._write(trial, lambda: _discard(write())).detail or None

        return list(InMemoryScratch(self._store, ref, attempt).checks(label, card, other))

    def pull(self, previous: Previous | None = None, *, census: bool = False, parts: Parts | None = None) -> Pull:
        self._store.request()
        if self._store.faults.source is not None:
            raise UnavailableError(f"{self.name}: {self._store.faults.source}")
        resolved = self._store.fields.resolve(self.name, self._pinned)
        pull = InMemoryReading(self._store, self._projects, ACCOUNT).pull(previous, census=census, parts=parts)
        return replace(pull, resolved=resolved)

    def history(self, refs: Collection[Ref]) -> Mapping[Ref, Timeline]:
        self._store.request()
        timelines = (self._timeline(ref) for ref in refs if ref in self._store.items)
        return {
            one.ref: one for one in timelines if one.entries
        }  # of an item without a past, some trackers tell nothing

    def apply(self, ref: Ref, changes: Sequence[ItemChange], precondition: str | None) -> Sequence[Outcome]:
        try:
            self._store.request()
            item = self._store.view(ref)
        except UnavailableError as error:
            return _stop(changes, Result.FAILED, str(error))
        except KeyError:
            return _stop(changes, Result.REFUSED, f"{ref} is not there, or not visible to our account")
        if precondition is not None and work_item.precondition(item) != precondition:
            return [Outcome(change=change, result=Result.MOVED, detail=f"{item.key} has moved") for change in changes]
        outcomes: list[Outcome] = []
        for position, change in enumerate(changes):
            outcome = self._make(ref, change)
            if outcome.result not in (Result.WRITTEN, Result.UNCHANGED):
                return outcomes + _stop(changes[position:], outcome.result, outcome.detail)
            outcomes.append(outcome)
        return outcomes

    def open_escalation(self, change: OpenEscalation) -> Outcome:
        try:
            self._store.request()
        except UnavailableError as error:
            return Outcome(change=change, result=Result.FAILED, detail=str(error))
        store = self._store
        marked = (store.items[ref] for ref in sorted(store.items_labelled(change.marker)))
        ours = [item.ref for item in marked if item.is_ours and item.progress is not Progress.DONE]
        if ours:
            return Outcome(change=change, result=Result.UNCHANGED, created=ours[0])
        if change.project not in store.projects or change.type not in store.types:
            detail = f"{self.name}: no type {change.type!r} in a project {change.project!r} that we can see"
            return Outcome(change=change, result=Result.REFUSED, detail=detail)
        created: list[Ref] = []

        def create() -> None:
            created.append(
                store.create_item(
                    project=change.project,
                    type=change.type,
                    title=change.title,
                    labels=change.labels,
                    description=plain_text(change.document),
                    is_ours=True,
                )
            )

        outcome = self._write(change, create)
        if outcome.result is Result.WRITTEN:
            return Outcome(change=change, result=Result.WRITTEN, created=created[0])
        return outcome

    def ref_for_url(self, url: str) -> Ref | None:
        return next((ref for ref, item in self._store.items.items() if item.url == url), None)

    def close(self) -> None:
        """Nothing is held."""

    def _timeline(self, ref: Ref) -> Timeline:
        standing = [
            Entry(at=at, aspect=DEPENDENCY, after=str(edge.blocked if edge.blocker == ref else edge.blocker))
            for edge, at in self._store.dependencies.items()
            if ref in (edge.blocker, edge.blocked)
        ]
        return Timeline.of(ref, [*self._store.past.get(ref, ()), *standing])

    def _make(self, ref: Ref, change: ItemChange) -> Outcome:
        try:
            write = self._writing(ref, change)
        except LookupError as error:
            return Outcome(change=change, result=Result.REFUSED, detail=str(error.args[0]))
        return Outcome(change=change, result=Result.UNCHANGED) if write is None else self._write(change, write)

    def _writing(self, ref: Ref, change: ItemChange) -> _Write | None:
        """How to make the change; None where it stands. Raises LookupError where that is not possible."""
        store = self._store
        match change:
            case AddLabel(label=label):
                return None if label in store.labels(ref) else lambda: store.add_label(ref, label)
            case RemoveLabel(label=label):
                return (lambda: store.remove_label(ref, label)) if label in store.labels(ref) else None
            case PutCard():
                return self._putting(ref, change)
            case RemoveCard(comment_id=comment_id):
                return self._removing(ref, comment_id)
            case AddLink():
                return self._linking(ref, change)
            case CloseEscalation(status=status):
                if status not in store.statuses:
                    raise LookupError(f"{self.name}: there is no status {status!r}")
                return None if store.status(ref) == status else lambda: store.change_status(ref, status)

    def _putting(self, ref: Ref, change: PutCard) -> _Write | None:
        text = f"{plain_text(change.card.document)}\n{change.card.footer}"
        standing = self._card(ref, change)
        if standing is None:
            return lambda: _discard(self._store.add_comment(ref, text, is_ours=True))
        if standing.text.rstrip().rsplit("\n", 1)[-1] == change.card.footer:
            return None

        def edit() -> None:
            standing.text, standing.updated = text, self._store.clock.now()

        return edit

    def _card(self, ref: Ref, change: PutCard) -> StoredComment | None:
        own = [comment for comment in self._store.threads[ref] if comment.is_ours]
        for comment in own:
            if comment.id == change.comment_id:
                return comment
        for comment in own:
            footer = parse_footer(comment.text)
            if footer is not None and footer.card_id == change.card_id:
                return comment
        return None

    def _removing(self, ref: Ref, comment_id: str) -> _Write | None:
        thread = self._store.threads[ref]
        comment = next((comment for comment in thread if comment.id == comment_id), None)
        if comment is None:
            return None
        if not comment.is_ours:
            raise LookupError(f"{ref}: comment {comment_id} is not ours")
        return lambda: thread.remove(comment)

    def _linking(self, ref: Ref, change: AddLink) -> _Write | None:
        store = self._store
        if change.target.tracker != self.name:
            address = (ref, change.target_url)
            return None if address in store.addresses else lambda: store.addresses.add(address)
        if change.target not in store.items:
            raise LookupError(f"{change.target} is not there")
        pair = frozenset((ref, change.target))
        return None if pair in store.related else lambda: store.related.add(pair)

    def _write(self, change: Change, write: _Write) -> Outcome:
        """One write, with whatever the faults make of it."""
        store, faults = self._store, self._store.faults
        try:
            store.request()
        except UnavailableError as error:
            return Outcome(change=change, result=Result.UNCLEAR, detail=str(error))
        store.writes += 1
        if faults.before_next_write is not None:
            action, faults.before_next_write = faults.before_next_write, None
            action()
        if faults.is_read_only:
            return Outcome(change=change, result=Result.REFUSED, detail=f"{self.name}: our account may not write")
        if faults.change is not None:
            remaining, result = faults.change
            faults.change = (remaining - 1, result) if remaining else None
            if not remaining:
                return Outcome(change=change, result=result, detail=f"{self.name}: {result}, as the test asked for")
        write()
        if faults.loses_next_answer:
            faults.loses_next_answer = False
            return Outcome(change=change, result=Result.UNCLEAR, detail=f"{self.name}: the answer was lost")
        return Outcome(change=change, result=Result.WRITTEN)


def _stop(changes: Sequence[ItemChange], result: Result, detail: str) -> list[Outcome]:
    """The first of the changes with its result; the others were not tried."""
    first, *others = changes
    rest = [Outcome(change=change, result=Result.FAILED, detail="not tried: one before it failed") for change in others]
    return [Outcome(change=first, result=result, detail=detail), *rest]


def _discard(_: object) -> None:
    """Makes a procedure of a function."""
