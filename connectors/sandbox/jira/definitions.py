"""What every Jira has before anybody defines anything."""

from __future__ import annotations

from connectors.sandbox.jira.model import StatusCategory

# The keys and ids are the same on every Jira; `realdata/jira/statuses.jsonl`.
CATEGORIES = (
    StatusCategory(1, "undefined", "No Category", "medium-gray"),
    StatusCategory(2, "new", "To Do", "blue-gray"),
    StatusCategory(4, "indeterminate", "In Progress", "yellow"),
    StatusCategory(3, "done", "Done", "green"),
)

SYSTEM_FIELDS = (
    ("summary", "Summary", "string", ""),
    ("issuetype", "Issue Type", "issuetype", ""),
    ("project", "Project", "project", ""),
    ("status", "Status", "status", ""),
    ("parent", "Parent", "issuelink", ""),
    ("description", "Description", "string", ""),
    ("labels", "Labels", "array", "string"),
    ("assignee", "Assignee", "user", ""),
    ("reporter", "Reporter", "user", ""),
    ("creator", "Creator", "user", ""),
    ("priority", "Priority", "priority", ""),
    ("created", "Created", "datetime", ""),
    ("updated", "Updated", "datetime", ""),
    ("duedate", "Due date", "date", ""),
    ("resolution", "Resolution", "resolution", ""),
    ("resolutiondate", "Resolved", "datetime", ""),
    ("statuscategorychangedate", "Status Category Changed", "datetime", ""),
    ("fixVersions", "Fix versions", "array", "version"),
    ("components", "Components", "array", "component"),
    ("environment", "Environment", "string", ""),
    ("issuelinks", "Linked Issues", "array", "issuelinks"),
    ("subtasks", "Sub-tasks", "array", "issuelinks"),
    ("comment", "Comment", "comments-page", ""),
)
# Set by the server, by a transition or through an endpoint of their own.
_READ_ONLY = """status created updated creator resolution resolutiondate statuscategorychangedate issuelinks subtasks
    comment"""
READ_ONLY_FIELDS = frozenset(_READ_ONLY.split())

DEFAULT_TYPES = (("Epic", 1), ("Feature", 0), ("Story", 0), ("Task", 0), ("Sub-task", -1))
DEFAULT_STATUSES = (("To Do", "new"), ("In Progress", "indeterminate"), ("Done", "done"))
# Name, inward and outward phrase: `issues_dc_agile_with_links.jsonl`.
DEFAULT_LINK_TYPES = (
    ("Blocks", "is blocked by", "blocks"),
    ("Cloners", "is cloned by", "clones"),
    ("Duplicate", "is duplicated by", "duplicates"),
    ("Relates", "relates to", "relates to"),
)

# Far apart, so that a client that takes one kind of id for another is found out.
FIRST_NUMBERS = {"comment": 30_000, "link": 40_000, "history": 50_000, "remotelink": 60_000, "status": 70_000}
