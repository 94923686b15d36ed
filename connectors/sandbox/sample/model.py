"""The sample as neutral values: items, dependencies and people, before any tracker holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from connectors.sandbox.sample.timeline import Timeline

FieldContent = str | int | date
"""What a field of the sample holds; fields are keyed by the names that `trackers.yaml` gives them."""


class Home(StrEnum):
    """The tracker that holds an item, by the name that the configuration gives it."""

    JIRA = "jira"
    AZURE_DEVOPS = "ado"


class Stand(StrEnum):
    """How far a feature is."""

    WAITING = "waiting"
    BEGUN = "begun"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedComment:
    """What a person wrote on an item, in plain text."""

    author: str
    text: str
    written: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedItem:
    """An item of the sample.

    `name` is its own within the sample; `parent` is the name of another. `place` is a project key in Jira and an area
    below the project in Azure DevOps (empty: the project itself). `status` is a status of that tracker. `moved` is when
    it came into that status, None where it was created in it. `owner` and authors are display names.
    """

    name: str
    home: Home
    place: str
    type: Literal["Epic", "Feature", "Task"]
    title: str
    status: str
    created: datetime
    moved: datetime | None = None
    parent: str | None = None
    owner: str | None = None
    labels: tuple[str, ...] = ()
    description: str = ""
    interval: str | None = None
    fields: Mapping[str, FieldContent] = field(default_factory=dict)
    comments: tuple[PlannedComment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDependency:
    """`blocker` holds up `blocked`, both by name, since the link was made at `made`."""

    blocker: str
    blocked: str
    made: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The whole sample. `roles` name the items that the story is about."""

    timeline: Timeline
    items: tuple[PlannedItem, ...]
    dependencies: tuple[PlannedDependency, ...]
    roles: Mapping[str, str] = field(default_factory=dict)
