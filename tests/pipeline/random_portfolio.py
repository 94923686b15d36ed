"""Random portfolios in two trackers, and random edits by people and by time, for the property tests of cycles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from lpm_sync.core.work_item import Direction, Ref
from tests.example_counts import examples
from tests.pipeline.conftest import Office

EXAMPLES = settings(
    max_examples=examples(8),
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),  # no shrinking: it takes minutes, of cycles
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""The same examples in each run; `make test-thorough` looks further."""

LONG = settings(EXAMPLES, max_examples=examples(4))
"""For stories of many cycles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedItem:
    """An item of a random portfolio; `status` counts back from done, `parent` on from the first epic of its tracker."""

    tracker: str
    is_epic: bool
    status: int
    forecast: int | None
    is_ready: bool
    parent: int | None
    labels: frozenset[str]
    is_commented: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLink:
    """A dependency between two items by their positions, made `age` days before the start."""

    blocker: int
    blocked: int
    age: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Something that people do to the item at that position, or that time does."""

    kind: str
    item: int
    other: int


_items = st.builds(
    PlannedItem,
    tracker=st.sampled_from(["jira", "ado"]),
    is_epic=st.booleans(),
    status=st.sampled_from([2, 2, 1, 1, 0]),
    forecast=st.sampled_from([None, 60_000, 600_000]),
    is_ready=st.booleans(),
    parent=st.sampled_from([None, 0, 1]),
    labels=st.frozensets(st.sampled_from(["urgent", "LPM-team", "lpm:approved", "lpm:opt-out"]), max_size=2),
    is_commented=st.booleans(),
)
_positions = st.integers(0, 9)
_links = st.builds(PlannedLink, blocker=_positions, blocked=_positions, age=st.sampled_from([0, 7, 8, 20]))
PORTFOLIOS = st.tuples(st.lists(_items, min_size=2, max_size=7), st.lists(_links, max_size=5))
_KINDS = (
    *("status", "title", "forecast", "ready", "remove our labels", "add our label", "label", "comment"),
    *("link", "unlink", "opt out", "approve", "parent", "days", "delete", "close escalations"),
)
EDITS = st.lists(st.builds(Edit, kind=st.sampled_from(_KINDS), item=_positions, other=_positions), max_size=4)


def create(office: Office, planned: Sequence[PlannedItem], links: Sequence[PlannedLink]) -> None:
    """Fills an empty office: two items that report in jira, one that is done in ado, then the random ones."""
    for title in ("The portfolio", "Payments"):
        office.jira.create_item(project="PORT", type="Epic", title=title, status="Done")
    office.report_on("jira:PORT-101", "jira:PORT-102")
    office.ado.create_item(project="Platform", type="Epic", title="Laid aside", status="Closed")
    epics: dict[str, list[Ref]] = {"jira": [], "ado": []}
    for item in sorted(planned, key=lambda item: not item.is_epic):
        store, above = (office.jira, epics["jira"]) if item.tracker == "jira" else (office.ado, epics["ado"])
        ref = store.create_item(
            project="Platform" if item.tracker == "ado" else "PORT" if item.is_epic else "PAY",
            type="Epic" if item.is_epic else "Feature",
            title=f"Item {len(office.refs)}",
            status=tuple(store.statuses)[-1 - item.status],
            labels=item.labels,
            parent=above[item.parent % len(above)] if above and item.parent is not None else None,
            fields=_fields(item.forecast, item.is_ready),
        )
        office.refs.append(ref)
        if item.is_epic:
            above.append(ref)
        if item.is_commented:
            store.add_comment(ref, "Please keep lpm:not-ready in mind.\nlpm-sync card: none")
            store.add_comment(ref, "Said in our name by somebody, and no card.", is_ours=True)
    for link in links:
        _link(office, link.blocker, link.blocked, office.clock.now() - timedelta(days=link.age))


def _fields(forecast: int | None, is_ready: bool) -> dict[str, str | Decimal]:
    fields: dict[str, str | Decimal] = {"estimate": Decimal(5)}
    if forecast is not None:
        fields["implementation_cost_forecast"] = Decimal(forecast)
    return fields | ({"benefit_hypothesis": "fewer calls"} if is_ready else {})


def _link(office: Office, blocker: int, blocked: int, at: datetime) -> None:
    one, other = office.refs[blocker % len(office.refs)], office.refs[blocked % len(office.refs)]
    if one == other or one not in office.store(one).items or other not in office.store(other).items:
        return
    if one.tracker == other.tracker:
        office.store(one).link(blocker=one, blocked=other, at=at)
    else:
        office.store(other).add_foreign_link(other, office.store(one).view(one).url, Direction.BLOCKED_BY)


def edit(office: Office, edit: Edit) -> None:  # noqa: C901, PLR0912 one branch a kind of edit
    """Does what the edit says, where its item is still there."""
    ref = office.refs[edit.item % len(office.refs)]
    store = office.store(ref)
    if ref not in store.items:
        return
    item = store.items[ref]
    match edit.kind:
        case "status":
            store.change_status(ref, tuple(store.statuses)[-1 - edit.other % 3])
        case "title":
            store.change_title(ref, f"Called {edit.other}")
        case "forecast":
            amount = {"implementation_cost_forecast": Decimal(edit.other * 100_000)}
            store.items[ref] = replace(item, fields={**item.fields, **amount})
        case "ready":
            store.items[ref] = replace(item, fields=_fields(None, edit.other % 2 == 0))
        case "remove our labels":
            for label in item.labels:
                if label.startswith("lpm:"):
                    store.remove_label(ref, label)
        case "add our label":
            store.add_label(ref, ("lpm:not-ready", "LPM:Not-Ready", "lpm:blocked", "lpm:of-old")[edit.other % 4])
        case "label":
            store.add_label(ref, f"human-{edit.other}")
        case "comment":
            quoted = [comment.text for comment in store.comments(ref) if comment.is_ours]
            store.add_comment(ref, (quoted or ["What is this?"])[0])
        case "link":
            _link(office, edit.item, edit.other, office.clock.now())
        case "unlink":
            store.unlink(blocker=ref, blocked=office.refs[edit.other % len(office.refs)])
        case "opt out":
            store.add_label(ref, "lpm:opt-out")
        case "approve":
            store.add_label(ref, "lpm:approved")
        case "parent":
            above = [other for other in office.refs if other.tracker == ref.tracker and other in store.items]
            store.items[ref] = replace(item, parent=above[edit.other % len(above)])
        case "days":
            office.pass_days(edit.other)
        case "delete":
            store.delete_item(ref)
        case "close escalations":
            for epic in office.jira.items_labelled("lpm:escalation"):
                office.jira.change_status(epic, "Done")


def begin(make_office: Callable[[], Office], data: st.DataObject) -> Office:
    """A fresh office with a portfolio that is drawn."""
    office = make_office()
    create(office, *data.draw(PORTFOLIOS))
    return office


def go_on(office: Office, data: st.DataObject) -> None:
    """Lets people, and time, change something that is drawn."""
    for drawn in data.draw(EDITS):
        edit(office, drawn)
