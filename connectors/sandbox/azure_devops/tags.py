"""How the server reads and writes System.Tags (trackers.md, "Writing"; recordings 1, 3, 5 and 7).

Tags are split on `,` and `;`, ignore case, keep the spelling in which the project knows them first, and are written in
alphabetical order, joined by `; `.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import NAMESPACE_URL, uuid5

from connectors.sandbox.azure_devops import errors
from connectors.sandbox.azure_devops.model import Project, Tag

LONGEST = 400
MOST = 100


def split(text: str) -> list[str]:
    """The tags of a text, without blanks and repetitions."""
    found: dict[str, str] = {}
    for part in re.split(r"[,;]", text):
        name = part.strip()
        if name:
            found.setdefault(name.casefold(), name)
    return list(found.values())


def join(names: Iterable[str]) -> str:
    """The tags as the server writes them."""
    return "; ".join(sorted(names, key=str.casefold))


def check(project: Project, names: list[str], *, may_create: bool) -> None:
    """Refuses tags that are too long, too many, or new where that needs a permission."""
    for name in names:
        if len(name) > LONGEST:
            raise errors.bad_tag(name)
    if len(names) > MOST:
        raise errors.too_many_tags()
    if not may_create and any(name.casefold() not in project.tags for name in names):
        raise errors.tag_creation_denied()


def register(project: Project, names: Iterable[str]) -> list[str]:
    """Creates the tags that the project does not have and returns all in the project's spelling."""
    result = []
    for name in names:
        key = name.casefold()
        if key not in project.tags:
            project.tags[key] = Tag(id=str(uuid5(NAMESPACE_URL, f"{project.id}/tags/{key}")), name=name)
        result.append(project.tags[key].name)
    return result
