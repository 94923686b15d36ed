"""Connections whose every single read ends by the deadline of the request, not only by inactivity."""

from __future__ import annotations

import io
import socket
from contextvars import ContextVar
from http.client import HTTPResponse
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from connectors.http.addresses import check_peer
from connectors.http.deadline import Deadline

request_deadline: ContextVar[Deadline | None] = ContextVar("request_deadline", default=None)
"""The deadline of the request that this thread is carrying out."""


class _TimedReader(io.RawIOBase):
    """Reads from a socket; each read may take what is left of the request's time."""

    def __init__(self, raw: io.RawIOBase, connection: socket.socket) -> None:
        self._raw = raw
        self._socket = connection

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # a writable buffer, as io.RawIOBase has it
        deadline = request_deadline.get()
        if deadline is not None:
            if deadline.is_over:
                raise TimeoutError("the request took too long")
            self._socket.settimeout(deadline.remaining())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _TimedResponse(HTTPResponse):
    """An answer that is read through the timed reader, from its first byte."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        raw = sock.makefile("rb", buffering=0)
        self.fp = io.BufferedReader(_TimedReader(raw, sock))


class _Connection(HTTPConnection):
    response_class = _TimedResponse

    def connect(self) -> None:
        super().connect()
        if self.proxy is None and self.sock is not None:
            check_peer(str(self.sock.getpeername()[0]))


class _SecureConnection(HTTPSConnection):
    response_class = _TimedResponse

    def connect(self) -> None:
        super().connect()
        if self.proxy is None and self.sock is not None:
            check_peer(str(self.sock.getpeername()[0]))


class TimedPool(HTTPConnectionPool):
    """Connections over plain http."""

    ConnectionCls = _Connection


class SecureTimedPool(HTTPSConnectionPool):
    """Connections over https."""

    ConnectionCls = _SecureConnection
