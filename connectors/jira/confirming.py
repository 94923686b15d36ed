"""Tells whether a change stands, where the answer to it did not: another server may confirm in other words."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.jira import links, wire
from connectors.jira.reading import Reader
from lpm_sync.core.card import parse_footer
from lpm_sync.core.change import AddLabel, AddLink, CloseEscalation, ItemChange, PutCard, RemoveCard, RemoveLabel
from lpm_sync.core.work_item import SourceItem
from lpm_sync.errors import LpmSyncError, UnauthorisedError


def all_stand(reader: Reader, identifier: str, changes: Sequence[ItemChange]) -> bool:
    """Whether all of these changes are seen on the issue, read again. Raises UnauthorisedError."""
    try:
        item, issue = reader.issue(identifier)
        if not isinstance(item, SourceItem) or issue is None:
            return False
        return all(_stands(reader, item, issue, change) for change in changes)
    except UnauthorisedError:
        raise
    except LpmSyncError:
        return False


def _stands(reader: Reader, item: SourceItem, issue: wire.Issue, change: ItemChange) -> bool:
    match change:
        case AddLabel():
            return change.label in item.labels
        case RemoveLabel():
            return change.label not in item.labels
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
            path = f"issue/{issue.id}/remotelink"
            return any(link.global_id == links.global_id(change) for link in reader.client.get(path, REMOTE_LINKS))


REMOTE_LINKS = list[wire.RemoteLink]
