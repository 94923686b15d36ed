"""Reading, creating, changing and deleting work items.

Paths `…/workitems`, `…/workitems/{id}`, `…/workitems/${type}`, `…/workitemsbatch`, `…/revisions` and `…/updates` of
azure-devops-wit-7.1.swagger.json.
"""

from __future__ import annotations

from datetime import UTC
from typing import Any, TypeVar

from starlette.responses import Response

from connectors.sandbox.azure_devops import errors
from connectors.sandbox.azure_devops.field_values import parse_time
from connectors.sandbox.azure_devops.model import Revision, WorkItem
from connectors.sandbox.azure_devops.patch import WorkItemPatch
from connectors.sandbox.azure_devops.routing import Call, Route, answer, collection, read_expansion
from connectors.sandbox.azure_devops.updates import updates_of

MOST_IDS = 200  # trackers.md: "`workitemsbatch` ≤ 200 ids"
PATCH_TYPE = "application/json-patch+json"
Value = TypeVar("Value")


def get_item(call: Call) -> Response:
    """`GET workitems/{id}` with `fields`, `asOf` and `$expand` (recordings 3 and 11)."""
    item, names, expand = call.item(), call.names("fields"), call.expansion()
    check_fields(call, names, expand)
    revision = _revision(call, item, call.query.get("asOf"))
    if names:
        body = call.views.work_item_with(item, names, revision) | {"_links": call.views.reference_links(item)}
        return answer(body)
    return answer(call.views.work_item(item, expand=expand, revision=revision))


def get_items(call: Call) -> Response:
    """`GET workitems?ids=` (recording 31)."""
    texts = call.names("ids")
    if not texts or not all(text.isdecimal() for text in texts):
        raise errors.bad_argument("You must pass a comma separated list of work item ids.")
    policy, as_of = call.query.get("errorPolicy"), call.query.get("asOf")
    return _several(call, [int(text) for text in texts], call.names("fields"), call.expansion(), policy, as_of)


def get_batch(call: Call) -> Response:
    """`POST workitemsbatch`: WorkItemBatchGetRequest in azure-devops-wit-7.1.overlay.schema.json."""
    body = call.json_object()
    ids, names = body.get("ids"), body.get("fields") or []
    if not isinstance(ids, list) or not all(isinstance(i, int) for i in ids) or not isinstance(names, list):
        raise errors.bad_argument("The batch request needs a list of ids.")
    return _several(call, ids, names, read_expansion(body.get("$expand")), body.get("errorPolicy"), body.get("asOf"))


def _several(
    call: Call, ids: list[int], names: list[str], expand: str, policy: str | None, as_of: str | None
) -> Response:
    """In the order asked for. With `errorPolicy=omit` a null stands for each item that cannot be read."""
    if len(ids) > MOST_IDS:
        raise errors.bad_argument(f"VS403474: You can retrieve a maximum of {MOST_IDS} work items in a single request.")
    check_fields(call, names, expand)
    may_omit = (policy or "").casefold() == "omit"
    values: list[dict[str, Any] | None] = []
    for identifier in ids:
        item = call.store.visible(identifier)
        if item is None or (call.project is not None and item.project_id != call.project.id):
            if not may_omit:
                raise errors.work_item_not_found(identifier)
            values.append(None)
            continue
        revision = _revision(call, item, as_of)
        if names:
            values.append(call.views.work_item_with(item, names, revision))
        else:
            values.append(call.views.work_item(item, expand=expand, links=False, revision=revision))
    return collection(values)


def check_fields(call: Call, names: list[str], expand: str) -> None:
    """`fields` and `$expand` exclude each other, and a field must exist (TF51535)."""
    if names and expand != "none":
        raise errors.conflicting_parameters("The expand parameter can not be used with the fields parameter.")
    for name in names:
        if call.store.field(str(name)) is None:
            raise errors.field_not_found(str(name))


def _revision(call: Call, item: WorkItem, as_of: str | None) -> Revision | None:
    if as_of is None:
        return None
    try:
        moment = parse_time(as_of).astimezone(UTC)
    except ValueError:
        raise errors.bad_argument(f"The value '{as_of}' is not valid for asOf.") from None
    revision = item.revision_at(moment)
    if revision is None:
        raise errors.work_item_not_found(item.id)
    return revision


def _document(call: Call) -> Any:
    """The patch document, in its own content type: 415 otherwise."""
    given = call.headers.get("content-type", "")
    if given.split(";")[0].strip().casefold() != PATCH_TYPE:
        raise errors.wrong_media_type(given)
    if call.flag("bypassRules"):
        raise errors.permission_denied("TF237124: The account may not bypass rules.")
    return call.json()


def update_item(call: Call) -> Response:
    """`PATCH workitems/{id}` (recordings 1, 5, 12, 103, 114): the answer has relations if there are any."""
    item, document = call.item(), _document(call)
    store = call.store
    project = store.project(item.project_id)
    patch = WorkItemPatch(store, project, project.types[item.type_name.casefold()], item)
    patch.read(document)
    if call.store.behaviour.validates and call.flag("validateOnly"):
        fields = {name: call.views.value(value) for name, value in patch.preview().items()}
        return answer(call.views.work_item(item, expand="relations") | {"fields": fields})
    if store.behaviour.races > 0:
        store.behaviour.races -= 1
        raise errors.revision_mismatch()
    patch.update()
    expand = call.expansion()
    return answer(call.views.work_item(item, expand="relations" if expand == "none" else expand))


def create_item(call: Call) -> Response:
    """`POST workitems/${type}` (recordings 0, 15)."""
    project, document = call.needed_project(), _document(call)
    kind = project.types.get(call.path["type"].casefold())
    if kind is None:
        raise errors.type_not_found(call.path["type"])
    patch = WorkItemPatch(call.store, project, kind, None)
    patch.read(document)
    if call.store.behaviour.validates and call.flag("validateOnly"):
        fields = {name: call.views.value(value) for name, value in patch.preview().items()}
        return answer({"id": -1, "rev": -1, "fields": fields})
    item = patch.create()
    expand = call.expansion()
    return answer(call.views.work_item(item, expand="relations" if expand == "none" else expand))


def delete_item(call: Call) -> Response:
    """`DELETE workitems/{id}`: to the recycle bin, with the answer of recording 8; `destroy=true` for good, 204."""
    item = call.item()
    if call.flag("destroy"):
        call.store.destroy(item.id)
        return Response(status_code=204)
    call.store.delete_work_item(item.id)
    deleted = item.revisions[-1]
    url = f"{call.root}/{item.project_id}/_apis/wit/recyclebin/{item.id}"
    resource = call.views.work_item(item, links=False) | {"url": url}
    hour = deleted.changed.hour % 12 or 12
    return answer(
        {
            "id": item.id,
            "type": item.type_name,
            "name": item.title,
            "project": call.store.project(item.project_id).name,
            "deletedDate": f"{deleted.changed:%-m/%-d/%Y} {hour}:{deleted.changed:%M:%S %p}",
            "deletedBy": str(deleted.actor),
            "code": 200,
            "url": url,
            "resource": resource,
        }
    )


def get_revisions(call: Call) -> Response:
    """`GET workItems/{id}/revisions` with `$top` and `$skip`, oldest first."""
    item, expand = call.item(), call.expansion()
    shown = _page(call, item.revisions)
    return collection([call.views.work_item(item, expand=expand, links=False, revision=r) for r in shown])


def get_revision(call: Call) -> Response:
    """`GET workItems/{id}/revisions/{number}`."""
    item, number = call.item(), int(call.path["number"])
    if not 1 <= number <= len(item.revisions):
        raise errors.work_item_not_found(item.id)
    return answer(call.views.work_item(item, expand=call.expansion(), revision=item.revisions[number - 1]))


def get_updates(call: Call) -> Response:
    """`GET workItems/{id}/updates` with `$top` and `$skip`, oldest first."""
    return collection(_page(call, updates_of(call.views, call.item())))


def _page(call: Call, values: list[Value]) -> list[Value]:
    skip, top, largest = call.number("$skip") or 0, call.number("$top"), call.store.behaviour.largest_page
    return values[skip : skip + (largest if top is None else min(top, largest))]


ITEM = "{project}/_apis/wit/workitems/{id}"
ROUTES = (
    Route("GET", ITEM, get_item),
    Route("PATCH", ITEM, update_item),
    Route("DELETE", ITEM, delete_item),
    Route("GET", "{project}/_apis/wit/workitems", get_items),
    Route("POST", "{project}/_apis/wit/workitemsbatch", get_batch),
    Route("POST", "{project}/_apis/wit/workitems/${type}", create_item),
    Route("PATCH", "{project}/_apis/wit/workitems/${type}", create_item),
    Route("GET", ITEM + "/revisions", get_revisions),
    Route("GET", ITEM + "/revisions/{number}", get_revision),
    Route("GET", ITEM + "/updates", get_updates),
)
