"""What the names in a configuration lead to in a tracker, and whether that still is what it was when it was pinned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FIELDS = "fields"
REFERENCE_FIELDS = "reference_fields"
DEPENDENCY_LINKS = "dependency_links"
PROJECTS = "projects"
TYPES = "types"
SECTIONS = (FIELDS, REFERENCE_FIELDS, DEPENDENCY_LINKS, PROJECTS)
"""The parts of a tracker's configuration whose names are resolved. Types are not: they are told by their names."""

RENEW = "renew the lock: lpm-sync doctor --pin"
RENAMING = f"write the new name, or the id, in trackers.yaml and {RENEW}"
"""What to do about a place whose thing goes by another name."""
RENEWAL = f"bring it back, or name in trackers.yaml what is meant now and {RENEW}"
"""What to do about a place that leads to another thing than it is pinned to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What a configured name leads to.

    `id` stays the same for as long as the thing is there, `name` is what people see and may change. `kind` is the
    tracker's own word for what it is: where that differs it is another thing under the same id.
    """

    id: str
    name: str
    kind: str = ""

    def __str__(self) -> str:
        return self.id if self.name == self.id else f"{self.id} (“{self.name}”)"


Resolutions = Mapping[str, Resolution]
"""By place in the configuration, as `place` writes it."""


def place(section: str, name: str) -> str:
    """Where a configured name stands: `fields.horizon`, `projects.PAY`."""
    return f"{section}.{name}"


def filled_in(count: int | None, *, at_least: bool = False) -> str:
    """How often a field is filled, for people; None where the tracker does not tell."""
    if count is None:
        return "how often it is filled is not told"
    return f"filled in {'at least ' if at_least else ''}{count:,} item{'' if count == 1 else 's'}"


def lost(where: str, identifier: str) -> str:
    """Says that what is pinned there is not to be had any more."""
    return f"{where} is pinned to {identifier}, which is not there any more, or hidden from the account"


def changed(pinned: Resolutions, now: Resolutions) -> dict[str, str]:
    """What is wrong at each pinned place that leads to another thing, or to none; a lost project is told elsewhere.

    As long as there is any such place nothing that was read in this way may be acted on.
    """
    wrong: dict[str, str] = {}
    for where, pin in pinned.items():
        found = now.get(where)
        if found is None:
            if not where.startswith(f"{PROJECTS}."):
                wrong[where] = lost(where, pin.id)
        elif found.id != pin.id:
            wrong[where] = f"{where} is pinned to {pin}, and leads to {found}"
        elif found.kind != pin.kind:
            before, after = (kind or "of no kind" for kind in (pin.kind, found.kind))
            wrong[where] = f"{where} is pinned to {pin}, which was {before} and is {after} now"
    return wrong


def renamed(pinned: Resolutions, now: Resolutions) -> dict[str, str]:
    """What to know of each pinned place whose thing goes by another name in the tracker; it is read all the same."""
    return {
        where: f"{where} is pinned to {pin}, which is called “{found.name}” now, and is read all the same"
        for where, pin in pinned.items()
        if (found := now.get(where)) is not None and found.id == pin.id and found.name.strip() != pin.name.strip()
    }
