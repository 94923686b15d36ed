"""Runs an ASGI application on loopback in a thread of its own."""

from __future__ import annotations

import socket
from threading import Thread
from types import TracebackType

import uvicorn

from connectors.sandbox.faults import Application, Wire


class LoopbackServer:
    """A context manager: the application is reachable at `url` while it is open. `port=0` takes a free one."""

    def __init__(self, application: Application, *, port: int = 0) -> None:
        self.wire = Wire(application)
        self._socket = socket.create_server(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else 40 ms a request on kept connections
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        # The date of an answer is the tracker's own, by the clock that stands or is moved; or there is none.
        config = uvicorn.Config(self.wire, log_config=None, lifespan="off", access_log=False, date_header=False)
        self._server = uvicorn.Server(config)
        self._thread = Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def __enter__(self) -> LoopbackServer:
        self._thread.start()  # the socket listens already: a request that comes early waits in its backlog
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self._socket.close()
