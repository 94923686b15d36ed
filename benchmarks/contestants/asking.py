"""What all ask for, ours and the peers: the same projects and fields."""

from __future__ import annotations

from datetime import UTC, datetime

from benchmarks.servers import issues

TYPES = ("Epic", "Feature")
JIRA_FIELDS = {
    "implementation_cost_forecast": "Implementation Cost Forecast",
    "estimate": "Story Points",
    "benefit_hypothesis": "Benefit Hypothesis",
    "acceptance_criteria": "Acceptance Criteria",
    "work_category": "Work Category",
    "horizon": "Horizon",
    "planning_interval": "Planning Interval",
    "team": "Delivery Team",
}
AZURE_DEVOPS_FIELDS = {
    "implementation_cost_forecast": "Custom.ImplementationCostForecast",
    "estimate": "Microsoft.VSTS.Scheduling.Effort",
    "benefit_hypothesis": "Custom.BenefitHypothesis",
    "acceptance_criteria": "Microsoft.VSTS.Common.AcceptanceCriteria",
    "work_category": "Custom.WorkCategory",
    "horizon": "Custom.Horizon",
}
EMAIL, TOKEN = "bot@northwind.example", "bench-token"
JQL = 'project in ("' + '", "'.join(issues.PROJECTS) + '") ORDER BY key ASC'
ASKED_FIELDS = [
    *("summary", "issuetype", "project", "status", "created", "updated", "description", "labels", "assignee"),
    *("creator", "parent", "issuelinks", "components", "comment"),
    *(identifier for identifier, _ in issues.FIELDS.values()),
]
"""The fields of an issue that our connector names."""


class MachineClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)
