"""Faults that a test switches on between a client and an embedded tracker."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, ClassVar

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(slots=True, kw_only=True)
class Fault:
    """Answers matching requests itself, `times` times (-1: for ever).

    With `after_effect` the request is carried out first and only its answer is replaced: the unclear write. With `cuts`
    it is the real answer, of which only the first half comes (faults.md: a truncated body, truncated JSON). With
    `hangs` nothing is done, and nothing answered until the client goes (faults.md: hang).
    """

    path: str  # a regular expression, searched in path and query
    method: str = "*"
    times: int = 1
    skip: int = 0  # so many matching requests pass first
    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    after_effect: bool = False
    cuts: bool = False
    hangs: bool = False

    def matches(self, method: str, target: str) -> bool:
        """Whether this fault meets the request, counting it against `skip` and `times`."""
        if self.times == 0 or self.method not in ("*", method) or not re.search(self.path, target):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it came over the wire, for tests that count and validate."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


class Wire:
    """ASGI wrapper that records every request and injects faults.

    `observers` are told of each request that comes over any wire of this process. `most_at_once` is how many were under
    way together; `latency` are the seconds that each takes at least.
    """

    observers: ClassVar[list[Callable[[Request], None]]] = []

    def __init__(self, application: Application) -> None:
        self._application = application
        self._lock = Lock()
        self.faults: list[Fault] = []
        self.requests: list[Request] = []
        self.latency = 0.0
        self.most_at_once = self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        self._under_way += 1
        self.most_at_once = max(self.most_at_once, self._under_way)
        try:
            await self._answer(scope, receive, send)
        finally:
            self._under_way -= 1

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read_body(receive)
        if body is None:
            return
        if self.latency:
            await asyncio.sleep(self.latency)
        request = _request(scope, body)
        with self._lock:
            self.requests.append(request)
            target = request.path + ("?" + request.query if request.query else "")
            fault = next((f for f in self.faults if f.matches(request.method, target)), None)
            for observe in self.observers:
                observe(request)
        if fault is None:
            await self._application(scope, _replay(body), send)
            return
        if fault.hangs:
            await _until_gone(receive)
            return
        if fault.cuts:
            await self._application(scope, _replay(body), _Cutting(send))
            return
        if fault.after_effect:
            await self._application(scope, _replay(body), _swallow)
        headers = {"content-type": "application/json", **{k.lower(): v for k, v in fault.headers.items()}}
        raw = [(k.encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()]
        await send({"type": "http.response.start", "status": fault.status, "headers": raw})
        await send({"type": "http.response.body", "body": fault.body})


class _Cutting:
    """Sends the first half of an answer, as if that were all."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message = {}
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if not message.get("more_body"):
            half = bytes(self._body[: len(self._body) // 2])
            headers = [pair for pair in self._start["headers"] if pair[0].lower() != b"content-length"]
            headers.append((b"content-length", str(len(half)).encode()))
            await self._send({**self._start, "headers": headers})
            await self._send({"type": "http.response.body", "body": half})


async def _until_gone(receive: Receive) -> None:
    """Returns when the client has closed its connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _read_body(receive: Receive) -> bytes | None:
    """The whole body; None where the client went before that was sent: half a request is none."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)


def _request(scope: Scope, body: bytes) -> Request:
    return Request(
        method=scope["method"],
        path=scope.get("raw_path", scope["path"].encode()).decode("latin-1").split("?")[0],
        query=scope["query_string"].decode("latin-1"),
        headers={k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]},
        body=body,
    )


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _swallow(message: Message) -> None:
    """Drops the answer of a request whose effect stands."""
