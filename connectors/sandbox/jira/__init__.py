"""A stateful Jira for tests and the demo: Cloud with versions 2 and 3 of its interface, Data Center with version 2."""

from connectors.sandbox.jira.application import jira_application
from connectors.sandbox.jira.model import (
    EPIC_LINK,
    EPIC_NAME,
    PARENT_LINK,
    TEXT_AREA,
    Account,
    Behaviour,
    Comment,
    Issue,
    Limits,
    Link,
    Project,
)
from connectors.sandbox.jira.store import JiraStore

__all__ = [
    "EPIC_LINK",
    "EPIC_NAME",
    "PARENT_LINK",
    "TEXT_AREA",
    "Account",
    "Behaviour",
    "Comment",
    "Issue",
    "JiraStore",
    "Limits",
    "Link",
    "Project",
    "jira_application",
]
