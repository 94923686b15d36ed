"""The lock beside the configuration: read with its lines, written the same for the same, and told where it is stale."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpm_sync.core.resolution import Resolution
from lpm_sync.policy.loader import read_lock
from lpm_sync.policy.lock import LOCK_FILE, LockFile, PinStanza, TrackerLockStanza, lock_text, renewed
from lpm_sync.policy.yaml_source import parse_yaml
from lpm_sync.settings import Secrets
from tests.policy.conftest import Sample

HORIZON = Resolution(id="customfield_10012", name="Horizon", kind="select")
GATE = Resolution(id="customfield_10013", name="Gate", kind="select")
FORECAST = Resolution(id="customfield_10014", name="Implementation Cost Forecast", kind="float")
PAY = Resolution(id="10001", name="PAY")
RESOLVED = {
    "fields.horizon": HORIZON,
    "fields.gate": GATE,
    "fields.implementation_cost_forecast": FORECAST,
    "projects.PAY": PAY,
}


def pin(sample: Sample, resolved: dict[str, Resolution] = RESOLVED) -> None:
    lock = renewed(LockFile(complete=True), sample.load().trackers_file, {"jira": resolved})
    sample.write("trackers.lock", lock_text(lock))


def remarks(sample: Sample) -> list[str]:
    return [f"{one.tracker}: {one.line}" for one in sample.load().misfits()]


def test_without_a_lock_nothing_is_pinned_and_nothing_said(sample: Sample) -> None:
    configuration = sample.load()
    assert (configuration.lock, configuration.pins("jira"), configuration.misfits()) == (None, {}, ())


def test_a_connector_is_told_the_ids_that_are_pinned(sample: Sample) -> None:
    pin(sample)
    configuration = sample.load()
    credentials = Secrets(directory=None, environment={}).credentials_for("jira")
    assert configuration.connection("jira", credentials).pinned == {where: one.id for where, one in RESOLVED.items()}
    assert configuration.pins("ado") == {}
    assert remarks(sample) == []


def test_a_lock_is_part_of_the_version_under_which_is_decided(sample: Sample) -> None:
    before = sample.load().version
    pin(sample)
    assert sample.load().version != before


def test_a_name_that_was_changed_is_not_pinned_any_more_and_told(sample: Sample) -> None:
    pin(sample)
    sample.change("trackers", "horizon: Horizon", "horizon: Investment Horizon")
    assert "fields.horizon" not in sample.load().pins("jira")
    assert remarks(sample) == [
        "jira: fields.horizon is not pinned: trackers.yaml said “Horizon”, and says “Investment Horizon” now"
    ]


def test_a_name_that_came_or_went_is_told(sample: Sample) -> None:
    pin(sample)
    sample.change("trackers", "gate: Gate", "team: Team")
    assert remarks(sample) == [
        "jira: fields.gate is pinned, and does not stand in trackers.yaml any more",
        "jira: fields.team is not pinned",
    ]


def test_pins_of_another_address_count_for_nothing(sample: Sample) -> None:
    pin(sample)
    sample.change("trackers", "https://northwind.atlassian.net", "https://test.atlassian.net")
    assert sample.load().pins("jira") == {}
    assert remarks(sample) == [
        "jira: nothing is pinned for https://test.atlassian.net: the pins are for https://northwind.atlassian.net"
    ]


def test_a_tracker_that_came_or_went_is_told(sample: Sample) -> None:
    pin(sample)
    text = (sample.directory / LOCK_FILE).read_text()
    sample.write("trackers.lock", text.replace("  jira:", "  old:"))
    assert remarks(sample) == [
        "old: is pinned, and is no tracker in trackers.yaml any more",
        "jira: nothing of it is pinned",
    ]


def test_what_is_not_resolved_when_the_lock_is_renewed_keeps_its_pin(sample: Sample) -> None:
    pin(sample)
    configuration = sample.load()
    assert configuration.lock is not None
    moved = Resolution(id="customfield_20000", name="Horizon", kind="select")
    lock = renewed(configuration.lock, configuration.trackers_file, {"jira": {"fields.horizon": moved}})
    expected = {**RESOLVED, "fields.horizon": moved}
    assert lock.pins("jira", configuration.tracker("jira")) == expected


def test_the_same_pins_are_the_same_text_and_one_that_changes_is_one_line(sample: Sample) -> None:
    pin(sample)
    path = sample.directory / LOCK_FILE
    before = path.read_text().splitlines()
    pin(sample, dict(reversed(RESOLVED.items())))
    assert path.read_text().splitlines() == before
    pin(sample, RESOLVED | {"fields.gate": Resolution(id="customfield_3", name="Gate", kind="select")})
    after = path.read_text().splitlines()
    assert len([1 for one, other in zip(before, after, strict=True) if one != other]) == 1


words = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)


@given(key=words, configured=words.filter(bool), identifier=words.filter(bool), name=words)
def test_whatever_a_tracker_calls_its_things_reads_back_as_it_was(
    key: str, configured: str, identifier: str, name: str
) -> None:
    found = PinStanza(configured=configured, id=identifier, name=name, kind="select")
    lock = LockFile(
        complete=True, trackers={"jira": TrackerLockStanza(url="https://jira.example", fields={key: found})}
    )
    assert LockFile.model_validate(parse_yaml(lock_text(lock), name="x").content) == lock


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"gate": {', '"gate": {{', "trackers.lock.yaml:12: not YAML"),
        ('"gate": {', '<<<<<<< HEAD\n      "gate": {', "trackers.lock.yaml:12: not YAML"),
        (
            'id: "customfield_10013"',
            'identity: "customfield_10013"',
            "trackers.lock.yaml:11: trackers.jira.fields.gate",
        ),
        ("version: 1", "version: 2", "trackers.lock.yaml:4: version"),
        ("trackers:\n", "trackers: 5\nmore:\n", "trackers.lock.yaml:5: trackers"),
    ],
)
def test_a_damaged_lock_is_told_at_its_line_with_what_to_do(sample: Sample, old: str, new: str, said: str) -> None:
    pin(sample)
    sample.change("trackers.lock", old, new)
    mistakes = sample.mistakes()
    assert said in mistakes[0]
    assert all(one.endswith("or write it anew: lpm-sync doctor --pin") for one in mistakes)
    assert read_lock(sample.directory) is None


def test_a_lock_that_was_emptied_or_cut_off_anywhere_pins_nothing_and_is_told(sample: Sample) -> None:
    pin(sample)
    path = sample.directory / LOCK_FILE
    text = path.read_text()
    ends = [n for n, letter in enumerate(text) if letter == "\n"]
    for length in (*ends[:-1], *range(0, len(text) - 1, 7)):
        path.write_text(text[:length])
        assert read_lock(sample.directory) is None, text[:length]
    for rest in ("", "\n", "# nothing else\n", text.partition("complete")[0]):
        path.write_text(rest)
        [mistake] = sample.mistakes()
        assert "`complete` is missing: the last line, without which the file was emptied or cut off" in mistake
        assert mistake.endswith("take it back from version control, or write it anew: lpm-sync doctor --pin")


def test_a_damaged_lock_does_not_hide_the_mistakes_of_the_files(sample: Sample) -> None:
    sample.write("trackers.lock", "[")
    sample.change("policy", "mode: enforce", "mode: enforced")
    assert [one.partition(":")[0] for one in sample.mistakes()] == ["trackers.lock.yaml", "policy.yaml"]
