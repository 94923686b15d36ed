"""Whether a chat can be reached: its address has the right form, and something listens there. Nothing is posted."""

from __future__ import annotations

import socket
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

from lpm_sync.core.examination import Check
from lpm_sync.errors import ConfigurationError
from lpm_sync.pipeline.workplace import Workplace
from lpm_sync.policy.policy import ChatStanza

CONNECT_TIMEOUT = 5.0  # seconds
PORTS = {"https": 443, "http": 80}


def check_reachable(workplace: Workplace, stanza: ChatStanza) -> Check:
    """Opens a connection and closes it. The host is shown, never the path: it is the secret."""
    subject = f"chat {stanza.called}"
    try:
        workplace.open_chat(stanza)
        address = urlsplit(workplace.secrets.webhook_for(stanza.called))
    except ConfigurationError as error:
        return Check(subject=subject, fault=str(error), remedy="make a webhook in the chat, and set its whole address")
    host, port, way = _listener(address)
    try:
        socket.create_connection((host, port), timeout=CONNECT_TIMEOUT).close()
    except OSError as error:
        fault = f"{host}:{port}{way} cannot be reached: {error.strerror or type(error).__name__}"
        return Check(subject=subject, fault=fault, remedy="let this machine through to it, or correct the address")
    return Check(subject=subject, note=f"{host}:{port}{way} is reachable")


def _listener(address: SplitResult) -> tuple[str, int, str]:
    """Who answers first: the host itself, or the proxy that the environment names for it."""
    host = address.hostname or ""
    proxy = None if proxy_bypass(host) else getproxies().get(address.scheme)
    if proxy:
        through = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        return through.hostname or "", through.port or PORTS["http"], f", the proxy to {host},"
    return host, address.port or PORTS.get(address.scheme, 0), ""
