"""Definitions and people as they go over the wire; the shapes are those of the recordings and the specification."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from connectors.sandbox.jira.definitions import READ_ONLY_FIELDS
from connectors.sandbox.jira.model import (
    Account,
    Field,
    IssueType,
    Json,
    LinkType,
    Project,
    Status,
    StatusCategory,
)
from connectors.sandbox.jira.store import JiraStore

_AVATAR_SIZES = ("48x48", "24x24", "16x16", "32x32")


class View:
    """Renders for one request: its version of the interface, its address and the account that asks."""

    def __init__(self, store: JiraStore, version: str, base: str, account: Account | None) -> None:
        self.store = store
        self.version = version
        self.base = store.base_url or base
        self.root = f"{self.base}/rest/api/{version}"
        self.account = account

    def time(self, instant: datetime) -> str:
        """`2026-11-22T07:49:20.000+0000`; with `times_in_profile_zone` in the zone of the account that asks.

        `trackers.md`, Hierarchy and fields; the recorded Cloud answers are in the zone of the profile.
        """
        zone = UTC if self.account is None or not self.store.behaviour.times_in_profile_zone else None
        local = instant.astimezone(zone or ZoneInfo(self.account.time_zone if self.account else "UTC"))
        return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03d}{local:%z}"

    def time_of_issue(self, instant: datetime) -> str:
        """Data Center keeps the times of an issue to the second: `issues_dc_agile_with_links.jsonl`."""
        return self.time(instant if self.store.is_cloud else instant.replace(microsecond=0))

    def account_details(self, account: Account | None) -> Json | None:
        """A person: by account id on Cloud, by name and key on Data Center."""
        if account is None:
            return None
        if self.store.is_cloud:
            query, identity = f"accountId={account.account_id}", {"accountId": account.account_id}
        else:
            query, identity = f"username={account.name}", {"name": account.name, "key": account.key}
        details = {
            "self": f"{self.root}/user?{query}",
            **identity,
            "emailAddress": account.email,
            "avatarUrls": {size: f"{self.base}/avatar/{size}.png" for size in _AVATAR_SIZES},
            "displayName": account.display_name,
            "active": account.active,
            "timeZone": account.time_zone,
        }
        if self.store.is_cloud:
            details["accountType"] = account.account_type
        return details

    def project(self, project: Project) -> Json:
        """A project as it stands in an issue and in lists."""
        return {
            "self": f"{self.root}/project/{project.id}",
            "id": project.id,
            "key": project.key,
            "name": project.name,
            "projectTypeKey": project.type_key,
            "avatarUrls": {size: f"{self.base}/avatar/{size}.png" for size in _AVATAR_SIZES},
            **({"simplified": project.is_simplified} if self.store.is_cloud else {}),
        }

    def issue_type(self, issue_type: IssueType) -> Json:
        """A type; only Cloud tells the level: `issues_dc_agile_with_links.jsonl` has none."""
        return {
            "self": f"{self.root}/issuetype/{issue_type.id}",
            "id": issue_type.id,
            "description": issue_type.description,
            "iconUrl": f"{self.base}/images/icons/issuetypes/{issue_type.id}.svg",
            "name": issue_type.name,
            "subtask": issue_type.level < 0,
            "avatarId": 10300,
            **({"hierarchyLevel": issue_type.level} if self.store.is_cloud else {}),
        }

    def status(self, status: Status) -> Json:
        """A status with its category."""
        return {
            "self": f"{self.root}/status/{status.id}",
            "description": status.description,
            "iconUrl": f"{self.base}/",
            "name": status.name,
            "id": status.id,
            "statusCategory": self.category(status.category),
        }

    def category(self, category: StatusCategory) -> Json:
        """A status category; clients decide by `key`."""
        return {
            "self": f"{self.root}/statuscategory/{category.id}",
            "id": category.id,
            "key": category.key,
            "colorName": category.colour,
            "name": category.name,
        }

    def link_type(self, link_type: LinkType) -> Json:
        """A link type with both of its phrases."""
        return {
            "id": link_type.id,
            "name": link_type.name,
            "inward": link_type.inward,
            "outward": link_type.outward,
            "self": f"{self.root}/issueLinkType/{link_type.id}",
        }

    def field(self, field: Field) -> Json:
        """A field with its schema: `realdata/jira/fields_dc.jsonl`; `key` is on Cloud only."""
        schema: Json = {"type": field.kind}
        if field.items:
            schema["items"] = field.items
        names = [field.id]
        if field.custom:
            number = field.id.removeprefix("customfield_")
            schema |= {"custom": field.custom, "customId": int(number)}
            names = sorted({f"cf[{number}]", field.name})
        else:
            schema["system"] = field.id
        return {
            "id": field.id,
            **({"key": field.id} if self.store.is_cloud else {}),
            "name": field.name,
            "custom": bool(field.custom),
            "orderable": field.id not in READ_ONLY_FIELDS,
            "navigable": field.is_navigable,
            "searchable": True,
            "clauseNames": names,
            "schema": schema,
        }
