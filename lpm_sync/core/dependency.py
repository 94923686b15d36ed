"""The directed graph of dependencies over all trackers: blocker to blocked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import networkx as nx

from lpm_sync.core.work_item import Edge, Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyGraph:
    """Edges by either end, the items that stand in a cycle, and since when each open edge blocks.

    `blocked_since` is the later of link made and blocker's last status change; an edge in `first_seen` has no
    history and counts from the first cycle that saw it.
    """

    blockers: Mapping[Ref, tuple[Ref, ...]]
    blocked: Mapping[Ref, tuple[Ref, ...]]
    cycles: Mapping[Ref, tuple[Ref, ...]]
    blocked_since: Mapping[Edge, datetime]
    first_seen: frozenset[Edge]

    @classmethod
    def build(
        cls, edges: Iterable[Edge], blocked_since: Mapping[Edge, datetime], first_seen: Iterable[Edge] = ()
    ) -> DependencyGraph:
        """Indexes the edges; a cycle is given as its sorted members, under each of them."""
        graph: nx.DiGraph[Ref] = nx.DiGraph()
        graph.add_edges_from((edge.blocker, edge.blocked) for edge in sorted(set(edges)))
        cycles: dict[Ref, tuple[Ref, ...]] = {}
        for component in nx.strongly_connected_components(graph):
            is_cycle = len(component) > 1 or any(graph.has_edge(ref, ref) for ref in component)
            if is_cycle:
                cycles.update(dict.fromkeys(component, tuple(sorted(component))))
        return cls(
            blockers={ref: tuple(sorted(graph.predecessors(ref))) for ref in graph if graph.in_degree(ref)},
            blocked={ref: tuple(sorted(graph.successors(ref))) for ref in graph if graph.out_degree(ref)},
            cycles=cycles,
            blocked_since=blocked_since,
            first_seen=frozenset(first_seen),
        )


def blocked_since(
    link_created: datetime | None, blocker_moved: datetime | None, first_seen: datetime
) -> tuple[datetime, bool]:
    """Since when an open edge blocks: the later of link made and blocker's last status change.

    Where the tracker does not tell when the link was made, the first cycle that saw the edge stands in for it, and the
    second value is True. A blocker without a known status change has not moved.
    """
    made = first_seen if link_created is None else link_created
    return max(made, blocker_moved or made), link_created is None
