"""One issue: read, create, edit, move through the workflow, delete, and its hidden properties."""

from __future__ import annotations

import msgspec

from connectors.sandbox.jira.call import BAD_PAYLOAD, Answer, Call, Endpoint, values_page
from connectors.sandbox.jira.editing import Draft, DraftReader, check_property, read_properties, require_another_comment
from connectors.sandbox.jira.errors import RefusalError, invalid
from connectors.sandbox.jira.issue_views import in_order
from connectors.sandbox.jira.model import EPIC_NAME, Issue, Json, Status


def read_issue(call: Call) -> Answer:
    """`GET /issue/{issueIdOrKey}`: all fields unless named; a former key finds the issue, in any case."""
    fields = call.view.selected(call.listed("fields"), "*all")
    expand, properties = call.listed("expand"), call.listed("properties")
    return Answer(body=call.view.issue(call.issue(), fields, expand=expand, properties=properties))


def read_changelog(call: Call) -> Answer:
    """`GET /issue/{issueIdOrKey}/changelog`, Cloud: in pages, oldest first."""
    histories = in_order(call.issue().histories)
    return values_page(call, histories, call.view.history, default=100, cap=100)


def create_issue(call: Call) -> Answer:
    """`POST /issue`: fields and hidden properties in one request; `trackers.md`, Writing."""
    payload = call.json()
    fields = payload.get("fields")
    if not isinstance(fields, dict):
        raise RefusalError(400, BAD_PAYLOAD)
    reader = DraftReader(call, None, labels=[], is_new=True)
    draft = reader.read({"fields": {name: fields[name] for name in ("project", "issuetype") if name in fields}})
    _require(draft, project="Specify a valid project ID or key", issuetype="Specify an issue type")
    project, issue_type = draft.changes["project"], draft.changes["issuetype"]
    account = call.require(project, "CREATE_ISSUES", "create issues")
    draft = DraftReader(call, issue_type, labels=[], is_new=True).read(payload)
    _require(draft, summary="You must specify a summary of the issue.")
    epic_name = call.store.field_of_kind(EPIC_NAME)
    if (
        epic_name is not None
        and issue_type.level == 1
        and not call.store.is_cloud
        and not draft.changes.get(epic_name.id)
    ):
        raise invalid(**{epic_name.id: f"{epic_name.name} is required."})
    if issue_type.level < 0 and draft.changes.get("parent") is None:
        raise invalid(parentId="Issue type is a sub-task but parent issue key or id not specified.")
    properties = read_properties(payload)
    changes = {name: value for name, value in draft.changes.items() if name not in ("project", "issuetype", "summary")}
    issue = call.store.create_issue(
        project, issue_type, draft.changes["summary"], parent=changes.pop("parent", None), fields=changes, actor=account
    )
    issue.properties.update(properties)
    for body in draft.comments:
        call.store.add_comment(issue, body, author=account)
    return Answer(201, {"id": issue.id, "key": issue.key, "self": f"{call.view.root}/issue/{issue.id}"})


def _require(draft: Draft, **missing: str) -> None:
    for name, message in missing.items():
        if name not in draft.changes and name not in draft.errors:
            draft.errors[name] = message
    draft.refuse_errors()


def edit_issue(call: Call) -> Answer:
    """`PUT /issue/{issueIdOrKey}`: all or nothing; `notifyUsers=false` is 403 on Data Center and ignored on Cloud.

    `trackers.md`, Writing: label verbs, properties in the same request, a field off the edit screen is a 400. A comment
    in `update` is shown by the example of `POST /issue/{issueIdOrKey}/transitions`, which takes the same body.
    """
    issue = call.issue()
    account = call.require(issue.project, "EDIT_ISSUES", "edit issues")
    if call.query.get("notifyUsers", "").lower() == "false" and not call.store.is_cloud and not account.is_admin:
        message = "To discard the user notification either admin or project admin permissions are required."
        raise RefusalError(403, message)
    payload = call.json()
    draft = DraftReader(call, issue.type, labels=issue.labels, is_new=False).read(payload)
    draft.refuse_errors()
    properties = read_properties(payload)
    if not call.store.behaviour.comments_in_edits:
        draft.comments.clear()
    if draft.comments:
        require_another_comment(call, issue)
    call.store.edit(issue, draft.changes, actor=account)
    issue.properties.update(properties)
    for body in draft.comments:
        call.store.add_comment(issue, body, author=account)
    return Answer(204)


def delete_issue(call: Call) -> Answer:
    """`DELETE /issue/{issueIdOrKey}`: with sub-tasks only if `deleteSubtasks=true`."""
    issue = call.issue()
    call.require(issue.project, "DELETE_ISSUES", "delete issues")
    has_subtasks = any(child.type.level < 0 for child in call.store.children(issue))
    if has_subtasks and call.query.get("deleteSubtasks", "").lower() != "true":
        message = f"The issue '{issue.key}' has subtasks. You must specify the 'deleteSubtasks' parameter to delete it."
        raise RefusalError(400, message)
    call.store.delete_issue(issue)
    return Answer(204)


def read_transitions(call: Call) -> Answer:
    """`GET /issue/{issueIdOrKey}/transitions`: one to each other status, none without the permission.

    `expand=transitions.fields` adds the fields of the screen of each, as FieldMetadata.
    """
    issue = call.issue()
    allowed = call.store.has_permission(call.account, issue.project, "TRANSITION_ISSUES")
    transitions = [_transition(call, key, status) for key, status in _transitions(call, issue).items()]
    return Answer(body={"expand": "transitions", "transitions": transitions if allowed else []})


def make_transition(call: Call) -> Answer:
    """`POST /issue/{issueIdOrKey}/transitions`: by the id of the transition, which is not that of the status."""
    issue = call.issue()
    account = call.require(issue.project, "TRANSITION_ISSUES", "transition issues")
    payload = call.json()
    wanted = payload.get("transition")
    if not isinstance(wanted, dict) or "id" not in wanted:
        raise RefusalError(400, "Missing 'transition' identifier")
    status = _transitions(call, issue).get(str(wanted["id"]))
    if status is None:
        raise RefusalError(400, f"Transition id '{wanted['id']}' is not valid for this issue.")
    if _asks_for_resolution(call, status):
        if "resolution" not in payload.get("fields", {}):
            raise RefusalError(400, errors={"resolution": "Resolution is required."})
        payload = {**payload, "fields": {k: v for k, v in payload["fields"].items() if k != "resolution"}}
    draft = DraftReader(call, issue.type, labels=issue.labels, is_new=False).read(payload)
    draft.refuse_errors()
    call.store.transition(issue, status, actor=account)
    for body in draft.comments:
        call.store.add_comment(issue, body, author=account)
    return Answer(204)


def _transitions(call: Call, issue: Issue) -> dict[str, Status]:
    numbered = {str(11 + 10 * place): status for place, status in enumerate(call.store.statuses.values())}
    return {key: status for key, status in numbered.items() if status is not issue.status}


def _asks_for_resolution(call: Call, status: Status) -> bool:
    return call.store.behaviour.asks_for_resolution and status.category.key == "done"


def _transition(call: Call, key: str, status: Status) -> Json:
    fields: Json = {}
    if _asks_for_resolution(call, status):
        values = [{"id": "10000", "name": "Done"}, {"id": "10001", "name": "Won't Do"}]
        fields = {"resolution": {"required": True, "name": "Resolution", "key": "resolution", "allowedValues": values}}
    return {
        "id": key,
        "name": status.name,
        "to": call.view.status(status),
        "hasScreen": bool(fields),
        "isGlobal": True,
        "isInitial": False,
        "isAvailable": True,
        "isConditional": False,
        **({"fields": fields} if "transitions.fields" in call.query.get("expand", "") else {}),
    }


def read_property_keys(call: Call) -> Answer:
    """`GET /issue/{issueIdOrKey}/properties`."""
    issue = call.issue()
    root = f"{call.view.root}/issue/{issue.id}/properties"
    return Answer(body={"keys": [{"key": key, "self": f"{root}/{key}"} for key in issue.properties]})


def read_property(call: Call) -> Answer:
    """`GET /issue/{issueIdOrKey}/properties/{propertyKey}`: readable by whoever sees the issue."""
    issue, key = call.issue(), call.path["key"]
    if key not in issue.properties:
        raise RefusalError(404, f"The property with key '{key}' does not exist.")
    return Answer(body={"key": key, "value": issue.properties[key]})


def write_property(call: Call) -> Answer:
    """`PUT /issue/{issueIdOrKey}/properties/{propertyKey}`: 201 when new, 200 when replaced."""
    issue, key = call.issue(), call.path["key"]
    call.require(issue.project, "EDIT_ISSUES", "edit issues")
    try:
        value = msgspec.json.decode(call.raw)
    except msgspec.DecodeError:
        raise RefusalError(400, "The value of the property has to be valid JSON.") from None
    check_property(key, value)
    return Answer(201 if call.store.set_property(issue, key, value) else 200)


def delete_property(call: Call) -> Answer:
    """`DELETE /issue/{issueIdOrKey}/properties/{propertyKey}`."""
    issue, key = call.issue(), call.path["key"]
    call.require(issue.project, "EDIT_ISSUES", "edit issues")
    if key not in issue.properties:
        raise RefusalError(404, f"The property with key '{key}' does not exist.")
    del issue.properties[key]
    return Answer(204)


ENDPOINTS = (
    Endpoint("POST", "/issue", create_issue),
    Endpoint("GET", "/issue/{issue}", read_issue),
    Endpoint("PUT", "/issue/{issue}", edit_issue),
    Endpoint("DELETE", "/issue/{issue}", delete_issue),
    Endpoint("GET", "/issue/{issue}/changelog", read_changelog, ("Cloud",)),
    Endpoint("GET", "/issue/{issue}/transitions", read_transitions),
    Endpoint("POST", "/issue/{issue}/transitions", make_transition),
    Endpoint("GET", "/issue/{issue}/properties", read_property_keys),
    Endpoint("GET", "/issue/{issue}/properties/{key}", read_property),
    Endpoint("PUT", "/issue/{issue}/properties/{key}", write_property),
    Endpoint("DELETE", "/issue/{issue}/properties/{key}", delete_property),
)
