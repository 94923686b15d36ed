"""The labels by which an escalation epic is known, and the blocker that it stands for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from lpm_sync.core.work_item import Ref, SourceItem

ESCALATION = "escalation"
"""The label (without prefix) that every escalation epic carries."""

_BLOCKER = "blocker-"
_LONGEST_PART = 60  # characters; trackers take labels of 255


def marker_label(prefix: str, blocker: Ref) -> str:
    """The label that names one blocker: `lpm:blocker-jira-10012`, in `[a-z0-9-]` after the prefix.

    Two blockers never share one: where the words do not fit the alphabet as they are, or could be cut in two ways, ten
    digits of a hash follow after `--`, which stands in no other marker.
    """
    tracker, identifier = _sanitised(blocker.tracker), _sanitised(blocker.id)
    is_exact = (tracker, identifier) == (blocker.tracker, blocker.id) and "-" not in identifier
    words = f"{prefix}{_BLOCKER}{tracker}-{identifier}"
    return words if is_exact else f"{words}--{hashlib.sha256(_unambiguous(blocker)).hexdigest()[:10]}"


def marker_of(prefix: str, labels: Iterable[str]) -> str | None:
    """The marker among the labels of an escalation epic, lower case; None where a human removed it."""
    return min((label.lower() for label in labels if label.lower().startswith(f"{prefix}{_BLOCKER}")), default=None)


def is_escalation_epic(prefix: str, source: SourceItem) -> bool:
    """Whether our account created the item as an escalation epic: rules, WIP and money leave it out."""
    return source.is_ours and any(label.lower() == f"{prefix}{ESCALATION}" for label in source.labels)


def _sanitised(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:_LONGEST_PART]


def _unambiguous(blocker: Ref) -> bytes:
    return f"{len(blocker.tracker)}:{blocker.tracker}:{blocker.id}".encode()
