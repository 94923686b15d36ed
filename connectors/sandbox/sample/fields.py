"""Which field of each tracker holds what the sample knows: the loaders and the configuration read the same tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerField:
    """A field of a tracker: its name (or id, or reference name), what a person reads, and what kind it is."""

    field: str
    kind: Literal["text", "number", "date", "option", "line"]
    label: str = ""
    is_builtin: bool = False


def _field(field: str, kind: Literal["text", "number", "date", "option", "line"]) -> TrackerField:
    return TrackerField(field=field, kind=kind)


JIRA_FIELDS = {
    "benefit_hypothesis": _field("Benefit Hypothesis", "text"),
    "acceptance_criteria": _field("Acceptance Criteria", "text"),
    "estimate": _field("Story Points", "number"),
    "horizon": _field("Horizon", "option"),
    "work_category": _field("Work Category", "option"),
    "implementation_cost_forecast": _field("Implementation Cost Forecast", "number"),
    "mvp_cost_estimate": _field("MVP Cost Estimate", "number"),
    "actual_spend": _field("Actual Spend", "number"),
    "target_date": TrackerField(field="duedate", kind="date", is_builtin=True),
    "needed_by": _field("Needed By", "date"),
    "planning_interval": _field("Planning Interval", "option"),
    "team": _field("Delivery Team", "option"),
    "user_business_value": _field("User-Business Value", "number"),
    "time_criticality": _field("Time Criticality", "number"),
    "risk_reduction_opportunity_enablement": _field("Risk Reduction and Opportunity Enablement", "number"),
    "job_size": _field("Job Size", "number"),
    "business_value_planned": _field("Business Value (planned)", "number"),
}

JIRA_REFERENCE = "Waits For"
"""The field of Jira that holds the address of an item elsewhere that blocks this one."""


def _custom(name: str, label: str, kind: Literal["text", "number", "date", "option", "line"]) -> TrackerField:
    return TrackerField(field=f"Custom.{name}", kind=kind, label=label)


def _standard(name: str, kind: Literal["text", "number", "date", "option", "line"]) -> TrackerField:
    return TrackerField(field=f"Microsoft.VSTS.{name}", kind=kind, is_builtin=True)


AZURE_DEVOPS_FIELDS = {
    "benefit_hypothesis": _custom("BenefitHypothesis", "Benefit Hypothesis", "text"),
    "acceptance_criteria": _standard("Common.AcceptanceCriteria", "text"),
    "estimate": _standard("Scheduling.Effort", "number"),
    "horizon": _custom("Horizon", "Horizon", "line"),
    "work_category": _custom("WorkCategory", "Work Category", "line"),
    "implementation_cost_forecast": _custom("CostForecast", "Implementation Cost Forecast", "number"),
    "mvp_cost_estimate": _custom("MvpCost", "MVP Cost Estimate", "number"),
    "actual_spend": _custom("ActualSpend", "Actual Spend", "number"),
    "target_date": _standard("Scheduling.TargetDate", "date"),
    "needed_by": _custom("NeededBy", "Needed By", "date"),
    "user_business_value": _standard("Common.BusinessValue", "number"),
    "time_criticality": _standard("Common.TimeCriticality", "number"),
    "risk_reduction_opportunity_enablement": _custom("RiskReduction", "Risk Reduction", "number"),
    "job_size": _custom("JobSize", "Job Size", "number"),
    "business_value_planned": _custom("PlannedValue", "Planned Business Value", "number"),
}
