"""Whatever is edited, when, and in whatever zone: after the last reading the copy equals the tracker."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from connectors.jira.query_times import query_time
from connectors.sandbox.jira.model import Deployment
from connectors.sandbox.serving import LoopbackServer
from lpm_sync.core.work_item import Direction, Ref
from lpm_sync.errors import StoppedError, UnavailableError
from lpm_sync.testing.mirror import Mirror
from tests.connectors.jira.conftest import Gate, JiraSite
from tests.example_counts import examples

# Zones from one end of the day to the other, with an instant at which their clocks change, if they do.
CLOCK_CHANGES = {
    "Etc/GMT+12": ["2026-11-01T12:00"],
    "Pacific/Pago_Pago": ["2026-11-01T11:00"],
    "America/New_York": ["2026-11-01T06:00", "2026-03-08T07:00"],
    "America/St_Johns": ["2026-11-01T04:30", "2026-03-08T05:30"],
    "Atlantic/Azores": ["2026-10-25T01:00", "2026-03-29T01:00"],
    "UTC": ["2026-10-25T00:00"],
    "Europe/Berlin": ["2026-10-25T01:00", "2026-03-29T01:00"],
    "Asia/Kathmandu": ["2026-10-25T18:15"],
    "Australia/Lord_Howe": ["2026-04-04T15:00", "2026-10-03T15:30"],
    "Pacific/Chatham": ["2026-04-04T14:00", "2026-09-26T14:00"],
    "Pacific/Kiritimati": ["2026-10-25T10:00"],
}
MOMENTS = [(zone, datetime.fromisoformat(f"{text}Z")) for zone, texts in CLOCK_CHANGES.items() for text in texts]
LARGEST_LAG = 8  # minutes: less than the overlap

moments = st.tuples(st.sampled_from(MOMENTS), st.integers(-4 * 3600, 3600)).map(
    lambda found: (found[0][0], found[0][1] + timedelta(seconds=found[1]))
)
waits = st.one_of(st.integers(0, 3), st.integers(0, 900), st.integers(0, 9000))  # seconds
numbers = st.integers(0, 30)
Step = tuple[str, int, int]


def steps(*kinds: str) -> st.SearchStrategy[list[Step]]:
    waiting = st.tuples(st.just("wait"), waits, numbers)
    reading = st.tuples(
        st.sampled_from(["read", "read", "read and fail", "read and stop", "restart"]), numbers, numbers
    )
    editing = st.tuples(st.sampled_from(kinds), numbers, numbers)
    return st.lists(st.one_of(waiting, reading, editing, editing), min_size=15, max_size=40)


class World:
    """A tracker that people edit, and a copy of it that is kept up to date."""

    def __init__(self, site: JiraSite) -> None:
        self.site = site
        self.mirror = Mirror()
        self.tracker = site.connect()
        site.store.add_project("ELSE", "Out of scope")
        self.refs = [site.create_item(project="PORT", type="Epic", title="Epic")]
        for number in range(4):
            self.refs.append(site.create_item(project=("PAY", "PORT")[number % 2], type="Feature", title="Feature"))
        self.hidden = False

    def take(self, kind: str, one: int, other: int) -> None:
        """One step; what cannot be done is left."""
        ref, second = self.refs[one % len(self.refs)], self.refs[other % len(self.refs)]
        if kind in READINGS:
            READINGS[kind](self, one)
        elif kind == "wait":
            self.site.clock.move_to(self.site.clock.now() + timedelta(seconds=one))
        elif kind == "create":
            project, kind_of_issue = ("PAY", "PORT", "ELSE")[one % 3], ("Feature", "Epic", "Task")[other % 3]
            self.refs.append(self.site.create_item(project=project, type=kind_of_issue, title=f"New {one}"))
        elif kind == "hide":
            self.hide(is_hidden=not self.hidden)
        elif ref.id in self.site.store.issues and second.id in self.site.store.issues:
            EDITS[kind](self.site, ref, second, one * 31 + other)

    def read(self, _: int = 0, *, census: bool = False) -> None:
        try:
            self.mirror.read(self.tracker, census=census)
        except UnavailableError:
            assert self.site.server.wire.faults

    def read_and_stop(self, items: int) -> None:
        """Everything anew, or on from where that was stopped, until so many items are kept."""
        if not self.mirror.is_unfinished:
            self.mirror.forget_position()
        with suppress(StoppedError):
            self.mirror.read(self.tracker, stop_after=items % 5)

    def read_and_fail(self, skip: int) -> None:
        path = ("search", "remotelink", "project", "myself", "bulkfetch", "/field", "comment")[skip % 7]
        self.site.fail(path, skip=skip % 4, times=12, status=503)
        self.read(census=skip % 5 == 0)
        self.site.server.wire.faults.clear()

    def restart(self, _: int) -> None:
        self.tracker = self.site.connect()

    def hide(self, *, is_hidden: bool) -> None:
        self.hidden = is_hidden
        (self.site.hide_project if is_hidden else self.site.show_project)("PAY")

    def settle(self, lag: int) -> None:
        """The index shows everything, and everything may be seen."""
        self.hide(is_hidden=False)
        self.site.clock.move_to(self.site.clock.now() + timedelta(minutes=lag, seconds=1))

    def whole(self) -> dict[Ref, Any]:
        pull = self.site.connect().pull()
        assert not pull.failures
        return {item.ref: item for item in pull.items}


Edit = Callable[[JiraSite, Ref, Ref, int], object]
READINGS = {
    "read": World.read,
    "read and fail": World.read_and_fail,
    "read and stop": World.read_and_stop,
    "restart": World.restart,
}
EDITS: dict[str, Edit] = {
    "title": lambda site, ref, _, n: site.change_title(ref, f"Title {n}"),
    "label": lambda site, ref, _, n: site.add_label(ref, f"label-{n % 5}"),
    "unlabel": lambda site, ref, _, n: site.remove_label(ref, f"label-{n % 5}"),
    "ours": lambda site, ref, _, n: site.add_comment(ref, f"Ours {n}", is_ours=True),
    "talk": lambda site, ref, _, n: [site.add_comment(ref, f"Talk {n}") for _ in range(n % 12)],
    "edit": lambda site, ref, _, n: _edit_comment(site, ref, n),
    "status": lambda site, ref, _, n: site.store.transition(ref.id, ("To Do", "In Progress", "Done")[n % 3]),
    "link": lambda site, ref, other, _: ref == other or site.link(blocker=ref, blocked=other),
    "unlink": lambda site, ref, other, _: ref == other or _unlink(site, ref, other),
    "address": lambda site, ref, _, n: site.add_foreign_link(ref, f"https://dev.example/{n}", Direction.BLOCKED_BY),
    "parent": lambda site, ref, _, n: _put_under_an_epic(site, ref, n),
    "within": lambda site, ref, _, n: _move(site, ref, ("PAY", "PORT")[n % 2]),
    "move": lambda site, ref, _, n: _move(site, ref, ("PAY", "PORT", "ELSE")[n % 3]),
    "type": lambda site, ref, _, n: site.store.edit(
        ref.id, {"issuetype": site.store.issue_type(("Task", "Feature")[n % 2])}
    ),
    "delete": lambda site, ref, _, n: site.delete_item(ref) if n % 3 == 0 else None,
}
VISIBLE = tuple(kind for kind in EDITS if kind not in ("move", "delete"))


def _edit_comment(site: JiraSite, ref: Ref, n: int) -> None:
    ours = [comment for comment in site.store.issue(ref.id).comments if comment.author is site.store.bot]
    if ours:
        site.store.edit_comment(ref.id, ours[n % len(ours)], f"Edited {n}", author=site.store.bot)


def _unlink(site: JiraSite, ref: Ref, other: Ref) -> None:
    if ref.id in site.store.links_by_issue:
        site.unlink(blocker=ref, blocked=other)


def _put_under_an_epic(site: JiraSite, ref: Ref, n: int) -> None:
    epics = [issue for issue in site.store.issues.values() if issue.type.name == "Epic"]
    if site.store.issue(ref.id).type.name != "Epic" and epics:
        site.change_parent(ref, Ref("jira", epics[n % len(epics)].id) if n % 4 else None)


def _move(site: JiraSite, ref: Ref, project: str) -> None:
    if site.store.issue(ref.id).project.key != project:
        site.move_item(ref, project)


def _world(server: LoopbackServer, gate: Gate, deployment: Deployment, moment: tuple[str, datetime], lag: int) -> World:
    zone, start = moment
    world = World(JiraSite(server, gate, deployment, start=start, zone=zone))
    behaviour = world.site.store.behaviour
    behaviour.index_lag = timedelta(minutes=lag)
    behaviour.page_cap, behaviour.id_page_cap, behaviour.server_page_cap = 2, 3, 3
    behaviour.empty_pages, behaviour.short_pages = lag % 2, lag % 3 == 0
    behaviour.embedded_comments, behaviour.shows_indexed = 3, lag % 2 == 1
    return world


# A script over the wire takes long to shrink, and is short enough to be read as it is.
some_examples = settings(
    max_examples=examples(5),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


@pytest.mark.parametrize("deployment", ["Cloud", "Server"])
@some_examples
@given(moment=moments, lag=st.integers(0, LARGEST_LAG), script=steps(*VISIBLE, "create", "hide"))
def test_what_is_edited_comes_with_the_deltas_alone(
    jira_server: tuple[LoopbackServer, Gate],
    deployment: Deployment,
    moment: tuple[str, datetime],
    lag: int,
    script: list[Step],
) -> None:
    world = _world(*jira_server, deployment, moment, lag)
    world.read()
    for step in script:
        world.take(*step)
    world.take("title", len(script), 0)  # whatever the script was, there is something to be found
    world.settle(lag)
    world.read()
    assert world.mirror.items == world.whole()
    world.site.close()


@pytest.mark.parametrize("deployment", ["Cloud", "Server"])
@some_examples
@given(moment=moments, lag=st.integers(0, LARGEST_LAG), script=steps(*EDITS, "create", "hide"))
def test_what_is_deleted_moved_or_hidden_comes_with_the_census(
    jira_server: tuple[LoopbackServer, Gate],
    deployment: Deployment,
    moment: tuple[str, datetime],
    lag: int,
    script: list[Step],
) -> None:
    world = _world(*jira_server, deployment, moment, lag)
    for number, step in enumerate(script):
        world.take(*step)
        if number % 9 == 0:
            world.read(census=True)
    world.settle(lag)
    world.read(census=True)
    assert world.mirror.items == world.whole()
    world.site.close()


@settings(max_examples=examples(100))  # each is cheap
@given(moment=moments, seconds=st.integers(0, 366 * 86400))
def test_a_time_in_a_query_never_lies_after_the_instant_that_is_meant(
    moment: tuple[str, datetime], seconds: int
) -> None:
    zone, instant = moment
    for meant in (instant, instant + timedelta(seconds=seconds)):
        text = datetime.strptime(query_time(meant, zone), "%Y-%m-%d %H:%M")  # noqa: DTZ007 in the zone of a profile
        readings = [text.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)]
        assert max(readings) <= meant
        assert min(readings) > meant - timedelta(minutes=122)


@pytest.mark.parametrize("name", [None, "", "Mars/Olympus", "../etc/passwd", "Europe"])
def test_in_a_zone_that_nobody_knows_a_query_looks_back_as_far_as_any_zone(name: str | None) -> None:
    instant = datetime(2026, 11, 2, 9, 30, 59, tzinfo=UTC)
    assert query_time(instant, name) == "2026-11-01 21:30"
