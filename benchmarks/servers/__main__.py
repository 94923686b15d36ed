"""The process of one server: `python -m benchmarks.servers KIND ITEMS LOOK`."""

from __future__ import annotations

import asyncio
import sys

from benchmarks.servers.answering import Tracker, serve
from benchmarks.servers.azure_devops import AzureDevOps
from benchmarks.servers.chat import Chat
from benchmarks.servers.jira import Jira


def main() -> None:
    kind, items, look = sys.argv[1:4]
    asyncio.run(serve(_served(kind, int(items), is_rich=look == "rich")))


def _served(kind: str, items: int, *, is_rich: bool) -> Tracker:
    match kind:
        case "jira":
            return Jira(items, is_rich=is_rich)
        case "ado":
            return AzureDevOps(items, is_rich=is_rich)
        case _:
            return Chat()


if __name__ == "__main__":
    main()
