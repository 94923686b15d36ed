"""Work items as Azure DevOps writes them when relations are expanded: about 5 KB each where they are rich."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

ORGANISATION = "northwind"
BOT = "b0b0b0b0-0000-4000-8000-000000000001"
PROJECTS = ("Platform", "Data")
EPIC_EACH = 50
LINK_EACH = 100
SPACING = timedelta(minutes=5)
FIELDS = {
    "Custom.ImplementationCostForecast": ("Implementation Cost Forecast", "double"),
    "Microsoft.VSTS.Scheduling.Effort": ("Effort", "double"),
    "Custom.BenefitHypothesis": ("Benefit Hypothesis", "string"),
    "Microsoft.VSTS.Common.AcceptanceCriteria": ("Acceptance Criteria", "html"),
    "Custom.WorkCategory": ("Work Category", "string"),
    "Custom.Horizon": ("Horizon", "string"),
}
STATES = (("New", "Proposed"), ("Active", "InProgress"), ("Resolved", "Resolved"), ("Closed", "Completed"))
WORDS = "the settlement of a card payment has to reach the ledger of the merchant before the next working day begins"


def project_of(number: int) -> str:
    """The project of item `number`, from 0: a parent and its children stand in the same."""
    return PROJECTS[number // EPIC_EACH % len(PROJECTS)]


def is_epic(number: int) -> bool:
    return number % EPIC_EACH == 0


def written(instant: datetime) -> str:
    """`2026-11-22T07:49:20Z`."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def blocked_by(number: int) -> int | None:
    return number - 1 if number % LINK_EACH == 2 else None


def work_item(number: int, updated: datetime, *, is_rich: bool) -> dict[str, Any]:
    """Item `number` as a whole; its id is one more. `updated` is when it was changed last."""
    project, identifier = project_of(number), number + 1
    epic = is_epic(number)
    fields: dict[str, Any] = {
        "System.Id": identifier,
        "System.AreaPath": f"{project}\\Payments",
        "System.TeamProject": project,
        "System.IterationPath": f"{project}\\PI-1",
        "System.WorkItemType": "Epic" if epic else "Feature",
        "System.State": state_of(number),
        "System.Reason": "Moved to state",
        "System.AssignedTo": _identity(number % 40),
        "System.CreatedDate": written(updated - timedelta(days=90)),
        "System.CreatedBy": _identity(number % 11),
        "System.ChangedDate": written(updated),
        "System.ChangedBy": _identity(number % 13),
        "System.CommentCount": 0,
        "System.Title": f"Item {number}: {WORDS[:60]}",
        "System.BoardColumn": "In progress",
        "Microsoft.VSTS.Common.StateChangeDate": written(updated),
        "Microsoft.VSTS.Common.Priority": 2,
        "System.Description": "".join(f"<div>{WORDS}</div>" for _ in range(12 if is_rich else 3)),
        "System.Tags": "frontend; team-3" if number % 3 == 0 else "",
        "Custom.ImplementationCostForecast": 40_000.5 if epic else 800.25,
        "Microsoft.VSTS.Scheduling.Effort": float(number % 13 + 1),
        "Custom.BenefitHypothesis": "Merchants are paid a day sooner.",
        "Microsoft.VSTS.Common.AcceptanceCriteria": "<div>The ledger shows the amount on the same day.</div>",
        "Custom.WorkCategory": "Feature",
        "Custom.Horizon": "Horizon 1 investing",
    }
    if not epic:
        fields["System.Parent"] = number - number % EPIC_EACH + 1
    return {
        "id": identifier,
        "rev": 7,
        "fields": {name: value for name, value in fields.items() if value != ""},
        "relations": _relations(number, extra=6 if is_rich else 0),
        "url": _address(number),
    }


def state_of(number: int) -> str:
    return STATES[number // EPIC_EACH % 4 if is_epic(number) else number % 10 % 4][0]


def _address(number: int) -> str:
    return f"https://dev.azure.com/{ORGANISATION}/_apis/wit/workItems/{number + 1}"


def _identity(number: int) -> dict[str, Any]:
    name, address = f"person{number}@northwind.example", f"https://dev.azure.com/{ORGANISATION}"
    avatar = f"{address}/_apis/GraphProfile/MemberAvatars/aad.person{number}"
    return {
        "displayName": f"Person {number}",
        "url": f"{address}/_apis/Identities/{number}",
        "_links": {"avatar": {"href": avatar}},
        "id": f"00000000-0000-4000-8000-{number:012}",
        "uniqueName": name,
        "imageUrl": avatar,
        "descriptor": f"aad.person{number}",
    }


def _relations(number: int, *, extra: int) -> list[dict[str, Any]]:
    ends: list[tuple[str, str, int]] = []
    if not is_epic(number):
        ends.append(("System.LinkTypes.Hierarchy-Reverse", "Parent", number - number % EPIC_EACH))
    if (blocker := blocked_by(number)) is not None:
        ends.append(("System.LinkTypes.Dependency-Reverse", "Predecessor", blocker))
    if number % LINK_EACH == 1:
        ends.append(("System.LinkTypes.Dependency-Forward", "Successor", number + 1))
    ends += [("System.LinkTypes.Related", "Related", (number + place * 17) % 1000) for place in range(1, extra + 1)]
    return [
        {"rel": rel, "url": _address(end), "attributes": {"isLocked": False, "name": name}} for rel, name, end in ends
    ]
