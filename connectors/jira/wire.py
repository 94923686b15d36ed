"""The parts of Jira's answers that we read, named as in Python; msgspec skips the rest.

Those that come by the ten thousand are kept from the garbage collector (`gc=False`): none of them can be in a cycle.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Raw, Struct, UnsetType

_NULL = Raw(b"null")


class ServerInfo(Struct, rename="camel"):
    deployment_type: str | None = None
    server_time: str | None = None


class Account(Struct, rename="camel", gc=False):
    """A person or bot: Cloud knows it by `accountId`, Data Center by `name` and `key`."""

    account_id: str | None = None
    name: str | None = None
    key: str | None = None
    display_name: str | None = None

    @property
    def identities(self) -> frozenset[str]:
        """Every id that the tracker gives the account."""
        return frozenset(filter(None, (self.account_id, self.name, self.key)))

    @property
    def shown(self) -> str | None:
        """The one that configuration names people by."""
        return self.account_id or self.name or self.key


class Myself(Account, rename="camel"):
    """The account that asks; queries read times in its zone."""

    time_zone: str | None = None


class Named(Struct, gc=False):
    name: str


class Keyed(Struct):
    key: str


class Project(Struct, gc=False):
    """A project; its key changes when it is renamed, its id never."""

    id: str
    key: str


class ProjectPage(Struct, rename="camel"):
    """A page of the projects that the account may see (Cloud)."""

    values: list[Project]


class IssueType(Struct, gc=False):
    """A type of issue; several may have the same name."""

    id: str
    name: str


class Status(Struct, rename="camel", gc=False):
    name: str
    status_category: Keyed | None = None


class Identified(Struct, gc=False):
    id: str


class IssueName(Struct, gc=False):
    """An issue by its names."""

    id: str
    key: str


class OtherIssue(Struct, gc=False):
    """An issue as others name it: by both as a rule."""

    id: str | None = None
    key: str | None = None


USUAL_PHRASES = {
    "blocks": ("is blocked by", "blocks"),
    "cloners": ("is cloned by", "clones"),
    "duplicate": ("is duplicated by", "duplicates"),
    "relates": ("relates to", "relates to"),
}
"""How the types of links read that every Jira begins with, inward and outward, by their folded names."""


class LinkType(Struct, gc=False):
    """A kind of link: its outward phrase is read from `inwardIssue` to `outwardIssue`.

    One that comes with its name alone reads as Jira's own of that name, or does not say how it reads.
    """

    inward: str = ""
    outward: str = ""
    id: str = ""
    name: str = ""

    def __post_init__(self) -> None:
        if not (self.inward and self.outward) and (usual := USUAL_PHRASES.get(self.name.casefold())) is not None:
            self.inward, self.outward = self.inward or usual[0], self.outward or usual[1]


class IssueLink(Struct, rename="camel", gc=False):
    """A link on one of its issues; only the other end is there."""

    type: LinkType
    inward_issue: OtherIssue | None = None
    outward_issue: OtherIssue | None = None


class Comment(Struct, gc=False):
    id: str
    created: str
    updated: str
    author: Account | None = None
    body: Raw = _NULL  # a document in version 3, text in version 2; read of our own comments only


class Comments(Struct, gc=False):
    """A page of comments."""

    comments: list[Comment]
    total: int | None = None


class EmbeddedComments(Struct, gc=False):
    """The first comments, embedded in an issue."""

    comments: list[Comment] = []
    total: int | None = None

    @property
    def are_some(self) -> bool:
        """Whether there may be more than these."""
        return self.total is None or self.total > len(self.comments)


class SystemFields(Struct, kw_only=True, gc=False):
    """The fields of an issue that every Jira has; the configured ones are added by `issue_type`."""

    summary: str
    issuetype: Named
    project: Keyed
    status: Status
    created: str
    updated: str
    description: Any = None
    labels: list[str] | None = None
    assignee: Account | None = None
    creator: Account | UnsetType | None = UNSET
    parent: OtherIssue | None = None
    issuelinks: list[IssueLink] | None = None
    components: list[Named] | None = None
    comment: EmbeddedComments | None = None


class Issue(Struct, gc=False):
    """An issue; `fields` is a `SystemFields` that also has the configured fields, under their ids."""

    id: str
    key: str
    fields: SystemFields


class StampFields(Struct):
    project: Keyed
    updated: str


class StampedIssue(Struct):
    """When an issue was changed last, also where the rest of it cannot be read."""

    id: str
    fields: StampFields


class PlacedFields(Struct):
    project: Project


class PlacedIssue(Struct):
    """In which project an issue is."""

    fields: PlacedFields


class TypeFields(Struct):
    issuetype: Named


class TypedIssue(Struct):
    """Only the type of an issue, for those whose other fields do not matter or cannot be read."""

    fields: TypeFields


class EscalationFields(Struct):
    status: Status
    labels: list[str] | None = None
    creator: Account | UnsetType | None = UNSET


class Escalation(Struct):
    """What tells whether an issue is an open escalation of ours."""

    id: str
    fields: EscalationFields


class TokenPage(Struct, rename="camel"):
    """A page of Cloud's search; the token is absent on the last one."""

    issues: list[Raw]
    next_page_token: str | None = None
    is_last: bool | None = None


class FetchedIssues(Struct):
    """Issues of any answer, or that were asked for by their ids (Cloud); what is hidden or gone is silently missing."""

    issues: list[Raw]


class CountedPage(Struct, rename="camel"):
    """A page of Data Center's search; a server may not say how many there are."""

    issues: list[Raw]
    total: int | None = None


class Count(Struct):
    count: int


class FieldSchema(Struct):
    type: str = "any"
    items: str | None = None
    custom: str | None = None


class Field(Struct):
    """A definition of a field. Names are localised and not unique."""

    id: str
    name: str
    schema: FieldSchema | None = None


class LinkTypes(Struct, rename="camel"):
    issue_link_types: list[LinkType]


class RemoteObject(Struct):
    url: str


class RemoteLink(Struct, rename="camel"):
    id: int | str
    object: RemoteObject
    global_id: str | None = None
    relationship: str | None = None


class NumberedLink(Struct):
    """The answer to writing a remote link."""

    id: int | str


class Choice(Struct):
    """One of the values that a field takes."""

    id: str | None = None


class ScreenField(Struct, rename="camel"):
    """A field on the screen of a transition."""

    required: bool = False
    has_default_value: bool = False
    name: str = ""
    allowed_values: list[Choice] | None = None


class Transition(Struct):
    """A way out of a status; what stands among its `fields` and is none is passed over."""

    id: str
    to: Named
    fields: dict[str, ScreenField | list[Any] | str | float | bool | None] | None = None

    @property
    def needed(self) -> dict[str, ScreenField]:
        """The fields without which it is refused."""
        fields = {key: field for key, field in (self.fields or {}).items() if isinstance(field, ScreenField)}
        return {key: field for key, field in fields.items() if field.required and not field.has_default_value}


class Transitions(Struct):
    transitions: list[Transition]


class Permission(Struct, rename="camel"):
    have_permission: bool


class Permissions(Struct):
    permissions: dict[str, Permission | None]


class Change(Struct, rename={"field_id": "fieldId", "before": "from", "before_text": "fromString", "text": "toString"}):
    """One changed value. `from` and `to` hold ids or, for links, the key of the other issue."""

    field: str = ""
    field_id: str | None = None
    before: str | None = None
    before_text: str | None = None
    to: str | None = None
    text: str | None = None


class Changes(Struct):
    """What one account changed at one instant: ISO 8601, or milliseconds since 1970."""

    created: str | int
    items: list[Change] = []


class IssueChanges(Struct, rename="camel"):
    issue_id: str
    change_histories: list[Changes] = []


class ChangesPage(Struct, rename="camel"):
    """A page of changelogs of many issues (Cloud)."""

    issue_change_logs: list[IssueChanges]
    next_page_token: str | None = None


class ChangesOfIssue(Struct):
    """A page of the changelog of one issue (Cloud)."""

    values: list[Changes]
    total: int | None = None


class EmbeddedChanges(Struct):
    histories: list[Changes] = []


class IssueWithChanges(Struct):
    """An issue with its changelog in it (Data Center)."""

    id: str
    changelog: EmbeddedChanges | None = None
