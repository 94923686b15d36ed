"""How many issues of a project are of types that stand at no level, and so are left."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.jira.client import JiraClient
from connectors.jira.filled import count_issues
from connectors.jira.screens import Project
from connectors.jira.search import quoted, within
from lpm_sync.core.examination import Check
from lpm_sync.ports import Connection


def ignored_checks(client: JiraClient, project: Project, connection: Connection) -> Iterator[Check]:
    """Never a fault: what is ignored, in the order of the project's types. Says nothing where every type is read.

    Raises RefusedError and UnavailableError.
    """
    wanted = {name.casefold() for name in connection.types}
    others = [kind.name for kind in project.issue_types if kind.name.casefold() not in wanted] if wanted else []
    counted = zip(others, client.all(lambda name: _count(client, project.key, name, connection), others), strict=True)
    found = [f"{count:,} {name}" for name, count in counted if count]
    if found:
        yield Check(subject=f"project {project.key}: ignored by type", note=", ".join(found))


def _count(client: JiraClient, project: str, type_name: str, connection: Connection) -> int:
    scope = within(connection.scope_query, connection.labels_in_scope)
    return count_issues(client, f"project = {quoted(project)} AND issuetype = {quoted(type_name)}{scope}")
