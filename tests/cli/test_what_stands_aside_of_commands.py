"""One tracker or chat that may not be asked, as somebody at a terminal sees it: the others are done, and it is said."""

from __future__ import annotations

import json

import pytest
import yaml

from connectors.sandbox.chat import SLACK_PATH, ChatReceiver, chat_application
from connectors.sandbox.faults import Fault
from connectors.sandbox.jira import JiraStore
from connectors.sandbox.serving import LoopbackServer
from tests.cli.conftest import Desk

RULES = [{"rule": "DOR005", "mode": "enforce", "on_fail": {"label": "not-ready"}}]
Jira = tuple[JiraStore, LoopbackServer]


@pytest.fixture
def jira(desk: Desk) -> Jira:
    """A Jira with an unready feature, which is configured under two names; the second has no credential."""
    store, server = desk.jira()
    store.create_issue("PAY", "Feature", "Refunds")
    assert desk.initialise_jira(server).code == 0
    (desk.config / "trackers.lock.yaml").unlink()
    content = desk.read("trackers.yaml")
    content["trackers"]["other"] = content["trackers"]["jira"]
    (desk.config / "trackers.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    desk.amend("policy.yaml", rules=RULES, safety={"max_changes": 10, "max_share": 1.0})
    server.wire.requests.clear()
    return store, server


@pytest.mark.parametrize("words", [("plan",), ("run", "--json"), ("digest",), ("explain", "other:PAY-1")])
def test_where_the_secret_of_one_tracker_is_absent_the_command_ends_with_two(
    desk: Desk, jira: Jira, words: tuple[str, ...]
) -> None:
    answer = desk.type(*words)
    assert answer.code == 2
    assert "other: there is no credential; set LPM_OTHER_EMAIL and LPM_OTHER_TOKEN" in answer.err
    if words[0] == "run":
        figures = json.loads(answer.out)
        assert (figures["pulled"], figures["written"], figures["failed"]) == (1, 2, 0)
        assert jira[0].issue("PAY-1").labels == ["lpm:not-ready"]


def test_a_chat_that_asked_to_be_left_alone_gets_nothing_from_the_next_command_either(desk: Desk, jira: Jira) -> None:
    chat = desk.servers.enter_context(LoopbackServer(chat_application(ChatReceiver())))
    for name in ("LPM_OTHER_EMAIL", "LPM_OTHER_TOKEN"):
        desk.patch.setenv(name, "x")
    desk.patch.setenv("LPM_SLACK_WEBHOOK", f"{chat.url}{SLACK_PATH}")
    desk.amend("policy.yaml", digest={"chats": [{"chat": "slack"}, {"chat": "teams"}]})
    chat.wire.faults.append(Fault(path="", status=429, headers={"Retry-After": "3600"}))
    first, second = (json.loads(desk.type("digest", "--post", "--force", "--json").out) for _ in range(2))
    assert "asks to wait 3600 seconds" in first["slack"]["detail"]
    assert "it asked to be left alone until " in second["slack"]["detail"]
    assert "LPM_TEAMS_WEBHOOK" in second["teams"]["detail"]
    assert len(chat.wire.requests) == 1


def test_doctor_examines_the_trackers_also_where_the_state_cannot_be_read(desk: Desk, jira: Jira) -> None:
    (desk.folder / "state.sqlite3").write_bytes(b"not a database at all" * 100)
    answer = desk.doctor()
    assert (answer.code, answer.checks["jira: account"]["ok"]) == (1, True)
    assert "state.sqlite3" in answer.faults["state: file"]["fault"]
