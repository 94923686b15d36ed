"""The closed union of changes that lpm-sync makes in a tracker, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Discriminator

from lpm_sync.core.document import Document
from lpm_sync.core.work_item import Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The comment that lpm-sync owns on an item: what it says, and the footer line that identifies it.

    `footer` is the last line of the comment, rendered as a paragraph of its own, character by character.
    """

    document: Document
    footer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddLabel:
    label: str
    because: tuple[str, ...]
    kind: Literal["add_label"] = "add_label"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveLabel:
    label: str
    because: tuple[str, ...]
    kind: Literal["remove_label"] = "remove_label"


@dataclass(frozen=True, slots=True, kw_only=True)
class PutCard:
    """Writes the card: edits comment `comment_id` in place, or adds the comment where it is None.

    `before` is the text that stands there now (empty where there is none).
    """

    card: Card
    card_id: str
    comment_id: str | None
    before: str
    because: tuple[str, ...]
    kind: Literal["put_card"] = "put_card"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveCard:
    """Deletes a second card of ours; the first stays."""

    comment_id: str
    because: tuple[str, ...]
    kind: Literal["remove_card"] = "remove_card"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddLink:
    """Relates an escalation epic of ours to `target`, by a native link or, over trackers, by its address."""

    target: Ref
    target_url: str
    target_title: str
    because: tuple[str, ...]
    kind: Literal["add_link"] = "add_link"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseEscalation:
    """Moves an escalation epic of ours to `status`."""

    status: str
    because: tuple[str, ...]
    kind: Literal["close_escalation"] = "close_escalation"


ItemChange = AddLabel | RemoveLabel | PutCard | RemoveCard | AddLink | CloseEscalation


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEscalation:
    """Creates the escalation epic for one blocker, with its labels in the same request.

    It is found again by `marker`, one of its labels. `document` becomes its description. `follow_up` is applied to the
    new epic at once; what fails of it is planned again in the next cycle.
    """

    tracker: str
    project: str
    type: str
    title: str
    labels: tuple[str, ...]
    marker: str
    blocker: Ref
    document: Document
    because: tuple[str, ...]
    follow_up: tuple[Annotated[ItemChange, Discriminator("kind")], ...] = ()
    kind: Literal["open_escalation"] = "open_escalation"


Change = ItemChange | OpenEscalation


class Result(StrEnum):
    """What became of a change."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"  # it stood there already
    MOVED = "moved"  # the item is not as the decision read it; nothing was written
    REFUSED = "refused"  # the tracker will not have it (400, 403, 404): setting it aside is right, repeating is not
    FAILED = "failed"  # for now: unavailable, rate limited past the budget
    UNCLEAR = "unclear"  # sent, and no answer: to be found out in the next cycle


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one change; `detail` is one line for people, `created` the item that it made.

    `is_begun` is False where it failed without having been sent: the cycle was to end, for example.
    """

    change: Change
    result: Result
    detail: str = ""
    created: Ref | None = field(default=None)
    is_begun: bool = True
