"""`trackers.yaml`: which trackers there are, what of them is in scope, and how their words are read."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from lpm_sync.core.work_item import Direction, Horizon, Level, Progress, Stage
from lpm_sync.policy.addresses import WebAddress
from lpm_sync.policy.models import Duration, FieldName, Option, Slug, Stanza, Text, within


class ScopeStanza(Stanza):
    """What of the tracker lpm-sync reads and writes; nothing outside is touched."""

    projects: Annotated[tuple[Text, ...], Field(min_length=1)]
    """Keys (Jira) or names (Azure DevOps) of the projects."""
    query: Text | None = None
    """A JQL or WIQL clause that is *and*ed to the projects."""


class LevelStanza(Stanza):
    """Types that stand at a level of the portfolio's hierarchy; the first entry that fits counts."""

    level: Level
    types: Annotated[tuple[Text, ...], Field(min_length=1)]
    """Type names, as the tracker shows them."""
    projects: tuple[Text, ...] = ()
    """Only in these projects; all of the scope where there are none."""


class DependencyLinkStanza(Stanza):
    """A link type that means a dependency."""

    blocks: Text
    """The phrase read from the blocker to what it blocks."""


class WriteBudgetStanza(Stanza):
    """How many changes lpm-sync may make; what is over it waits for a later cycle, an item with all its changes.

    A label set or removed, a card, a link, a status and an escalation epic are a change each.
    """

    item_a_day: Annotated[int, Field(ge=1, le=1000)] = 48
    """On one item in 24 hours: what ends an echo with another automation before the item's history is full."""
    cycle: Annotated[int, Field(ge=1, le=100_000)] = 2000
    """In one cycle."""
    hour: Annotated[int, Field(ge=1, le=100_000)] = 5000
    """In 60 minutes."""


class TrackerStanza(Stanza):
    """One tracker. Its key in the mapping is the first half of its items' names: `jira:PAY-12`."""

    connector: Text
    """The connector that speaks to it: `jira`, `azure-devops`, or another installed one."""
    url: WebAddress
    """Where its API is reached."""
    site_url: WebAddress | None = None
    """Where people open it, when that is another address."""
    credential: Text | None = None
    """The kind of its credential, where the secrets that are set do not tell: `managed-identity`, for example."""
    scope: ScopeStanza
    levels: Annotated[tuple[LevelStanza, ...], Field(min_length=1)]
    """Which types stand at which level. Types that no level names are counted and ignored."""
    stages: dict[Level, dict[Text, Stage]] = Field(default_factory=dict)
    """Statuses of portfolio epics and their stage of the portfolio Kanban. Other statuses put an item in quarantine."""
    progress: dict[Level, dict[Text, Progress]] = Field(default_factory=dict)
    """Statuses whose progress is another than the tracker's own category says, by level."""
    dependency_links: Annotated[tuple[DependencyLinkStanza, ...], Field(min_length=1)] = (
        DependencyLinkStanza(blocks="blocks"),
    )
    """The link types that mean a dependency, by phrase."""
    fields: dict[FieldName, Text] = Field(default_factory=dict)
    """Our field names and the tracker's: a name, an id or a reference name. What none is mapped to is unknown."""
    reference_fields: dict[Direction, Text] = Field(default_factory=dict)
    """Fields that hold the address of an item in another tracker, by what it is to the item."""
    horizons: dict[Text, Horizon] = Field(default_factory=dict)
    """The tracker's words for investment horizons; the horizons' own names are understood anyway."""
    work_categories: dict[Text, FieldName] = Field(default_factory=dict)
    """The tracker's words for work categories; the categories' own names are understood anyway."""
    team_field: Text = "team"
    """Where an item's team stands: one of `fields`, `component`, or `area_path` (its last part)."""
    reads_remote_links: bool = False
    """Whether remote links are read as dependencies across trackers; costs a request an item."""
    previous_accounts: tuple[Text, ...] = ()
    """Accounts that wrote our cards in the past."""
    options: dict[FieldName, Option] = Field(default_factory=dict)
    """Settings that only this connector knows."""
    requests_at_once: Annotated[int, Field(ge=1, le=64)] = 8
    """How many requests may be under way at a time; fewer are while the tracker is strained."""
    write_budget: WriteBudgetStanza = WriteBudgetStanza()
    """How many changes it takes at most."""
    request_timeout: Annotated[Duration, within(timedelta(seconds=1), timedelta(minutes=10))] = timedelta(seconds=30)
    """The longest that one request may take."""
    cycle_timeout: Annotated[Duration, within(timedelta(seconds=1), timedelta(hours=12))] = timedelta(minutes=10)
    """The longest that one reading of everything may take; no write is begun later than this after the first."""


class TrackersFile(Stanza):
    """The trackers of the portfolio. Owner: the platform engineer."""

    trackers: Annotated[dict[Slug, TrackerStanza], Field(min_length=1)]
    """Each tracker under the name that people will call it by."""
