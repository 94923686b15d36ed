"""Reads what a client wants an issue to be, and refuses what its screen or its type does not allow."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import msgspec

from connectors.sandbox.jira.call import BAD_PAYLOAD, Call
from connectors.sandbox.jira.definitions import READ_ONLY_FIELDS
from connectors.sandbox.jira.documents import MAXIMUM_CHARACTERS, count_characters, is_document
from connectors.sandbox.jira.errors import RefusalError
from connectors.sandbox.jira.model import EPIC_LINK, PARENT_LINK, Account, Field, Issue, IssueType, Json

MAXIMUM_PROPERTY = 32_768
TOO_LONG = "The entered text is too long. It exceeds the allowed limit of 32,767 characters."


@dataclass(slots=True)
class Draft:
    """What is to be set, in the form that the store takes, and what is wrong with it, by field."""

    changes: dict[str, Any] = field(default_factory=dict)
    comments: list[str | Json] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)

    def refuse_errors(self) -> None:
        """A 400 that names every field at fault; nothing is written then."""
        if self.errors:
            raise RefusalError(400, errors=self.errors)


class DraftReader:
    """Reads `fields` and `update` of one request. `labels` are those that the issue has now."""

    def __init__(self, call: Call, issue_type: IssueType | None, *, labels: list[str], is_new: bool) -> None:
        self._call = call
        self._type = issue_type
        self._labels = labels
        self._is_new = is_new
        self.draft = Draft()

    def read(self, payload: Json) -> Draft:
        """Takes every field, collecting errors instead of stopping at the first."""
        fields, update = payload.get("fields") or {}, payload.get("update") or {}
        if not isinstance(fields, dict) or not isinstance(update, dict):
            raise RefusalError(400, BAD_PAYLOAD)
        for name in sorted(set(fields) & set(update)):
            self.draft.errors[name] = f"Field '{name}' cannot be set in both 'fields' and 'update'."
        for name, value in fields.items():
            self._take(name, value)
        for name, operations in update.items():
            self._update(name, operations)
        return self.draft

    def _update(self, name: str, operations: Any) -> None:
        if not isinstance(operations, list) or not all(isinstance(one, dict) and len(one) == 1 for one in operations):
            raise RefusalError(400, BAD_PAYLOAD)
        if name == "labels":
            self._take(name, self._updated_labels(operations))
        elif name == "comment":
            self.draft.comments += [comment_body(self._call, one.get("add")) for one in operations]
        elif all("set" in one for one in operations):
            for one in operations:
                self._take(name, one["set"])
        else:
            self.draft.errors[name] = f"Field '{name}' does not support this operation."

    def _updated_labels(self, operations: list[Json]) -> list[Any]:
        """`trackers.md`, Writing: add and remove leave the labels of others alone."""
        labels: list[Any] = list(self._labels)
        for operation in operations:
            verb, value = next(iter(operation.items()))
            if verb == "set":
                labels = list(value or [])
            elif verb == "add":
                labels.append(value)
            elif verb == "remove":
                labels = [label for label in labels if label != value]
            else:
                self.draft.errors["labels"] = f"Field with id 'labels' does not support operation '{verb}'."
        return labels

    def _take(self, name: str, value: Any) -> None:
        known = self._call.store.fields.get(name)
        if known is None or not self.is_on_screen(known):
            message = f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
            self.draft.errors[name] = message
            return
        try:
            target = "parent" if known.custom in (EPIC_LINK, PARENT_LINK) else name
            self.draft.changes[target] = self._read(known, value)
        except ValueError as error:
            self.draft.errors[name] = str(error)

    def is_on_screen(self, known: Field) -> bool:
        """Whether a client can set the field here."""
        if known.id in READ_ONLY_FIELDS or (known.id == "project" and not self._is_new):
            return False
        if known.id == "parent" and not self._call.store.is_cloud:
            return self._type is not None and self._type.level < 0
        return known.on_create_screen if self._is_new else known.on_edit_screen

    def _read(self, known: Field, value: Any) -> Any:
        if known.is_rich_text:
            return None if value is None else rich_text(self._call, value)
        if known.id == "parent" or known.custom in (EPIC_LINK, PARENT_LINK):
            return self._parent(value)
        match known.id:
            case "summary":
                return _summary(value)
            case "labels":
                return _labels(value)
            case "assignee" | "reporter":
                return self._account(value)
            case "issuetype" | "project":
                return self._definition(known.id, value)
        return _plain(known, value)

    def _parent(self, value: Any) -> Issue | None:
        if value is None or (isinstance(value, dict) and value.get("none")):
            return None
        reference = value.get("id") or value.get("key") if isinstance(value, dict) else value
        parent = self._call.find_issue(str(reference))
        if parent is None:
            raise ValueError("Could not find issue by id or key.")
        level = self._type.level if self._type is not None else parent.type.level - 1
        if parent.type.level <= level or (self._call.store.is_cloud and parent.type.level != level + 1):
            raise ValueError("Given parent work item does not belong to appropriate hierarchy.")
        return parent

    def _account(self, value: Any) -> Account | None:
        if value is None:
            return None
        names = ("accountId", "id") if self._call.store.is_cloud else ("name",)
        identity = next((str(value[name]) for name in names if isinstance(value, dict) and value.get(name)), "")
        try:
            return self._call.store.account(identity)
        except KeyError:
            raise ValueError(f"User '{identity}' cannot be assigned issues.") from None

    def _definition(self, name: str, value: Any) -> Any:
        reference = str(value.get("id") or value.get("key") or value.get("name")) if isinstance(value, dict) else ""
        store = self._call.store
        try:
            return store.issue_type(reference) if name == "issuetype" else store.project(reference)
        except KeyError:
            message = "Specify a valid issue type" if name == "issuetype" else "Specify a valid project ID or key"
            raise ValueError(message) from None


def rich_text(call: Call, value: Any) -> str | Json:
    """A document in version 3, a string in version 2, of at most 32,767 characters; ValueError otherwise."""
    if call.is_version_3 and not is_document(value):
        raise ValueError("Operation value must be an Atlassian Document (see the Atlassian Document Format)")
    if not call.is_version_3 and not isinstance(value, str):
        raise ValueError("Operation value must be a string")
    if count_characters(value) > MAXIMUM_CHARACTERS:
        raise ValueError(TOO_LONG)
    text: str | Json = value
    return text


def comment_body(call: Call, payload: Any) -> str | Json:
    """The body of a comment; `trackers.md`, Writing. Data Center words its refusal of a document as its parser does."""
    body = payload.get("body") if isinstance(payload, dict) else None
    if not call.store.is_cloud and isinstance(body, dict):
        raise RefusalError(400, "Cannot deserialize value of type `java.lang.String` from Object value")
    try:
        text = rich_text(call, body)
    except ValueError as error:
        raise RefusalError(
            400, errors={"comment": TOO_LONG if str(error) == TOO_LONG else "Comment body is not valid!"}
        ) from None
    if not count_characters(text):
        raise RefusalError(400, errors={"comment": "Comment body can not be empty!"})
    return text


def require_another_comment(call: Call, issue: Issue) -> Account:
    """Who comments; refused without the permission, and on Cloud past the limit of an issue (5000, for ever)."""
    account = call.require(issue.project, "ADD_COMMENTS", "comment on issues")
    if call.store.is_cloud and len(issue.comments) >= call.store.limits.comments_per_issue:
        raise RefusalError(413, "The per-issue limit for comments has been reached.")
    return account


def read_properties(payload: Json) -> dict[str, Any]:
    """The hidden properties of a request, each with a value of at most 32,768 characters of JSON."""
    properties = payload.get("properties") or []
    if not isinstance(properties, list) or not all(isinstance(one, dict) and "key" in one for one in properties):
        raise RefusalError(400, BAD_PAYLOAD)
    for one in properties:
        check_property(str(one["key"]), one.get("value"))
    return {str(one["key"]): one.get("value") for one in properties}


def check_property(key: str, value: Any) -> None:
    """Refuses a property that is too long; `PUT /issue/{issueIdOrKey}/properties/{propertyKey}`."""
    if not key or len(key) > 255:
        raise RefusalError(400, "The property key must have between 1 and 255 characters.")
    if len(msgspec.json.encode(value).decode()) > MAXIMUM_PROPERTY:
        raise RefusalError(400, "The property value must not have more than 32768 characters.")


def _summary(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("You must specify a summary of the issue.")
    if "\n" in value or "\r" in value:
        raise ValueError("The summary is invalid because it contains newline characters.")
    if len(value) > 255:
        raise ValueError("Summary can't exceed 255 characters.")
    return value


def _labels(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(label, str) for label in value):
        raise ValueError("data was not an array of strings")
    for label in value:
        if not label or re.search(r"\s", label):
            raise ValueError(f"The label '{label}' contains spaces which is invalid.")
        if len(label) > 255:
            raise ValueError(f"The label '{label}' is longer than 255 characters.")
    return value


def _plain(known: Field, value: Any) -> Any:
    if value is None:
        return None
    if known.kind == "number" and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise ValueError("Operation value must be a number")
    if known.kind == "string" and not isinstance(value, str):
        raise ValueError("Operation value must be a string")
    if known.kind == "date" and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value)):
        raise ValueError(f"Error parsing date string: {value}")
    return value
