"""Which permission each request needs: a refusal (403) names it, for whoever has to grant it."""

from __future__ import annotations

import re
from urllib.parse import unquote

VIEWING = '"View work items in this node"'
EDITING = '"Edit work items in this node"'
TAGGING = '"Create tag definition"'
SEEING_THE_PROJECT = '"View project-level information"'
READ = '"Work items (read)"'
READ_AND_WRITE = '"Work items (read & write)"'
READ_PROJECTS = '"Project and team (read)"'

_HERE = "in project {project!r}"
_OF_ITEM = "in the area of that work item"
_EVERYWHERE = "in each configured project"
# Method, path below `_apis`, the permission, where it is granted, and the scope that the token needs.
_NEEDED: tuple[tuple[str, str, str, str, str], ...] = (
    ("GET", r"projects", SEEING_THE_PROJECT, _EVERYWHERE, READ_PROJECTS),
    ("GET", r"wit/fields", SEEING_THE_PROJECT, "in at least one project", READ),
    ("GET", r"wit/(workitemtypes|workitemtypecategories)", SEEING_THE_PROJECT, _HERE, READ),
    ("POST", r"wit/(wiql|workitemsbatch)", VIEWING, _EVERYWHERE, READ),
    ("GET|POST", r"wit/reporting/.*", VIEWING, _EVERYWHERE, READ),
    ("GET", r"wit/workitems/\d+/comments.*", VIEWING, _HERE, READ),
    ("GET", r"wit/workitems/.*", VIEWING, _OF_ITEM, READ),
    ("POST|PATCH|DELETE", r"wit/workitems/\d+/comments.*", EDITING, _HERE, READ_AND_WRITE),
    ("POST", r"wit/workitems/(\$|%24).+", EDITING, _HERE, READ_AND_WRITE),
    ("PATCH", r"wit/workitems/.*", EDITING, _OF_ITEM, READ_AND_WRITE),
)
_PLACE = re.compile(r"(?P<method>[A-Z]+) \S*?/?(?P<project>[^/\s]*)/_apis/(?P<path>[^\s?]+)$")


def permission_for(where: str) -> str | None:
    """What to grant so that the request of that place (`ado: GET /northwind/Payments/_apis/wit/…`) is answered.

    `"View work items in this node" in project 'Payments', and "Work items (read)" to its token`; None for a request
    that needs nothing.
    """
    asked = _PLACE.search(where)
    if asked is None:
        return None
    for methods, path, permission, place, scope in _NEEDED:
        if re.fullmatch(methods, asked["method"]) and re.fullmatch(path, asked["path"], re.IGNORECASE):
            return f"{permission} {place.format(project=unquote(asked['project']))}, and {scope} to its token"
    return None
