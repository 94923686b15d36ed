"""The rows: what is measured beside what, and the goals of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.goals import Faster, Goal, NotSlower, Within
from benchmarks.servers import issues

LATENCY = 0.15  # seconds a request
CHANGED = 0.01  # the share of the items
OURS = "lpm-sync"
READ, READ_LESS = 20_000, 1_000
ALL, FEW = 100_000, 2_000
WRITTEN, WRITTEN_LESS = 100, 10
REFUSED_EACH = 40  # one write in so many is told to come back later


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Contestants by name, `module:function` each, on `items` items of each server that is named.

    `served` is how many items each server has, where those are not `items`. `prepare` runs once before all, at no
    latency; then `changed` of the items are changed.
    """

    name: str
    title: str
    items: int
    contestants: Mapping[str, str]
    goals: tuple[Goal, ...]
    servers: tuple[str, ...] = ()
    served: int | None = None
    latency: float = 0.0
    is_rich: bool = True
    prepare: str | None = None
    changed: float = 0.0
    refuse_each: int = 0
    orientation: tuple[str, ...] = field(default=())  # lines below the table


def rows(*, is_quick: bool = False) -> tuple[Row, ...]:
    """All rows; the quick ones have few items, and their ratios say nothing."""
    read, everything, written = (READ_LESS, FEW, WRITTEN_LESS) if is_quick else (READ, ALL, WRITTEN)
    return (
        _jira(read),
        _late_jira(read),
        _azure_devops(read),
        _late_azure_devops(read),
        _changed(everything),
        _unchanged(everything),
        _writing(written),
        _storing(everything),
        _command("version"),
        _command("usage"),
    )


def _jira(items: int) -> Row:
    return Row(
        name="jira",
        title=f"{items:,} Jira issues of 8 KB, pulled, normalised and stored",
        items=items,
        servers=("jira",),
        contestants={
            OURS: "our_jira:read",
            "jira, Issue objects": "package_jira:read_issues",
            "jira, json_result": "package_jira:read_json",
            "plain urllib3": "plain_jira:one_by_one",
        },
        goals=(
            Faster(one=OURS, than="jira, Issue objects", factor=10),
            Faster(one=OURS, than="jira, json_result", factor=1.5),
            Faster(one=OURS, than="plain urllib3", factor=0.8),
            Within(one=OURS, figure="memory", limit=100),
        ),
    )


def _late_jira(items: int) -> Row:
    pages = issue_pages(items) + id_pages(items)
    limit = pages + len(issues.PROJECTS) + 5
    return Row(
        name="jira-late",
        title=f"{items:,} Jira issues at 150 ms a request",
        items=items,
        servers=("jira",),
        latency=LATENCY,
        contestants={
            OURS: "our_jira:read",
            "plain urllib3, one after the other": "plain_jira:one_by_one",
            "plain urllib3, 8 connections": "plain_jira:in_parallel",
        },
        goals=(
            Faster(one=OURS, than="plain urllib3, one after the other", factor=5),
            Faster(one=OURS, than="plain urllib3, 8 connections", factor=0.8),
            Within(one=OURS, figure="jira requests", limit=limit),
        ),
        orientation=(f"{pages} pages: {issue_pages(items)} of 100 issues and {id_pages(items)} of 5000 ids",),
    )


def _azure_devops(items: int) -> Row:
    return Row(
        name="azure-devops",
        title=f"{items:,} work items with relations, pulled, normalised and stored",
        items=items,
        servers=("ado",),
        contestants={OURS: "our_azure_devops:read", "azure-devops": "package_azure_devops:read"},
        goals=(Faster(one=OURS, than="azure-devops", factor=12),),
    )


def _late_azure_devops(items: int) -> Row:
    return Row(
        name="azure-devops-late",
        title=f"{items:,} work items at 150 ms a request",
        items=items,
        servers=("ado",),
        latency=LATENCY,
        contestants={OURS: "our_azure_devops:read", "azure-devops": "package_azure_devops:read"},
        goals=(Faster(one=OURS, than="azure-devops", factor=7),),
    )


def _changed(items: int) -> Row:
    changed = int(items / 2 * CHANGED)
    return Row(
        name="changed",
        title=f"{items:,} items over two trackers, of which 1 % changed, full evaluation at 150 ms a request",
        items=items,
        served=items // 2,
        servers=("jira", "ado"),
        latency=LATENCY,
        is_rich=False,
        prepare="cycle:prepare",
        changed=CHANGED,
        contestants={OURS: "cycle:once_more"},
        goals=(
            Within(one=OURS, figure="jira requests", limit=-(-changed // 100) + 5),
            Within(one=OURS, figure="ado requests", limit=-(-changed // 200) + 5),
            Within(one=OURS, figure="memory", limit=350),
            Within(one=OURS, figure="cpu", limit=2.5, decides=False),
        ),
    )


def _unchanged(items: int) -> Row:
    return Row(
        name="unchanged",
        title=f"{items:,} items over two trackers, nothing changed",
        items=items,
        served=items // 2,
        servers=("jira", "ado", "chat"),
        latency=LATENCY,
        is_rich=False,
        prepare="cycle:prepare",
        contestants={OURS: "cycle:once_more"},
        orientation=("chat writes: posts; the digest of this week was posted before",),
        goals=(
            Within(one=OURS, figure="jira writes", limit=0),
            Within(one=OURS, figure="ado writes", limit=0),
            Within(one=OURS, figure="chat writes", limit=0),
            Within(one=OURS, figure="jira requests", limit=3),
            Within(one=OURS, figure="ado requests", limit=4),
        ),
    )


def _writing(items: int) -> Row:
    return Row(
        name="writing",
        title=f"{items} findings written (label, card, link) at 150 ms a request",
        items=items,
        served=items * issues.EPIC_EACH,
        servers=("jira",),
        latency=LATENCY,
        is_rich=False,
        refuse_each=REFUSED_EACH,
        contestants={OURS: "our_writing:write", "jira, in sequence": "package_jira:write"},
        goals=(
            Faster(one=OURS, than="jira, in sequence", factor=5),
            Within(one=OURS, figure="jira taken", limit=3 * items + 1),
            Within(one=OURS, figure="jira hasty", limit=0),
        ),
        orientation=(
            f"one write in {REFUSED_EACH} is refused with Retry-After: 1, and comes again",
            "taken: requests without those that were refused so; one beyond three a finding looks for the first card",
        ),
    )


def _storing(items: int) -> Row:
    return Row(
        name="storing",
        title=f"{items:,} items stored; the changed found among them",
        items=items,
        contestants={
            OURS: "storing:store_all",
            "bare executemany": "storing:executemany",
            f"{OURS}, 1 % changed": "storing:find_changed",
        },
        goals=(
            Faster(one=OURS, than="bare executemany", factor=0.4),
            Faster(one=f"{OURS}, 1 % changed", than=OURS, factor=3),
        ),
    )


def _command(name: str) -> Row:
    option = {"version": "--version", "usage": "--help"}[name]
    return Row(
        name=name,
        title=f"lpm-sync {option}",
        items=1,
        contestants={f"{OURS} {option}": f"commands:{name}", "python -c pass": "commands:python"},
        goals=(NotSlower(one=f"{OURS} {option}", than="python -c pass", factor=6),),
    )


def issue_pages(items: int) -> int:
    """How many pages of 100 issues there are, each project by itself."""
    return sum(-(-count // 100) for count in _in_projects(items).values())


def id_pages(items: int) -> int:
    """How many pages of 5000 ids there are, of the projects that have more than a few pages of issues."""
    return sum(-(-count // 5000) for count in _in_projects(items).values() if count > 300)


def _in_projects(items: int) -> Counter[str]:
    return Counter(map(issues.project_of, range(items)))
