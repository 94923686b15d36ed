"""How looser implementations of Jira's interface write its answers."""

from __future__ import annotations

from connectors.http.easing import Habits

HABITS = Habits(
    texts=("id", "issueId", "accountId", "key", "name", "from", "to"),
    numbers=("total",),
    lists=("issues", "values", "comments", "histories", "issueChangeLogs", "issueLinkTypes", "transitions"),
    counts=("total",),
    start="startAt",
    pages=("startAt", "maxResults", "isLast", "nextPageToken", "issueErrors"),
    nulls=("creator",),  # an account that is gone: not one that is not told
)
leniently = HABITS.leniently
