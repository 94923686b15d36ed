"""`doctor --pin`, and what `init`, `doctor`, `plan` and `run` make of the lock, as somebody types them."""

from __future__ import annotations

import pytest

from connectors.sandbox.jira import JiraStore
from connectors.sandbox.serving import LoopbackServer
from tests.cli.conftest import Desk
from tests.connectors.jira.conftest import is_write

RULES = [{"rule": "DOR001", "mode": "enforce", "on_fail": {"label": "not-ready"}}]
PLACE = "jira: pin of fields.benefit_hypothesis"
Jira = tuple[JiraStore, LoopbackServer]


@pytest.fixture
def jira(desk: Desk) -> Jira:
    """A Jira with a ready and an unready feature, under a policy that says so, as `init` has configured it."""
    store, server = desk.jira()
    store.add_field("Benefit Hypothesis")
    epic = store.create_issue("PORT", "Epic", "Instant payments")
    store.create_issue("PAY", "Feature", "Refunds", parent=epic)
    store.create_issue("PAY", "Feature", "Ledger", parent=epic, fields={"Benefit Hypothesis": "fewer calls"})
    assert desk.initialise_jira(server).code == 0
    desk.amend("policy.yaml", rules=RULES, safety={"max_changes": 10, "max_share": 1.0})
    server.wire.requests.clear()
    return store, server


def lock(desk: Desk) -> str:
    return (desk.config / "trackers.lock.yaml").read_text(encoding="utf-8")


def pinned(desk: Desk) -> dict[str, str]:
    return {name: pin["id"] for name, pin in desk.read("trackers.lock.yaml")["trackers"]["jira"]["fields"].items()}


def writes(jira: Jira) -> int:
    return sum(is_write(one.method, one.path) for one in jira[1].wire.requests)


def test_init_pins_what_it_guessed_and_says_how_to_renew_it(desk: Desk, jira: Jira) -> None:
    assert pinned(desk)["benefit_hypothesis"] == jira[0].field("Benefit Hypothesis").id
    said = desk.initialise_jira(jira[1], "--force").out
    assert "trackers.lock.yaml" in said
    assert "lpm-sync doctor --pin" in said
    assert desk.doctor().checks["jira: pins"]["ok"]


def test_nothing_but_pin_writes_the_lock(desk: Desk, jira: Jira) -> None:
    (desk.config / "trackers.lock.yaml").unlink()
    for command in (["doctor"], ["plan"], ["run"]):
        assert desk.type(*command).code == 0
    assert not (desk.config / "trackers.lock.yaml").exists()
    assert "doctor --pin" in desk.doctor().checks["jira: pins"]["note"]
    assert desk.type("doctor", "--pin").code == 0
    assert pinned(desk)["benefit_hypothesis"] == jira[0].field("Benefit Hypothesis").id


def test_pinning_again_leaves_the_file_as_it_is_and_writes_to_no_tracker(desk: Desk, jira: Jira) -> None:
    before, stat = lock(desk), (desk.config / "trackers.lock.yaml").stat()
    answer = desk.doctor("--pin")
    assert answer.code == 0
    assert not [subject for subject in answer.checks if "pinned" in subject]
    assert lock(desk) == before
    assert (desk.config / "trackers.lock.yaml").stat().st_mtime_ns == stat.st_mtime_ns
    assert writes(jira) == 0


def test_a_field_that_is_renamed_under_us_is_read_and_told_until_it_is_pinned_anew(desk: Desk, jira: Jira) -> None:
    store = jira[0]
    assert desk.type("run").code == 0
    store.field("Benefit Hypothesis").name = "What For"
    store.add_field("Benefit Hypothesis")  # and a stranger takes its name
    store.add_label("PAY-1", "touched")
    ran = desk.type("run")
    assert (ran.code, store.issue("PAY-2").labels) == (0, [])
    assert "which is called “What For” now, and is read all the same; write the new name, or the id," in ran.err
    assert "note: jira: fields.benefit_hypothesis" in desk.type("plan").err
    fault = desk.doctor().faults[PLACE]
    assert "lpm-sync doctor --pin" in fault["remedy"]
    desk.amend("trackers.yaml", tracker__fields={"benefit_hypothesis": "What For"})
    answer = desk.doctor("--pin")
    assert (answer.code, len(pinned(desk))) == (0, 1)
    assert "is called" not in desk.type("run").err


def test_a_field_that_is_gone_stops_its_tracker_and_nothing_is_taken_in_its_place(desk: Desk, jira: Jira) -> None:
    store = jira[0]
    assert desk.type("run").code == 0
    del store.fields[store.field("Benefit Hypothesis").id]
    other = store.add_field("Benefit Hypothesis")
    store.edit("PAY-1", {other.id: "of somebody else"})
    before = writes(jira)
    ran = desk.type("run")
    assert ran.code == 1  # no tracker could be read
    assert "fields.benefit_hypothesis is pinned to customfield_" in ran.err
    assert "not there any more, or hidden from the account; bring it back, or" in ran.err
    assert "Traceback" not in ran.err
    assert desk.type("plan").code == 1
    assert writes(jira) == before
    assert not desk.doctor().checks["jira: field benefit_hypothesis"]["ok"]


def test_a_name_that_leads_somewhere_else_is_told_when_it_is_pinned(desk: Desk, jira: Jira) -> None:
    store = jira[0]
    old = store.field("Benefit Hypothesis")
    old.name = "Old"
    new = store.add_field("Benefit Hypothesis", "option")
    note = desk.doctor("--pin").checks["jira: pinned fields.benefit_hypothesis"]["note"]
    assert note.startswith(f"{new.id} (“Benefit Hypothesis”) of the kind {new.custom}; it was {old.id}")


def test_what_cannot_be_resolved_keeps_its_pin_and_is_a_fault(desk: Desk, jira: Jira) -> None:
    before = pinned(desk)
    jira[0].field("Benefit Hypothesis").name = "What For"
    answer = desk.doctor("--pin")
    assert answer.code == 1
    assert list(answer.faults) == ["jira: field benefit_hypothesis"]
    assert pinned(desk) == before


def test_an_ambiguous_name_is_told_alike_by_doctor_and_run(desk: Desk, jira: Jira) -> None:
    store = jira[0]
    (desk.config / "trackers.lock.yaml").unlink()
    other = store.add_field("Benefit Hypothesis", "option")
    fault = desk.doctor().faults["jira: field benefit_hypothesis"]["fault"]
    assert "filled in 1 item), " in fault
    assert f"{other.id} (Benefit Hypothesis, {other.custom}, filled in 0 items)" in fault
    for command in ("plan", "run"):
        answer = desk.type(command)
        assert (answer.code, fault in answer.err) == (2, True)


def test_init_lists_the_fields_of_one_name_with_how_often_each_is_filled(desk: Desk, jira: Jira) -> None:
    store, server = jira
    other = store.add_field("Benefit Hypothesis")
    assert desk.initialise_jira(server, "--force").code == 0
    text = (desk.config / "trackers.yaml").read_text(encoding="utf-8")
    [ours] = [field for field in store.fields.values() if field.name == other.name and field is not other]
    for field, often in ((ours, "filled in 1 item\n"), (other, "filled in 0 items\n")):
        assert f'# benefit_hypothesis: "{field.id}"   # Benefit Hypothesis, text, {often}' in text


def test_init_does_the_same_on_azure_devops(desk: Desk) -> None:
    store, server = desk.azure_devops()
    for name in ("Custom.One", "Custom.Two"):
        store.add_field(name, "Benefit Hypothesis")
    store.create_work_item("Platform", "Feature", "Racks", fields={"Custom.Two": "Less"})
    assert desk.initialise_azure_devops(server).code == 0
    text = (desk.config / "trackers.yaml").read_text(encoding="utf-8")
    assert '# benefit_hypothesis: "Custom.Two"   # Benefit Hypothesis, text, filled in 1 item\n' in text


def test_a_configuration_that_outgrew_its_lock_works_and_says_so(desk: Desk, jira: Jira) -> None:
    jira[0].add_field("Team of the Feature")
    desk.amend(
        "trackers.yaml", tracker__fields={"benefit_hypothesis": "Benefit Hypothesis", "team": "Team of the Feature"}
    )
    ran = desk.type("run")
    assert ran.code == 0
    assert "jira: fields.team is not pinned; renew the lock: lpm-sync doctor --pin" in ran.err
    assert "jira: pin of fields.team" in desk.doctor().faults
    assert desk.type("doctor", "--pin").code == 0
    assert desk.doctor().faults == {}


@pytest.mark.parametrize("text", ["version: 1\ntrackers:\n<<<<<<< HEAD\n", ""])
def test_a_damaged_lock_stops_everything_at_its_line_but_pinning(desk: Desk, jira: Jira, text: str) -> None:
    path = desk.config / "trackers.lock.yaml"
    path.write_text(text, encoding="utf-8")
    for command in ("run", "plan", "doctor"):
        answer = desk.type(command)
        assert answer.code == 2
        assert f"{path}:" in answer.err
        assert "lpm-sync doctor --pin" in answer.err
    assert desk.type("doctor", "--pin").code == 0
    assert desk.type("run").code == 0


def test_a_lock_that_cannot_be_written_is_a_fault_and_the_checks_are_shown(desk: Desk, jira: Jira) -> None:
    path = desk.config / "trackers.lock.yaml"
    path.unlink()
    path.mkdir()  # as little to be written as a file in a folder that is mounted read-only
    answer = desk.doctor("--pin")
    assert answer.code == 1
    [fault] = answer.faults.values()
    assert "cannot be written" in fault["fault"]
    assert "where the configuration is kept" in fault["remedy"]
    assert answer.checks["jira: account"]["ok"]
