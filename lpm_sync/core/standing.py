"""Whether a change stands on its item: asked where the answer to a write did not tell."""

from __future__ import annotations

from lpm_sync.core.card import parse_footer
from lpm_sync.core.change import AddLabel, AddLink, CloseEscalation, ItemChange, PutCard, RemoveCard, RemoveLabel
from lpm_sync.core.work_item import SourceItem


def stands(change: ItemChange, item: SourceItem) -> bool | None:
    """Whether the item is as the change makes it. None of a link to another tracker, which the item does not show."""
    match change:
        case AddLabel(label=label) | RemoveLabel(label=label):
            is_there = label.casefold() in {one.casefold() for one in item.labels}
            return is_there is isinstance(change, AddLabel)
        case PutCard(card=card):
            footer = parse_footer(card.footer)
            return footer is not None and footer in (parse_footer(comment.text) for comment in item.own_comments)
        case RemoveCard(comment_id=identifier):
            return identifier not in (comment.id for comment in item.own_comments)
        case AddLink(target=target):
            return target in item.linked if target.tracker == item.ref.tracker else None
        case CloseEscalation(status=status):
            return item.status.casefold() == status.casefold()
