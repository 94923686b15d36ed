"""Issues of the embedded Jira and what happens to them behind the back of a client."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from connectors.sandbox.clock import MovableClock
from connectors.sandbox.jira.catalogue import Catalogue, locked
from connectors.sandbox.jira.changes import assign
from connectors.sandbox.jira.documents import body_of
from connectors.sandbox.jira.index import Cursors, SearchIndex
from connectors.sandbox.jira.model import (
    Account,
    ChangeItem,
    Deployment,
    History,
    Issue,
    IssueType,
    Json,
    Link,
    Project,
    Status,
)

IssueReference = Issue | str


class IssueStore(Catalogue):
    """Creates, finds and changes issues; each change is stamped by the clock and stands in the changelog."""

    def __init__(
        self, clock: MovableClock, *, deployment: Deployment = "Cloud", account: Account, with_defaults: bool = True
    ) -> None:
        super().__init__(clock, deployment=deployment, account=account, with_defaults=with_defaults)
        self.issues: dict[str, Issue] = {}
        self.absent_issues: dict[str, Json] = {}  # the other end of recorded links, where it was not recorded itself
        self.links: dict[str, Link] = {}
        self.links_by_issue: dict[str, list[Link]] = {}
        self.index = SearchIndex()
        self.cursors = Cursors()
        self._ids_by_key: dict[str, str] = {}
        self._backdated: datetime | None = None

    def issue(self, reference: IssueReference) -> Issue:
        """The issue with that id, key or former key, in any case; KeyError when there is none."""
        if isinstance(reference, Issue):
            return reference
        if reference in self.issues:
            return self.issues[reference]
        return self.issues[self._ids_by_key[reference.upper()]]

    def children(self, issue: Issue) -> list[Issue]:
        """The issues whose parent it is."""
        return [child for child in self.issues.values() if child.parent_id == issue.id]

    def can_browse(self, account: Account | None, issue: Issue) -> bool:
        """Whether the account sees the issue."""
        return not issue.is_hidden and self.has_permission(account, issue.project, "BROWSE_PROJECTS")

    def expire_tokens(self) -> None:
        """Makes every page token that was given out invalid."""
        self.cursors.expire()

    @contextmanager
    def backdate(self, instant: datetime) -> Iterator[None]:
        """Changes made within are stamped from that instant on instead of by the clock: for history."""
        with self.lock:
            before, self._backdated = self._backdated, instant
            try:
                yield
            finally:
                self._backdated = before

    @locked
    def create_issue(  # noqa: PLR0913 an issue has these properties, most of them optional
        self,
        project: str | Project,
        type: str | IssueType,
        summary: str,
        *,
        status: str | Status | None = None,
        parent: IssueReference | None = None,
        labels: Iterable[str] = (),
        assignee: Account | None = None,
        description: str | Json | None = None,
        fields: Mapping[str, Any] | None = None,
        created: datetime | None = None,
        actor: Account | None = None,
    ) -> Issue:
        """Adds an issue; without a status it stands in the first one of the category `new`."""
        stamp = created or self.stamp()
        home = self.project(project)
        home.last_number += 1
        creator = actor or self.human
        issue = Issue(
            id=self.next_id("issue"),
            key=f"{home.key}-{home.last_number}",
            project=home,
            type=self.issue_type(type),
            summary=summary,
            status=self.status(status) if status is not None else self.first_status(),
            created=stamp,
            updated=stamp,
            category_changed=stamp,
            creator=creator,
            reporter=creator,
            assignee=assignee,
            parent_id=self.issue(parent).id if parent is not None else None,
            description=body_of(description) if description is not None else None,
            labels=sorted(set(labels)),
            fields={"priority": {"id": "3", "name": "Medium"}},
        )
        for reference, value in (fields or {}).items():
            assign(issue, self.field(reference), value, is_cloud=self.is_cloud)
        self.insert(issue)
        return issue

    def insert(self, issue: Issue) -> None:
        """Takes in an issue that is complete."""
        if self.behaviour.index_lag:
            self.index.remember(issue.id, None, self.clock.now() + self.behaviour.index_lag)
        self.issues[issue.id] = issue
        self._ids_by_key[issue.key.upper()] = issue.id

    def insert_link(self, link: Link) -> None:
        """Takes in a link that is complete."""
        self.links[link.id] = link
        for end in (link.inward_id, link.outward_id):
            self.links_by_issue.setdefault(end, []).append(link)

    def first_status(self) -> Status:
        """The status of a new issue."""
        return next(status for status in self.statuses.values() if status.category.key == "new")

    @locked
    def edit(self, issue: IssueReference, changes: Mapping[str, Any], *, actor: Account | None = None) -> bool:
        """Sets fields by id or name. What is equal already is no change, and without one nothing is stamped.

        `assignee` takes an account, `parent` an issue, `description` wiki text or a document, `labels` a list.
        """
        target = self.issue(issue)
        wanted = {self.field(reference): value for reference, value in changes.items()}
        self.before_change(target)
        items = [assign(target, field, value, is_cloud=self.is_cloud) for field, value in wanted.items()]
        return self.record(target, [item for item in items if item is not None], actor)

    @locked
    def transition(self, issue: IssueReference, status: str | Status, *, actor: Account | None = None) -> None:
        """Moves to another status; entering the category `done` sets a resolution, leaving it clears it."""
        target, wanted = self.issue(issue), self.status(status)
        if wanted is target.status:
            return
        before, was = target.status, target.fields.get("resolution")
        self.before_change(target)
        resolution = {"id": "10000", "name": "Done"} if wanted.category.key == "done" else None
        target.status = wanted
        items = [ChangeItem("status", "jira", "status", before.id, before.name, wanted.id, wanted.name)]
        if (was is None) != (resolution is None):
            item = assign(target, self.fields["resolution"], resolution, is_cloud=self.is_cloud)
            items += [item] if item is not None else []
        self.record(target, items, actor)
        stamp = target.histories[-1].created
        if before.category.key != wanted.category.key:
            target.category_changed = stamp
        if (was is None) != (resolution is None):
            target.fields["resolutiondate"] = stamp if resolution else None

    @locked
    def add_label(self, issue: IssueReference, label: str, *, actor: Account | None = None) -> None:
        """Adds one label."""
        self.edit(issue, {"labels": [*self.issue(issue).labels, label]}, actor=actor)

    @locked
    def remove_label(self, issue: IssueReference, label: str, *, actor: Account | None = None) -> None:
        """Removes one label."""
        self.edit(issue, {"labels": [one for one in self.issue(issue).labels if one != label]}, actor=actor)

    @locked
    def move_issue(self, issue: IssueReference, to: str | Project, *, actor: Account | None = None) -> None:
        """Moves to another project: a new key, the same id, and the old key still leads to it."""
        target, project = self.issue(issue), self.project(to)
        self.before_change(target)
        project.last_number += 1
        key = f"{project.key}-{project.last_number}"
        items = [
            ChangeItem("project", "jira", "project", target.project.id, target.project.name, project.id, project.name),
            ChangeItem("Key", "jira", None, None, target.key, None, key),
        ]
        target.project, target.key = project, key
        self._ids_by_key[key.upper()] = target.id
        self.record(target, items, actor)

    @locked
    def set_times(
        self, issue: IssueReference, *, created: datetime | None = None, updated: datetime | None = None
    ) -> None:
        """Overwrites the times of an issue, for history."""
        target = self.issue(issue)
        target.created = created or target.created
        target.updated = updated or target.updated

    def hide_issue(self, issue: IssueReference) -> None:
        """Puts one issue behind a security level that nobody passes."""
        self.issue(issue).is_hidden = True

    def show_issue(self, issue: IssueReference) -> None:
        """Makes a hidden issue visible again."""
        self.issue(issue).is_hidden = False

    def stamp(self) -> datetime:
        """The time of one change."""
        if self._backdated is None:
            return self.clock.tick()
        stamp = self._backdated
        self._backdated = stamp + timedelta(milliseconds=1)
        return stamp

    def before_change(self, issue: Issue) -> None:
        """Lets search go on seeing the issue as it is, for as long as the index lags."""
        if self.behaviour.index_lag:
            self.index.remember(issue.id, issue, self.clock.now() + self.behaviour.index_lag)

    def record(self, issue: Issue, items: list[ChangeItem], actor: Account | None) -> bool:
        """Writes changes into the changelog and stamps the issue; says whether there were any."""
        if items:
            stamp = self.stamp()
            issue.histories.append(History(self.next_id("history"), actor or self.human, stamp, items))
            self.touch(issue, stamp)
        return bool(items)

    def touch(self, issue: Issue, stamp: datetime) -> None:
        """Moves `updated` on, never back."""
        issue.updated = max(issue.updated, stamp)
