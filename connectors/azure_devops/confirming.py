"""Tells whether changes stand, where the answer to them did not: another server may confirm in other words."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.azure_devops.decoding import UnreadableError
from connectors.azure_devops.reading import Current, Reader
from connectors.azure_devops.relations import HYPERLINK
from lpm_sync.core.card import parse_footer
from lpm_sync.core.change import AddLabel, AddLink, CloseEscalation, ItemChange, PutCard, RemoveCard, RemoveLabel
from lpm_sync.errors import LpmSyncError, UnauthorisedError


def all_stand(reader: Reader, identifier: str, changes: Sequence[ItemChange]) -> bool:
    """Whether all of these changes are seen on the item, read again. Raises UnauthorisedError."""
    try:
        current = reader.current(identifier)
    except UnauthorisedError:
        raise
    except (LpmSyncError, UnreadableError):
        return False
    return current is not None and all(_stands(current, change) for change in changes)


def _stands(current: Current, change: ItemChange) -> bool:
    item = current.source
    match change:
        case AddLabel() | RemoveLabel():
            standing = {label.casefold() for label in item.labels}
            return (change.label.casefold() in standing) is isinstance(change, AddLabel)
        case PutCard():
            footer = parse_footer(change.card.footer)
            return footer is not None and footer in (parse_footer(comment.text) for comment in item.own_comments)
        case RemoveCard():
            return change.comment_id not in (comment.id for comment in item.own_comments)
        case CloseEscalation():
            return item.status.casefold() == change.status.casefold()
        case AddLink() if change.target.tracker == item.ref.tracker:
            return change.target in item.linked
        case AddLink():
            return any((one.rel, one.url) == (HYPERLINK, change.target_url) for one in current.decoded.relations)
