"""Makes the changes of one item: labels in one patch first, the card next, the rest after."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from connectors.azure_devops import wire
from connectors.azure_devops.answers import AlreadyExistsError
from connectors.azure_devops.client import COMMENTS, ITEM, Client
from connectors.azure_devops.comments import CardComments
from connectors.azure_devops.confirming import all_stand
from connectors.azure_devops.decoding import UnreadableError
from connectors.azure_devops.labels import LabelPatch, Operation, label_patch
from connectors.azure_devops.reading import Current, Reader
from connectors.azure_devops.relations import HYPERLINK, RELATED
from connectors.azure_devops.render import short_line
from connectors.http.answers import UnconfirmedError
from lpm_sync.core.card import parse_footer
from lpm_sync.core.change import (
    AddLabel,
    AddLink,
    Card,
    CloseEscalation,
    ItemChange,
    Outcome,
    PutCard,
    RemoveCard,
    RemoveLabel,
    Result,
)
from lpm_sync.core.work_item import OwnComment, Ref, precondition
from lpm_sync.errors import ConflictError, LpmSyncError, RefusedError, UnauthorisedError, UnclearError

Done = tuple[Result, str]

WRITTEN: Done = (Result.WRITTEN, "")
UNCHANGED: Done = (Result.UNCHANGED, "")
NOT_TRIED: Done = (Result.FAILED, "not tried: another change of this item did not succeed")
SUCCESSES = frozenset((Result.WRITTEN, Result.UNCHANGED))


def done_of(error: LpmSyncError) -> Done:
    """What an error means for the change that met it. UnauthorisedError ends more than that one: it is raised on."""
    match error:
        case UnauthorisedError():
            raise error
        case ConflictError():
            return Result.MOVED, str(error)
        case RefusedError():
            return Result.REFUSED, str(error)
        case UnclearError():
            return Result.UNCLEAR, str(error)
    return Result.FAILED, str(error)


class Writer:
    """Writes to items of one organisation."""

    def __init__(self, client: Client, reader: Reader, comments: CardComments) -> None:
        self._client = client
        self._reader = reader
        self._comments = comments

    def apply(self, ref: Ref, changes: Sequence[ItemChange], expected: str | None) -> Sequence[Outcome]:
        """As `lpm_sync.ports.Tracker.apply` says."""
        try:
            current = self._reader.current(ref.id)
        except UnreadableError as error:
            return _all(changes, (Result.REFUSED, f"{ref}: it cannot be read: {error}"))
        except LpmSyncError as error:
            return _all(changes, done_of(error))
        if current is None:
            return _all(changes, (Result.REFUSED, f"{ref}: not there, or hidden from the account"))
        if expected is not None and precondition(current.source) != expected:
            return _all(changes, (Result.MOVED, f"{ref}: changed since it was decided on"))
        done: dict[int, Done] = {}
        for positions in _steps(changes):
            if all(result in SUCCESSES for result, _ in done.values()):
                done |= zip(positions, self._step(current, [changes[n] for n in positions]), strict=True)
            else:
                done |= dict.fromkeys(positions, NOT_TRIED)
        return [
            Outcome(change=change, result=done[position][0], detail=done[position][1])
            for position, change in enumerate(changes)
        ]

    def _step(self, current: Current, changes: Sequence[ItemChange]) -> list[Done]:
        """Carries out all label changes together, or one other change."""
        labels = [change for change in changes if isinstance(change, AddLabel | RemoveLabel)]
        if not labels:
            return [self._attempt(current, changes, lambda: self._change(current, changes[0]))]
        patch = label_patch(current.decoded.fields.tags, current.decoded.revision, labels)
        if not patch.operations:
            return [UNCHANGED for _ in labels]
        done = self._attempt(current, changes, lambda: self._change_labels(current, patch))
        return [done if is_needed else UNCHANGED for is_needed in patch.is_needed]

    def _attempt(self, current: Current, changes: Sequence[ItemChange], write: Callable[[], Done]) -> Done:
        try:
            return write()
        except UnconfirmedError as error:
            return WRITTEN if all_stand(self._reader, current.source.ref.id, changes) else done_of(error)
        except LpmSyncError as error:
            return done_of(error)

    def _change_labels(self, current: Current, patch: LabelPatch) -> Done:
        written = self._patch(current, patch.operations)
        if not patch.is_done_in(written.fields.tags):
            return Result.FAILED, "the server accepted the labels and did not keep them"
        return WRITTEN

    def _change(self, current: Current, change: ItemChange) -> Done:
        match change:
            case PutCard():
                return self._put_card(current, change)
            case RemoveCard():
                return self._remove_card(current, change)
            case AddLink():
                return self._add_link(current, change)
            case CloseEscalation():
                return self._close(current, change)
        raise TypeError(f"not to be carried out by itself: {change.kind}")

    def _put_card(self, current: Current, change: PutCard) -> Done:
        """Edits the comment that is the card, whatever the plan knew of it; adds one only where there is none."""
        standing = _standing_card(current, change)
        if standing is not None and _says(standing, change.card):
            return UNCHANGED
        self._comments.put(_comment_route(current, standing.id if standing else None), change.card)
        return WRITTEN

    def _remove_card(self, current: Current, change: RemoveCard) -> Done:
        if change.comment_id not in {comment.id for comment in current.source.own_comments}:
            return Result.UNCHANGED, "no comment of ours with that id"
        self._client.delete(COMMENTS, route=_comment_route(current, change.comment_id))
        return WRITTEN

    def _add_link(self, current: Current, change: AddLink) -> Done:
        """A native link within the organisation, a hyperlink to anywhere else."""
        if change.target.tracker == current.source.ref.tracker:
            if change.target in current.source.linked:
                return UNCHANGED
            link: Operation = {"rel": RELATED, "url": f"{self._client.url}/_apis/wit/workItems/{change.target.id}"}
        else:
            if any((one.rel, one.url) == (HYPERLINK, change.target_url) for one in current.decoded.relations):
                return UNCHANGED
            # Not the bare title: one that reads "blocks" would make a dependency of the link.
            comment = short_line(f"relates to {change.target_title}")
            link = {"rel": HYPERLINK, "url": change.target_url, "attributes": {"comment": comment}}
        try:
            self._patch(current, [{"op": "add", "path": "/relations/-", "value": link}])
        except AlreadyExistsError:
            return UNCHANGED
        return WRITTEN

    def _close(self, current: Current, change: CloseEscalation) -> Done:
        if current.source.status.casefold() == change.status.casefold():
            return UNCHANGED
        written = self._patch(current, [{"op": "add", "path": "/fields/System.State", "value": change.status}])
        if (written.fields.state or "").casefold() != change.status.casefold():
            return Result.FAILED, "the server accepted the state and did not keep it"
        return WRITTEN

    def _patch(self, current: Current, operations: list[Operation]) -> wire.WrittenItem:
        route = {"id": str(current.decoded.id)}
        return self._client.write("PATCH", ITEM, wire.WrittenItem, route=route, body=operations)


def _steps(changes: Sequence[ItemChange]) -> list[list[int]]:
    """The positions of the changes in the order of their making: labels in one step, cards, everything else."""
    labels = [n for n, change in enumerate(changes) if isinstance(change, AddLabel | RemoveLabel)]
    cards = [[n] for n, change in enumerate(changes) if isinstance(change, PutCard | RemoveCard)]
    others = [[n] for n, change in enumerate(changes) if isinstance(change, AddLink | CloseEscalation)]
    return [*([labels] if labels else []), *cards, *others]


def _all(changes: Sequence[ItemChange], done: Done) -> list[Outcome]:
    return [Outcome(change=change, result=done[0], detail=done[1]) for change in changes]


def _standing_card(current: Current, change: PutCard) -> OwnComment | None:
    """The comment of ours that the change names, or else the oldest one that ends with a footer of this card."""
    own = current.source.own_comments
    named = next((comment for comment in own if comment.id == change.comment_id), None)
    if named is not None:
        return named
    footers = ((comment, parse_footer(comment.text)) for comment in own)
    return next((comment for comment, footer in footers if footer and footer.card_id == change.card_id), None)


def _says(comment: OwnComment, card: Card) -> bool:
    """Whether a comment is that card: by the footer with its fingerprint, not by the body that comes back."""
    footer = parse_footer(comment.text)
    return footer is not None and footer == parse_footer(card.footer)


def _comment_route(current: Current, comment_id: str | None) -> dict[str, str]:
    route = {"project": current.source.project, "workItemId": current.source.ref.id}
    return {**route, "commentId": comment_id} if comment_id else route
