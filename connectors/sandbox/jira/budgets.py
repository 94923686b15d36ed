"""Rate limits, off unless `store.limits` sets them."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from connectors.sandbox.jira.errors import RefusalError
from connectors.sandbox.jira.model import Issue, Limits


class Budgets:
    """Counts requests in sliding windows on the shared clock.

    `trackers.md`, Limits: `jira-burst-based` pauses that endpoint, `jira-per-issue-on-write` that issue; `Retry-After`
    is a minimum and may be a number, a float or an HTTP date, so it is sent as `limits.retry_after` has it.
    """

    def __init__(self) -> None:
        self._spent: dict[str, deque[datetime]] = {}

    def spend(self, limits: Limits, now: datetime, *, method: str, path: str, issue: Issue | None) -> None:
        """Counts one request or refuses it with a 429."""
        if limits.endpoint_requests is not None:
            allowed, window = limits.endpoint_requests, limits.endpoint_window
            self._spend(f"{method} {path}", now, allowed, window, limits, "jira-burst-based")
        if limits.issue_writes is not None and issue is not None and method != "GET":
            allowed, window = limits.issue_writes, limits.issue_window
            self._spend(f"issue {issue.id}", now, allowed, window, limits, "jira-per-issue-on-write")

    def _spend(self, key: str, now: datetime, allowed: int, window: timedelta, limits: Limits, reason: str) -> None:
        spent = self._spent.setdefault(key, deque())
        while spent and spent[0] <= now - window:
            spent.popleft()
        if len(spent) >= allowed:
            headers = {
                "Retry-After": limits.retry_after,
                "RateLimit-Reason": reason,
                "X-RateLimit-Limit": str(allowed),
                "X-RateLimit-Remaining": "0",
            }
            raise RefusalError(429, "Rate limit exceeded.", headers=headers)
        spent.append(now)
