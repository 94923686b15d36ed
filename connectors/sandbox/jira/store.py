"""The embedded Jira as its other users see it: the people and automations that change it behind a client's back.

    clock = MovableClock(datetime(2026, 11, 23, 8, tzinfo=UTC))
    bot = Account("LPM Bot", email="bot@example.com", token="secret", time_zone="Europe/Berlin")
    store = JiraStore(clock, deployment="Cloud", account=bot)
    store.add_project("PAY", "Payments")
    epic = store.create_issue("PAY", "Epic", "Instant payments", labels=["fy27"])
    story = store.create_issue("PAY", "Story", "Refunds", parent=epic, fields={"duedate": "2026-12-01"})
    with store.backdate(datetime(2026, 11, 2, 9, tzinfo=UTC)):
        store.link(epic, story, "Blocks")              # the epic blocks the story
        store.transition(story, "In Progress")
    store.add_comment(story, "Waiting for the bank")   # by `store.human`, unless an author is named
    store.hide_project("PAY")
    with LoopbackServer(jira_application(store)) as server: ...

Issues are given as themselves, by id or by key; projects, types, statuses, fields and link types by id or name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from connectors.sandbox.jira.catalogue import locked
from connectors.sandbox.jira.documents import body_of
from connectors.sandbox.jira.issues import IssueReference, IssueStore
from connectors.sandbox.jira.model import (
    Account,
    ChangeItem,
    Comment,
    Issue,
    Json,
    Link,
    LinkType,
    Project,
    RemoteLink,
)
from connectors.sandbox.jira.recording import load


class JiraStore(IssueStore):
    """The whole state of one Jira, Cloud or Data Center (`deployment="Server"`)."""

    @locked
    def add_comment(
        self,
        issue: IssueReference,
        body: str | Json,
        *,
        author: Account | None = None,
        properties: dict[str, Any] | None = None,
    ) -> Comment:
        """Adds a comment of wiki text or of a document."""
        target, writer, stamp = self.issue(issue), author or self.human, self.stamp()
        comment = Comment(self.next_id("comment"), writer, body_of(body), stamp, stamp, writer, dict(properties or {}))
        self.before_change(target)
        target.comments.append(comment)
        self.touch(target, stamp)
        return comment

    @locked
    def edit_comment(
        self, issue: IssueReference, comment: Comment | str, body: str | Json, *, author: Account | None = None
    ) -> Comment:
        """Replaces the body of a comment."""
        target, found = self.issue(issue), self.comment(issue, comment)
        self.before_change(target)
        found.body, found.update_author, found.updated = body_of(body), author or self.human, self.stamp()
        self.touch(target, found.updated)
        return found

    @locked
    def delete_comment(self, issue: IssueReference, comment: Comment | str) -> None:
        """Deletes a comment; nothing of it stays, not even in the changelog."""
        target, found = self.issue(issue), self.comment(issue, comment)
        self.before_change(target)
        target.comments.remove(found)
        self.touch(target, self.stamp())

    def comment(self, issue: IssueReference, comment: Comment | str) -> Comment:
        """The comment of that issue with that id; KeyError when there is none."""
        for found in self.issue(issue).comments:
            if comment is found or comment == found.id:
                return found
        raise KeyError(comment)

    @locked
    def link(
        self,
        inward: IssueReference,
        outward: IssueReference,
        type: str | LinkType = "Blocks",
        *,
        actor: Account | None = None,
    ) -> Link:
        """Links so that `inward` blocks `outward`. An equal link that stands already is answered unchanged.

        `trackers.md`, Writing: `inwardIssue` = A, `outwardIssue` = B for "A blocks B"; a duplicate is a no-op.
        The wording of the changelog is that of `issues_dc_agile_with_links.jsonl`.
        """
        first, second, link_type = self.issue(inward), self.issue(outward), self.link_type(type)
        for link in self.links_by_issue.get(first.id, []):
            if link.type is link_type and (link.inward_id, link.outward_id) == (first.id, second.id):
                return link
        link = Link(self.next_id("link"), link_type, first.id, second.id)
        for end in (first, second):
            self.before_change(end)
        self.insert_link(link)
        self.record(first, [_link_item(f"This issue {link_type.outward} {second.key}", second.key)], actor)
        self.record(second, [_link_item(f"This issue {link_type.inward} {first.key}", first.key)], actor)
        return link

    @locked
    def unlink(self, link: Link | str, *, actor: Account | None = None) -> None:
        """Removes a link by id; both ends record it."""
        found = self._take_link(self.links[link] if isinstance(link, str) else link)
        ends = (
            (found.inward_id, found.outward_id, found.type.outward),
            (found.outward_id, found.inward_id, found.type.inward),
        )
        for here, there, phrase in ends:
            if here in self.issues:
                key = self.issues[there].key if there in self.issues else str(self.absent_issues[there]["key"])
                self.before_change(self.issues[here])
                text = f"This issue {phrase} {key}"
                self.record(self.issues[here], [ChangeItem("Link", old=key, old_text=text)], actor)

    def _take_link(self, link: Link) -> Link:
        del self.links[link.id]
        for end in (link.inward_id, link.outward_id):
            self.links_by_issue[end].remove(link)
        return link

    @locked
    def add_remote_link(
        self,
        issue: IssueReference,
        url: str,
        title: str,
        *,
        global_id: str | None = None,
        actor: Account | None = None,
    ) -> RemoteLink:
        """Adds a link to an address elsewhere, or replaces the one with that global id."""
        return self.put_remote_link(issue, {"url": url, "title": title}, global_id=global_id, actor=actor)[0]

    @locked
    def put_remote_link(
        self,
        issue: IssueReference,
        linked: Json,
        *,
        global_id: str | None = None,
        application: Json | None = None,
        relationship: str | None = None,
        actor: Account | None = None,
    ) -> tuple[RemoteLink, bool]:
        """Writes a remote link by its global id; the second answer says whether it is new.

        Writing it again stands in the changelog too, from and to the same link: `issues_cloud_agile.jsonl`, EE-1.
        """
        target = self.issue(issue)
        text = f'This issue links to "{linked["title"]} (Web Link)"'
        for known in target.remote_links:
            if global_id is not None and known.global_id == global_id:
                before = f'This issue links to "{known.object["title"]} (Web Link)"'
                known.object, known.application, known.relationship = linked, application or {}, relationship
                number = str(known.id)
                item = ChangeItem("RemoteIssueLink", "jira", None, number, before, number, text)
                self.record(target, [item], actor)
                return known, False
        link = RemoteLink(int(self.next_id("remotelink")), global_id, linked, application or {}, relationship)
        target.remote_links.append(link)
        self.record(target, [ChangeItem("RemoteIssueLink", new=str(link.id), new_text=text)], actor)
        return link, True

    @locked
    def delete_remote_link(
        self, issue: IssueReference, link: RemoteLink | str | int, *, actor: Account | None = None
    ) -> None:
        """Removes a remote link by its id."""
        target = self.issue(issue)
        wanted = link.id if isinstance(link, RemoteLink) else int(link)
        found = next((one for one in target.remote_links if one.id == wanted), None)
        if found is None:
            raise KeyError(link)
        target.remote_links.remove(found)
        text = f'This issue links to "{found.object["title"]} (Web Link)"'
        self.record(target, [ChangeItem("RemoteIssueLink", old=str(found.id), old_text=text)], actor)

    @locked
    def set_property(self, issue: IssueReference, key: str, value: Any) -> bool:
        """Sets a hidden property; says whether it is new."""
        properties = self.issue(issue).properties
        is_new = key not in properties
        properties[key] = value
        return is_new

    @locked
    def delete_issue(self, issue: IssueReference) -> None:
        """Deletes an issue with its sub-tasks and links. The other ends record nothing: deletions do not show."""
        target = self.issue(issue)
        for child in self.children(target):
            if child.type.level < 0:
                self.delete_issue(child)
            else:
                child.parent_id = None
        for link in list(self.links_by_issue.get(target.id, [])):
            self._take_link(link)
        self.before_change(target)
        del self.issues[target.id]

    @locked
    def delete_project(self, project: str | Project) -> None:
        """Deletes a project and all its issues."""
        home = self.project(project)
        for issue in [issue for issue in self.issues.values() if issue.project is home]:
            if issue.id in self.issues:
                self.delete_issue(issue)
        del self.projects[home.id]

    @locked
    def load_recorded(self, lines: Iterable[str | bytes]) -> list[Issue]:
        """Takes in issues as a real Jira answered them, one JSON object a line, with all that they name."""
        return load(self, lines)


def _link_item(text: str, key: str) -> ChangeItem:
    return ChangeItem("Link", new=key, new_text=text)
