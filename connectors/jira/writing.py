"""Makes the changes of one item: labels and a new card in one request, then the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.http.answers import UnconfirmedError
from connectors.jira import wire
from connectors.jira.client import JiraClient
from connectors.jira.confirming import all_stand
from connectors.jira.escalating import add_link, close_escalation
from connectors.jira.reading import Reader
from connectors.jira.render import RichText
from lpm_sync.core.card import parse_footer
from lpm_sync.core.change import (
    AddLabel,
    AddLink,
    CloseEscalation,
    ItemChange,
    Outcome,
    PutCard,
    RemoveCard,
    RemoveLabel,
    Result,
)
from lpm_sync.core.work_item import BrokenItem, OwnComment, Ref, SourceItem, precondition
from lpm_sync.errors import (
    ConflictError,
    LpmSyncError,
    RefusedError,
    UnauthorisedError,
    UnavailableError,
    UnclearError,
)

MARKER = "lpm-sync"  # key of the hidden property that repeats the card's id
Write = Callable[[], bool]
"""Makes a change; False where it stood already."""


def apply_changes(reader: Reader, ref: Ref, changes: Sequence[ItemChange], expected: str | None) -> list[Outcome]:
    """As `Tracker.apply` says. Raises UnauthorisedError."""
    try:
        item, issue = reader.issue(ref.id)
    except RefusedError as error:
        return ended(changes, Result.REFUSED, str(error))
    except UnavailableError as error:
        return ended(changes, Result.FAILED, str(error))
    if isinstance(item, BrokenItem) or issue is None:
        return ended(changes, Result.FAILED, item.reason if isinstance(item, BrokenItem) else "cannot be read")
    if not reader.is_in_scope(item):
        return ended(changes, Result.REFUSED, f"{item.key} is in project {item.project} now, which is not configured")
    if expected is not None and precondition(item) != expected:
        moved = "the item is not as it was when this was decided; it is decided again"
        return [Outcome(change=change, result=Result.MOVED, detail=moved) for change in changes]
    return _ItemWriter(reader, item, issue).write(changes)


def result_of(error: LpmSyncError) -> Result:
    """What an error of a write says of its change. Raises UnauthorisedError on: it concerns all of them."""
    match error:
        case UnauthorisedError():
            raise error
        case RefusedError():
            return Result.REFUSED
        case ConflictError():
            return Result.MOVED
        case UnclearError():
            return Result.UNCLEAR
    return Result.FAILED


def ended(changes: Sequence[ItemChange], result: Result, detail: str) -> list[Outcome]:
    """What it means for all changes that the first of them could not even be begun."""
    return [
        Outcome(change=change, result=Result.FAILED if place else result, detail=detail)
        for place, change in enumerate(changes)
    ]


class _ItemWriter:
    """Writes to one item that was just read."""

    def __init__(self, reader: Reader, item: SourceItem, issue: wire.Issue) -> None:
        self._reader = reader
        self._client: JiraClient = reader.client
        self._item = item
        self._issue = issue
        self._outcomes: dict[int, Outcome] = {}

    def write(self, changes: Sequence[ItemChange]) -> list[Outcome]:
        """One outcome a change, in the order of the changes."""
        labels = [number for number, change in enumerate(changes) if isinstance(change, AddLabel | RemoveLabel)]
        cards = [number for number, change in enumerate(changes) if isinstance(change, PutCard | RemoveCard)]
        rest = [number for number in range(len(changes)) if number not in {*labels, *cards}]
        verbs = self._verbs(changes, labels)
        if verbs and not self._write_with_card(changes, verbs, cards):
            self._write_labels(changes, verbs)
        for number in (*cards, *rest):
            change = changes[number]
            if number in self._outcomes:
                continue
            if self._has_failed:
                self._note(number, change, Result.FAILED, "not tried: an earlier change of this item did not succeed")
            else:
                self._try(number, change, self._writer(change))
        return [self._outcomes[number] for number in range(len(changes))]

    @property
    def _has_failed(self) -> bool:
        return any(outcome.result not in (Result.WRITTEN, Result.UNCHANGED) for outcome in self._outcomes.values())

    def _note(self, number: int, change: ItemChange, result: Result, detail: str = "") -> None:
        self._outcomes[number] = Outcome(change=change, result=result, detail=detail)

    def _try(self, number: int, change: ItemChange, write: Write) -> None:
        try:
            self._note(number, change, Result.WRITTEN if write() else Result.UNCHANGED)
        except UnconfirmedError as error:
            self._note_by_look({number: change}, error)
        except LpmSyncError as error:
            self._note(number, change, result_of(error), str(error))

    def _verbs(self, changes: Sequence[ItemChange], numbers: Sequence[int]) -> dict[int, dict[str, str]]:
        """The verbs of one request for all label changes that are needed: labels that are not named are not touched."""
        verbs: dict[int, dict[str, str]] = {}
        for number in numbers:
            match changes[number]:
                case AddLabel(label=label) if label not in self._item.labels:
                    verbs[number] = {"add": label}
                case RemoveLabel(label=label) if label in self._item.labels:
                    verbs[number] = {"remove": label}
                case _:
                    self._note(number, changes[number], Result.UNCHANGED)
        return verbs

    def _write_with_card(
        self, changes: Sequence[ItemChange], verbs: Mapping[int, dict[str, str]], cards: Sequence[int]
    ) -> bool:
        """Writes the labels and a card that does not stand yet in one request; False where it wrote nothing.

        What is refused together is written one by one, which tells what is refused, and so is what follows: an edit
        screen may take no comments. Before that is relied on, the first card is looked for.
        """
        number = next(iter(cards), None)
        change = None if number is None else changes[number]
        if number is None or not isinstance(change, PutCard) or self._standing_card(change) is not None:
            return False
        with self._reader.joining.trial():
            return self._reader.joining.works and self._write_together(changes, verbs, number, change)

    def _write_together(
        self, changes: Sequence[ItemChange], verbs: Mapping[int, dict[str, str]], number: int, change: PutCard
    ) -> bool:
        update = {"labels": list(verbs.values()), "comment": [{"add": {"body": self._body(change)}}]}
        marker = {"key": MARKER, "value": {"card": change.card_id}}
        try:
            self._client.write("PUT", self._path, {"update": update, "properties": [marker]})
        except RefusedError:
            self._reader.joining.settle(False)
            return False
        except UnconfirmedError as error:
            self._note(number, change, Result.UNCLEAR, str(error))
            if self._note_by_look({one: changes[one] for one in verbs}, error):
                self._note(number, change, Result.WRITTEN)
                self._look_for_card(number, change)
        except LpmSyncError as error:
            self._note_together(changes, [*verbs, number], error)
        else:
            self._note_together(changes, [*verbs, number])
            if not self._reader.joining.is_known:
                self._look_for_card(number, change)
        return True

    def _look_for_card(self, number: int, change: PutCard) -> None:
        """Writes the card by itself where it did not come along."""
        try:
            item, _ = self._reader.issue(self._issue.id)
        except UnauthorisedError:
            raise
        except LpmSyncError as error:
            self._note(number, change, Result.UNCLEAR, str(error))
            return
        came = isinstance(item, SourceItem) and bool(_cards(item, change.card_id))
        self._reader.joining.settle(came)
        if not came:
            self._try(number, change, self._writer(change))

    def _write_labels(self, changes: Sequence[ItemChange], verbs: Mapping[int, dict[str, str]]) -> None:
        try:
            self._client.write("PUT", self._path, {"update": {"labels": list(verbs.values())}})
        except UnconfirmedError as error:
            self._note_by_look({one: changes[one] for one in verbs}, error)
        except LpmSyncError as error:
            self._note_together(changes, list(verbs), error)
        else:
            self._note_together(changes, list(verbs))

    def _note_together(
        self, changes: Sequence[ItemChange], numbers: Sequence[int], error: LpmSyncError | None = None
    ) -> None:
        """One request carried all of them: where it is unclear, it is unclear for each."""
        result = Result.WRITTEN if error is None else result_of(error)
        detail = "" if error is None else str(error)
        for place, number in enumerate(numbers):
            is_own = place == 0 or result in (Result.WRITTEN, Result.UNCLEAR)
            self._note(number, changes[number], result if is_own else Result.FAILED, detail)

    def _note_by_look(self, changes: Mapping[int, ItemChange], error: UnconfirmedError) -> bool:
        """Whether changes of one request stand to which the answer was none of theirs."""
        stand = all_stand(self._reader, self._issue.id, list(changes.values()))
        for number, change in changes.items():
            self._note(number, change, *((Result.WRITTEN,) if stand else (Result.UNCLEAR, str(error))))
        return stand

    def _writer(self, change: ItemChange) -> Write:
        match change:
            case PutCard():
                return lambda: self._put_card(change)
            case RemoveCard():
                return lambda: self._remove_card(change)
            case AddLink():
                return lambda: add_link(self._reader, self._item, self._issue, change)
            case CloseEscalation():
                return lambda: close_escalation(self._reader, self._item, self._issue, change)
            case AddLabel() | RemoveLabel():
                raise ValueError("labels are written together")

    def _put_card(self, change: PutCard) -> bool:
        footer = parse_footer(change.card.footer)
        standing = self._standing_card(change)
        if standing is not None and footer is not None and parse_footer(standing.text) == footer:
            return False
        payload: dict[str, Any] = {"body": self._body(change)}
        if standing is not None:
            self._client.write_and_read("PUT", f"{self._path}/comment/{standing.id}", payload, wire.Identified)
            return True
        self._add_comment(payload, change.card_id)
        return True

    def _add_comment(self, payload: dict[str, Any], card_id: str) -> None:
        """The marker repeats what the footer says: where comments take no properties, a card goes without."""
        properties = [{"key": MARKER, "value": {"card": card_id}}]
        path = f"{self._path}/comment"
        try:
            self._client.write_and_read("POST", path, {**payload, "properties": properties}, wire.Identified)
        except RefusedError as error:
            if "properties" not in str(error):  # a refusal names the member that it does not know
                raise
            self._client.write_and_read("POST", path, payload, wire.Identified)

    def _body(self, change: PutCard) -> Any:
        return RichText(is_document=self._client.is_cloud).card(change.card)

    def _standing_card(self, change: PutCard) -> OwnComment | None:
        """Our comment with the footer of that card: the one that the change names, else the oldest."""
        cards = _cards(self._item, change.card_id)
        return next((card for card in cards if card.id == change.comment_id), cards[0] if cards else None)

    def _remove_card(self, change: RemoveCard) -> bool:
        found = next((comment for comment in self._item.own_comments if comment.id == change.comment_id), None)
        if found is None:
            return False  # gone already, or not ours
        footer = parse_footer(found.text)
        cards = _cards(self._item, footer.card_id) if footer is not None else []
        if len(cards) < 2 or cards[0].id == found.id:
            raise RefusedError(f"comment {found.id} is not a second card of ours: it stays")
        self._client.write("DELETE", f"{self._path}/comment/{found.id}")
        return True

    @property
    def _path(self) -> str:
        return f"issue/{self._issue.id}"


def _cards(item: SourceItem, card_id: str) -> list[OwnComment]:
    """Our comments on an item with the footer of that card, oldest first."""
    footers = ((comment, parse_footer(comment.text)) for comment in item.own_comments)
    return [comment for comment, footer in footers if footer is not None and footer.card_id == card_id]
