"""Reads projects and single issues, with everything that an item needs beside the issue itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote

import msgspec

from connectors.jira import links, wire
from connectors.jira.bulk import find_issues
from connectors.jira.client import JiraClient
from connectors.jira.normalize import (
    SYSTEM_FIELDS,
    Context,
    IssueReading,
    Stamp,
    progress_of,
    read_issue,
    stamp_of,
    to_item,
    type_name,
)
from connectors.jira.search import quoted
from lpm_sync.core.work_item import BrokenItem, Direction, ForeignLink, Progress, Ref, SourceItem
from lpm_sync.errors import RefusedError, UnavailableError

COMMENT_PAGE = 1000
KEYS_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """What a search brought. `ignored` are the names of unconfigured types by the ids of their issues.

    `keys` are ids by key of every issue, `stamps` by id where and when each stood; both also for ignored types.
    """

    readings: tuple[IssueReading, ...]
    broken: tuple[BrokenItem, ...]
    ignored: Mapping[str, str]
    keys: Mapping[str, str]
    stamps: Mapping[str, Stamp]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectReading:
    """Issues wholly read: a project, or what changed in some. `parent_keys` are the parents known by key so far.

    `project` is the one that was read, where it was one.
    """

    items: tuple[SourceItem, ...]
    broken: tuple[BrokenItem, ...]
    ignored_types: Mapping[str, int]
    keys: Mapping[str, str]  # id by key, of every issue, also of ignored types
    parent_keys: Mapping[Ref, str]
    stamps: Mapping[str, Stamp] = field(default_factory=dict)
    project: wire.Project | None = None


@dataclass(slots=True, kw_only=True)
class Reader:
    """Reads issues in one context. `wordings` say what the relationship of a remote link means; None: do not read them.

    `keys` are ids by key, of every issue that was seen; `project_keys` the keys that the projects have today.
    """

    client: JiraClient
    context: Context
    types: Collection[str] = ()
    scope_query: str | None = None
    wordings: dict[str, Direction] | None = None
    keys: dict[str, str] = field(default_factory=dict)
    project_keys: set[str] = field(default_factory=set)
    _folded_types: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self._folded_types = frozenset(name.casefold() for name in self.types)

    def is_wanted(self, type_name: str) -> bool:
        """Whether issues of that type matter; names are compared without case, as people write them."""
        return not self._folded_types or type_name.casefold() in self._folded_types

    def is_in_scope(self, item: SourceItem) -> bool:
        """Whether the item still is in one of the projects; before the first pull nobody knows their keys of today."""
        return not self.project_keys or item.project in self.project_keys

    @property
    def wanted(self) -> tuple[str, ...]:
        """The fields that every reading names."""
        return tuple(dict.fromkeys((*SYSTEM_FIELDS, *self.context.fields.wanted)))

    def jql(self, project: str) -> str:
        """The issues of one project in scope, in an order that no change of an issue disturbs."""
        return self.scoped(f"project = {quoted(project)}")

    def scoped(self, clause: str) -> str:
        """The issues in scope that a clause without OR means, in an order that no change of an issue disturbs."""
        scope = f" AND ({self.scope_query})" if self.scope_query else ""
        return f"{clause}{scope} ORDER BY key ASC"

    def project(self, key: str) -> ProjectReading:
        """Reads a whole project. Raises RefusedError or UnavailableError where it is not to be had as a whole."""
        return self.complete(self.sort(find_issues(self.client, self.jql(key), self.wanted)))

    def sort(self, raws: Iterable[msgspec.Raw]) -> Sorted:
        """Decodes issues, and tells those that matter from those of other types and those that cannot be read."""
        readings: list[IssueReading] = []
        broken: list[BrokenItem] = []
        ignored: dict[str, str] = {}
        keys: dict[str, str] = {}
        stamps: dict[str, Stamp] = {}
        for raw in raws:
            reading = self._read(raw)
            if isinstance(reading, IssueReading):
                issue = reading.issue
                keys[issue.key] = issue.id
                kind: str | None = issue.fields.issuetype.name
            else:
                kind = type_name(raw)
            if (stamp := stamp_of(reading, raw)) is not None:
                stamps[_identifier(reading)] = stamp
            if kind is not None and not self.is_wanted(kind):
                ignored[_identifier(reading)] = kind
            elif isinstance(reading, IssueReading):
                readings.append(reading)
            else:
                broken.append(reading)
        return Sorted(readings=tuple(readings), broken=tuple(broken), ignored=ignored, keys=keys, stamps=stamps)

    def complete(self, found: Sorted) -> ProjectReading:
        """Reads what those issues need beside themselves. Raises UnavailableError."""
        items = self._complete_all(found.readings)
        unreadable = [item for item in items if isinstance(item, BrokenItem)]
        return ProjectReading(
            items=tuple(item for item in items if isinstance(item, SourceItem)),
            broken=(*found.broken, *unreadable),
            ignored_types=Counter(found.ignored.values()),
            keys=found.keys,
            parent_keys={self.context.ref(one.issue.id): one.parent_key for one in found.readings if one.parent_key},
            stamps=found.stamps,
        )

    def issue(self, identifier: str) -> tuple[SourceItem | BrokenItem, wire.Issue | None]:
        """Reads one issue as `project` would, and hands on what came. Raises RefusedError where it is not there."""
        raw = self.client.get(f"issue/{quote(identifier, safe='')}", msgspec.Raw, fields=",".join(self.wanted))
        reading = self._read(raw)
        if isinstance(reading, BrokenItem):
            return reading, None
        self.keys[reading.issue.key] = reading.issue.id
        item = self._complete(reading)
        if isinstance(item, SourceItem) and reading.parent_key and item.parent is None:
            item = self.with_parents([item], {item.ref: reading.parent_key})[0]
        return item, reading.issue

    def with_parents(self, items: Sequence[SourceItem], parent_keys: Mapping[Ref, str]) -> list[SourceItem]:
        """The items with their parents, where those are named by key; keys that were not read are asked for."""
        unknown = sorted({key for key in parent_keys.values() if key not in self.keys})
        for first in range(0, len(unknown), KEYS_AT_ONCE):
            self._look_up(unknown[first : first + KEYS_AT_ONCE])
        return [self._with_parent(item, parent_keys.get(item.ref)) for item in items]

    def _with_parent(self, item: SourceItem, key: str | None) -> SourceItem:
        found = self.keys.get(key or "")
        return item if item.parent is not None or found is None else replace(item, parent=self.context.ref(found))

    def _look_up(self, keys: Sequence[str]) -> None:
        """Finds ids for keys outside the scope; those that are gone or hidden stay unknown."""
        listed = ", ".join(map(quoted, keys))
        # Without validation a key that does not exist is left out instead of refusing all of them.
        payload = {"jql": f"key in ({listed})", "fields": ["id"], "maxResults": len(keys), "validateQuery": False}
        try:
            page = self.client.query("search", payload, wire.CountedPage)
        except RefusedError:
            return
        for raw in page.issues:
            name = msgspec.json.decode(raw, type=wire.IssueName)
            self.keys[name.key] = name.id

    def _read(self, raw: msgspec.Raw) -> IssueReading | BrokenItem:
        try:
            return read_issue(raw, self.context)
        except ValueError as error:
            raise UnavailableError(f"{self.context.tracker}: {error}") from None

    def _complete_all(self, readings: Sequence[IssueReading]) -> list[SourceItem | BrokenItem]:
        """Those that need further requests go through the pool, a few at a time."""
        asking = [reading for reading in readings if reading.has_more_comments or self._has_remote_links(reading.issue)]
        completed = dict(zip(map(id, asking), self.client.all(self._complete, asking), strict=True))
        return [completed.get(id(reading)) or self._complete(reading) for reading in readings]

    def _complete(self, reading: IssueReading) -> SourceItem | BrokenItem:
        """Reads what is not in the issue itself: further comments, remote links."""
        issue = reading.issue
        embedded = issue.fields.comment
        try:
            comments = (
                self._all_comments(issue.id) if reading.has_more_comments else embedded.comments if embedded else []
            )
            remote = self._foreign_links(issue)
        except RefusedError as error:
            reason = f"its comments or remote links cannot be read: {error}"
            project = issue.fields.project.key
            return BrokenItem(ref=self.context.ref(issue.id), key=issue.key, project=project, reason=reason)
        return to_item(reading, self.context, comments=comments, remote_links=remote)

    def _all_comments(self, identifier: str) -> list[wire.Comment]:
        """All comments: an embedded page may lack ours, and a second card of ours must not stay unseen."""
        found: dict[str, wire.Comment] = {}
        start = 0
        while True:
            path = f"issue/{identifier}/comment"
            page = self.client.get(path, wire.Comments, startAt=start, maxResults=COMMENT_PAGE, orderBy="created")
            found |= {comment.id: comment for comment in page.comments}
            start += len(page.comments)
            if start >= page.total:
                return list(found.values())
            if not page.comments:
                raise UnavailableError(f"{self.context.tracker}: {path}: {start} of {page.total} comments came")

    def _has_remote_links(self, issue: wire.Issue) -> bool:
        """Whether to ask for them, a request each: of open issues only."""
        return self.wordings is not None and progress_of(issue.fields.status) is not Progress.DONE

    def _foreign_links(self, issue: wire.Issue) -> list[ForeignLink]:
        if self.wordings is None or not self._has_remote_links(issue):
            return []
        remote = self.client.get(f"issue/{issue.id}/remotelink", list[wire.RemoteLink])
        found = [(link, links.wording_of(link.relationship or "", self.wordings)) for link in remote]
        return [
            ForeignLink(url=link.object.url, direction=direction)
            for link, direction in sorted(found, key=lambda pair: pair[0].id)
            if direction is not None
        ]


def _identifier(reading: IssueReading | BrokenItem) -> str:
    return reading.issue.id if isinstance(reading, IssueReading) else reading.ref.id
