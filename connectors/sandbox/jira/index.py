"""The search index, which may lag behind the issues, and the places that page tokens stand for."""

from __future__ import annotations

import base64
import copy
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from connectors.sandbox.jira.model import Issue


class SearchIndex:
    """Keeps what issues looked like before a change for as long as search may still answer so.

    `trackers.md`, Search: eventually consistent, seconds to minutes; `reconcileIssues` reads one's own writes.
    """

    def __init__(self) -> None:
        self._superseded: dict[str, list[tuple[datetime, Issue | None]]] = {}

    def remember(self, issue_id: str, before: Issue | None, until: datetime) -> None:
        """Until that instant search judges the issue by what it was before; None: it was not there."""
        version = None
        if before is not None:
            version = copy.copy(before)
            version.labels, version.fields = list(before.labels), dict(before.fields)
        self._superseded.setdefault(issue_id, []).append((until, version))

    def issues(self, live: dict[str, Issue], now: datetime, reconciled: Collection[str]) -> Iterable[Issue]:
        """Each issue as search sees it now: the oldest version that is still indexed, else the live one."""
        if not self._superseded:
            return live.values()
        seen = dict(live)
        for issue_id, versions in list(self._superseded.items()):
            current = [(until, version) for until, version in versions if until > now]
            if not current:
                del self._superseded[issue_id]
            elif issue_id not in reconciled:
                indexed = current[0][1]
                if indexed is None:
                    seen.pop(issue_id, None)
                else:
                    seen[issue_id] = indexed
        return seen.values()


@dataclass(slots=True, frozen=True)
class Cursor:
    """A place in a result: after that issue as it was then, and so many empty pages further."""

    after: Issue | None = None
    blanks: int = 0


class Cursors:
    """Page tokens and their places. A token says nothing by itself and may expire."""

    def __init__(self) -> None:
        self._cursors: dict[str, Cursor | None] = {}  # None: expired

    def token(self, after: Issue | None, blanks: int = 0) -> str:
        """A new token for the place after that issue."""
        token = base64.urlsafe_b64encode(f"page:{len(self._cursors) + 1:06d}".encode()).decode()
        self._cursors[token] = Cursor(copy.copy(after), blanks)
        return token

    def find(self, token: str) -> Cursor | None:
        """The place of a token; the start without one, None for one that is unknown or has expired."""
        return self._cursors.get(token) if token else Cursor()

    def expire(self) -> None:
        """Makes all tokens so far invalid."""
        for token in self._cursors:
            self._cursors[token] = None
