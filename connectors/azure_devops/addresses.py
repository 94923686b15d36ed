"""Which item of the organisation an address leads to."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from connectors.http import origin
from lpm_sync.errors import ConfigurationError

ITEM_PATHS = (
    re.compile(r"(?:/[^/]+)?(?:/[^/]+)?/_workitems/edit/(\d{1,10})(?:/.*)?", re.IGNORECASE),
    re.compile(r"(?:/[^/]+)?/_apis/wit/workitems/(\d{1,10})(?:/.*)?", re.IGNORECASE),
)
SERVICE = re.compile(r"https://dev\.azure\.com/([^/]+)/*", re.IGNORECASE)
OLDER_SERVICE = re.compile(r"https://([^/.]+)\.visualstudio\.com(?:/DefaultCollection)?/*", re.IGNORECASE)
# Pages that name the item in their query, and by which parameter.
QUERY_PATHS = (
    (re.compile(r"(?:/[^/]+)?(?:/[^/]+)?/_workitems(?:/.*)?", re.IGNORECASE), "id"),
    (re.compile(r"(?:/[^/]+)?/_(?:boards|backlogs|sprints|queries|dashboards)(?:/.*)?", re.IGNORECASE), "workitem"),
)


def item_id(url: str, *roots: str) -> str | None:
    """The id of the item that an address below one of the roots (organisations) leads to, else None."""
    try:
        parts = urlsplit(url.strip())
        every = (one for root in roots for one in (root, *_other_spellings(root)))
        path = next((path for root in every if (path := _path_below(url.strip(), root)) is not None), None)
    except (ValueError, ConfigurationError):
        return None
    if path is None:
        return None
    for pattern in ITEM_PATHS:
        if found := pattern.fullmatch(path):
            return _number(found[1])
    for pattern, parameter in QUERY_PATHS:
        if pattern.fullmatch(path):
            queried = {name.casefold(): values for name, values in parse_qs(parts.query).items()}
            return _number(queried.get(parameter, [""])[0])
    return None


def _other_spellings(root: str) -> tuple[str, ...]:
    """An organisation of the service answers at two addresses, and hands out either in links to its items."""
    found = SERVICE.fullmatch(root) or OLDER_SERVICE.fullmatch(root)
    if found is None:
        return ()
    older = f"https://{found[1]}.visualstudio.com"
    return f"https://dev.azure.com/{found[1]}", f"{older}/DefaultCollection", older


def _path_below(url: str, root: str) -> str | None:
    """The path after the organisation, where origin and organisation agree, whatever their case."""
    path, prefix = urlsplit(url).path, urlsplit(root).path.rstrip("/")
    if origin(url) != origin(root) or not f"{path}/".casefold().startswith(f"{prefix}/".casefold()):
        return None
    return path[len(prefix) :]


def _number(text: str) -> str | None:
    if not (text.isascii() and text.isdecimal() and len(text) <= 10):
        return None
    return str(int(text))
