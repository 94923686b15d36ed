"""The process of one server: `python -m benchmarks.servers KIND ITEMS LOOK`."""

from __future__ import annotations

import asyncio
import sys

from benchmarks.servers.answering import Tracker, serve
from benchmarks.servers.azure_devops import AzureDevOps
from benchmarks.servers.jira import Jira


def main() -> None:
    kind, items, look = sys.argv[1:4]
    is_rich = look == "rich"
    tracker: Tracker = Jira(int(items), is_rich=is_rich) if kind == "jira" else AzureDevOps(int(items), is_rich=is_rich)
    asyncio.run(serve(tracker))


if __name__ == "__main__":
    main()
