"""What a tracker has, before anything is configured: projects, types, statuses, fields, phrases of links."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lpm_sync.core.work_item import Progress


class FieldKind(StrEnum):
    """What a field holds, as far as it matters to its reader."""

    TEXT = "text"  # lines, rich text, options, people, and lists of them
    NUMBER = "number"
    DATE = "date"
    OTHER = "other"  # nothing that is read


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveredStatus:
    """A status; `progress` is the tracker's own category, None where it has none that we know."""

    name: str
    progress: Progress | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveredType:
    """A type of a project, with its statuses in the order in which the tracker gives them; none where it tells none.

    `rank` is 1 and above for epics and what stands above them, 0 for what epics are broken down into, below 0 for parts
    of that and for what is no backlog item; None where the tracker does not tell.
    """

    name: str
    rank: int | None
    statuses: tuple[DiscoveredStatus, ...]

    def has_status(self, name: str) -> bool:
        """Whether the type has that status; case does not count."""
        return any(status.name.casefold() == name.casefold() for status in self.statuses)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveredProject:
    """A project: `key` is what configuration names it by, and what `SourceItem.project` holds."""

    key: str
    name: str
    types: tuple[DiscoveredType, ...]

    def type_named(self, name: str) -> DiscoveredType | None:
        """The type of that name; case does not count."""
        return next((kind for kind in self.types if kind.name.casefold() == name.casefold()), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveredField:
    """A field. `id` is unique, names need not be; `is_on_screen` is None where the tracker does not tell.

    `known_as` is the English name of a field that each such tracker has, whatever it is called here; empty for others.
    `filled` is about how many items of the connection's projects have it: asked for only where its name is that of
    another one too, None where it was not, or where the tracker does not tell.
    """

    id: str
    name: str
    kind: FieldKind
    is_custom: bool
    known_as: str = ""
    is_on_screen: bool | None = None
    filled: int | None = None


def namesakes(fields: Iterable[DiscoveredField]) -> list[DiscoveredField]:
    """Those that people could fill and could take for each other: case and white space around a name do not count."""
    usable = [field for field in fields if field.is_on_screen is not False]
    alike = Counter(field.name.strip().casefold() for field in usable)
    return [field for field in usable if alike[field.name.strip().casefold()] > 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveredLink:
    """A type of link between items: its phrase from one end, and from the other."""

    phrase: str
    inverse: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What a tracker has.

    `projects` are those of the connection that could be described, `failures` the others with the reason.
    `visible_projects` are the keys of all that the account sees. `links` are empty where dependencies need no
    configured phrase. `credentials` tells, a line each, what one could sign in with and where its secrets would stand.
    """

    projects: tuple[DiscoveredProject, ...]
    visible_projects: tuple[str, ...]
    fields: tuple[DiscoveredField, ...] = ()
    links: tuple[DiscoveredLink, ...] = ()
    failures: Mapping[str, str] = field(default_factory=dict)
    credentials: tuple[str, ...] = ()

    def project(self, key: str) -> DiscoveredProject | None:
        """The project of that key; case does not count."""
        return next((project for project in self.projects if project.key.casefold() == key.casefold()), None)
