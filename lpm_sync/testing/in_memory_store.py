"""What the tracker in memory holds, and the way to it behind the tracker's back: seeding, peeking, faults."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from lpm_sync.core.change import Result
from lpm_sync.core.discovery import FieldKind
from lpm_sync.core.timeline import DEPENDENCY, STATUS, TYPE, Entry
from lpm_sync.core.work_item import (
    Direction,
    Edge,
    FieldValue,
    ForeignLink,
    OwnComment,
    Progress,
    Ref,
    SourceItem,
)
from lpm_sync.errors import UnauthorisedError, UnavailableError
from lpm_sync.ports import Clock
from lpm_sync.testing.backdoor import PeekedComment, Trouble, Wording
from lpm_sync.testing.clock import MovableClock
from lpm_sync.testing.in_memory_changes import ChangeCounter
from lpm_sync.testing.in_memory_fields import InMemoryFields

WORDING = Wording(
    projects=("PORT", "PAY"),
    epic_type="Epic",
    feature_type="Feature",
    ignored_type="Bug",
    todo_status="To Do",
    doing_status="In Progress",
    done_status="Done",
    other_status="Parked",
    text_field="benefit_hypothesis",
    number_field="implementation_cost_forecast",
    person="dana",
    secret="a-secret-of-the-tracker-in-memory",  # noqa: S106 guards nothing: tests look for it where it must not be
)
"""The words of the tracker in memory."""

CONFIGURED = {
    WORDING.text_field: ("Benefit Hypothesis", FieldKind.TEXT),
    WORDING.number_field: ("Implementation Cost Forecast", FieldKind.NUMBER),
}
"""The names of its fields, by ours, and what they hold."""

LONGEST_WAIT = 60.0  # seconds that a request of this tracker would wait
_START = datetime(2026, 10, 26, 8, tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class StoredComment:
    """A comment by us or by a person."""

    id: str
    is_ours: bool
    text: str
    updated: datetime


@dataclass(slots=True, kw_only=True)
class Faults:
    """What goes wrong, until it is taken back.

    `source` fails every reading with that reason, `projects` those projects, `items` makes single items unreadable.
    `change` is (how many writes succeed first, what becomes of the one after them), once. `trouble` is (how many
    requests pass first, what comes of all others). `wait` is how many seconds the next request is told to wait.
    `clock_skew` is how far the tracker's clock is ahead of ours.
    """

    source: str | None = None
    projects: dict[str, str] = field(default_factory=dict)
    items: dict[Ref, str] = field(default_factory=dict)
    change: tuple[int, Result] | None = None
    trouble: tuple[int, Trouble] | None = None
    wait: float = 0.0
    is_unauthorised: bool = False
    is_read_only: bool = False
    loses_next_answer: bool = False
    clock_skew: timedelta = timedelta(0)
    before_next_write: Callable[[], None] | None = None


class InMemoryStore:
    """A whole tracker as values: all of a `TrackerBackdoor` but `connect`; and `put` takes any `SourceItem` as it is.

    `statuses` maps each status to its progress; a status that is not in it is handed over with none.
    """

    def __init__(
        self,
        *,
        name: str = "memory",
        projects: Sequence[str] = WORDING.projects,
        types: Sequence[str] = (WORDING.epic_type, WORDING.feature_type),
        statuses: Mapping[str, Progress] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.name = name
        self.projects = tuple(projects)
        self.types = tuple(types)
        self.statuses = dict(statuses or {"To Do": Progress.TODO, "In Progress": Progress.DOING, "Done": Progress.DONE})
        self.clock = clock or MovableClock(_START)
        self.faults = Faults()
        self.fields = InMemoryFields(CONFIGURED)
        self.items: dict[Ref, SourceItem] = {}
        self.threads: dict[Ref, list[StoredComment]] = {}
        self.dependencies: dict[Edge, datetime] = {}
        self.related: set[frozenset[Ref]] = set()
        self.addresses: set[tuple[Ref, str]] = set()
        self.past: dict[Ref, list[Entry]] = {}
        self.changes = ChangeCounter()
        self.writes = 0
        self.seconds_waited = 0.0
        self._last_id = 100

    @property
    def wording(self) -> Wording:
        return WORDING

    def request(self) -> None:
        """What would be one request to a server: each account, project and write. Raises what comes of it."""
        wait, self.faults.wait = self.faults.wait, 0.0
        if wait > LONGEST_WAIT:
            message = f"{self.name}: asks to wait {wait:.0f} seconds; the next cycle goes on"
            raise UnavailableError(message, retry_after=wait)
        self.seconds_waited += wait
        passing, trouble = self.faults.trouble or (1, None)
        if trouble is not None and passing > 0:
            self.faults.trouble = (passing - 1, trouble)
        if self.faults.is_unauthorised or (not passing and trouble in (Trouble.STRANGER, Trouble.LOGIN_PAGE)):
            raise UnauthorisedError(f"{self.name}: the credential is not accepted: issue a new one")
        if not passing:
            raise UnavailableError(f"{self.name}: the answer is not one ({trouble}); the next cycle asks again")

    def put(self, item: SourceItem) -> Ref:
        """Takes in an item as it is, or replaces it: its comments as ours, its edges and links beside those known."""
        for edge in item.edges:
            self.dependencies.setdefault(edge, item.created)
        self.related.update(frozenset((item.ref, other)) for other in item.linked)
        others = [comment for comment in self.threads.get(item.ref, ()) if not comment.is_ours]
        own = [
            StoredComment(id=comment.id, is_ours=True, text=comment.text, updated=comment.updated)
            for comment in item.own_comments
        ]
        self.threads[item.ref] = own + others
        self.items[item.ref] = replace(item, edges=frozenset(), linked=frozenset(), own_comments=())
        return item.ref

    def view(self, ref: Ref) -> SourceItem:
        """The item as a pull hands it over; raises KeyError where there is none or its project is hidden."""
        if self.items[ref].project not in self.projects:
            raise KeyError(ref)
        return self.whole(ref)

    def look(self) -> ChangeCounter:
        """The counter, with everything counted that happened until now, in whatever project."""
        self.changes.look({ref: (self.whole(ref), self.faults.items.get(ref)) for ref in self.items})
        return self.changes

    def whole(self, ref: Ref) -> SourceItem:
        """The item with all that hangs on it, also where nobody may see it; raises KeyError where there is none."""
        item = self.items[ref]
        return replace(
            item,
            edges=frozenset(edge for edge in self.dependencies if ref in (edge.blocker, edge.blocked)),
            linked=frozenset(other for pair in self.related if ref in pair for other in pair - {ref}),
            own_comments=tuple(
                OwnComment(id=comment.id, text=comment.text, updated=comment.updated)
                for comment in self.threads[ref]
                if comment.is_ours
            ),
        )

    def next_id(self) -> str:
        """An id that was never given."""
        self._last_id += 1
        return str(self._last_id)

    def create_item(  # noqa: PLR0913 as in TrackerBackdoor
        self,
        *,
        project: str,
        type: str,
        title: str,
        status: str | None = None,
        labels: Collection[str] = (),
        parent: Ref | None = None,
        description: str = "",
        fields: Mapping[str, FieldValue] | None = None,
        owner: str | None = None,
        is_ours: bool = False,
    ) -> Ref:
        first = next(iter(self.statuses))
        identifier, now = self.next_id(), self.clock.now()
        return self.put(
            SourceItem(
                ref=Ref(self.name, identifier),
                key=f"{project}-{identifier}",
                url=f"https://{self.name}.example/items/{identifier}",
                project=project,
                type=type,
                title=title,
                status=status or first,
                progress=self.statuses.get(status or first),
                created=now,
                updated=now,
                parent=parent,
                labels=frozenset(labels),
                owner=owner,
                description=description,
                fields=dict(fields or {}),
                is_ours=is_ours,
            )
        )

    def delete_item(self, ref: Ref) -> None:
        del self.items[ref], self.threads[ref]
        self.dependencies = {e: at for e, at in self.dependencies.items() if ref not in (e.blocker, e.blocked)}
        self.related = {pair for pair in self.related if ref not in pair}

    def change_title(self, ref: Ref, title: str) -> None:
        self.items[ref] = replace(self.items[ref], title=title, updated=self.clock.now())

    def change_parent(self, ref: Ref, parent: Ref | None) -> None:
        self.items[ref] = replace(self.items[ref], parent=parent, updated=self.clock.now())

    def move_item(self, ref: Ref, project: str) -> None:
        key = f"{project}-{ref.id}"
        self.items[ref] = replace(self.items[ref], project=project, key=key, updated=self.clock.now())

    def change_status(self, ref: Ref, status: str, *, at: datetime | None = None) -> None:
        instant = at or self.clock.now()
        entry = Entry(at=instant, aspect=STATUS, before=self.items[ref].status, after=status)
        self.past.setdefault(ref, []).append(entry)
        self.items[ref] = replace(self.items[ref], status=status, progress=self.statuses.get(status), updated=instant)

    def change_type(self, ref: Ref, type: str, *, at: datetime) -> None:
        self.past.setdefault(ref, []).append(Entry(at=at, aspect=TYPE, before=self.items[ref].type, after=type))
        self.items[ref] = replace(self.items[ref], type=type, updated=at)

    def change_field(self, ref: Ref, field: str, value: FieldValue, *, at: datetime) -> None:
        before = self.items[ref].fields.get(field)
        entry = Entry(at=at, aspect=field, before=None if before is None else str(before), after=str(value))
        self.past.setdefault(ref, []).append(entry)
        self.items[ref] = replace(self.items[ref], fields={**self.items[ref].fields, field: value}, updated=at)

    def add_label(self, ref: Ref, label: str) -> None:
        self._set_labels(ref, self.items[ref].labels | {label})

    def remove_label(self, ref: Ref, label: str) -> None:
        self._set_labels(ref, self.items[ref].labels - {label})

    def add_comment(self, ref: Ref, text: str, *, is_ours: bool = False) -> str:
        comment = StoredComment(id=self.next_id(), is_ours=is_ours, text=text, updated=self.clock.now())
        self.threads[ref].append(comment)
        return comment.id

    def link(self, *, blocker: Ref, blocked: Ref, at: datetime | None = None) -> None:
        self.dependencies.setdefault(Edge(blocker, blocked), at or self.clock.now())

    def unlink(self, *, blocker: Ref, blocked: Ref) -> None:
        made, now = self.dependencies.pop(Edge(blocker, blocked), None), self.clock.now()
        if made is None:
            return
        for one, other in ((blocker, str(blocked)), (blocked, str(blocker))):
            came = Entry(at=made, aspect=DEPENDENCY, after=other)
            self.past.setdefault(one, []).extend((came, Entry(at=now, aspect=DEPENDENCY, before=other)))

    def add_foreign_link(self, ref: Ref, url: str, direction: Direction) -> None:
        links = (*self.items[ref].foreign_links, ForeignLink(url=url, direction=direction))
        self.items[ref] = replace(self.items[ref], foreign_links=links, updated=self.clock.now())

    def hide_project(self, project: str) -> None:
        self.projects = tuple(name for name in self.projects if name != project)
        self.faults.projects[project] = f"project {project} cannot be seen: grant our account the right to browse it"

    def show_project(self, project: str) -> None:
        self.projects = (*self.projects, project)
        del self.faults.projects[project]

    def rename_field(self, field: str, name: str) -> None:
        self.fields.rename(field, name)

    def remove_field(self, field: str) -> None:
        self.fields.remove(field)

    def add_namesake(self, field: str) -> None:
        self.fields.add_namesake(field)

    def forbid_writing(self) -> None:
        self.faults.is_read_only = True

    def revoke_credential(self) -> None:
        self.faults.is_unauthorised = True

    def disturb(self, trouble: Trouble, *, after: int = 0) -> None:
        self.faults.trouble = (after, trouble)

    def calm(self) -> None:
        self.faults.trouble = None

    def ask_to_wait(self, seconds: float) -> None:
        self.faults.wait = seconds

    def waited(self) -> float:
        return self.seconds_waited

    def lose_next_answer(self) -> None:
        self.faults.loses_next_answer = True

    def before_next_write(self, action: Callable[[], None]) -> None:
        self.faults.before_next_write = action

    def labels(self, ref: Ref) -> frozenset[str]:
        return self.items[ref].labels

    def status(self, ref: Ref) -> str:
        return self.items[ref].status

    def comments(self, ref: Ref) -> Sequence[PeekedComment]:
        return [PeekedComment(id=c.id, is_ours=c.is_ours, text=c.text) for c in self.threads[ref]]

    def items_labelled(self, label: str) -> frozenset[Ref]:
        return frozenset(ref for ref, item in self.items.items() if label in item.labels)

    def count_writes(self) -> int:
        return self.writes

    def _set_labels(self, ref: Ref, labels: frozenset[str]) -> None:
        self.items[ref] = replace(self.items[ref], labels=labels, updated=self.clock.now())
