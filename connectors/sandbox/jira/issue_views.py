"""Issues, comments and changelogs as they go over the wire."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from connectors.sandbox.jira.documents import document_of, text_of
from connectors.sandbox.jira.model import (
    EPIC_LINK,
    PARENT_LINK,
    Body,
    ChangeItem,
    Comment,
    Field,
    History,
    Issue,
    Json,
    Link,
    RemoteLink,
)
from connectors.sandbox.jira.views import View

NOT_NAVIGABLE = frozenset(("comment", "worklog", "attachment", "issuerestriction", "timetracking"))
ISSUE_EXPANSIONS = "operations,versionedRepresentations,editmeta,changelog,renderedFields"


class IssueView(View):
    """Renders issues for one request."""

    def body(self, body: Body | None) -> str | Json | None:
        """Rich text: a document in version 3, wiki text in version 2."""
        return document_of(body) if self.version == "3" else text_of(body)

    def selected(self, wanted: Collection[str], default: str) -> list[Field]:
        """The fields that were asked for: ids, `*all`, `*navigable`, and `-id` to leave one out.

        `GET /issue/{issueIdOrKey}` and `POST /search/jql` in the specification; names that do not exist are ignored.
        """
        included = [name for name in wanted if not name.startswith("-")] or [default]
        excluded = {name[1:] for name in wanted if name.startswith("-")}
        fields = []
        for field in self.store.fields.values():
            is_navigable = field.is_navigable and field.id not in NOT_NAVIGABLE
            if "*all" in included or field.id in included or ("*navigable" in included and is_navigable):
                fields.append(field)
        return [field for field in fields if field.id not in excluded]

    def issue(
        self, issue: Issue, fields: Iterable[Field], *, expand: Collection[str] = (), properties: Collection[str] = ()
    ) -> Json:
        """An issue with those fields."""
        values = {field.id: self._value(issue, field) for field in fields if self._has_field(issue, field)}
        wire: Json = {
            "expand": ISSUE_EXPANSIONS,
            "id": issue.id,
            "self": f"{self.root}/issue/{issue.id}",
            "key": issue.key,
            **({"fields": values} if values else {}),
        }
        if "changelog" in expand:
            wire["changelog"] = self.embedded_changelog(issue)
        if "names" in expand:
            wire["names"] = {name: self.store.fields[name].name for name in values}
        if properties:
            known = issue.properties
            wire["properties"] = {k: v for k, v in known.items() if k in properties or "*all" in properties}
        return wire

    def _has_field(self, issue: Issue, field: Field) -> bool:
        """`parent` is missing where there is none; on Data Center only sub-tasks have one."""
        if field.id == "parent":
            return issue.parent_id is not None and (self.store.is_cloud or issue.type.level < 0)
        return True

    def _value(self, issue: Issue, field: Field) -> Any:  # noqa: C901, PLR0912 one line a field
        match field.id:
            case "summary":
                return issue.summary
            case "issuetype":
                return self.issue_type(issue.type)
            case "project":
                return self.project(issue.project)
            case "status":
                return self.status(issue.status)
            case "description":
                return self.body(issue.description)
            case "labels":
                return issue.labels
            case "assignee" | "reporter" | "creator":
                return self.account_details(getattr(issue, field.id))
            case "created" | "updated":
                return self.time_of_issue(getattr(issue, field.id))
            case "statuscategorychangedate":
                return self.time(issue.category_changed)
            case "resolutiondate":
                resolved = issue.fields.get("resolutiondate")
                return resolved if resolved is None or isinstance(resolved, str) else self.time_of_issue(resolved)
            case "parent":
                return self.short(str(issue.parent_id))
            case "subtasks":
                return self._subtasks(issue)
            case "issuelinks":
                return self.links(issue)
            case "comment":
                return self._embedded_comments(issue)
        return self._other_value(issue, field)

    def _other_value(self, issue: Issue, field: Field) -> Any:
        """Data Center shows the parent in a field of its own: `trackers.md`, Hierarchy and fields."""
        if not self.store.is_cloud and field.custom in (EPIC_LINK, PARENT_LINK):
            is_ours = (field.custom == EPIC_LINK) == (issue.type.level == 0)
            parent = self.store.issues.get(issue.parent_id or "")
            return parent.key if parent is not None and is_ours and issue.type.level >= 0 else None
        value = issue.fields.get(field.id)
        if isinstance(value, Body):
            return self.body(value)
        return ([] if field.kind == "array" else None) if value is None else value

    def short(self, issue_id: str) -> Json:
        """The other end of a link, or a parent: summary, status, priority and type only."""
        issue = self.store.issues.get(issue_id)
        if issue is None:
            return self.store.absent_issues[issue_id]
        fields = {
            "summary": issue.summary,
            "status": self.status(issue.status),
            "priority": issue.fields.get("priority"),
            "issuetype": self.issue_type(issue.type),
        }
        return {"id": issue.id, "key": issue.key, "self": f"{self.root}/issue/{issue.id}", "fields": fields}

    def is_shown(self, issue_id: str) -> bool:
        """Whether the other end of a link may be seen; what was not recorded itself is shown as it was recorded."""
        issue = self.store.issues.get(issue_id)
        return issue is None or self.store.can_browse(self.account, issue)

    def links(self, issue: Issue) -> list[Json]:
        """Of each link only the other end: on B of "A blocks B" it is `inwardIssue` A.

        `issues_dc_agile_with_links.jsonl`; `trackers.md`, Writing.
        """
        shown = []
        for link in self.store.links_by_issue.get(issue.id, []):
            role, other = (
                ("outwardIssue", link.outward_id) if link.inward_id == issue.id else ("inwardIssue", link.inward_id)
            )
            if self.is_shown(other):
                shown.append(self._link(link) | {role: self.short(other)})
        return shown

    def whole_link(self, link: Link) -> Json:
        """A link with both of its ends: `GET /issueLink/{linkId}` in the specification."""
        return self._link(link) | {
            "inwardIssue": self.short(link.inward_id),
            "outwardIssue": self.short(link.outward_id),
        }

    def _link(self, link: Link) -> Json:
        return {"id": link.id, "self": f"{self.root}/issueLink/{link.id}", "type": self.link_type(link.type)}

    def _subtasks(self, issue: Issue) -> list[Json]:
        recorded: list[Json] = issue.fields.get("subtasks") or []
        return [self.short(child.id) for child in self.store.children(issue) if child.type.level < 0] + recorded

    def _embedded_comments(self, issue: Issue) -> Json:
        """At most 20 comments stand in an issue, with the true total: `trackers.md`, Search."""
        cap = self.store.behaviour.embedded_comments if self.store.is_cloud else len(issue.comments)
        comments = [self.comment(issue, comment) for comment in issue.comments[:cap]]
        page = {"comments": comments, "maxResults": len(comments), "total": len(issue.comments), "startAt": 0}
        return page | {"self": f"{self.root}/issue/{issue.id}/comment"}

    def comment(self, issue: Issue, comment: Comment, *, with_properties: bool = False) -> Json:
        """A comment, with its properties where they were asked for by `expand=properties`."""
        wire: Json = {
            "self": f"{self.root}/issue/{issue.id}/comment/{comment.id}",
            "id": comment.id,
            "author": self.account_details(comment.author),
            "body": self.body(comment.body),
            "updateAuthor": self.account_details(comment.update_author),
            "created": self.time(comment.created),
            "updated": self.time(comment.updated),
        }
        if self.store.is_cloud:
            wire["jsdPublic"] = True
        if with_properties:
            wire["properties"] = [{"key": key, "value": value} for key, value in comment.properties.items()]
        return wire

    def embedded_changelog(self, issue: Issue) -> Json:
        """Newest first on Cloud, oldest first on Data Center, as in the recordings; Cloud embeds at most 100."""
        histories = in_order(issue.histories)
        total = len(histories)
        if self.store.is_cloud:
            histories = histories[::-1][:100]
        shown = [self.history(history) for history in histories]
        return {"startAt": 0, "maxResults": len(shown), "total": total, "histories": shown}

    def history(self, history: History) -> Json:
        """One entry of the changelog."""
        author = self.account_details(history.author)
        wire = {
            "id": history.id,
            "created": self.time(history.created),
            "items": [_change(one) for one in history.items],
        }
        return wire if author is None else wire | {"author": author}

    def remote_link(self, issue: Issue, link: RemoteLink) -> Json:
        """A remote link: `realdata/jira/remotelinks.jsonl`."""
        wire: Json = {
            "id": link.id,
            "self": f"{self.root}/issue/{issue.key}/remotelink/{link.id}",
            "application": link.application,
            "object": link.object,
        }
        if link.global_id is not None:
            wire["globalId"] = link.global_id
        if link.relationship is not None:
            wire["relationship"] = link.relationship
        return wire


def in_order(histories: list[History]) -> list[History]:
    """The changelog from its oldest entry on."""
    return sorted(histories, key=lambda history: (history.created, int(history.id)))


def _change(item: ChangeItem) -> Json:
    return {
        "field": item.field,
        "fieldtype": item.field_type,
        **({"fieldId": item.field_id} if item.field_id is not None else {}),
        "from": item.old,
        "fromString": item.old_text,
        "to": item.new,
        "toString": item.new_text,
    }
