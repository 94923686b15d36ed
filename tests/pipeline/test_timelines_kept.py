"""The past of items is asked for once, and again only where something happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from lpm_sync.core.timeline import STATUS, Entry, Timeline
from lpm_sync.core.work_item import Ref
from lpm_sync.pipeline.sources import Source
from lpm_sync.pipeline.timelines import complete_timelines
from lpm_sync.state.store import State


def kept(office, ref: Ref) -> Timeline | None:
    with State.open_for_reading(office.folder / office.state_name, at=office.clock.now()) as state:
        return state.timelines.of(ref)


def statuses(timeline: Timeline | None) -> list[datetime]:
    return [entry.at for entry in timeline.entries if entry.aspect == STATUS] if timeline else []


def blocked_pair(office) -> tuple[Ref, Ref]:
    epic = office.jira.create_item(project="PORT", type="Epic", title="Instant payments", status="Analyzing")
    blocker, blocked = (
        office.jira.create_item(project="PAY", type="Feature", title=title, parent=epic)
        for title in ("Ledger", "Refunds")
    )
    office.jira.link(blocker=blocker, blocked=blocked)
    return blocker, blocked


def test_the_past_of_what_blocks_is_kept_and_not_asked_for_again_while_nothing_happens(office) -> None:
    blocker, _ = blocked_pair(office)
    for _ in range(3):  # the first reads everything, the second what the first wrote
        office.cycle()
    before = kept(office, blocker)
    office.jira.past[blocker] = [Entry(at=office.clock.now(), aspect=STATUS, before="To Do", after="Doing")]
    office.cycle()
    assert kept(office, blocker) == before
    office.jira.change_title(blocker, "Another title")
    office.cycle()
    assert statuses(kept(office, blocker)) == [office.clock.now()]


def test_a_dependency_dates_from_its_past_that_is_kept(office) -> None:
    blocker, _ = blocked_pair(office)
    office.pass_days(2)
    office.jira.change_status(blocker, "Doing")
    moved = office.clock.now()
    for _ in range(4):
        office.cycle()
    office.pass_days(9)
    office.cycle()
    assert f"blocked since {moved.day} November" in "".join(office.our_comments())


def test_a_census_completes_the_timelines_of_all_items(office) -> None:
    alone = office.jira.create_item(project="PAY", type="Feature", title="Vouchers")
    office.jira.change_status(alone, "Doing")
    office.cycle()
    assert kept(office, alone) is None
    office.cycle()
    assert statuses(kept(office, alone)) == [office.clock.now()]
    office.pass_days(1)
    office.jira.change_status(alone, "Done")
    office.cycle()
    office.cycle()
    assert len(statuses(kept(office, alone))) == 2


def test_an_item_without_a_past_is_asked_for_again_only_when_something_happened(office) -> None:
    alone = office.jira.create_item(project="PAY", type="Feature", title="Vouchers")
    for _ in range(3):
        office.cycle()
    assert kept(office, alone) == Timeline(ref=alone)
    entry = Entry(at=office.clock.now(), aspect=STATUS, before="To Do", after="Doing")
    office.jira.past[alone] = [entry]
    office.pass_days(1)
    office.cycle()
    assert kept(office, alone) == Timeline(ref=alone)
    office.jira.change_title(alone, "Gift vouchers")
    office.pass_days(1)
    for _ in range(2):
        office.cycle()
    assert kept(office, alone) == Timeline(ref=alone, entries=(entry,))


def many(office, count: int) -> None:
    fields = {"benefit_hypothesis": "fewer calls", "estimate": Decimal(5)}
    for number in range(count):
        office.jira.create_item(project="PAY", type="Feature", title=f"Feature {number}", fields=fields)


def missing_after(office, *, seconds: float, should_stop: Callable[[], bool]) -> int:
    """How many timelines are missing where a census has so long for them."""
    workplace = office.workplace
    with workplace.state() as state, workplace.trackers(workplace.configuration(), state) as trackers:
        pull = trackers["jira"].pull()
        state.snapshots.save(pull, office.clock.now())
        counted = replace(pull, present=frozenset(item.ref for item in pull.items))
        complete_timelines(state, trackers, [Source(tracker="jira", pull=counted)], {"jira": seconds}, should_stop)
        return len(state.timelines.outdated("jira", 10_000))


def test_a_census_goes_on_until_all_timelines_are_there(office) -> None:
    many(office, 250)
    assert missing_after(office, seconds=600, should_stop=lambda: False) == 0


def test_a_census_ends_between_two_portions_when_its_time_is_up(office) -> None:
    many(office, 250)
    assert missing_after(office, seconds=0, should_stop=lambda: False) == 150
    assert missing_after(office, seconds=0, should_stop=lambda: False) == 50


def test_a_census_ends_between_two_portions_when_it_is_asked_to_stop(office) -> None:
    many(office, 250)
    assert missing_after(office, seconds=600, should_stop=lambda: True) == 150
