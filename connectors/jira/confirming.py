"""Tells whether a change stands, where the answer to it did not: another server may confirm in other words."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.jira import links, wire
from connectors.jira.reading import Reader
from lpm_sync.core.change import AddLink, ItemChange
from lpm_sync.core.standing import stands
from lpm_sync.core.work_item import SourceItem
from lpm_sync.errors import LpmSyncError, UnauthorisedError

REMOTE_LINKS = list[wire.RemoteLink]


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
    if isinstance(change, AddLink) and change.target.tracker != item.ref.tracker:
        path = f"issue/{issue.id}/remotelink"
        return any(link.global_id == links.global_id(change) for link in reader.client.get(path, REMOTE_LINKS))
    return stands(change, item) is True
