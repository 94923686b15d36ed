"""Turns issues as they come over the wire into items, or says why one cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType, structs

from connectors.jira import links, wire
from connectors.jira.easing import leniently
from connectors.jira.fields import Fields
from connectors.jira.form import LARGEST_ISSUE, IssueForm
from connectors.jira.render import plain_text
from lpm_sync.core.work_item import BrokenItem, Edge, OwnComment, Progress, Ref, SourceItem

_NO_LINKS: tuple[frozenset[Edge], frozenset[Ref]] = (frozenset(), frozenset())
_NAME = msgspec.json.Decoder(wire.IssueName)
_STAMPED = msgspec.json.Decoder(wire.StampedIssue)
PROGRESS = {"new": Progress.TODO, "indeterminate": Progress.DOING, "done": Progress.DONE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What an issue is read with: `ours` are all identities of our account, today's and previous ones."""

    tracker: str
    site_url: str
    fields: Fields
    phrases: tuple[str, ...]
    ours: frozenset[str]
    form: IssueForm
    keys: Mapping[str, str] = field(default_factory=dict)  # ids by key, of issues that were seen
    called: str = ""  # what people call our account

    def ref(self, identifier: str) -> Ref:
        """The item with that numeric id."""
        return Ref(self.tracker, identifier)

    def id_of(self, other: wire.OtherIssue) -> str | None:
        """The id of an issue as another one names it; None where only a key is told, of an issue that was not seen."""
        return other.id or self.keys.get(other.key or "")

    def is_ours(self, account: wire.Account | UnsetType | None) -> bool:
        """Whether that is our account; only where nothing else is told of one, what it is called has to do."""
        if account is None or account is UNSET:
            return False
        ours = self.ours
        if account.account_id in ours or account.name in ours or account.key in ours:
            return True
        return bool(self.called) and account.shown is None and account.display_name == self.called


LOOK = "look at it in the tracker, and at what the account may see of it"


class Stamp(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where an issue stood when a search brought it, and when it was changed last: as it came, and as an instant."""

    project: str
    updated: str
    time: datetime


def read_issue(raw: msgspec.Raw, context: Context) -> wire.Issue | BrokenItem:
    """Decodes one issue; one that does not fit is set aside under its id.

    Raises ValueError where not even its id can be read: then nobody could say which item is missing.
    """
    if len(raw) > LARGEST_ISSUE:
        return _broken(raw, context, f"it is larger than {LARGEST_ISSUE // 1024 // 1024} MB")
    try:
        return leniently(context.form.decoder.decode, raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _broken(raw, context, f"cannot be read: {error}; {LOOK}")


def type_name(issue: wire.Issue | msgspec.Raw) -> str | None:
    """The type of an issue that may be unreadable otherwise."""
    try:
        if isinstance(issue, wire.Issue):
            return issue.fields.issuetype.name
        return msgspec.json.decode(issue, type=wire.TypedIssue).fields.issuetype.name
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def stamp_of(issue: wire.Issue | msgspec.Raw) -> Stamp | None:
    """When the issue was changed, also where the rest of it cannot be read; None where not even that can be."""
    try:
        if isinstance(issue, wire.Issue):
            return _stamp(issue.fields)
        return _stamp(leniently(_STAMPED.decode, issue).fields)
    except (ValueError, RecursionError):
        return None


def to_item(issue: wire.Issue, context: Context) -> SourceItem | BrokenItem:
    """The item, with the comments that are embedded in it; a parent that is named by key is still missing."""
    try:
        return _item(issue, context)
    except (ValueError, RecursionError) as error:
        project = issue.fields.project.key
        return BrokenItem(
            ref=context.ref(issue.id), key=issue.key, project=project, reason=f"cannot be read: {error}; {LOOK}"
        )


def _stamp(fields: wire.SystemFields | wire.StampFields) -> Stamp:
    return Stamp(project=fields.project.key, updated=fields.updated, time=instant(fields.updated))


def _item(issue: wire.Issue, context: Context) -> SourceItem:
    fields, here = issue.fields, context.ref(issue.id)
    edges, linked = _links(fields.issuelinks, here, context) if fields.issuelinks else _NO_LINKS
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
        parent=context.ref(fields.parent.id) if fields.parent and fields.parent.id else None,
        labels=frozenset(fields.labels or ()),
        owner=fields.assignee.shown if fields.assignee else None,
        components=tuple([component.name for component in fields.components or ()]),
        description=plain_text(fields.description),
        fields=context.form.values(fields),
        edges=edges,
        linked=linked,
        foreign_links=context.form.references(fields),
        own_comments=own_comments(fields.comment.comments, context) if fields.comment else (),
        is_ours=context.is_ours(fields.creator),
    )


def unknown_keys(issue: wire.Issue, context: Context) -> frozenset[str]:
    """The keys of issues at the other ends of its links that are named by nothing else, and were not seen."""
    ends = [link.outward_issue or link.inward_issue for link in issue.fields.issuelinks or ()]
    return frozenset(end.key for end in ends if end is not None and end.key and context.id_of(end) is None)


def with_links(item: SourceItem, issue: wire.Issue, context: Context) -> SourceItem:
    """The item with all its links, now that the keys are known that it names."""
    edges, linked = _links(issue.fields.issuelinks or (), item.ref, context)
    return structs.replace(item, edges=edges, linked=linked)


def own_comments(comments: Iterable[wire.Comment], context: Context) -> tuple[OwnComment, ...]:
    """The comments of our account, oldest first. Raises ValueError where one cannot be read."""
    ours = [comment for comment in comments if context.is_ours(comment.author)]
    if not ours:
        return ()
    ours.sort(key=lambda comment: (instant(comment.created), comment.id.zfill(20)))
    return tuple(
        OwnComment(id=comment.id, text=_text_of(comment), updated=instant(comment.updated)) for comment in ours
    )


def _text_of(comment: wire.Comment) -> str:
    try:
        return plain_text(msgspec.json.decode(comment.body))
    except msgspec.DecodeError as error:
        raise ValueError(f"comment {comment.id}: {error}") from None


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
        if (identifier := context.id_of(end)) is None:
            continue
        other = context.ref(identifier)
        found = links.edge(link, here, other, context.phrases)
        if found is None:
            linked.add(other)
        else:
            edges.add(found)
    return frozenset(edges), frozenset(linked)


def _broken(raw: msgspec.Raw, context: Context, reason: str) -> BrokenItem:
    try:
        name = leniently(_NAME.decode, raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ValueError("an issue without id and key") from None
    return BrokenItem(ref=context.ref(name.id), key=name.key, project=name.key.rpartition("-")[0], reason=reason)
