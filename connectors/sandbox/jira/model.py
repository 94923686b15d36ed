"""What an embedded Jira keeps: accounts, definitions, issues and all that hangs on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

Deployment = Literal["Cloud", "Server"]
Json = dict[str, Any]

EPIC_LINK = "com.pyxis.greenhopper.jira:gh-epic-link"
EPIC_NAME = "com.pyxis.greenhopper.jira:gh-epic-label"
PARENT_LINK = "com.atlassian.jpo:jpo-custom-field-parent"
TEXT_AREA = "com.atlassian.jira.plugin.system.customfieldtypes:textarea"


@dataclass(slots=True, eq=False)
class Account:
    """A person or a bot. Cloud tells them apart by `account_id`, Data Center by `name` and `key`.

    An account with a `token` may sign in: with e-mail and token on Cloud, with the token alone on Data Center.
    """

    display_name: str
    account_id: str = ""
    name: str = ""
    key: str = ""
    email: str = ""
    token: str = field(default="", repr=False)
    time_zone: str = "UTC"
    active: bool = True
    is_admin: bool = False
    account_type: str = "atlassian"


@dataclass(slots=True, eq=False)
class Project:
    """A project; `last_number` is the number of its newest issue key. One that a team manages is simplified (Cloud)."""

    id: str
    key: str
    name: str
    type_key: str = "software"
    last_number: int = 0
    is_simplified: bool = False


@dataclass(slots=True, eq=False)
class IssueType:
    """A kind of issue: level 1 is an epic, 0 a story or feature, -1 a sub-task, 2 and more stand above epics."""

    id: str
    name: str
    level: int = 0
    description: str = ""


@dataclass(slots=True, frozen=True)
class StatusCategory:
    """One of the fixed groups of statuses; clients decide by its `key`, which is never translated."""

    id: int
    key: str
    name: str
    colour: str


@dataclass(slots=True, eq=False)
class Status:
    """A status with its category."""

    id: str
    name: str
    category: StatusCategory
    description: str = ""


@dataclass(slots=True, eq=False)
class Field:
    """A system or custom field. `custom` is its `schema.custom`; names are not unique."""

    id: str
    name: str
    kind: str = "string"
    custom: str = ""
    items: str = ""
    on_create_screen: bool = True
    on_edit_screen: bool = True
    is_navigable: bool = True

    @property
    def is_rich_text(self) -> bool:
        """Whether version 3 of the interface carries it as an Atlassian document."""
        return self.id in ("description", "environment") or self.custom == TEXT_AREA


@dataclass(slots=True, eq=False)
class LinkType:
    """A kind of link with its two phrases, both of which may be translated."""

    id: str
    name: str
    inward: str
    outward: str


@dataclass(slots=True, frozen=True)
class Body:
    """Rich text as it was given: wiki text through version 2, a document through version 3."""

    text: str | None = None
    document: Json | None = None


@dataclass(slots=True, eq=False)
class Comment:
    """One comment of an issue with its hidden properties."""

    id: str
    author: Account | None
    body: Body
    created: datetime
    updated: datetime
    update_author: Account | None
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, frozen=True)
class ChangeItem:
    """One changed value in the changelog."""

    field: str
    field_type: str = "jira"
    field_id: str | None = None
    old: str | None = None
    old_text: str | None = None
    new: str | None = None
    new_text: str | None = None


@dataclass(slots=True, eq=False)
class History:
    """What one account changed at one instant."""

    id: str
    author: Account | None
    created: datetime
    items: list[ChangeItem]


@dataclass(slots=True, eq=False)
class Link:
    """`inward_id` blocks `outward_id` when the type is Blocks: the first does what the outward phrase says."""

    id: str
    type: LinkType
    inward_id: str
    outward_id: str


@dataclass(slots=True, eq=False)
class RemoteLink:
    """A link from an issue to an address elsewhere; `global_id` makes writing it repeatable."""

    id: int
    global_id: str | None
    object: Json
    application: Json
    relationship: str | None = None


@dataclass(slots=True, eq=False)
class Issue:
    """One issue. `id` never changes, `key` does when the issue moves to another project."""

    id: str
    key: str
    project: Project
    type: IssueType
    summary: str
    status: Status
    created: datetime
    updated: datetime
    category_changed: datetime
    creator: Account | None = None
    reporter: Account | None = None
    assignee: Account | None = None
    parent_id: str | None = None
    description: Body | None = None
    labels: list[str] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)
    comments: list[Comment] = field(default_factory=list)
    histories: list[History] = field(default_factory=list)
    properties: dict[str, Any] = field(default_factory=dict)
    remote_links: list[RemoteLink] = field(default_factory=list)
    is_hidden: bool = False


@dataclass(slots=True)
class Behaviour:
    """How this Jira treats its clients; each setting is something that real ones were seen to do."""

    index_lag: timedelta = timedelta(0)
    shows_indexed: bool = False  # whether search also shows issues as they are indexed, not only finds them so
    page_cap: int = 100
    id_page_cap: int = 5000
    server_page_cap: int = 1000
    list_page_cap: int = 1_048_576  # of what is listed in pages by `startAt`, where the cap of its kind is higher
    short_pages: bool = False
    empty_pages: int = 0
    repeat_token: bool = False
    embedded_comments: int = 20
    refuse_bad_credentials: bool = False
    refuse_hidden_projects: bool = False
    times_in_profile_zone: bool = False
    comment_properties: bool = True
    comments_in_edits: bool = True  # else they are passed over, without a word
    asks_for_resolution: bool = False


@dataclass(slots=True)
class Limits:
    """Budgets. None is unlimited; times are measured on the shared clock."""

    issue_writes: int | None = None
    issue_window: timedelta = timedelta(seconds=2)
    endpoint_requests: int | None = None
    endpoint_window: timedelta = timedelta(seconds=1)
    retry_after: str = "2"
    comments_per_issue: int = 5000
    links_per_issue: int = 2000
