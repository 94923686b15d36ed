"""A Teams channel or chat behind a Workflows webhook."""

from __future__ import annotations

from collections.abc import Callable

from connectors.http.webhooks import Webhook
from connectors.teams.render import render
from lpm_sync.core.digest import Digest
from lpm_sync.ports import Clock

_SPACING = 1.0  # seconds: Teams throttles above four requests a second


class TeamsChat:
    """Posts digests to one channel. Holds the obligations of `lpm_sync.ports.Chat`; accepted is not yet delivered."""

    name = "teams"

    def __init__(self, url: str, clock: Clock, *, wait: Callable[[float], object] | None = None) -> None:
        self._webhook = Webhook(self.name, url, clock=clock, accepts=_is_accepted, spacing=_SPACING, wait=wait)

    def post(self, digest: Digest) -> int:
        """Posts the digest; see the port for what it raises."""
        return self._webhook.post(render(digest))


def connect(url: str, clock: Clock) -> TeamsChat:
    """The chat behind a webhook address, which is a secret. Raises ConfigurationError where it is not usable."""
    return TeamsChat(url, clock)


def _is_accepted(status: int, body: bytes) -> bool:
    """202, or another success of a workflow that answers; a web page or a report of an error is none."""
    return status in (200, 201, 202, 204) and not body.lstrip().startswith(b"<") and b"error" not in body.lower()
