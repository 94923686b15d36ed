"""Which permission each request needs: a refusal (403) names it, for whoever has to grant it."""

from __future__ import annotations

import re
from urllib.parse import unquote

BROWSE, LINK = "Browse Projects", "Link Issues"
READING, WRITING = "read:jira-work", "write:jira-work"  # scopes of tokens that have any

_OF_ISSUE = "in the project of that issue"
_ISSUE = r"issue/[^/]+"
# Method, path below the version, the permission and where it is granted: the published contract, "Permissions".
_NEEDED: tuple[tuple[str, str, str, str], ...] = (
    ("GET", r"project/search|project", BROWSE, "in each configured project"),
    ("GET", r"project/(?P<project>[^/]+)(/statuses)?", BROWSE, "in project {project}"),
    ("GET", r"issue/createmeta/(?P<project>[^/]+)(/.*)?", "Create Issues", "in project {project}"),
    ("GET", r"issueLinkType|issuetype|field", BROWSE, "in at least one project"),
    ("POST", r"search(/.*)?|(issue|changelog)/bulkfetch", BROWSE, "in each configured project"),
    ("GET", rf"{_ISSUE}/editmeta", "Edit Issues", _OF_ISSUE),
    ("GET", rf"{_ISSUE}/transitions", BROWSE, _OF_ISSUE),
    ("POST", rf"{_ISSUE}/transitions", "Transition Issues", _OF_ISSUE),
    ("POST", rf"{_ISSUE}/comment", "Add Comments", _OF_ISSUE),
    ("PUT", rf"{_ISSUE}/comment/[^/]+", "Edit Own Comments", _OF_ISSUE),
    ("DELETE", rf"{_ISSUE}/comment/[^/]+", "Delete Own Comments", _OF_ISSUE),
    ("POST", rf"{_ISSUE}/remotelink", LINK, _OF_ISSUE),
    ("PUT", _ISSUE, "Edit Issues", _OF_ISSUE),
    ("GET", rf"{_ISSUE}(/.*)?", BROWSE, _OF_ISSUE),
    ("POST", r"issue", "Create Issues", "in the project that escalation.create_in of policy.yaml names"),
    ("POST", r"issueLink", LINK, "in the projects of both issues"),
    ("DELETE", r"issueLink/[^/]+", LINK, "in the projects of both issues"),
)
_PLACE = re.compile(r"(?P<method>[A-Z]+) \S*?/rest/api/\d+/(?P<path>\S+)$")


def permission_for(where: str) -> str | None:
    """What to grant so that the request of that place (`jira: GET /rest/api/3/project/PAY`) is answered.

    `Browse Projects in project PAY, and read:jira-work to a token with scopes`; None for a request that needs nothing.
    """
    asked = _PLACE.search(where)
    if asked is None:
        return None
    for method, path, permission, place in _NEEDED:
        found = re.fullmatch(path, asked["path"]) if method == asked["method"] else None
        if found is not None:
            names = {name: unquote(text) for name, text in found.groupdict().items()}
            reads = method == "GET" or permission == BROWSE
            scope = READING if reads else WRITING
            return f"{permission} {place.format(**names)}, and {scope} to a token with scopes"
    return None
