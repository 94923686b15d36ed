"""How looser implementations of Azure DevOps' interface write its answers."""

from __future__ import annotations

from connectors.http.easing import Habits

HABITS = Habits(
    numbers=("id", "rev", "workItemId", "sourceId", "targetId", "System.Rev", "System.CommentCount"),
    times=("System.CreatedDate", "System.ChangedDate", "createdDate", "modifiedDate", "changedDate", "asOf"),
    people=("System.CreatedBy", "System.AssignedTo", "createdBy", "authenticatedUser"),
    lists=("value", "values", "workItems", "comments", "states"),
    pages=("queryType", "queryResultType", "asOf", "isLastBatch", "nextLink", "nextPage", "continuationToken"),
    counts=("count", "totalCount"),
)
leniently = HABITS.leniently
