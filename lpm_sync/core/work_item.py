"""Items of a tracker: as a connector hands them over, and as the portfolio's words describe them.

They are structs of msgspec rather than dataclasses, since a cycle makes and compares hundreds of thousands of them. One
with other fields is made by `msgspec.structs.replace`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct, field, structs
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

FieldValue = str | Decimal | tuple[str, ...]
"""A configured field on the way in: text and options as `str` (dates as ISO 8601), numbers as `Decimal`, lists as a
tuple of texts. An empty field is absent, never `None`."""


class Level(StrEnum):
    """Where an item stands in the portfolio's hierarchy."""

    PORTFOLIO_EPIC = "portfolio-epic"
    FEATURE = "feature"
    STORY = "story"


class Stage(StrEnum):
    """The portfolio Kanban (SAFe: Portfolio Kanban), in its order."""

    FUNNEL = "funnel"
    REVIEWING = "reviewing"
    ANALYZING = "analyzing"
    READY = "ready"
    IMPLEMENTING_MVP = "implementing-mvp"
    IMPLEMENTING_PERSEVERE = "implementing-persevere"
    DONE = "done"


class Progress(StrEnum):
    """The three states that every tracker knows."""

    TODO = "todo"
    DOING = "doing"
    DONE = "done"


_DONE = Progress.DONE  # to read a member off its enumeration takes ten times as long, and this is asked for every item


class Horizon(StrEnum):
    """Investment horizons (SAFe: Lean Budget Guardrails): five values in four horizons."""

    EVALUATING = "evaluating"
    EMERGING = "emerging"
    INVESTING = "investing"
    EXTRACTING = "extracting"
    RETIRING = "retiring"


UNCATEGORISED = "uncategorised"
"""The work category of an item that names none, or one that the portfolio does not know."""


class Ref(Struct, frozen=True, order=True, gc=False):
    """Identity of an item: the configured name of its tracker and its immutable id there (never the key)."""

    tracker: str
    id: str

    def __str__(self) -> str:
        return f"{self.tracker}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Ref:
        """Reads `tracker:id`; raises ValueError on anything else."""
        tracker, colon, identifier = text.partition(":")
        if not (tracker and colon and identifier):
            raise ValueError(f"not an item: {text!r}; write tracker:key, for example jira:PAY-12")
        return cls(tracker, identifier)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """How a plan holds it: an object of the two texts."""
        text = core_schema.typed_dict_field(core_schema.str_schema())
        return core_schema.no_info_after_validator_function(
            lambda texts: cls(**texts),
            core_schema.typed_dict_schema(dict.fromkeys(cls.__struct_fields__, text)),
            serialization=core_schema.plain_serializer_function_ser_schema(structs.asdict),
        )


class OwnComment(Struct, frozen=True, kw_only=True, gc=False):
    """A comment whose author is our account (today's or a previous one), as plain text."""

    id: str
    text: str
    updated: datetime


class Edge(Struct, frozen=True, order=True, gc=False):
    """`blocker` must be done before `blocked` can be."""

    blocker: Ref
    blocked: Ref


class Direction(StrEnum):
    """Which end of a foreign link the item holds that carries it."""

    BLOCKED_BY = "blocked-by"
    BLOCKS = "blocks"


class ForeignLink(Struct, frozen=True, kw_only=True, gc=False):
    """An address outside the item's own tracker that the item names as a dependency."""

    url: str
    direction: Direction


class SourceItem(Struct, frozen=True, kw_only=True, gc=False):
    """An item as its tracker tells it, before any word of the portfolio is laid on it.

    `progress` is the tracker's own status category, None where it has none that we know. `parent` may lie outside the
    scope. `edges` are the dependencies inside the tracker, from either end. `linked` are the ends of all other
    native links (any type). `foreign_links` lead out of the tracker.
    `fields` are keyed by the names of `trackers.yaml`. `own_comments` are ours alone, oldest first.
    """

    ref: Ref
    key: str
    url: str
    project: str
    type: str
    title: str
    status: str
    progress: Progress | None
    created: datetime
    updated: datetime
    parent: Ref | None = None
    labels: frozenset[str] = frozenset()
    owner: str | None = None
    area_path: str | None = None
    iteration_path: str | None = None
    components: tuple[str, ...] = ()
    description: str = ""
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    edges: frozenset[Edge] = frozenset()
    linked: frozenset[Ref] = frozenset()
    foreign_links: tuple[ForeignLink, ...] = ()
    own_comments: tuple[OwnComment, ...] = ()
    is_ours: bool = False  # created by our account

    @property
    def neighbours(self) -> frozenset[Ref]:
        """The items of its tracker that it names: its parent, and the other ends of its links."""
        ends = frozenset(end for edge in self.edges for end in (edge.blocker, edge.blocked))
        return (ends | self.linked | ({self.parent} if self.parent else frozenset())) - {self.ref}


class BrokenItem(Struct, frozen=True, kw_only=True, gc=False):
    """An item that could not be read; it is set aside with the reason and nothing is concluded from it."""

    ref: Ref
    key: str
    project: str
    reason: str


class WorkItem(Struct, frozen=True, kw_only=True, gc=False):
    """An item in the portfolio's words. `stage` is set on portfolio epics only; money is in its currency."""

    source: SourceItem
    level: Level
    progress: Progress
    stage: Stage | None = None
    team: str | None = None
    horizon: Horizon | None = None
    work_category: str = UNCATEGORISED
    estimate: Decimal | None = None  # effort, in the portfolio's unit (usually points)
    implementation_cost_forecast: Decimal | None = None
    mvp_cost_estimate: Decimal | None = None
    actual_spend: Decimal | None = None
    benefit_realised: Decimal | None = None
    target_date: date | None = None
    needed_by: date | None = None
    planning_interval: str | None = None
    is_stale: bool = False  # from before its source failed or it was in quarantine: read, never acted on

    @property
    def ref(self) -> Ref:
        return self.source.ref

    @property
    def key(self) -> str:
        """The display name with its tracker: `jira:PAY-12`."""
        return f"{self.source.ref.tracker}:{self.source.key}"

    @property
    def title(self) -> str:
        return self.source.title

    @property
    def parent(self) -> Ref | None:
        return self.source.parent

    @property
    def labels(self) -> frozenset[str]:
        return self.source.labels

    @property
    def is_open(self) -> bool:
        return self.progress is not _DONE

    def text(self, name: str) -> str:
        """The configured field `name` as text, stripped; empty when the item does not have it."""
        value = self.source.fields.get(name, "")
        if isinstance(value, str):
            return value.strip()
        return ", ".join(value) if isinstance(value, tuple) else str(value)


def precondition(item: SourceItem) -> str:
    """Hash of everything that a decision about the item can have read: 16 hexadecimal digits.

    Time stamps, the key and the address are left out (a moved item is the same item), and so are links that are no
    dependencies: they decide only whether to add one, and a link that stands already is not made twice.
    """
    read = [
        [item.type, item.title, item.status, item.progress, str(item.parent), item.owner],
        [item.area_path, item.iteration_path, item.description, item.is_ours],
        sorted(item.labels),
        sorted(item.components),
        sorted((name, _plain(value)) for name, value in item.fields.items()),
        sorted(f"{edge.blocker}>{edge.blocked}" for edge in item.edges),
        sorted((link.url, link.direction) for link in item.foreign_links),
        sorted((comment.id, comment.text) for comment in item.own_comments),
    ]
    return hashlib.sha256(json.dumps(read, ensure_ascii=False).encode()).hexdigest()[:16]


def _plain(value: FieldValue) -> str:
    if isinstance(value, tuple):
        return json.dumps(sorted(value), ensure_ascii=False)
    return format((value + 0).normalize(), "f") if isinstance(value, Decimal) else value  # a zero has no sign
