"""What a serving process needs of its machine: an address to listen on, and the signals that end it."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import current_thread, main_thread

from lpm_sync.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Where the web answers: on loopback unless configured otherwise. Port 0 takes a free one."""

    host: str = "127.0.0.1"
    port: int = 8080


@contextmanager
def listening(listen: Listen) -> Iterator[tuple[socket.socket, str]]:
    """A socket that listens, and its address for people; raises ConfigurationError where that is not possible."""
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    try:
        listener = socket.create_server((listen.host, listen.port), family=family)
    except OSError as error:
        raise ConfigurationError(
            f"cannot listen on {listen.host} port {listen.port}: {error}; set LPM_LISTEN_HOST and LPM_LISTEN_PORT"
        ) from error
    with listener:
        yield listener, _url(listen.host, listener)


@contextmanager
def ending_signals(on_first: Callable[[], None] = lambda: None) -> Iterator[list[int]]:
    """The signals that came to end the process. The first only asks for it; a second one ends the process at once.

    A handler runs between any two steps of the program, so it, and `on_first` within it, must take no lock.
    """
    received: list[int] = []
    if current_thread() is not main_thread():
        yield received
        return

    def note(number: int, _frame: object) -> None:
        if received:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        received.append(number)
        on_first()

    handled = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, note) for number in handled}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _url(host: str, listener: socket.socket) -> str:
    port = listener.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
