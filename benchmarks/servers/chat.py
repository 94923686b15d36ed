"""A chat that takes whatever is posted to it, as Slack answers an incoming webhook."""

from __future__ import annotations

from benchmarks.servers.answering import Answer, Request, ServerClock


class Chat:
    """Counted are its posts: all that is not read."""

    def __init__(self) -> None:
        self.clock = ServerClock()

    def answer(self, request: Request) -> Answer:
        return Answer(body=b"ok")

    def is_read(self, request: Request) -> bool:
        return request.method == "GET"

    def change(self, share: float) -> int:
        """Nothing changes in a chat."""
        return 0
