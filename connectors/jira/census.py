"""Walks the ids of everything in scope: deletions, moves and lost permissions show nowhere else."""

from __future__ import annotations

from collections.abc import Collection

from connectors.jira import wire
from connectors.jira.reading import Reader
from connectors.jira.search import find_ids, quoted
from lpm_sync.core.work_item import Ref


def count(reader: Reader, projects: Collection[str]) -> frozenset[Ref]:
    """Every issue of a configured type in those projects, by key of today, that is in scope and visible now.

    Raises RefusedError or UnavailableError where the walk does not reach its end.
    """
    if not projects:
        return frozenset()
    clause = f"project in ({', '.join(map(quoted, sorted(projects)))})"
    if reader.types:
        # By their ids: a name that the tracker does not know would refuse the query, and several may have one name.
        known = reader.client.get("issuetype", list[wire.IssueType])
        wanted = sorted({kind.id for kind in known if reader.is_wanted(kind.name)})
        if not wanted:
            return frozenset()
        clause += f" AND issuetype in ({', '.join(wanted)})"
    return frozenset(map(reader.context.ref, find_ids(reader.client, reader.scoped(clause))))
