"""The `jira` package as its documentation uses it, with version 3 of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jira import JIRA

from benchmarks.contestants.asking import ASKED_FIELDS, EMAIL, JQL, TOKEN
from benchmarks.measuring import Surroundings, Work
from benchmarks.servers import issues

LABEL = "lpm:blocked"
TEXT = "Blocked since 9 November 2026 by jira:PAY-3, limit 5 business days. Move it forward, or remove the link."


def read_issues(surroundings: Surroundings) -> Work:
    """`search_issues`, which makes an Issue of each."""
    package = _package(surroundings)
    return lambda: {"items": len(package.search_issues(JQL, maxResults=0, fields=list(ASKED_FIELDS)))}


def read_json(surroundings: Surroundings) -> Work:
    """`enhanced_search_issues(json_result=True)`, page by page, all kept."""
    package = _package(surroundings)

    def work() -> Mapping[str, float]:
        kept: list[Any] = []
        token: str | None = None
        while True:
            page: Any = package.enhanced_search_issues(
                JQL, nextPageToken=token, maxResults=100, fields=list(ASKED_FIELDS), json_result=True
            )
            kept += page["issues"]
            token = page.get("nextPageToken")
            if not token:
                return {"items": len(kept)}

    return work


def write(surroundings: Surroundings) -> Work:
    """A label, a comment and a link for each of many issues, in sequence; its own retries are what they are."""
    package: Any = _package(surroundings)
    identifiers = [issues.id_of(number * issues.EPIC_EACH) for number in range(surroundings.items)]

    def work() -> Mapping[str, float]:
        for identifier in identifiers:
            issue = package.issue(identifier)
            issue.update(update={"labels": [{"add": LABEL}]})
            package.add_comment(issue, issues.document(TEXT))
            package.create_issue_link("Relates", issue.key, issues.key_of(1))
        return {"items": len(identifiers)}

    return work


def _package(surroundings: Surroundings) -> JIRA:
    options: dict[str, Any] = {"server": surroundings.servers["jira"], "rest_api_version": "3"}
    return JIRA(options=options, basic_auth=(EMAIL, TOKEN))
