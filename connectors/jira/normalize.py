"""Turns issues as they come over the wire into items, or says why one cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from connectors.jira import links, wire
from connectors.jira.field_values import read_references, read_value
from connectors.jira.fields import Fields
from connectors.jira.render import plain_text
from lpm_sync.core.work_item import (
    BrokenItem,
    Direction,
    Edge,
    FieldValue,
    ForeignLink,
    OwnComment,
    Progress,
    Ref,
    SourceItem,
)

LARGEST_ISSUE = 2 * 1024 * 1024  # bytes; texts are limited to 32,767 characters, so a whole one is far smaller
SYSTEM_FIELDS = tuple(field.name for field in msgspec.structs.fields(wire.SystemFields))
PROGRESS = {"new": Progress.TODO, "indeterminate": Progress.DOING, "done": Progress.DONE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What an issue is read with: `ours` are all identities of our account, today's and previous ones."""

    tracker: str
    site_url: str
    fields: Fields
    phrases: tuple[str, ...]
    ours: frozenset[str]
    decoder: msgspec.json.Decoder[wire.Issue]

    def ref(self, identifier: str) -> Ref:
        """The item with that numeric id."""
        return Ref(self.tracker, identifier)

    def is_ours(self, account: wire.Account | None) -> bool:
        """Whether that is our account."""
        return account is not None and not self.ours.isdisjoint(account.identities)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueReading:
    """An issue that could be read: as it came, and what is not decided by itself alone.

    `parent_key` is set where the parent is named by key (Data Center). `has_more_comments`: those that are embedded are
    not all.
    """

    issue: wire.Issue
    parent_key: str | None

    @property
    def has_more_comments(self) -> bool:
        comments = self.issue.fields.comment
        return comments is not None and (comments.total is None or comments.total > len(comments.comments))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Where an issue stood when a search brought it, and when it was changed last: as it came, and as an instant."""

    project: str
    updated: str
    time: datetime


def issue_decoder(fields: Fields) -> msgspec.json.Decoder[wire.Issue]:
    """A decoder for issues that have these fields beside the system's; fractions come as `Decimal`."""
    extra = [(name, Any, None) for name in fields.wanted if name not in SYSTEM_FIELDS]
    all_fields = msgspec.defstruct("AllFields", extra, bases=(wire.SystemFields,), kw_only=True)
    shape = msgspec.defstruct("IssueWithFields", [("fields", all_fields)], bases=(wire.Issue,), kw_only=True)
    return msgspec.json.Decoder(shape, float_hook=Decimal)


def read_issue(raw: msgspec.Raw, context: Context) -> IssueReading | BrokenItem:
    """Decodes one issue; one that does not fit is set aside under its id.

    Raises ValueError where not even its id can be read: then nobody could say which item is missing.
    """
    if len(raw) > LARGEST_ISSUE:
        return _broken(raw, context, f"it is larger than {LARGEST_ISSUE // 1024 // 1024} MB")
    try:
        issue = context.decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _broken(raw, context, str(error))
    return IssueReading(issue=issue, parent_key=_parent_key(issue, context.fields))


def type_name(raw: msgspec.Raw) -> str | None:
    """The type of an issue that may be unreadable otherwise."""
    try:
        return msgspec.json.decode(raw, type=wire.TypedIssue).fields.issuetype.name
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def stamp_of(reading: IssueReading | BrokenItem, raw: msgspec.Raw) -> Stamp | None:
    """When the issue was changed, also where the rest of it cannot be read; None where not even that can be."""
    try:
        fields = (
            reading.issue.fields
            if isinstance(reading, IssueReading)
            else msgspec.json.decode(raw, type=wire.StampedIssue).fields
        )
        return Stamp(project=fields.project.key, updated=fields.updated, time=instant(fields.updated))
    except (ValueError, RecursionError):
        return None


def to_item(
    reading: IssueReading,
    context: Context,
    *,
    comments: Iterable[wire.Comment],
    remote_links: Iterable[ForeignLink] = (),
    parent: Ref | None = None,
) -> SourceItem | BrokenItem:
    """The item, with all its comments, its remote links, and the parent where that was named by key."""
    try:
        return _item(reading.issue, context, tuple(comments), tuple(remote_links), parent)
    except (ValueError, RecursionError) as error:
        project = reading.issue.fields.project.key
        return BrokenItem(
            ref=context.ref(reading.issue.id), key=reading.issue.key, project=project, reason=f"cannot be read: {error}"
        )


def _item(
    issue: wire.Issue,
    context: Context,
    comments: tuple[wire.Comment, ...],
    remote_links: tuple[ForeignLink, ...],
    parent: Ref | None,
) -> SourceItem:
    fields, here = issue.fields, context.ref(issue.id)
    edges, linked = _links(fields.issuelinks or (), here, context)
    return SourceItem(
        ref=here,
        key=issue.key,
        url=f"{context.site_url}/browse/{issue.key}",
        project=fields.project.key,
        type=fields.issuetype.name,
        title=fields.summary,
        status=fields.status.name,
        progress=progress_of(fields.status),
        created=instant(fields.created),
        updated=instant(fields.updated),
        parent=context.ref(fields.parent.id) if fields.parent else parent,
        labels=frozenset(fields.labels or ()),
        owner=fields.assignee.shown if fields.assignee else None,
        components=tuple(component.name for component in fields.components or ()),
        description=plain_text(fields.description),
        fields=_configured(fields, context.fields),
        edges=edges,
        linked=linked,
        foreign_links=(*remote_links, *_references(fields, context.fields)),
        own_comments=own_comments(comments, context),
        is_ours=context.is_ours(fields.creator),
    )


def own_comments(comments: Iterable[wire.Comment], context: Context) -> tuple[OwnComment, ...]:
    """The comments of our account, oldest first. Raises ValueError where one cannot be read."""
    ours = [comment for comment in comments if context.is_ours(comment.author)]
    ours.sort(key=lambda comment: (instant(comment.created), comment.id.zfill(20)))
    return tuple(
        OwnComment(id=comment.id, text=plain_text(comment.body), updated=instant(comment.updated)) for comment in ours
    )


def progress_of(status: wire.Status) -> Progress | None:
    """By the status category, whose key is never translated; None for one that we do not know."""
    return PROGRESS.get(status.status_category.key) if status.status_category else None


def instant(text: str) -> datetime:
    """A time such as `2026-11-22T07:49:20.000+0000`. Raises ValueError, also where it has no zone."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"a time without a zone: {text[:40]!r}")
    return found


def _links(
    issue_links: Iterable[wire.IssueLink], here: Ref, context: Context
) -> tuple[frozenset[Edge], frozenset[Ref]]:
    """The dependencies, and the other ends of all other links."""
    edges: set[Edge] = set()
    linked: set[Ref] = set()
    for link in issue_links:
        end = link.outward_issue or link.inward_issue
        if end is None:
            continue  # its other end is hidden from the account
        other = context.ref(end.id)
        found = links.edge(link, here, other, context.phrases)
        if found is None:
            linked.add(other)
        else:
            edges.add(found)
    return frozenset(edges), frozenset(linked)


def _configured(fields: wire.SystemFields, known: Fields) -> Mapping[str, FieldValue]:
    values = {name: read_value(field, _value(fields, field.id)) for name, field in known.configured.items()}
    return {name: value for name, value in values.items() if value is not None}


def _references(fields: wire.SystemFields, known: Fields) -> list[ForeignLink]:
    return [
        ForeignLink(url=address, direction=Direction(direction))
        for field_id, direction in known.references.items()
        for address in read_references(_value(fields, field_id))
    ]


def _value(fields: wire.SystemFields, field_id: str) -> Any:
    """A field by its id; those that have a struct of their own come as plain values again."""
    return msgspec.to_builtins(getattr(fields, field_id, None), builtin_types=(Decimal,))


def _parent_key(issue: wire.Issue, fields: Fields) -> str | None:
    """Data Center names parents by key, in one of two fields: `trackers.md`, Hierarchy and fields."""
    for field_id in fields.parents:
        value = getattr(issue.fields, field_id, None)
        if isinstance(value, dict):  # newer versions wrap it
            value = value.get("key") or (value.get("data") or {}).get("key")
        if isinstance(value, str) and value:
            return value
    return None


def _broken(raw: msgspec.Raw, context: Context, reason: str) -> BrokenItem:
    try:
        name = msgspec.json.decode(raw, type=wire.IssueName)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ValueError("an issue without id and key") from None
    return BrokenItem(ref=context.ref(name.id), key=name.key, project=name.key.rpartition("-")[0], reason=reason)
