"""What is kept of an issue: made in the thread that fetched it, so that neither its bytes nor its wire form stay.

Structs, because one is made of every issue, and they take a quarter of the time of a frozen dataclass.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec import Struct

from connectors.jira import wire
from connectors.jira.normalize import Context, Stamp, read_issue, stamp_of, to_item, type_name, unknown_keys
from lpm_sync.core.work_item import BrokenItem, Progress, SourceItem

_DONE = Progress.DONE


class FoundIssue(Struct, frozen=True, kw_only=True, gc=False):
    """An issue that matters. `key` is None where it cannot be read, `stamp` where not even its times can.

    `lacks_comments` and `lacks_remote_links`: those of the item still are to be asked for. `parent_key` names its
    parent (Data Center), `linked_by_key` is the issue itself where it names others by keys that are not known yet.
    """

    id: str
    key: str | None
    stamp: Stamp | None
    item: SourceItem | BrokenItem
    parent_key: str | None = None
    lacks_comments: bool = False
    lacks_remote_links: bool = False
    linked_by_key: wire.Issue | None = None

    @property
    def project(self) -> str:
        """The key of its project."""
        return self.item.project

    @property
    def is_complete(self) -> bool:
        return not (self.lacks_comments or self.lacks_remote_links or self.linked_by_key)


class IgnoredIssue(Struct, frozen=True, kw_only=True, gc=False):
    """An issue of a type that does not matter; otherwise as `FoundIssue`."""

    id: str
    key: str | None
    stamp: Stamp | None
    project: str
    kind: str


class HandedIssue(Struct, frozen=True, kw_only=True, gc=False):
    """An issue that matters and whose item was handed on; `kind` is its type."""

    id: str
    key: str
    stamp: Stamp
    project: str
    kind: str


def found_issue(
    came: wire.Issue | msgspec.Raw, context: Context, *, is_wanted: Callable[[str], bool], reads_remote_links: bool
) -> FoundIssue | IgnoredIssue:
    """What is kept of an issue, decoded or not. Raises ValueError where not even its id can be read."""
    issue = came if isinstance(came, wire.Issue) else read_issue(came, context)
    if isinstance(issue, BrokenItem):
        stamp, kind, project, identifier, key = stamp_of(came), type_name(came), issue.project, issue.ref.id, None
    else:
        stamp, kind, project = stamp_of(issue), issue.fields.issuetype.name, issue.fields.project.key
        identifier, key = issue.id, issue.key
    if kind is not None and not is_wanted(kind):
        return IgnoredIssue(id=identifier, key=key, stamp=stamp, project=project, kind=kind)
    if isinstance(issue, BrokenItem):
        return FoundIssue(id=identifier, key=None, stamp=stamp, item=issue)
    return completable(issue, context, stamp=stamp, reads_remote_links=reads_remote_links)


def completable(
    issue: wire.Issue, context: Context, *, stamp: Stamp | None = None, reads_remote_links: bool
) -> FoundIssue:
    """An issue that could be read, as its item; remote links are read of open ones only, a request each."""
    item = to_item(issue, context)
    is_readable = isinstance(item, SourceItem)
    comments = issue.fields.comment
    return FoundIssue(
        id=issue.id,
        key=issue.key,
        stamp=stamp,
        item=item,
        parent_key=context.form.parent_key(issue.fields),
        lacks_comments=is_readable and (comments is None or comments.are_some),  # else a second card might come of it
        lacks_remote_links=reads_remote_links and isinstance(item, SourceItem) and item.progress is not _DONE,
        linked_by_key=issue if is_readable and issue.fields.issuelinks and unknown_keys(issue, context) else None,
    )
