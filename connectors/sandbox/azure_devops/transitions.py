"""The fields that the server itself writes when an item enters a state.

New to Resolved writes activation and resolution (recording 12), To Do to Done only the closing (recording 17); the
reason is the one of the state (recordings 0, 12, 15 and 17).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.sandbox.azure_devops.model import Identity, State

COMMON = "Microsoft.VSTS.Common."


def entering(state: State, at: datetime, actor: Identity) -> dict[str, Any]:
    """The field changes that come with entering `state`; None clears a field."""
    changes: dict[str, Any] = {
        "System.State": state.name,
        "System.Reason": state.reason,
        COMMON + "StateChangeDate": at,
    }
    if state.category in ("InProgress", "Resolved"):
        changes |= _stamp("Activated", at, actor)
    if state.category == "Resolved":
        changes |= {**_stamp("Resolved", at, actor), COMMON + "ResolvedReason": state.reason}
    if state.category == "Completed":
        return changes | _stamp("Closed", at, actor)
    changes |= {COMMON + "ClosedDate": None, COMMON + "ClosedBy": None}
    if state.category in ("Proposed", "InProgress"):
        changes |= {COMMON + name: None for name in ("ResolvedDate", "ResolvedBy", "ResolvedReason")}
    return changes


def _stamp(event: str, at: datetime, actor: Identity) -> dict[str, Any]:
    return {f"{COMMON}{event}Date": at, f"{COMMON}{event}By": actor}
