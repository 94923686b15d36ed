"""A small HTTP/1.1 server: one process, keep-alive, any number of connections, an optional wait before each answer."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

CONTROL = "/control/"
TRAVEL = 0.05  # seconds that a request may be under way when a pause begins
PAUSE = 1.0  # seconds that a refused write asks for


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request; `query` holds the last value of each parameter."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is sent back: JSON, or nothing with a status that says so."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class ServerClock:
    """The server's time: the machine's, and so many seconds ahead of it."""

    ahead: float = 0.0

    def now(self) -> datetime:
        """The instant, to the second, in UTC."""
        return datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=self.ahead)


class Tracker(Protocol):
    """What a server answers with."""

    clock: ServerClock

    def answer(self, request: Request) -> Answer: ...

    def is_read(self, request: Request) -> bool:
        """Whether it changes nothing; all others are counted as writes."""
        ...

    def change(self, share: float) -> int:
        """Changes that share of the items, as people would; returns how many."""
        ...


@dataclass(slots=True, kw_only=True)
class Tally:
    """What came since the last reset. `hasty` are requests inside a pause that a `Retry-After` had asked for."""

    paths: Counter[str] = field(default_factory=Counter)
    writes: int = 0
    refused: int = 0
    hasty: int = 0

    def told(self) -> bytes:
        requests = sum(self.paths.values())
        told = {"requests": requests, "writes": self.writes, "refused": self.refused}
        return json.dumps({**told, "hasty": self.hasty, "paths": dict(self.paths)}).encode()


@dataclass(slots=True, kw_only=True)
class Behaviour:
    """How the server answers: how late (seconds), and which write it refuses with 429 (each of so many; 0: none)."""

    latency: float = 0.0
    refuse_each: int = 0
    tally: Tally = field(default_factory=Tally)
    paused: dict[str, tuple[float, float]] = field(default_factory=dict)  # endpoint: from and until when


class Connection(asyncio.Protocol):
    """One client. Requests come one after the other: nothing is pipelined."""

    def __init__(self, tracker: Tracker, behaviour: Behaviour) -> None:
        self._tracker = tracker
        self._behaviour = behaviour
        self._received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("not a stream")
        self._transport = transport
        self._loop = asyncio.get_running_loop()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, rest = bytes(self._received).partition(b"\r\n\r\n")
        if not end:
            return
        found = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        length = int(found[1]) if found else 0
        if len(rest) < length:
            return
        self._received.clear()
        self._answer(_request(head, rest[:length]))

    def _answer(self, request: Request) -> None:
        if request.path.startswith(CONTROL):
            self._send(_control(request, self._tracker, self._behaviour))
            return
        answer = self._refusal(request) or self._tracker.answer(request)
        if self._behaviour.latency:
            self._loop.call_later(self._behaviour.latency, self._send, answer)
        else:
            self._send(answer)

    def _refusal(self, request: Request) -> Answer | None:
        """Counts the request; 429 where it is its turn."""
        behaviour, now = self._behaviour, self._loop.time()
        tally, endpoint = behaviour.tally, f"{request.method} {re.sub(r'[^/]*[0-9]{2}[^/]*', '*', request.path)}"
        tally.paths[endpoint] += 1
        since, until = behaviour.paused.get(endpoint, (0.0, 0.0))
        tally.hasty += since < now < until
        if self._tracker.is_read(request):
            return None
        tally.writes += 1
        if not behaviour.refuse_each or tally.writes % behaviour.refuse_each:
            return None
        tally.refused += 1
        sent = now + behaviour.latency
        behaviour.paused[endpoint] = (sent + TRAVEL, sent + PAUSE)
        headers = (("Retry-After", f"{PAUSE:.0f}"), ("RateLimit-Reason", "jira-burst-based"))
        return Answer(body=b'{"errorMessages":["Rate limit exceeded."]}', status=429, headers=headers)

    def _send(self, answer: Answer) -> None:
        if self._transport.is_closing():
            return
        headers = "".join(f"{name}: {value}\r\n" for name, value in answer.headers)
        date = formatdate(self._tracker.clock.now().timestamp(), usegmt=True)
        head = (
            f"HTTP/1.1 {answer.status} Answered\r\nContent-Type: application/json; charset=utf-8\r\n"
            f"Date: {date}\r\nContent-Length: {len(answer.body)}\r\n{headers}\r\n"
        )
        self._transport.writelines((head.encode("latin-1"), answer.body))


def _request(head: bytes, body: bytes) -> Request:
    method, target, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
    parts = urlsplit(target)
    query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    return Request(method=method, path=unquote(parts.path), query=query, body=body)


def _control(request: Request, tracker: Tracker, behaviour: Behaviour) -> Answer:
    """What the bench itself asks: to tell, to forget, to be slow, to refuse, to let time go by, to change."""
    value = float(request.query.get("value", "0"))
    match request.path.removeprefix(CONTROL):
        case "tally":
            return Answer(body=behaviour.tally.told())
        case "reset":
            behaviour.tally = Tally()
            behaviour.paused.clear()
        case "latency":
            behaviour.latency = value
        case "refuse":
            behaviour.refuse_each = int(value)
        case "advance":
            tracker.clock.ahead += value
        case "change":
            return Answer(body=json.dumps(tracker.change(value)).encode())
        case _:
            return Answer(status=404)
    return Answer(body=b"{}")


async def serve(tracker: Tracker) -> None:
    """Listens on a free port of loopback, prints it, and answers until standard input ends."""
    loop, behaviour = asyncio.get_running_loop(), Behaviour()
    server = await loop.create_server(lambda: Connection(tracker, behaviour), "127.0.0.1", 0, backlog=64)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 whoever started the process reads it
    ended = asyncio.Event()
    loop.add_reader(0, ended.set)  # nothing is ever written to it: it becomes readable when it ends
    await ended.wait()
    server.close()
