"""WIQL and the two reporting feeds.

Paths `…/wiql`, `…/reporting/workitemrevisions` and `…/reporting/workitemlinks` of azure-devops-wit-7.1.swagger.json;
trackers.md, "Azure DevOps", "Reading" and "Link changes".
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from connectors.sandbox.azure_devops import errors
from connectors.sandbox.azure_devops.field_values import parse_time
from connectors.sandbox.azure_devops.model import Field, Identity, LinkEvent, Revision, WorkItem
from connectors.sandbox.azure_devops.routing import Call, Route, answer
from connectors.sandbox.azure_devops.views import format_time
from connectors.sandbox.azure_devops.wiql import Query

LONG_TEXT = ("html", "history")


def query(call: Call) -> Response:
    """`POST wiql`, of the organisation or of a project (recordings 32 and 102)."""
    text = call.json_object().get("query")
    if not isinstance(text, str):
        raise errors.bad_query("TF51006: The query statement is missing.", "")
    engine = Query(call.store, call.project, time_precision=call.flag("timePrecision"))
    result = engine.run(text, call.number("$top"))
    base = f"{call.root}/{call.project.id}" if call.project else call.root
    body: dict[str, Any] = {
        "queryType": "flat",
        "queryResultType": "workItem",
        "asOf": format_time(result.as_of),
        "columns": [_field_reference(call, field) for field in result.columns],
    }
    if result.order:
        body["sortColumns"] = [
            {"field": _field_reference(call, field), "descending": descending} for field, descending in result.order
        ]
    body["workItems"] = [{"id": item.id, "url": f"{base}/_apis/wit/workItems/{item.id}"} for item in result.items]
    return answer(body)


def _field_reference(call: Call, field: Field) -> dict[str, str]:
    url = f"{call.root}/_apis/wit/fields/{field.reference_name}"
    return {"referenceName": field.reference_name, "name": field.name, "url": url}


def revisions_get(call: Call) -> Response:
    """`GET reporting/workitemrevisions`, all of it in the query."""
    options = {name: call.flag(name) for name in ("includeIdentityRef", "includeDeleted", "includeLatestOnly")}
    return _revisions(call, {**options, "fields": call.names("fields"), "types": call.names("types")})


def revisions_post(call: Call) -> Response:
    """`POST reporting/workitemrevisions`: ReportingWorkItemRevisionsFilter, for a list of fields too long for a URL."""
    return _revisions(call, call.json_object())


def _revisions(call: Call, options: dict[str, Any]) -> Response:
    """Revisions after the token in the order of their watermarks; the last batch has a token too, to come back with."""
    names: list[str] = options.get("fields") or []
    for name in names:
        if call.store.field(name) is None:
            raise errors.field_not_found(name)
    types = [name.casefold() for name in options.get("types") or []]
    position, since = _position(call, "revisions"), _since(call)
    found = []
    for item, revision in call.store.revisions:
        if revision.watermark <= position or (since is not None and revision.changed < since):
            continue
        if call.store.project(item.project_id).hidden or (item.deleted and not options.get("includeDeleted")):
            continue
        if call.project is not None and call.project.id != item.project_id:
            continue
        if types and item.type_name.casefold() not in types:
            continue
        if options.get("includeLatestOnly") and revision is not item.revisions[-1]:
            continue
        if call.flag("includeDiscussionChangesOnly") and revision.comment_id is None:
            continue
        found.append((item, revision))
    behaviour = call.store.behaviour
    size = min(call.number("$maxPageSize") or behaviour.reporting_page_size, behaviour.largest_page, 1_000)
    page = found[:size]
    last = page[-1][1].watermark if page else _end(call, position)
    values = [_reported(call, item, revision, names, options) for item, revision in page]
    return _batch(call, "revisions", values, last, is_last=len(found) <= size)


def _reported(
    call: Call, item: WorkItem, revision: Revision, names: list[str], options: dict[str, Any]
) -> dict[str, Any]:
    """A revision without long texts unless `$expand=fields` asks for them; people as text unless asked otherwise."""
    values = {**call.views.computed(item, revision), **revision.fields}
    if names:
        wanted = [field.reference_name for name in names if (field := call.store.field(name))]
        values = {name: values[name] for name in wanted if name in values}
    elif call.expansion() != "fields":
        values = {name: value for name, value in values.items() if not _is_long(call, name)}
    if not options.get("includeIdentityRef"):
        values = {name: str(value) if isinstance(value, Identity) else value for name, value in values.items()}
    fields = {name: call.views.value(value) for name, value in values.items()}
    return {"id": item.id, "rev": revision.number, "fields": fields}


def _is_long(call: Call, name: str) -> bool:
    field = call.store.field(name)
    return field is None or field.type in LONG_TEXT


def links_get(call: Call) -> Response:
    """`GET reporting/workitemlinks`: a token of its own, `isActive=false` for a removed link, `rel` without direction.

    A link belongs to a project with either end in it.
    """
    types = [name.casefold() for name in call.names("types")]
    kinds = [name.casefold() for name in call.names("linkTypes")]
    position, since = _position(call, "links"), _since(call)
    found = [
        event
        for event in call.store.link_events
        if event.watermark > position
        and (since is None or event.at >= since)
        and (not kinds or event.link.type.casefold() in kinds)
        and _touches(call, event, types)
    ]
    size = min(call.store.behaviour.reporting_page_size, call.store.behaviour.largest_page)
    page = found[:size]
    last = page[-1].watermark if page else _end(call, position)
    return _batch(call, "links", [_link(call, event) for event in page], last, is_last=len(found) <= size)


def _touches(call: Call, event: LinkEvent, types: list[str]) -> bool:
    ends = [item for end in (event.link.source, event.link.target) if (item := call.store.items.get(end))]
    if any(call.store.project(item.project_id).hidden for item in ends):
        return False
    if call.project is not None and all(item.project_id != call.project.id for item in ends):
        return False
    return not types or any(item.type_name.casefold() in types for item in ends)


def _link(call: Call, event: LinkEvent) -> dict[str, Any]:
    """A WorkItemRelation without a `url`, as ReportingWorkItemLinksBatch has it: what changed is its `attributes`."""
    source, target = call.store.items.get(event.link.source), call.store.items.get(event.link.target)
    change = {
        "sourceId": event.link.source,
        "targetId": event.link.target,
        "isActive": event.active,
        "changedDate": format_time(event.at),
        "changedBy": call.views.identity(event.actor),
        "comment": event.comment or "",
        "changedOperation": "create" if event.active else "remove",
        "sourceProjectId": source.project_id if source else None,
        "targetProjectId": target.project_id if target else None,
    }
    rest = change if call.store.behaviour.flat_link_changes else {"attributes": change}
    return {"rel": event.link.type, **rest}


def _position(call: Call, feed: str) -> int:
    """The watermark in a continuation token; one feed does not take the token of the other."""
    token = call.query.get("continuationToken") or call.query.get("watermark")
    if token is None:
        return 0
    if "startDateTime" in call.query:
        raise errors.conflicting_parameters("The startDateTime and continuationToken parameters exclude each other.")
    number, _, name = token.partition(";")
    if not number.isdecimal() or name not in (feed, ""):
        raise errors.bad_argument("The continuation token is not valid.", "ArgumentException")
    return int(number)


def _end(call: Call, position: int) -> int:
    """Where an empty batch ends: whoever asked from an instant on and found nothing comes back for what follows."""
    return position if call.query.get("startDateTime") is None else call.store.watermark


def _since(call: Call) -> Any:
    text = call.query.get("startDateTime")
    if text is None:
        return None
    try:
        return parse_time(text)
    except ValueError:
        raise errors.bad_argument(f"The value '{text}' is not valid for startDateTime.") from None


def _batch(call: Call, feed: str, values: list[Any], last: int, *, is_last: bool) -> Response:
    """ReportingWorkItemRevisionsBatch or ReportingWorkItemLinksBatch."""
    token = f"{last};{feed}"
    scope = f"{call.root}/{call.project.id}" if call.project else call.root
    link = f"{scope}/_apis/wit/reporting/workitem{feed}?continuationToken={token}"
    return answer({"values": values, "nextLink": link, "continuationToken": token, "isLastBatch": is_last})


ROUTES = (
    Route("POST", "{project}/{team}/_apis/wit/wiql", query),
    Route("GET", "{project}/_apis/wit/reporting/workitemrevisions", revisions_get),
    Route("POST", "{project}/_apis/wit/reporting/workitemrevisions", revisions_post),
    Route("GET", "{project}/_apis/wit/reporting/workitemlinks", links_get),
)
