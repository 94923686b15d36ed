"""All label changes of an item as one JSON Patch, beside the tags of people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connectors.azure_devops.normalize import tags_of
from lpm_sync.core.change import AddLabel, RemoveLabel

Operation = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPatch:
    """What to send, empty where all stands already; `is_needed` tells for each change whether it does not yet."""

    operations: list[Operation]
    is_needed: tuple[bool, ...]
    added: frozenset[str]  # folded, like those removed
    removed: frozenset[str]

    def is_done_in(self, tags: str | None) -> bool:
        """Whether tags, as the server answers them, have what was added and nothing of what was removed."""
        standing = {tag.casefold() for tag in tags_of(tags)}
        return self.added <= standing and not self.removed & standing


def label_patch(tags_text: str | None, revision: int | None, changes: Sequence[AddLabel | RemoveLabel]) -> LabelPatch:
    """The patch that makes the changes to the tags that were read at that revision.

    `add` on System.Tags appends and can hurt nobody. To remove, all tags have to be replaced, so that such a patch
    holds for that revision only, or where none is told for those tags only: a tag that someone adds meanwhile is not
    lost. Tags are the same whatever their case.
    """
    tags = tags_of(tags_text)
    standing = {tag.casefold() for tag in tags}
    is_needed = tuple((change.label.casefold() in standing) is isinstance(change, RemoveLabel) for change in changes)
    needed = [change for change, is_one in zip(changes, is_needed, strict=True) if is_one]
    added = {change.label.casefold(): change.label for change in needed if isinstance(change, AddLabel)}
    removed = frozenset(change.label.casefold() for change in needed if isinstance(change, RemoveLabel))
    operations: list[Operation] = []
    if removed:
        kept = [tag for tag in tags if tag.casefold() not in removed]
        operations = [
            _unmoved(tags_text, revision),
            {"op": "replace", "path": "/fields/System.Tags", "value": "; ".join([*kept, *added.values()])},
        ]
    elif added:
        operations = [{"op": "add", "path": "/fields/System.Tags", "value": "; ".join(added.values())}]
    return LabelPatch(operations=operations, is_needed=is_needed, added=frozenset(added), removed=removed)


def _unmoved(tags_text: str | None, revision: int | None) -> Operation:
    if revision is None:
        return {"op": "test", "path": "/fields/System.Tags", "value": tags_text}
    return {"op": "test", "path": "/rev", "value": revision}
