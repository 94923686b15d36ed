"""The errors that the service answers, with the bodies that it gives them.

The shape is that of recordings 9 and 144 in realdata/azure-devops/interactions.json: `$id`, `innerException`,
`message`, `typeName`, `typeKey`, `errorCode`, `eventId`. Messages and keys that no recording holds follow trackers.md
("Azure DevOps") and what users of the service report.
"""

from __future__ import annotations

from typing import Any

SERVER = "Microsoft.TeamFoundation.WorkItemTracking.Server"
WEB_API = "Microsoft.VisualStudio.Services.WebApi"


class ServiceError(Exception):
    """A refusal with its status code; the application turns it into an answer."""

    def __init__(
        self, status: int, key: str, message: str, *, assembly: str = SERVER, namespace: str = "", event: int = 3200
    ) -> None:
        super().__init__(message)
        self.status = status
        self.key = key
        self.message = message
        self.type_name = f"{namespace or assembly}.{key}, {assembly}"
        self.event = event

    def body(self) -> dict[str, Any]:
        """The error as the service writes it."""
        return {
            "$id": "1",
            "innerException": None,
            "message": self.message,
            "typeName": self.type_name,
            "typeKey": self.key,
            "errorCode": 0,
            "eventId": self.event,
        }


def work_item_not_found(identifier: int) -> ServiceError:
    """Missing and not permitted are one answer (recordings 9, 14, 19, 29)."""
    message = f"TF401232: Work item {identifier} does not exist, or you do not have permissions to read it."
    return ServiceError(404, "WorkItemUnauthorizedAccessException", message)


def project_not_found(name: str) -> ServiceError:
    """An unknown project, or one that the caller may not see (recording 144)."""
    message = (
        f"TF200016: The following project does not exist: {name}. Verify that the name of the project is correct and "
        "that the project exists on the specified Azure DevOps Server."
    )
    return ServiceError(
        404,
        "ProjectDoesNotExistWithNameException",
        message,
        assembly="Microsoft.TeamFoundation.Core.WebApi",
        event=3000,
    )


def type_not_found(name: str) -> ServiceError:
    """An unknown work item type."""
    message = (
        f"VS402323: Work item type {name} does not exist in the project or you do not have permission to access it."
    )
    return ServiceError(404, "WorkItemTypeNotFoundException", message)


def node_not_found(path: str) -> ServiceError:
    """An unknown area or iteration in its own resource."""
    message = f"VS402485: The area/iteration name is not recognized: {path}."
    return ServiceError(404, "WorkItemTrackingTreeNodeNotFoundException", message)


def comment_not_found(identifier: int) -> ServiceError:
    """A comment that is not there or no longer."""
    return ServiceError(404, "CommentNotFoundException", f"Comment with ID {identifier} does not exist.")


def relation_type_not_found(name: str) -> ServiceError:
    """An unknown relation type in its own resource."""
    return ServiceError(404, "WitResourceNotFoundException", f"VS402343: Relation type {name} does not exist.")


def field_not_found(name: str) -> ServiceError:
    """An unknown field in a list of fields or in a patch (TF51535)."""
    return ServiceError(400, "WorkItemTrackingFieldDefinitionNotFoundException", f"TF51535: Cannot find field {name}.")


def bad_argument(message: str, key: str = "VssPropertyValidationException") -> ServiceError:
    """A request that does not fit its resource."""
    return ServiceError(400, key, message, assembly="Microsoft.VisualStudio.Services.Common", event=3000)


def conflicting_parameters(message: str) -> ServiceError:
    """Two parameters that exclude each other (trackers.md: "`fields` and `$expand` exclude each other")."""
    return ServiceError(400, "ConflictingParametersException", message)


def bad_patch(message: str) -> ServiceError:
    """A JSON Patch document that cannot be carried out."""
    return ServiceError(400, "PatchOperationFailedException", message, assembly=WEB_API, event=3000)


def failed_test(path: str, actual: object, expected: object) -> ServiceError:
    """A `test` operation that does not hold (trackers.md: "Stale `test /rev` is 412")."""
    message = f"VS403351: Test Operation for path {path} failed, value {actual} was not equal to test value {expected}."
    namespace = "Microsoft.VisualStudio.Services.WebApi.Patch"
    return ServiceError(
        412, "TestPatchOperationFailedException", message, assembly=WEB_API, namespace=namespace, event=3000
    )


def revision_mismatch() -> ServiceError:
    """Two writes at the same time (trackers.md: "a race 409")."""
    message = (
        "TF26071: This work item has been changed by someone else since you opened it. You will need to refresh it "
        "and discard your changes."
    )
    return ServiceError(409, "WorkItemRevisionMismatchException", message)


def broken_rule(message: str) -> ServiceError:
    """A value that the rules of the work item type refuse."""
    return ServiceError(400, "RuleValidationException", message)


def bad_tree_path(field: str) -> ServiceError:
    """An area or iteration path that the project does not have."""
    message = f"TF401347: Invalid tree name given for work item, field '{field}'."
    return ServiceError(400, "WorkItemFieldInvalidTreeNameException", message)


def bad_tag(name: str) -> ServiceError:
    """A tag that is too long (trackers.md: "≤ 400 characters")."""
    return ServiceError(
        400, "InvalidTagNameException", f"TF401407: The tag name '{name[:40]}…' is not valid: at most 400 characters."
    )


def too_many_tags() -> ServiceError:
    """More than 100 tags on an item (trackers.md: "≤ 100 tags an item")."""
    return ServiceError(
        400, "WorkItemTagLimitExceededException", "VS403679: The number of tags exceeds the limit of 100 tags."
    )


def tag_creation_denied() -> ServiceError:
    """A new tag without the permission to create tags (trackers.md: "403, TF401289")."""
    message = "TF401289: The current user does not have permissions to create tags."
    return ServiceError(403, "PermissionDeniedException", message, assembly="Microsoft.Azure.Devops.Tags.Server")


def permission_denied(message: str) -> ServiceError:
    """An operation that the caller's rights do not cover."""
    return ServiceError(403, "PermissionDeniedException", message)


def link_exists() -> ServiceError:
    """A link that is there already (trackers.md: "400 with `AlreadyExists` in `typeKey`, which is success")."""
    return ServiceError(400, "RelationAlreadyExistsException", "Relation already exists.")


def link_target_not_found(identifier: int) -> ServiceError:
    """A link to an item that is missing or not permitted."""
    message = f"TF401232: Work item {identifier} does not exist, or you do not have permissions to read it."
    return ServiceError(404, "WorkItemLinkEndUnauthorizedAccessException", message)


def circular_link(name: str, one: int, other: int) -> ServiceError:
    """A link that would close a circle (trackers.md: "Circles are refused")."""
    message = (
        f"TF201035: You cannot add a {name} link between work items {one} and {other} because the link would create a "
        "circular relationship between work items. To create a link, evaluate the existing links, and remove one of "
        "the other links in the cycle."
    )
    return ServiceError(400, "WorkItemLinkCircularException", message)


def second_parent(name: str, one: int, other: int) -> ServiceError:
    """A second parent."""
    message = (
        f"TF201036: You cannot add a {name} link between work items {one} and {other} because a work item can have "
        "only one Parent link."
    )
    return ServiceError(400, "WorkItemLinkAddExtraParentException", message)


def revision_limit_reached(limit: int) -> ServiceError:
    """An item that cannot be revised any more (trackers.md: "10,000 revisions answers 500 for ever")."""
    message = f"VS403357: The work item has reached the limit of {limit} revisions."
    return ServiceError(500, "WorkItemRevisionLimitExceededException", message)


def query_too_large(limit: int) -> ServiceError:
    """A query with more results than allowed (trackers.md: "at most 20,000 (400, VS402337)")."""
    message = (
        f"VS402337: The number of work items returned exceeds the size limit of {limit}. Change the query to return "
        "fewer items."
    )
    return ServiceError(400, "WorkItemTrackingQueryResultSizeLimitExceededException", message)


def bad_query(message: str, cause: str) -> ServiceError:
    """A query that cannot be read; the server quotes the part that it stumbled over."""
    text = f"{message} The error is caused by «{cause}»."
    return ServiceError(
        400, "SyntaxException", text, assembly="Microsoft.TeamFoundation.WorkItemTracking.Client.Wiql", event=0
    )


def version_missing(method: str) -> ServiceError:
    """No api-version in query or Accept."""
    message = (
        f'No api-version was supplied for the "{method}" request. The version must be supplied either as part of the '
        'Accept header (e.g. "application/json; api-version=1.0") or as a query parameter (e.g. "?api-version=1.0").'
    )
    return ServiceError(400, "VssVersionNotSpecifiedException", message, assembly=WEB_API, event=3000)


def version_not_preview(version: str) -> ServiceError:
    """A released version asked of a resource that is in preview."""
    message = (
        f'The requested version "{version}" of the resource is under preview. The -preview flag must be supplied in '
        f'the api-version for such requests. For example: "{version}-preview"'
    )
    return ServiceError(400, "VssInvalidPreviewVersionException", message, assembly=WEB_API, event=3000)


def version_out_of_range(version: str, newest: str) -> ServiceError:
    """A version that this server does not have; in the words that users of older servers report."""
    message = (
        f"The requested REST API version of {version} is out of range for this server. The latest REST API version "
        f"this server supports is {newest}."
    )
    return ServiceError(400, "VssVersionOutOfRangeException", message, assembly=WEB_API, event=3000)


def wrong_media_type(given: str) -> ServiceError:
    """A patch that is not sent as application/json-patch+json."""
    message = (
        f"The request indicated a Content-Type of '{given}' for method type 'PATCH' which is not supported. Valid "
        "content types for this method are: application/json-patch+json."
    )
    return ServiceError(
        415, "VssRequestContentTypeNotSupportedException", message, assembly="Microsoft.VisualStudio.Services.Common"
    )


def throttled() -> ServiceError:
    """Too much consumed in five minutes."""
    message = (
        "TF400733: The request has been canceled: Request was blocked due to exceeding usage of resource "
        "'ExceedsTSTUThreshold' in namespace 'User'."
    )
    return ServiceError(429, "RequestBlockedException", message, assembly="Microsoft.TeamFoundation.Framework.Server")
