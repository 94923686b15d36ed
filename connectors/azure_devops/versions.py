"""Which version of the interface is spoken: the newest that the server has released, and none newer than is known here.

Azure DevOps Server 2019 speaks up to 5.x, Server 2020 up to 6.x, Server 2022 up to 7.x, and the service everything. The
package lowers a version that is past the newest of the server; it does not know that the newest may be a preview only,
which is refused by its plain number (`VssInvalidPreviewVersionException`), and stumbles over one that is too old.
"""

from __future__ import annotations

from connectors.azure_devops.locations import Location
from lpm_sync.errors import RefusedError

OLDEST_SERVER = "Azure DevOps Server 2019 Update 1 or newer"  # comments can be edited from 5.1 on


class MissingResourceError(RefusedError):
    """The server does not have a resource at all."""


def fitting_version(wanted: str, location: Location) -> str:
    """The version to ask for: `7.1`, `6.0`, or `6.1-preview.3` for a resource that is still in preview there."""
    number, _, revision = wanted.partition("-preview.")
    newest = max(min(float(number), location.max_version), location.min_version)
    released = float(location.released_version or 0)
    if released >= newest:
        return f"{newest:.1f}"
    if released >= location.min_version:
        return f"{released:.1f}"
    known = min(int(revision), location.resource_version) if revision else location.resource_version
    return f"{newest:.1f}-preview.{known}"


def revision_of(version: str) -> int:
    """The revision of a resource in preview; 0 where the version names none."""
    return int(version.partition("-preview.")[2] or 0)
