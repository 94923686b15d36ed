"""Requests as the handlers see them, and which handler a path belongs to.

The service ignores case in paths: the specification writes `workitems` and `workItems` for the same resource, and the
recordings use both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import msgspec
from starlette.responses import Response

from connectors.sandbox.azure_devops import errors
from connectors.sandbox.azure_devops.model import Project, WorkItem
from connectors.sandbox.azure_devops.store import AzureDevOpsStore
from connectors.sandbox.azure_devops.views import Views

EXPANSIONS = ("none", "relations", "fields", "links", "all")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, with what its path names looked up."""

    store: AzureDevOpsStore
    root: str  # scheme, host and organisation of this server
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content: bytes
    project: Project | None
    version: str

    @property
    def views(self) -> Views:
        """Writes answers with addresses of this server."""
        return Views(self.store, self.root)

    def json(self) -> Any:
        """The decoded body; a body that is no JSON is a 400."""
        try:
            return msgspec.json.decode(self.content)
        except msgspec.DecodeError:
            raise errors.bad_argument("The request body is not valid JSON.") from None

    def json_object(self) -> dict[str, Any]:
        """The decoded body, which must be an object."""
        body = self.json()
        if not isinstance(body, dict):
            raise errors.bad_argument("Value cannot be null. Parameter name: body")
        return body

    def number(self, name: str) -> int | None:
        """A whole number in the query."""
        text = self.query.get(name)
        if text is None:
            return None
        if not text.isdecimal():
            raise errors.bad_argument(f"The value '{text}' is not valid for {name}.")
        return int(text)

    def flag(self, name: str) -> bool:
        """A boolean in the query, false where absent."""
        return self.query.get(name, "").casefold() == "true"

    def names(self, name: str) -> list[str]:
        """A list in the query, separated by commas."""
        return [part.strip() for part in self.query.get(name, "").split(",") if part.strip()]

    def expansion(self) -> str:
        """`$expand`, in small letters."""
        return read_expansion(self.query.get("$expand"))

    def needed_project(self) -> Project:
        """The project of a path that must name one."""
        if self.project is None:
            raise errors.bad_argument("The project name or id is missing in the path.", "ArgumentException")
        return self.project

    def item(self) -> WorkItem:
        """The work item of the path, if the account can read it and it lies in the project of the path."""
        identifier = int(self.path["id"])
        item = self.store.visible(identifier)
        if item is None or (self.project is not None and self.project.id != item.project_id):
            raise errors.work_item_not_found(identifier)
        return item


Handler = Callable[[Call], Response]


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path below the organisation; `is_preview` resources want a preview version."""

    method: str
    template: str
    handler: Handler
    is_preview: bool = False

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """The named parts of the path, or None."""
        if method != self.method:
            return None
        found = _pattern(self.template).fullmatch(path)
        return {name: unquote(value) for name, value in found.groupdict().items() if value} if found else None


_PATTERNS: dict[str, re.Pattern[str]] = {}


def _pattern(template: str) -> re.Pattern[str]:
    """`{project}` and `{team}` may be absent, `{id}` is a number, `{path}` is the rest."""
    if template not in _PATTERNS:
        text = re.escape(template).replace(r"\{", "{").replace(r"\}", "}")
        text = text.replace("{project}/", "(?:(?P<project>[^/]+)/)?").replace("{team}/", "(?:(?P<team>[^/]+)/)?")
        text = re.sub(r"{(id|comment|number)}", r"(?P<\1>\\d+)", text)
        text = text.replace("/{path}", "(?:/(?P<path>.+))?")
        text = re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", text)
        _PATTERNS[template] = re.compile(text, re.IGNORECASE)
    return _PATTERNS[template]


def read_expansion(text: str | None) -> str:
    """An expansion in small letters (recordings 11 and 104 write `all` and `All`)."""
    value = (text or "none").casefold()
    if value not in EXPANSIONS:
        raise errors.bad_argument(f"The value '{text}' is not valid for Nullable`1.")
    return value


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(
        msgspec.json.encode(body),
        status_code=status,
        headers=dict(headers or {}),
        media_type="application/json; charset=utf-8",
    )


def collection(values: list[Any], headers: Mapping[str, str] | None = None) -> Response:
    """A list in its wrapper (recording 31)."""
    return answer({"count": len(values), "value": values}, headers=headers)
