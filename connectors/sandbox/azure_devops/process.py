"""What every organisation has from the start: fields, link types and the Agile and Basic processes.

Field reference names, default values, states and reasons are those of the recordings in
realdata/azure-devops/interactions.json (Bug and User Story of Agile, Task and Issue of Basic); the relation types are
those of realdata/azure-devops/workItemRelationTypes.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.azure_devops.model import Field, State, StateCategory, WorkItemType

PRIORITY = "Microsoft.VSTS.Common.Priority"
VALUE_AREA = "Microsoft.VSTS.Common.ValueArea"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkType:
    """A kind of link between work items, named from both ends."""

    name: str
    forward: str
    reverse: str
    topology: str
    is_remote: bool = False
    is_editable: bool = False

    @property
    def is_directional(self) -> bool:
        """Whether both ends read differently."""
        return self.topology != "network"


LINK_TYPES = (
    LinkType(name="System.LinkTypes.Hierarchy", forward="Child", reverse="Parent", topology="tree"),
    LinkType(name="System.LinkTypes.Dependency", forward="Successor", reverse="Predecessor", topology="dependency"),
    LinkType(name="System.LinkTypes.Related", forward="Related", reverse="Related", topology="network"),
    LinkType(name="System.LinkTypes.Duplicate", forward="Duplicate", reverse="Duplicate Of", topology="tree"),
    LinkType(
        name="Microsoft.VSTS.Common.Affects",
        forward="Affects",
        reverse="Affected By",
        topology="dependency",
        is_editable=True,
    ),
    LinkType(
        name="Microsoft.VSTS.Common.TestedBy",
        forward="Tested By",
        reverse="Tests",
        topology="dependency",
        is_editable=True,
    ),
    LinkType(
        name="Microsoft.VSTS.TestCase.SharedParameterReferencedBy",
        forward="Referenced By",
        reverse="References",
        topology="dependency",
        is_editable=True,
    ),
    LinkType(
        name="Microsoft.VSTS.TestCase.SharedStepReferencedBy",
        forward="Test Case",
        reverse="Shared Steps",
        topology="dependency",
        is_editable=True,
    ),
    LinkType(
        name="System.LinkTypes.Remote.Dependency",
        forward="Produces For",
        reverse="Consumes From",
        topology="dependency",
        is_remote=True,
    ),
    LinkType(
        name="System.LinkTypes.Remote.Related",
        forward="Remote Related",
        reverse="Remote Related",
        topology="network",
        is_remote=True,
    ),
)
RESOURCE_RELATIONS = {"AttachedFile": "Attached File", "Hyperlink": "Hyperlink", "ArtifactLink": "Artifact Link"}


def _system(name: str, label: str, kind: str = "string", *, read_only: bool = False) -> Field:
    return Field(reference_name=f"System.{name}", name=label, type=kind, read_only=read_only)


def _common(name: str, label: str, kind: str = "string", *, read_only: bool = False) -> Field:
    return Field(reference_name=f"Microsoft.VSTS.{name}", name=label, type=kind, read_only=read_only)


FIELDS = (
    _system("Id", "ID", "integer", read_only=True),
    _system("Rev", "Rev", "integer", read_only=True),
    _system("Watermark", "Watermark", "integer", read_only=True),
    _system("Title", "Title"),
    _system("Description", "Description", "html"),
    _system("History", "History", "history"),
    _system("WorkItemType", "Work Item Type", read_only=True),
    _system("State", "State"),
    _system("Reason", "Reason"),
    _system("AssignedTo", "Assigned To", "identity"),
    _system("Tags", "Tags", "plainText"),
    _system("TeamProject", "Team Project"),
    _system("AreaPath", "Area Path", "treePath"),
    _system("AreaId", "Area ID", "integer", read_only=True),
    _system("NodeName", "Node Name", read_only=True),
    _system("AreaLevel1", "Area Level 1", read_only=True),
    _system("IterationPath", "Iteration Path", "treePath"),
    _system("IterationId", "Iteration ID", "integer", read_only=True),
    _system("IterationLevel1", "Iteration Level 1", read_only=True),
    _system("CreatedDate", "Created Date", "dateTime", read_only=True),
    _system("CreatedBy", "Created By", "identity", read_only=True),
    _system("ChangedDate", "Changed Date", "dateTime", read_only=True),
    _system("ChangedBy", "Changed By", "identity", read_only=True),
    _system("AuthorizedDate", "Authorized Date", "dateTime", read_only=True),
    _system("AuthorizedAs", "Authorized As", "identity", read_only=True),
    _system("RevisedDate", "Revised Date", "dateTime", read_only=True),
    _system("CommentCount", "Comment Count", "integer", read_only=True),
    _system("Parent", "Parent", "integer", read_only=True),
    _system("IsDeleted", "Is Deleted", "boolean", read_only=True),
    _common("Common.Priority", "Priority", "integer"),
    _common("Common.Severity", "Severity"),
    _common("Common.ValueArea", "Value Area"),
    _common("Common.Risk", "Risk"),
    _common("Common.BusinessValue", "Business Value", "integer"),
    _common("Common.TimeCriticality", "Time Criticality", "double"),
    _common("Common.AcceptanceCriteria", "Acceptance Criteria", "html"),
    _common("Common.StackRank", "Stack Rank", "double"),
    _common("Common.StateChangeDate", "State Change Date", "dateTime", read_only=True),
    _common("Common.ActivatedDate", "Activated Date", "dateTime"),
    _common("Common.ActivatedBy", "Activated By", "identity"),
    _common("Common.ResolvedDate", "Resolved Date", "dateTime"),
    _common("Common.ResolvedBy", "Resolved By", "identity"),
    _common("Common.ResolvedReason", "Resolved Reason"),
    _common("Common.ClosedDate", "Closed Date", "dateTime"),
    _common("Common.ClosedBy", "Closed By", "identity"),
    _common("Scheduling.Effort", "Effort", "double"),
    _common("Scheduling.StoryPoints", "Story Points", "double"),
    _common("Scheduling.StartDate", "Start Date", "dateTime"),
    _common("Scheduling.FinishDate", "Finish Date", "dateTime"),
    _common("Scheduling.TargetDate", "Target Date", "dateTime"),
    _common("Scheduling.DueDate", "Due Date", "dateTime"),
)


def work_item_type(
    name: str,
    states: Mapping[str, StateCategory],
    *,
    reasons: Mapping[str, str] | None = None,
    defaults: Mapping[str, Any] | None = None,
    category: str = "",
) -> WorkItemType:
    """A work item type from its states in order, each with its category; `category` is that of the type itself."""
    reasons = reasons or {}
    prefix = "Microsoft.VSTS.WorkItemTypes." if name in _MICROSOFT_TYPES else "Custom."
    return WorkItemType(
        name=name,
        reference_name=prefix + "".join(name.split()),
        states=tuple(
            State(name=state, category=category, reason=reasons.get(state, f"Moved to state {state}"))
            for state, category in states.items()
        ),
        defaults=dict(defaults or {}),
        category=category or _CATEGORY_OF.get(name, ""),
    )


# The categories of the processes that come with the service, each of which is a backlog or goes on one.
CATEGORIES = {
    "Microsoft.EpicCategory": "Epic Category",
    "Microsoft.FeatureCategory": "Feature Category",
    "Microsoft.RequirementCategory": "Requirement Category",
    "Microsoft.TaskCategory": "Task Category",
    "Microsoft.BugCategory": "Bug Category",
}
_CATEGORY_OF = {
    "Epic": "Microsoft.EpicCategory",
    "Feature": "Microsoft.FeatureCategory",
    "User Story": "Microsoft.RequirementCategory",
    "Issue": "Microsoft.RequirementCategory",
    "Task": "Microsoft.TaskCategory",
    "Bug": "Microsoft.BugCategory",
}
_MICROSOFT_TYPES = ("Epic", "Feature", "User Story", "Task", "Bug", "Issue")
_AGILE: dict[str, StateCategory] = {
    "New": "Proposed",
    "Active": "InProgress",
    "Resolved": "Resolved",
    "Closed": "Completed",
    "Removed": "Removed",
}
_BASIC: dict[str, StateCategory] = {"To Do": "Proposed", "Doing": "InProgress", "Done": "Completed"}
_AGILE_REASONS = {"New": "New", "Active": "Implementation started", "Closed": "Acceptance tests pass"}
_BUG_REASONS = {"New": "New", "Active": "Approved", "Resolved": "Fixed", "Closed": "Verified"}
_BASIC_REASONS = {"To Do": "Added to backlog", "Doing": "Started", "Done": "Completed"}
_BUG_DEFAULTS = {PRIORITY: 2, "Microsoft.VSTS.Common.Severity": "3 - Medium", VALUE_AREA: "Business"}

AGILE = (
    *(
        work_item_type(name, _AGILE, reasons=_AGILE_REASONS, defaults={PRIORITY: 2, VALUE_AREA: "Business"})
        for name in ("Epic", "Feature", "User Story")
    ),
    work_item_type("Task", _AGILE, reasons=_AGILE_REASONS, defaults={PRIORITY: 2}),
    work_item_type("Bug", _AGILE, reasons=_BUG_REASONS, defaults=_BUG_DEFAULTS),
)
BASIC = tuple(
    work_item_type(name, _BASIC, reasons=_BASIC_REASONS, defaults={PRIORITY: 2}) for name in ("Epic", "Issue", "Task")
)
