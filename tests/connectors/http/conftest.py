"""A server on loopback that answers with the bytes that a test gives it, and a clock that waiting moves."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Any

import pytest
import requests

from connectors.http import CarefulAdapter, RetryPolicy


@dataclass(frozen=True, slots=True)
class Slow:
    """An answer for which the server takes its time, on a connection that it keeps."""

    answer: bytes
    seconds: float = 0.05

    def __call__(self, connection: socket.socket) -> None:
        select.select([connection], [], [], self.seconds)
        connection.sendall(self.answer)


Reply = bytes | Callable[[socket.socket], None]


def answer(status: int = 200, body: bytes = b"{}", *, kind: str = "application/json", **headers: str) -> bytes:
    """A whole answer; underscores in the names of headers stand for hyphens."""
    named = {"Content-Type": kind, "Content-Length": str(len(body)), **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status} Said\r\n{lines}\r\n".encode() + body


def drip(every: float, *pieces: bytes) -> Callable[[socket.socket], None]:
    """Sends piece after piece, and stops where the other side has gone."""

    def send(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)
            if select.select([connection], [], [], every)[0]:
                return

    return send


def hang(connection: socket.socket) -> None:
    """Says nothing until the other side goes."""
    connection.recv(1)


def reset(connection: socket.socket) -> None:
    """Breaks the connection off."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    connection.close()


class ScriptedServer:
    """Gives one reply a request, in their order, and the last one for ever. `came` are the instants of the requests."""

    def __init__(self) -> None:
        self.replies: list[Reply] = [answer()]
        self.requests: list[bytes] = []
        self.came: list[float] = []
        self.most_at_once = self._under_way = 0
        self._lock = Lock()
        self.connections = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = Thread(target=self._accept, daemon=True)
        self._thread.start()

    def will(self, *replies: Reply) -> None:
        """What it answers from now on."""
        self.replies = list(replies)

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(timeout=5)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self.connections += 1
                Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while request := _read_request(connection):
                with self._lock:
                    self.requests.append(request)
                    self.came.append(time.monotonic())
                    self._under_way += 1
                    self.most_at_once = max(self.most_at_once, self._under_way)
                    reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
                try:
                    if callable(reply):
                        reply(connection)
                        if not isinstance(reply, Slow):
                            return
                        continue
                    connection.sendall(reply)
                finally:
                    with self._lock:
                        self._under_way -= 1


def _read_request(connection: socket.socket) -> bytes:
    request = b""
    while b"\r\n\r\n" not in request:
        chunk = connection.recv(65_536)
        if not chunk:
            return b""
        request += chunk
    head, _, body = request.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


@dataclass
class VirtualTime:
    """A clock that only waiting moves."""

    now: float = 1000.0
    waits: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


@dataclass
class Careful:
    """A session with the adapter mounted, the server that it talks to, and the time that its waiting takes."""

    server: ScriptedServer
    adapter: CarefulAdapter
    session: requests.Session
    time: VirtualTime

    def get(self, path: str = "/rest/items") -> requests.Response:
        return self.session.get(self.server.url + path)

    def post(self, path: str = "/rest/items", **content: Any) -> requests.Response:
        return self.session.post(self.server.url + path, **content)

    def put(self, path: str = "/rest/items/10001") -> requests.Response:
        return self.session.put(self.server.url + path, data=b"{}")


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    scripted = ScriptedServer()
    yield scripted
    scripted.close()


@pytest.fixture
def make(server: ScriptedServer) -> Iterator[Callable[..., Careful]]:
    """Makes an adapter with whatever differs from the usual."""
    sessions: list[requests.Session] = []

    def made(**differences: Any) -> Careful:
        virtual = VirtualTime()
        settings = {
            "name": "tracker",
            "origins": (server.url,),
            "retries": RetryPolicy(jitter=lambda: 1.0),
            "wait": virtual.wait,
            "monotonic": virtual.monotonic,
            **differences,
        }
        adapter = CarefulAdapter(**settings)
        session = requests.Session()
        session.trust_env = False
        session.mount("http://", adapter)
        sessions.append(session)
        return Careful(server, adapter, session, virtual)

    yield made
    for session in sessions:
        session.close()


@pytest.fixture
def careful(make: Callable[..., Careful]) -> Careful:
    return make()
