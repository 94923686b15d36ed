"""A Slack channel behind an incoming webhook."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from connectors.http.webhooks import Webhook
from connectors.slack.render import render
from lpm_sync.core.digest import Digest
from lpm_sync.ports import Clock

_SPACING = 1.0  # seconds: Slack takes one message a second from a webhook


_CONFIRMATIONS = (b"ok", b'"ok"', b"1", b"true")


class _Confirmation(msgspec.Struct):
    ok: bool


class SlackChat:
    """Posts digests to one channel. Holds the obligations of `lpm_sync.ports.Chat`."""

    name = "slack"

    def __init__(self, url: str, clock: Clock, *, wait: Callable[[float], object] | None = None) -> None:
        self._webhook = Webhook(self.name, url, clock=clock, accepts=_is_ok, spacing=_SPACING, wait=wait)

    def post(self, digest: Digest) -> int:
        """Posts the digest; see the port for what it raises."""
        return self._webhook.post([msgspec.json.encode(message) for message in render(digest)])


def connect(url: str, clock: Clock) -> SlackChat:
    """The chat behind a webhook address, which is a secret. Raises ConfigurationError where it is not usable."""
    return SlackChat(url, clock)


def _is_ok(status: int, body: bytes) -> bool:
    """Slack confirms with 200 and one word; what speaks for it may do so in JSON, or by a status without a body."""
    said = body.strip()
    return said in _CONFIRMATIONS or _says_ok(said) or (status in (201, 202, 204) and not said)


def _says_ok(body: bytes) -> bool:
    try:
        return msgspec.json.decode(body, type=_Confirmation).ok
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
