"""What the REST API answers, as far as it is read: each struct names only the fields that we need.

Those that come by the ten thousand are kept from the garbage collector (`gc=False`): none of them can be in a cycle.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Generic, TypeVar

from msgspec import UNSET, Meta, Raw, Struct, UnsetType, field

Instant = Annotated[datetime, Meta(tz=True)]
LONGEST_TEXT = 1_000_000  # characters: the most that a text field holds is below it


class Identity(Struct, frozen=True, gc=False, rename="camel"):
    """A person or an account; `id` is the same in items, in comments and in connectionData."""

    id: str | None = None
    unique_name: str | None = None
    descriptor: str | None = None
    display_name: str | None = None

    @property
    def names(self) -> frozenset[str]:
        """Everything that only it is called by, folded; a display name anyone can choose."""
        return frozenset(name.casefold() for name in (self.id, self.unique_name, self.descriptor) if name)


class AccountName(Struct, frozen=True):
    value: str = field(name="$value", default="")


class AccountProperties(Struct, frozen=True):
    account: AccountName = field(name="Account", default_factory=AccountName)


class AuthenticatedUser(Struct, frozen=True, rename="camel"):
    id: str
    subject_descriptor: str | None = None
    provider_display_name: str | None = None
    custom_display_name: str | None = None
    properties: AccountProperties | None = None

    @property
    def unique_name(self) -> str | None:
        return self.properties.account.value if self.properties else None


class ConnectionData(Struct, frozen=True, rename="camel"):
    authenticated_user: AuthenticatedUser


class FieldDefinition(Struct, frozen=True, rename="camel"):
    name: str
    reference_name: str
    type: str


class FieldList(Struct, frozen=True):
    value: list[FieldDefinition]


class State(Struct, frozen=True):
    name: str
    category: str | None = None


class StateList(Struct, frozen=True):
    value: list[State]


class WorkItemType(Struct, frozen=True):
    name: str
    states: list[State] = []


class WorkItemTypeList(Struct, frozen=True):
    value: list[WorkItemType]


class Project(Struct, frozen=True):
    name: str


class ProjectList(Struct, frozen=True):
    value: list[Project]


class Found(Struct, frozen=True, gc=False):
    id: int


class QueryResult(Struct, frozen=True, rename="camel"):
    work_items: list[Found]
    as_of: Instant | None = None


class Numbered(Struct, frozen=True):
    """What must be readable of an item so that it can be named."""

    id: int


class RelationAttributes(Struct, frozen=True, gc=False):
    comment: str | None = None


class Relation(Struct, frozen=True, gc=False):
    rel: str
    url: str
    attributes: RelationAttributes | None = None


class SystemFields(Struct, frozen=True, gc=False):
    """The fields that every item has, or may have, whatever its type."""

    title: str = field(name="System.Title")
    type: str = field(name="System.WorkItemType")
    project: str = field(name="System.TeamProject")
    state: str = field(name="System.State")
    created: Instant = field(name="System.CreatedDate")
    changed: Instant = field(name="System.ChangedDate")
    created_by: Identity | None = field(name="System.CreatedBy", default=None)
    assigned_to: Identity | None = field(name="System.AssignedTo", default=None)
    tags: str | None = field(name="System.Tags", default=None)
    area_path: str | None = field(name="System.AreaPath", default=None)
    iteration_path: str | None = field(name="System.IterationPath", default=None)
    description: Annotated[str, Meta(max_length=LONGEST_TEXT)] | None = field(name="System.Description", default=None)
    comment_count: int | None = field(name="System.CommentCount", default=None)  # computed; may not be told
    rev: int | None = field(name="System.Rev", default=None)


Fields = TypeVar("Fields", bound=SystemFields)


class WorkItem(Struct, Generic[Fields], frozen=True, gc=False):
    """An item; `fields` are SystemFields, and beside them those that are configured."""

    id: int
    fields: Fields
    rev: int | None = None
    expanded: list[Relation] | None = field(name="relations", default=None)

    @property
    def revision(self) -> int | None:
        """As it is told: of the item, or only among its fields."""
        return self.fields.rev if self.rev is None else self.rev

    @property
    def relations(self) -> Sequence[Relation]:
        return self.expanded or ()

    @property
    def may_have_comments(self) -> bool:
        """False only where the server counts none: a card of ours that is not seen would be written again."""
        return self.fields.comment_count != 0


class Batch(Struct, Generic[Fields], frozen=True):
    """Items as they were asked for; null stands for one that is not there."""

    value: list[WorkItem[Fields] | None]


class RawBatch(Struct, frozen=True):
    """The same, to decode each item by itself."""

    value: list[Raw]


class WrittenFields(Struct, frozen=True):
    tags: str | None = field(name="System.Tags", default=None)
    state: str | None = field(name="System.State", default=None)


class WrittenItem(Struct, frozen=True):
    """The answer to a patch."""

    id: int
    fields: WrittenFields


class ValidatedItem(Struct, frozen=True):
    """The answer to a patch that only asked whether it would be accepted; a new item has no number then."""

    id: int | None = None


class Comment(Struct, frozen=True, rename="camel"):
    id: int
    created_date: Instant
    created_by: Identity | None = None
    modified_date: Instant | None = None
    text: str | None = None
    format: str | None = None
    is_deleted: bool = False


class CommentList(Struct, frozen=True, rename="camel"):
    comments: list[Comment]
    continuation_token: str | None = None
    next_page: str | None = None


class WrittenComment(Struct, frozen=True):
    id: int
    format: str | None = None  # what it was taken for; servers without formats do not say


class FieldUpdate(Struct, frozen=True, rename="camel"):
    old_value: Raw | UnsetType = UNSET
    new_value: Raw | UnsetType = UNSET


class Update(Struct, frozen=True):
    """What one revision changed, by the reference names of the fields."""

    fields: dict[str, FieldUpdate | None] | None = None


class UpdateList(Struct, frozen=True):
    value: list[Update]


class LinkChange(Struct, frozen=True, gc=False, rename="camel"):
    """Which items were linked or are no longer; an end in another organisation may have no number."""

    source_id: int | None = None
    target_id: int | None = None
    changed_date: Instant | None = None
    is_active: bool | None = None

    @property
    def ends(self) -> frozenset[int]:
        """The items at either end that have a number."""
        return frozenset(end for end in (self.source_id, self.target_id) if end is not None)


class ReportedLink(LinkChange, frozen=True, gc=False, rename="camel"):
    """A link that came or went: told in its `attributes`, or beside `rel` as version 2.2 documents it."""

    attributes: LinkChange | None = None

    def __post_init__(self) -> None:
        """Refuses what names no item: taken for a change of nothing, the change would be lost."""
        if not self.change.ends:
            raise ValueError("the link names neither `sourceId` nor `targetId`")

    @property
    def change(self) -> LinkChange:
        """What is told, wherever it stands; `rel` has no direction, the source is its forward end."""
        return self.attributes if self.attributes is not None and self.attributes.ends else self


class RevisedFields(Struct, frozen=True, gc=False):
    project: str | None = field(name="System.TeamProject", default=None)
    type: str | None = field(name="System.WorkItemType", default=None)
    state: str | None = field(name="System.State", default=None)
    is_deleted: bool | None = field(name="System.IsDeleted", default=None)


class ReportedRevision(Struct, frozen=True, gc=False):
    id: int
    fields: RevisedFields = RevisedFields()


class RevisionBatch(Struct, frozen=True, rename="camel"):
    values: list[ReportedRevision]
    is_last_batch: bool | None = None
    continuation_token: str | int | None = None
    next_link: str | None = None


class LinkBatch(Struct, frozen=True, rename="camel"):
    values: list[ReportedLink]
    is_last_batch: bool | None = None
    continuation_token: str | int | None = None
    next_link: str | None = None
