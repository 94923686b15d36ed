"""A changelog becomes a timeline: status, type, estimate, money and dependencies, oldest first."""

from __future__ import annotations

import pytest

from connectors.jira import wire
from connectors.jira.history import Words, timeline
from lpm_sync.core.timeline import DEPENDENCY, STATUS, TYPE
from lpm_sync.core.work_item import Ref
from tests.connectors.jira.conftest import JiraSite

NUMBER = wire.FieldSchema(type="number")
TEXT_AREA = wire.FieldSchema(type="string", custom="com.atlassian.jira.plugin.system.customfieldtypes:textarea")
WORDS = Words(
    tracker="jira",
    keys={"PAY-2": "10002"},
    phrases=("blocks", "is blocked by"),
    fields={
        "estimate": wire.Field(id="customfield_1", name="Story Points", schema=NUMBER),
        "benefit_hypothesis": wire.Field(id="customfield_2", name="Benefit", schema=TEXT_AREA),
    },
)


def change(at: str, *, field: str, **told: str | None) -> wire.Changes:
    return wire.Changes(created=at, items=[wire.Change(field=field, **told)])


def told(*changes: wire.Changes) -> list[tuple[str, str | None, str | None]]:
    return [(one.aspect, one.before, one.after) for one in timeline("1", changes, WORDS).entries]


def test_the_changes_stand_in_the_order_of_their_instants_however_they_are_told() -> None:
    later = change("2026-11-03T09:00:00.000+0100", field="status", before_text="Doing", text="Done")
    first = change("2026-11-03T08:30:00.000+0100", field="status", before_text="To Do", text="Doing")
    assert told(later, first) == [(STATUS, "To Do", "Doing"), (STATUS, "Doing", "Done")]


@pytest.mark.parametrize("name", [{"field": "Story Points", "field_id": "customfield_1"}, {"field": "Story Points"}])
def test_an_estimate_is_told_by_our_name_with_and_without_the_id_of_the_field(name: dict[str, str]) -> None:
    assert told(change("2026-11-03T09:00:00.000+0000", **name, before_text="5.0", text="8")) == [("estimate", "5", "8")]


def test_a_type_that_changed_is_told() -> None:
    assert told(change("2026-11-03T09:00:00.000+0000", field="issuetype", before_text="Story", text="Epic")) == [
        (TYPE, "Story", "Epic")
    ]


def test_a_dependency_is_told_when_it_was_made_and_when_it_was_removed() -> None:
    made = change("2026-11-03T09:00:00.000+0000", field="Link", to="PAY-2", text="This issue blocks PAY-2")
    gone = change("2026-11-04T09:00:00.000+0000", field="Link", before="PAY-2", before_text="This issue blocks PAY-2")
    assert told(made, gone) == [(DEPENDENCY, None, "jira:10002"), (DEPENDENCY, "jira:10002", None)]
    assert dict(timeline("1", [made, gone], WORDS).link_created) == {}


def test_a_link_to_an_issue_that_nobody_knows_whole_texts_and_other_fields_are_left_out() -> None:
    at = "2026-11-03T09:00:00.000+0000"
    link = change(at, field="Link", to="OPS-1", text="This issue blocks OPS-1")
    text = change(at, field="Benefit", field_id="customfield_2", before_text="a", text="b")
    assert told(link, text, change(at, field="summary", before_text="a", text="b")) == []


def test_money_is_told_by_both_kinds_of_jira(site: JiraSite) -> None:
    ref = site.create_item(project="PAY", type="Feature", title="Refund")
    site.store.edit(ref.id, {"Implementation Cost Forecast": 600_000.0})
    site.store.edit(ref.id, {"Implementation Cost Forecast": 750_000.5})
    tracker = site.connect()
    tracker.pull()
    entries = tracker.history([Ref("jira", ref.id)])[ref].entries
    assert [(one.before, one.after) for one in entries if one.aspect == "implementation_cost_forecast"] == [
        (None, "600000"),
        ("600000", "750000.5"),
    ]
