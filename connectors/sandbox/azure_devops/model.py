"""The values that the embedded Azure DevOps keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

StateCategory = Literal["Proposed", "InProgress", "Resolved", "Completed", "Removed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A person or a service account."""

    display_name: str
    unique_name: str
    id: str
    descriptor: str

    def __str__(self) -> str:
        return f"{self.display_name} <{self.unique_name}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A state of a work item type; `reason` is what System.Reason says when an item enters it."""

    name: str
    category: StateCategory
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItemType:
    """A work item type of one process: the first state is where new items start. `category` tells its backlog."""

    name: str
    reference_name: str
    states: tuple[State, ...]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    category: str = ""

    def state(self, name: str) -> State | None:
        """The state of that name, whatever its case."""
        return next((state for state in self.states if state.name.casefold() == name.casefold()), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field definition; `type` is one of the FieldType values of azure-devops-wit-7.1.swagger.json."""

    reference_name: str
    name: str
    type: str
    read_only: bool = False


@dataclass(slots=True, kw_only=True)
class Node:
    """An area or an iteration; `path` is written as work items write it: `Project\\Team\\Part`."""

    id: int
    identifier: str
    name: str
    path: str
    start: datetime | None = None
    finish: datetime | None = None
    children: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A tag as it was first written in its project."""

    id: str
    name: str


@dataclass(slots=True, kw_only=True)
class Project:
    """A project with its own process, tree of areas, tree of iterations and tags."""

    id: str
    name: str
    created: datetime
    types: dict[str, WorkItemType]
    areas: Node
    iterations: Node
    tags: dict[str, Tag] = field(default_factory=dict)
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceLink:
    """A hyperlink or an artifact link: part of a revision, unlike a link between work items."""

    rel: str
    url: str
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link between two work items; `source` is the forward end: the parent, the predecessor."""

    type: str  # without direction: System.LinkTypes.Hierarchy
    source: int
    target: int

    def has_end(self, identifier: int) -> bool:
        """Whether the work item is one of both ends."""
        return identifier in (self.source, self.target)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkEvent:
    """A link that came (`active`) or went."""

    watermark: int
    link: Link
    active: bool
    at: datetime
    actor: Identity
    comment: str | None = None


@dataclass(slots=True, kw_only=True)
class Comment:
    """A comment in its current version."""

    id: int
    text: str
    format: str
    created: datetime
    author: Identity
    modified: datetime
    modified_by: Identity
    version: int = 1
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """The whole item as it stood after one change."""

    number: int
    fields: Mapping[str, Any]
    resources: tuple[ResourceLink, ...]
    changed: datetime
    actor: Identity
    watermark: int
    comment_id: int | None = None
    comment_version: int | None = None


@dataclass(slots=True, kw_only=True)
class WorkItem:
    """A work item with all its revisions, the last of which is how it stands."""

    id: int
    project_id: str
    revisions: list[Revision]
    comments: list[Comment] = field(default_factory=list)
    multiline_formats: dict[str, str] = field(default_factory=dict)
    deleted: bool = False

    @property
    def rev(self) -> int:
        """The number of the last revision."""
        return self.revisions[-1].number

    @property
    def fields(self) -> Mapping[str, Any]:
        """The field values as they stand."""
        return self.revisions[-1].fields

    @property
    def resources(self) -> tuple[ResourceLink, ...]:
        """Hyperlinks and artifact links as they stand."""
        return self.revisions[-1].resources

    @property
    def type_name(self) -> str:
        """The name of its work item type."""
        return str(self.fields["System.WorkItemType"])

    @property
    def title(self) -> str:
        """The title as it stands."""
        return str(self.fields["System.Title"])

    @property
    def state(self) -> str:
        """The name of its state."""
        return str(self.fields["System.State"])

    @property
    def tags(self) -> list[str]:
        """Its tags in the order in which the server writes them."""
        text = str(self.fields.get("System.Tags") or "")
        return text.split("; ") if text else []

    def revision_at(self, instant: datetime) -> Revision | None:
        """The revision that stood at that instant, if the item existed."""
        return next((r for r in reversed(self.revisions) if r.changed <= instant), None)
