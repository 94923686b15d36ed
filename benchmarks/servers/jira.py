"""As much of Jira Cloud, version 3, as our connector and its peers ask for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from benchmarks.servers import issues
from benchmarks.servers.answering import Answer, Request, ServerClock

ISSUES_A_PAGE = 100
IDS_A_PAGE = 5000
_READS = re.compile(r"/(search/jql|search/approximate-count|(issue|changelog)/bulkfetch)$")


class Jira:
    """One site with `count` issues, each kept as the bytes that it is answered with."""

    def __init__(self, count: int, *, is_rich: bool) -> None:
        self.clock = ServerClock()
        self._is_rich = is_rich
        self._settled = self.clock.now() - timedelta(days=2)
        self._updated: dict[int, datetime] = {}  # of those that were changed since
        self._bodies = [self._render(number) for number in range(count)]
        self._searches: list[list[int]] = []
        self._searched: dict[str, int] = {}
        self._comments = 0

    def answer(self, request: Request) -> Answer:
        place = re.sub(r"^/rest/api/[23]/", "", request.path)
        match place:
            case "search/jql":
                return self._search_jql(_asked(request))
            case "issue/bulkfetch":
                return self._issue_bulkfetch(_asked(request))
            case "changelog/bulkfetch":
                return self._changelog_bulkfetch(_asked(request))
            case "issueLink":
                return Answer(status=201)
        if found := re.fullmatch(r"issue/(?:(\d+)|[A-Z]+-(\d+))(?:/(\w+))?(?:/\d+)?", place):
            number = int(found[1]) - issues.FIRST_ID if found[1] else int(found[2]) - 1
            return self._issue(number, found[3] or "", request)
        if (found := re.fullmatch(r"project/(\w+)", place)) and found[1] in issues.PROJECTS:
            return _json(_project(found[1]))
        answer = self._definition(place)
        return Answer(status=404, body=b'{"errorMessages":["no such place"]}') if answer is None else _json(answer)

    def is_read(self, request: Request) -> bool:
        return request.method == "GET" or bool(request.method == "POST" and _READS.search(request.path))

    def change(self, share: float) -> int:
        """Changes issues all over the site, now."""
        count = int(len(self._bodies) * share)
        for number in range(3, len(self._bodies), len(self._bodies) // max(1, count))[:count]:
            body = json.loads(self._bodies[number])
            body["fields"]["summary"] += f", changed {self.clock.now().isoformat()}"
            self._keep(number, body)
        return count

    def _render(self, number: int) -> bytes:
        updated = self._settled - issues.SPACING * (number % 50_000)
        return msgspec.json.encode(issues.issue(number, updated, is_rich=self._is_rich))

    def _search_jql(self, asked: dict[str, Any]) -> Answer:
        """A token names the search and how far it got."""
        fields = asked.get("fields") or ["id"]
        only_ids = fields in (["id"], "id")
        search, start = map(int, str(asked.get("nextPageToken") or f"{self._search(asked['jql'])}.0").split("."))
        most = min(int(asked.get("maxResults") or 50), IDS_A_PAGE if only_ids else ISSUES_A_PAGE)
        found = self._searches[search]
        page, end = found[start : start + most], start + most
        bodies: Iterable[bytes] = (self._bodies[number] for number in page)
        if only_ids:
            bodies = (b'{"id":"%d"}' % (number + issues.FIRST_ID) for number in page)
        is_last = end >= len(found)
        rest = b',"isLast":true}' if is_last else b',"isLast":false,"nextPageToken":"%d.%d"}' % (search, end)
        return Answer(body=b'{"issues":[' + b",".join(bodies) + b"]" + rest)

    def _search(self, jql: str) -> int:
        if jql not in self._searched:
            self._searched[jql] = len(self._searches)
            self._searches.append(list(self._found(jql)))
        return self._searched[jql]

    def _found(self, jql: str) -> Iterable[int]:
        """By project and, where times are asked for, what was changed since the first: the rest lies days back."""
        projects = {key for key in issues.PROJECTS if re.search(rf'"{key}"', jql)}
        numbers: Iterable[int] = range(len(self._bodies))
        if times := re.findall(r'updated >= "([^"]+)"', jql):
            since = min(datetime.fromisoformat(time) for time in times).replace(tzinfo=issues.ZONE)
            numbers = (number for number, updated in sorted(self._updated.items()) if updated >= since)
        return (number for number in numbers if issues.project_of(number) in projects)

    def _issue_bulkfetch(self, asked: dict[str, Any]) -> Answer:
        numbers = sorted(int(identifier) - issues.FIRST_ID for identifier in asked["issueIdsOrKeys"])
        bodies = b",".join(self._bodies[number] for number in numbers if 0 <= number < len(self._bodies))
        return Answer(body=b'{"expand":"","issues":[' + bodies + b"]}")

    def _changelog_bulkfetch(self, asked: dict[str, Any]) -> Answer:
        return _json({"issueChangeLogs": [self._changelog(int(one)) for one in asked["issueIdsOrKeys"]]})

    def _changelog(self, identifier: int) -> dict[str, Any]:
        number = identifier - issues.FIRST_ID
        moved = {"field": "status", "fieldId": "status", "from": "1", "to": "2", "toString": "Analyzing"}
        changes: list[dict[str, Any]] = [moved]
        for other, phrase in ((issues.blocks(number), "blocks"), (issues.blocked_by(number), "is blocked by")):
            if other is not None:
                key = issues.key_of(other)
                changes.append({"field": "Link", "from": None, "to": key, "toString": f"This issue {phrase} {key}"})
        created = issues.written(self._settled - timedelta(days=30))
        return {"issueId": str(identifier), "changeHistories": [{"id": "1", "created": created, "items": changes}]}

    def _issue(self, number: int, part: str, request: Request) -> Answer:
        if part == "remotelink":
            return _json([]) if request.method == "GET" else _json({"id": 1}, status=201)
        if part == "comment" and request.method in ("POST", "PUT"):
            return self._comment(number, _asked(request))
        if request.method == "PUT":
            asked = _asked(request)
            self._edit(number, asked)
            for one in asked["update"].get("comment", ()):
                self._comment(number, one["add"])
            return Answer(status=204)
        return Answer(body=self._bodies[number])

    def _edit(self, number: int, asked: dict[str, Any]) -> None:
        """Adds and removes labels; they stand from now on."""
        body = json.loads(self._bodies[number])
        labels = dict.fromkeys(body["fields"]["labels"])
        for verb in asked["update"].get("labels", ()):
            labels |= {verb["add"]: None} if "add" in verb else {}
            labels.pop(verb.get("remove"), None)
        body["fields"]["labels"] = list(labels)
        self._keep(number, body)

    def _comment(self, number: int, asked: dict[str, Any]) -> Answer:
        """A comment of ours; it stands from now on."""
        self._comments += 1
        identifier, now = str(900_000 + self._comments), issues.written(self.clock.now())
        comment = {"id": identifier, "created": now, "updated": now, "author": {"accountId": issues.BOT}}
        comment["body"] = asked["body"]
        body = json.loads(self._bodies[number])
        page = body["fields"]["comment"]
        page["comments"].append(comment)
        page["total"] += 1
        self._keep(number, body)
        return _json(comment, status=201)

    def _keep(self, number: int, body: dict[str, Any]) -> None:
        """Keeps an issue that was changed just now."""
        self._updated[number] = self.clock.now()
        body["fields"]["updated"] = issues.written(self._updated[number])
        self._bodies[number] = msgspec.json.encode(body)
        self._searched.clear()

    def _definition(self, place: str) -> Any:
        match place:
            case "serverInfo":
                now = issues.written(self.clock.now())
                about = {"version": "1001.0.0", "versionNumbers": [1001, 0, 0], "deploymentType": "Cloud"}
                return {"baseUrl": "https://northwind.atlassian.net", "serverTime": now, **about}
            case "myself":
                return {"accountId": issues.BOT, "displayName": "lpm-sync", "timeZone": issues.ZONE.key}
            case "field":
                return [_field(name, *field) for name, field in issues.FIELDS.items()]
            case "issuetype":
                return [{"id": "10000", "name": "Epic"}, {"id": "10001", "name": "Feature"}]
            case "issueLinkType":
                return {"issueLinkTypes": issues.LINK_TYPES}
            case "project":
                return [_project(key) for key in issues.PROJECTS]
            case "project/search":
                projects = [_project(key) for key in issues.PROJECTS]
                return {"values": projects, "total": len(projects), "isLast": True, "startAt": 0, "maxResults": 50}
        return None


def _asked(request: Request) -> dict[str, Any]:
    """The body, or the query where a client reads by GET."""
    if request.body:
        return dict(msgspec.json.decode(request.body))
    return {**request.query, "fields": request.query.get("fields", "").split(",")}


def _json(value: Any, *, status: int = 200) -> Answer:
    return Answer(body=msgspec.json.encode(value), status=status)


def _project(key: str) -> dict[str, str]:
    return {"id": issues.project_id(key), "key": key, "name": f"Project {key}"}


def _field(name: str, identifier: str, kind: str) -> dict[str, Any]:
    return {"id": identifier, "name": name, "custom": True, "clauseNames": [name], "schema": {"type": kind}}
