"""As much of Azure DevOps, version 7.1, as our connector and the package ask for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from benchmarks.servers import work_items
from benchmarks.servers.answering import Answer, Request, ServerClock
from connectors.sandbox.azure_devops.locations import locations
from connectors.sandbox.azure_devops.releases import SERVICE

ITEMS_A_BATCH = 200
REVISIONS_A_BATCH = 1000
_READS = re.compile(r"/_apis/wit/(wiql|workitemsbatch)$")


class AzureDevOps:
    """One organisation with `count` items, each kept as the bytes that it is answered with."""

    def __init__(self, count: int, *, is_rich: bool) -> None:
        self.clock = ServerClock()
        self._is_rich = is_rich
        self._settled = self.clock.now() - timedelta(days=2)
        self._bodies = [self._render(number, self._settled - work_items.SPACING * number) for number in range(count)]
        self._revised: list[int] = []  # by when they were changed; a token says how many of them are known

    def answer(self, request: Request) -> Answer:
        place = re.sub(rf"^/{work_items.ORGANISATION}/", "", request.path, flags=re.IGNORECASE)
        project, _, resource = place.rpartition("_apis")
        resource = resource.strip("/").lower()
        if request.method == "OPTIONS":
            return _collection(locations(SERVICE))
        match resource:
            case "resourceareas":
                return _collection([])
            case "wit/wiql":
                return self._query(request)
            case "wit/workitemsbatch":
                return self._batch(msgspec.json.decode(request.body)["ids"])
            case "wit/reporting/workitemrevisions":
                return self._revisions(request)
            case "wit/reporting/workitemlinks":
                return self._links(request, project.strip("/"))
        if found := re.fullmatch(r"wit/workitems/(\d+)/updates", resource):
            return self._updates(int(found[1]), request)
        definition = self._definition(resource)
        return Answer(status=404, body=b"{}") if definition is None else definition

    def is_read(self, request: Request) -> bool:
        is_query = request.method == "POST" and _READS.search(request.path.lower())
        return request.method in ("GET", "OPTIONS") or bool(is_query)

    def change(self, share: float) -> int:
        """Changes items all over the organisation, now."""
        count = int(len(self._bodies) * share)
        now = self.clock.now()
        for number in range(3, len(self._bodies), len(self._bodies) // max(1, count))[:count]:
            body = work_items.work_item(number, now, is_rich=self._is_rich)
            body["rev"] += 1
            body["fields"]["System.Title"] += f", changed {now.isoformat()}"
            self._bodies[number] = msgspec.json.encode(body)
            self._revised.append(number)
        return count

    def _render(self, number: int, updated: datetime) -> bytes:
        return msgspec.json.encode(work_items.work_item(number, updated, is_rich=self._is_rich))

    def _query(self, request: Request) -> Answer:
        """Ids by project and type, above one, in their order."""
        query = str(msgspec.json.decode(request.body)["query"])
        found = list(self._found(query))[: int(request.query.get("$top", "20000"))]
        listed = b",".join(b'{"id":%d,"url":""}' % (number + 1) for number in found)
        as_of = work_items.written(self.clock.now()).encode()
        return Answer(body=b'{"queryType":"flat","asOf":"' + as_of + b'","workItems":[' + listed + b"]}")

    def _found(self, query: str) -> Iterable[int]:
        if "[System.Id] = 0" in query:
            return ()
        project = re.search(r"\[System\.TeamProject\] = '(\w+)'", query)
        kinds = re.search(r"\[System\.WorkItemType\] IN \(([^)]*)\)", query)
        after = re.search(r"\[System\.Id\] > (\d+)", query)
        return (
            number
            for number in range(int(after[1]) if after else 0, len(self._bodies))
            if (project is None or work_items.project_of(number) == project[1])
            and (kinds is None or f"'{'Epic' if work_items.is_epic(number) else 'Feature'}'" in kinds[1])
        )

    def _batch(self, identifiers: list[int]) -> Answer:
        bodies = [self._bodies[one - 1] for one in identifiers[:ITEMS_A_BATCH] if 0 < one <= len(self._bodies)]
        return Answer(body=b'{"count":%d,"value":[' % len(bodies) + b",".join(bodies) + b"]}")

    def _revisions(self, request: Request) -> Answer:
        """From a token on; without one nothing is told of what was before."""
        start = int(request.query.get("continuationToken") or len(self._revised))
        revised = self._revised[start : start + REVISIONS_A_BATCH]
        end = start + len(revised)
        values = [{"id": number + 1, "rev": 8, "fields": _revised_fields(number)} for number in revised]
        return _feed(values, str(end), is_last=end >= len(self._revised))

    def _links(self, request: Request, project: str) -> Answer:
        """All dependencies of a project from the beginning; nothing from a token or a time on."""
        if {"continuationToken", "startDateTime"} & request.query.keys():
            return _feed([], request.query.get("continuationToken") or "1", is_last=True)
        changed = work_items.written(self._settled - timedelta(days=30))
        values = [
            {
                "rel": "System.LinkTypes.Dependency",
                "attributes": {
                    "sourceId": blocker + 1,
                    "targetId": number + 1,
                    "isActive": True,
                    "changedDate": changed,
                },
            }
            for number in range(len(self._bodies))
            if (blocker := work_items.blocked_by(number)) is not None and work_items.project_of(number) == project
        ]
        return _feed(values, "1", is_last=True)

    def _updates(self, identifier: int, request: Request) -> Answer:
        if int(request.query.get("$skip", "0")):
            return _collection([])
        changed = work_items.written(self._settled - timedelta(days=40))
        fields = {
            "System.State": {"oldValue": "New", "newValue": "Active"},
            "System.ChangedDate": {"newValue": changed},
        }
        return _collection([{"id": 1, "workItemId": identifier, "rev": 1, "fields": fields}])

    def _definition(self, resource: str) -> Answer | None:
        match resource:
            case "connectiondata":
                properties = {"Account": {"$type": "System.String", "$value": "bot@northwind.example"}}
                user = {"id": work_items.BOT, "subjectDescriptor": "aad.bot", "properties": properties}
                return _json({"authenticatedUser": user, "instanceId": work_items.BOT})
            case "projects":
                return _collection([{"id": name, "name": name, "state": "wellFormed"} for name in work_items.PROJECTS])
            case "wit/fields":
                return _collection(
                    [
                        {"name": name, "referenceName": reference, "type": kind}
                        for reference, (name, kind) in work_items.FIELDS.items()
                    ]
                )
            case "wit/workitemtypes":
                states = [{"name": name, "category": category} for name, category in work_items.STATES]
                return _collection([{"name": name, "states": states} for name in ("Epic", "Feature")])
        return None


def _revised_fields(number: int) -> dict[str, Any]:
    return {
        "System.TeamProject": work_items.project_of(number),
        "System.WorkItemType": "Epic" if work_items.is_epic(number) else "Feature",
        "System.State": work_items.state_of(number),
    }


def _feed(values: list[dict[str, Any]], token: str, *, is_last: bool) -> Answer:
    return _json({"values": values, "continuationToken": token, "isLastBatch": is_last, "nextLink": ""})


def _collection(values: list[Any]) -> Answer:
    return _json({"count": len(values), "value": values})


def _json(value: Any) -> Answer:
    return Answer(body=msgspec.json.encode(value))
