"""Tells whether changes stand, where the answer to them did not: another server may confirm in other words."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.azure_devops.decoding import UnreadableError
from connectors.azure_devops.reading import Current, Reader
from connectors.azure_devops.relations import HYPERLINK
from lpm_sync.core.change import AddLink, ItemChange
from lpm_sync.core.standing import stands
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
    if isinstance(change, AddLink) and change.target.tracker != current.source.ref.tracker:
        return any((one.rel, one.url) == (HYPERLINK, change.target_url) for one in current.decoded.relations)
    return stands(change, current.source) is True
