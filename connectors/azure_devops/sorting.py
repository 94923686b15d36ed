"""What the feeds told, sorted by what is to be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.azure_devops.feeds import Changes
from lpm_sync.ports import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """Items to read, by project; others to read, whose project is not known; those that certainly left the scope; and
    those that are astray: in a project that is not configured, which may be one that is, under another name."""

    wanted: dict[str, set[int]] = field(default_factory=dict)
    others: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)
    astray: set[int] = field(default_factory=set)


def sort_changes(
    changes: Changes, connection: Connection, known: frozenset[int], readable: Mapping[str, str]
) -> Sorted:
    """`known` are the items that stood before; `readable` the projects that are there, by folded name.

    The feeds are of the whole organisation: of what is in no configured project only that counts which was known.
    """
    configured = {project.casefold() for project in connection.projects}
    types = {name.casefold() for name in connection.types}
    found = Sorted()
    for identifier, last in changes.revised.items():
        project = (last.project or "").casefold()
        is_elsewhere = bool(project) and project not in configured
        is_other = bool(types) and last.type is not None and last.type.casefold() not in types
        if is_elsewhere and identifier in known and not configured <= readable.keys():
            found.astray.add(identifier)
        elif is_elsewhere or is_other:
            if identifier in known:
                found.gone.add(identifier)  # moved, or of another type now
        elif last.is_deleted:
            found.gone.add(identifier)
        elif project in readable:
            found.wanted.setdefault(readable[project], set()).add(identifier)
        elif not project:
            found.others.add(identifier)
    # With a clause a link alone can bring an item into the scope or out of it: by its parent, by how many there are.
    touched = changes.linked if connection.scope_query else changes.linked & known
    placed = {one for ids in found.wanted.values() for one in ids}
    found.others.update(touched - placed - found.gone - found.astray)
    return found
