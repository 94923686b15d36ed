"""Reads projects and single issues, with everything that an item needs beside the issue itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from urllib.parse import quote

import msgspec
import structlog
from msgspec import structs

from connectors.jira import links, wire
from connectors.jira.bulk import Came, Wanted, find_issues
from connectors.jira.client import JiraClient
from connectors.jira.easing import leniently
from connectors.jira.form import SYSTEM_FIELDS
from connectors.jira.issues import FoundIssue, HandedIssue, IgnoredIssue, completable, found_issue
from connectors.jira.joining import Joining
from connectors.jira.normalize import Context, Stamp, own_comments, read_issue, unknown_keys, with_links
from connectors.jira.projects import read_project
from connectors.jira.search import find_named, quoted, within
from lpm_sync.core.work_item import BrokenItem, Direction, ForeignLink, Ref, SourceItem
from lpm_sync.errors import ForbiddenError, RefusedError, UnavailableError

COMMENT_PAGE = 1000
KEYS_AT_ONCE = 100
_NAME = msgspec.json.Decoder(wire.IssueName)
_REMOTE_LINKS = list[wire.RemoteLink]
Kept = FoundIssue | IgnoredIssue | HandedIssue


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """What a search brought. `ignored` are the names of unconfigured types by the ids of their issues.

    `issues` are those of the other types that could be read, `broken` those that could not, `handed` those that were
    handed on already. `keys` are ids by key of every issue, `stamps` by id where and when each stood; both also for
    ignored types.
    """

    issues: tuple[FoundIssue, ...]
    handed: tuple[HandedIssue, ...] = ()
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
    handed: tuple[HandedIssue, ...] = ()
    broken: tuple[BrokenItem, ...]
    ignored_types: Mapping[str, int]
    keys: Mapping[str, str]  # id by key, of every issue, also of ignored types
    parent_keys: Mapping[Ref, str]
    stamps: Mapping[str, Stamp] = field(default_factory=dict)
    project: wire.Project | None = None

    @property
    def ids(self) -> set[str]:
        """Of everything that could be read, or could not."""
        read = {*(item.ref.id for item in self.items), *(one.id for one in self.handed)}
        return read | {one.ref.id for one in self.broken}

    @property
    def kinds(self) -> set[str]:
        """The types of its items."""
        return {*(item.type for item in self.items), *(one.kind for one in self.handed)}


@dataclass(slots=True, kw_only=True)
class Reader:
    """Reads issues in one context. `wordings` say what the relationship of a remote link means; None: do not read them.

    `keys` are ids by key, of every issue that was seen; `project_keys` the keys that the projects have today.
    `project_ids` are those that configured projects are pinned to.
    `link_types` are those that there are, once they were asked for; `joining` tells whether an edit may bring a comment
    along, `has_remote_links` whether the tracker answers for those.
    """

    client: JiraClient
    context: Context
    types: Collection[str] = ()
    scope_query: str | None = None
    labels_in_scope: Sequence[str] = ()
    wordings: dict[str, Direction] | None = None
    keys: dict[str, str] = field(default_factory=dict)
    project_keys: set[str] = field(default_factory=set)
    project_ids: Mapping[str, str] = field(default_factory=dict)
    link_types: list[wire.LinkType] | None = None
    joining: Joining = field(default_factory=Joining)
    has_remote_links: bool = True
    _folded_types: frozenset[str] = field(init=False)
    _lock: Lock = field(default_factory=Lock)

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

    def look(self, project: str) -> wire.Project:
        """A configured project: by the id that it is pinned to, else by its key. Raises RefusedError."""
        return read_project(self.client, self.project_ids.get(project, project))

    def jql(self, *projects: str) -> str:
        """The issues of those projects in scope, in an order that no change of an issue disturbs."""
        names = ", ".join(map(quoted, projects))
        return self.scoped(f"project = {names}" if len(projects) == 1 else f"project in ({names})")

    def scoped(self, clause: str) -> str:
        """The issues in scope that a clause without OR means, in an order that no change of an issue disturbs."""
        return f"{clause}{within(self.scope_query, self.labels_in_scope)} ORDER BY key ASC"

    def find(self, jql: str) -> dict[str, Kept]:
        """The issues that `jql` finds, by id. Raises RefusedError or UnavailableError where not all are to be had."""
        return find_issues(self.client, jql, self.kept_by(self.take))

    def kept_by(self, read: Callable[[Iterable[Came]], dict[str, Kept]]) -> Wanted[Kept]:
        """All that is asked for of issues, of which `read` makes what is kept."""
        return Wanted(fields=self.wanted, page=self.context.form.page, read=read)

    def take(self, issues: Iterable[Came]) -> dict[str, Kept]:
        """What is kept of issues that came, by id. Raises UnavailableError where one is none."""
        reads_remote_links = self.wordings is not None
        try:
            found = [
                found_issue(one, self.context, is_wanted=self.is_wanted, reads_remote_links=reads_remote_links)
                for one in issues
            ]
        except ValueError:
            message = "a page of the search holds something that is no issue; the next cycle tries again"
            raise UnavailableError(f"{self.context.tracker}: {message}") from None
        return {one.id: one for one in found}

    def sort(self, found: Collection[Kept]) -> Sorted:
        """Tells the issues that matter from those of other types and those that cannot be read."""
        mattering = [one for one in found if isinstance(one, FoundIssue)]
        return Sorted(
            issues=tuple(one for one in mattering if one.key is not None),
            broken=tuple(one.item for one in mattering if one.key is None and isinstance(one.item, BrokenItem)),
            handed=tuple(one for one in found if isinstance(one, HandedIssue)),
            ignored={one.id: one.kind for one in found if isinstance(one, IgnoredIssue)},
            keys={one.key: one.id for one in found if one.key is not None},
            stamps={one.id: one.stamp for one in found if one.stamp is not None},
        )

    def complete(self, found: Sorted) -> ProjectReading:
        """Reads what those issues need beside themselves. Raises UnavailableError."""
        asking = [one for one in found.issues if not one.is_complete]
        completed = dict(zip((one.id for one in asking), self.client.all(self._complete, asking), strict=True))
        items = [completed.get(one.id, one.item) for one in found.issues]
        return ProjectReading(
            items=tuple(item for item in items if isinstance(item, SourceItem)),
            handed=found.handed,
            broken=(*found.broken, *(item for item in items if isinstance(item, BrokenItem))),
            ignored_types=Counter(found.ignored.values()),
            keys=found.keys,
            parent_keys={self.context.ref(one.id): one.parent_key for one in found.issues if one.parent_key},
            stamps=found.stamps,
        )

    def completed(self, found: FoundIssue) -> FoundIssue:
        """The issue with what it needs beside itself. Raises UnavailableError."""
        item = self._complete(found)
        return structs.replace(found, item=item, lacks_comments=False, lacks_remote_links=False, linked_by_key=None)

    def issue(self, identifier: str) -> tuple[SourceItem | BrokenItem, wire.Issue | None]:
        """Reads one issue as a search brings it, and hands on what came. Raises RefusedError where it is not there."""
        raw = self.client.get(f"issue/{quote(identifier, safe='')}", msgspec.Raw, fields=",".join(self.wanted))
        try:
            issue = read_issue(raw, self.context)
        except ValueError as error:
            raise UnavailableError(f"{self.context.tracker}: {error}") from None
        if isinstance(issue, BrokenItem):
            return issue, None
        self.keys[issue.key] = issue.id
        found = completable(issue, self.context, reads_remote_links=self.wordings is not None)
        item = self._complete(found)
        if isinstance(item, SourceItem) and found.parent_key and item.parent is None:
            item = self.with_parents([item], {item.ref: found.parent_key})[0]
        return item, issue

    def with_parents(self, items: Sequence[SourceItem], parent_keys: Mapping[Ref, str]) -> list[SourceItem]:
        """The items with their parents, where those are named by key; keys that were not read are asked for."""
        unknown = sorted({key for key in parent_keys.values() if key not in self.keys})
        for first in range(0, len(unknown), KEYS_AT_ONCE):
            self._look_up(unknown[first : first + KEYS_AT_ONCE])
        return [self._with_parent(item, parent_keys.get(item.ref)) for item in items]

    def _with_parent(self, item: SourceItem, key: str | None) -> SourceItem:
        found = self.keys.get(key or "")
        return (
            item if item.parent is not None or found is None else structs.replace(item, parent=self.context.ref(found))
        )

    def _look_up(self, keys: Sequence[str]) -> None:
        """Finds ids for keys outside the scope; those that are gone or hidden stay unknown."""
        if self.client.is_cloud:  # there one key that is unknown refuses a whole search
            self.keys.update((one.key, one.id) for one in self.client.all(self._name_of, keys) if one is not None)
            return
        try:
            found = find_named(self.client, f"key in ({', '.join(map(quoted, keys))})", ["id"], _names)
        except RefusedError:
            return
        self.keys.update((key, identifier) for identifier, key in found.items())

    def _name_of(self, key: str) -> wire.IssueName | None:
        try:
            return self.client.get(f"issue/{quote(key, safe='')}", wire.IssueName, fields="created")
        except RefusedError:
            return None

    def _complete(self, found: FoundIssue) -> SourceItem | BrokenItem:
        """Reads what is not in the issue itself: further comments, remote links."""
        item = found.item
        if isinstance(item, BrokenItem):
            return item
        try:
            if found.linked_by_key is not None:
                self._look_up(sorted(unknown_keys(found.linked_by_key, self.context)))
                item = with_links(item, found.linked_by_key, self.context)
            if found.lacks_comments:
                item = structs.replace(item, own_comments=own_comments(self._all_comments(item.ref.id), self.context))
            if found.lacks_remote_links:
                item = structs.replace(item, foreign_links=(*self._foreign_links(item.ref.id), *item.foreign_links))
        except RefusedError as error:
            return _broken(item, f"its comments or remote links cannot be read: {error}")
        except (ValueError, RecursionError) as error:
            return _broken(item, f"cannot be read: {error}")
        return item

    def _all_comments(self, identifier: str) -> list[wire.Comment]:
        """All comments: an embedded page may lack ours, and a second card of ours must not stay unseen."""
        found: dict[str, wire.Comment] = {}
        start = 0
        while True:
            path = f"issue/{identifier}/comment"
            page = self.client.get(path, wire.Comments, startAt=start, maxResults=COMMENT_PAGE, orderBy="created")
            found |= {comment.id: comment for comment in page.comments}
            start += len(page.comments)
            if start >= page.total if page.total is not None else not page.comments:
                return list(found.values())
            if not page.comments:
                raise UnavailableError(f"{self.context.tracker}: {path}: {start} of {page.total} comments came")

    def _foreign_links(self, identifier: str) -> list[ForeignLink]:
        if not self.has_remote_links:
            return []
        try:
            remote = self.client.get(f"issue/{identifier}/remotelink", _REMOTE_LINKS)
        except ForbiddenError:
            raise
        except RefusedError as error:
            self._require_issue(identifier, error)
            with self._lock:
                is_news, self.has_remote_links = self.has_remote_links, False
            if is_news:
                tracker = self.context.tracker
                structlog.get_logger().warning("remote_links_not_told", tracker=tracker, reason=str(error))
            return []
        found = [(link, links.wording_of(link.relationship or "", self.wordings or {})) for link in remote]
        return [
            ForeignLink(url=link.object.url, direction=direction)
            for link, direction in sorted(found, key=lambda pair: str(pair[0].id).zfill(20))
            if direction is not None
        ]

    def _require_issue(self, identifier: str, refusal: RefusedError) -> None:
        """Raises the refusal of something of an issue where the issue itself does not show either."""
        try:
            self.client.get(f"issue/{identifier}", wire.Identified, fields="created")
        except RefusedError:
            raise refusal from None


def read_link_types(client: JiraClient) -> list[wire.LinkType]:
    """The types of links; none where the tracker does not tell, or an administrator switched links off.

    Raises ForbiddenError, UnavailableError.
    """
    try:
        return client.get("issueLinkType", wire.LinkTypes).issue_link_types
    except ForbiddenError:
        raise
    except RefusedError:
        return []


def _names(issues: Iterable[msgspec.Raw]) -> dict[str, str]:
    found = [leniently(_NAME.decode, raw) for raw in issues]
    return {one.id: one.key for one in found}


def _broken(item: SourceItem, reason: str) -> BrokenItem:
    return BrokenItem(ref=item.ref, key=item.key, project=item.project, reason=reason)
