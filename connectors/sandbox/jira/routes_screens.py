"""What can be set on the screens of a project's types, and which statuses these types have."""

from __future__ import annotations

from connectors.sandbox.jira.call import Answer, Call, Endpoint, page_of
from connectors.sandbox.jira.editing import DraftReader
from connectors.sandbox.jira.errors import RefusalError
from connectors.sandbox.jira.model import EPIC_NAME, Field, IssueType, Json, Project
from connectors.sandbox.jira.routes_site import visible_project

ALWAYS_REQUIRED = frozenset(("project", "issuetype", "summary"))


def read_edit_screen(call: Call) -> Answer:
    """`GET /issue/{issueIdOrKey}/editmeta`: what the account can set; nothing without the permission to edit."""
    issue = call.issue()
    may_edit = call.store.has_permission(call.account, issue.project, "EDIT_ISSUES")
    shown = _on_screen(call, issue.type, is_new=False) if may_edit else []
    return Answer(body={"fields": {field.id: _field(call, field, issue.type) for field in shown}})


def read_create_screen(call: Call) -> Answer:
    """`GET /issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}`: in pages, `fields` on Cloud and else `values`.

    `trackers.md`, Hierarchy and fields: on Data Center creating an epic needs its name; it is on that screen alone.
    """
    project = _creatable_project(call)
    kind = call.store.types.get(call.path["type"])
    if kind is None:
        raise RefusalError(404, f"Issue type with id '{call.path['type']}' does not exist in project '{project.key}'.")
    found, page = page_of(call, _on_screen(call, kind, is_new=True), default=50, cap=50)
    fields = [_field(call, field, kind) | {"fieldId": field.id} for field in found]
    return Answer(body=page | {"fields" if call.store.is_cloud else "values": fields})


def read_statuses(call: Call) -> Answer:
    """`GET /project/{projectIdOrKey}/statuses`: for each type, the statuses of its workflow."""
    visible_project(call, call.path["project"])
    statuses = [call.view.status(status) for status in call.store.statuses.values()]
    types = (call.view.issue_type(kind) for kind in call.store.types.values())
    return Answer(
        body=[{name: one[name] for name in ("self", "id", "name", "subtask")} | {"statuses": statuses} for one in types]
    )


def _creatable_project(call: Call) -> Project:
    project = visible_project(call, call.path["project"])
    if not call.store.has_permission(call.account, project, "CREATE_ISSUES"):
        raise RefusalError(400, "The project does not exist, or you do not have permission to create issues in it.")
    return project


def _on_screen(call: Call, kind: IssueType, *, is_new: bool) -> list[Field]:
    reader = DraftReader(call, kind, labels=[], is_new=is_new)
    fields = (field for field in call.store.fields.values() if field.custom != EPIC_NAME or kind.level == 1)
    return [field for field in fields if reader.is_on_screen(field)]


def _field(call: Call, field: Field, kind: IssueType) -> Json:
    described = call.view.field(field)
    is_name_of_epic = field.custom == EPIC_NAME and kind.level == 1
    return {
        "required": field.id in ALWAYS_REQUIRED or is_name_of_epic,
        "schema": described["schema"],
        "name": field.name,
        "key": field.id,
        "hasDefaultValue": False,
        "operations": ["add", "set", "remove"] if field.kind == "array" else ["set"],
    }


ENDPOINTS = (
    Endpoint("GET", "/issue/createmeta/{project}/issuetypes/{type}", read_create_screen),
    Endpoint("GET", "/issue/{issue}/editmeta", read_edit_screen),
    Endpoint("GET", "/project/{project}/statuses", read_statuses),
)
