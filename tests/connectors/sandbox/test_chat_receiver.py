"""What the embedded chats take, and what they refuse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from connectors.sandbox import chat
from connectors.sandbox.chat import CARD_BYTES, SLACK_PATH, TEAMS_PATH, ChatReceiver, chat_application
from connectors.sandbox.clock import MovableClock
from connectors.sandbox.serving import LoopbackServer
from tests.contracts import contract

UTF8 = {"Content-Type": "application/json; charset=utf-8"}


@pytest.fixture(scope="module")
def serving() -> Iterator[tuple[ChatReceiver, LoopbackServer]]:
    receiver = ChatReceiver()
    with LoopbackServer(chat_application(receiver)) as running:
        yield receiver, running


@pytest.fixture
def receiver(serving: tuple[ChatReceiver, LoopbackServer]) -> ChatReceiver:
    serving[0].rate_clock = None
    serving[0].slack_messages.clear()
    serving[0].teams_messages.clear()
    return serving[0]


@pytest.fixture
def server(serving: tuple[ChatReceiver, LoopbackServer]) -> LoopbackServer:
    return serving[1]


def slack(server: LoopbackServer, message: Any, path: str = SLACK_PATH) -> requests.Response:
    return requests.post(server.url + path, json=message, timeout=5)


def teams(server: LoopbackServer, message: Any, *, sig: str = "secret", headers: Any = UTF8) -> requests.Response:
    body = json.dumps(message).encode()
    return requests.post(f"{server.url}{TEAMS_PATH}?sig={sig}", data=body, headers=headers, timeout=5)


def section(length: int) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": "x" * length}}


def card(text: str = "hello", version: str = "1.5") -> dict[str, Any]:
    content = {"type": "AdaptiveCard", "version": version, "body": [{"type": "TextBlock", "text": text}]}
    return {"type": "message", "attachments": [{"contentType": chat.CARD_TYPE, "content": content}]}


def test_slack_answers_ok_and_keeps_the_message(server: LoopbackServer, receiver: ChatReceiver) -> None:
    answer = slack(server, {"text": "3 escalations"})
    assert (answer.status_code, answer.text) == (200, "ok")
    assert receiver.slack_messages == [{"text": "3 escalations"}]


@pytest.mark.parametrize(
    ("message", "refusal"),
    [
        ({}, "no_text"),
        ({"text": ""}, "no_text"),
        ({"text": 7}, "invalid_payload"),
        ([], "invalid_payload"),
        ({"blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ({"blocks": [section(3001)]}, "invalid_blocks"),
        ({"blocks": [section(0)]}, "invalid_blocks"),
        ({"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]}, "invalid_blocks"),
        ({"blocks": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}]}, "invalid_blocks"),
        ({"blocks": [{"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 11}]}, "invalid_blocks"),
        ({"blocks": [{"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2001}]}]}, "invalid_blocks"),
        ({"blocks": [{"type": "section"}]}, "invalid_blocks"),
        ({"blocks": [{"type": "dragon"}]}, "invalid_blocks"),
        ({"blocks": [{"type": "divider", "block_id": "a"}] * 2}, "invalid_blocks"),
    ],
)
def test_slack_refuses_what_passes_a_limit(
    server: LoopbackServer, receiver: ChatReceiver, message: Any, refusal: str
) -> None:
    answer = slack(server, message)
    assert (answer.status_code, answer.text) == (400, refusal)
    assert receiver.slack_messages == []


def test_slack_takes_what_fits_each_limit_exactly(server: LoopbackServer, receiver: ChatReceiver) -> None:
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "x" * 150}},
        section(3000),
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2000}] * 10},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "footer"}] * 10},
        *[{"type": "divider"}] * 46,
    ]
    assert slack(server, {"text": "digest", "blocks": blocks}).text == "ok"
    assert len(receiver.slack_messages) == 1


def test_slack_knows_one_address_only(server: LoopbackServer) -> None:
    answer = slack(server, {"text": "x"}, "/services/T000/B000/other")
    assert (answer.status_code, answer.text) == (404, "no_service")


def test_slack_refuses_a_body_that_is_no_json(server: LoopbackServer) -> None:
    answer = requests.post(server.url + SLACK_PATH, data=b"{", headers=UTF8, timeout=5)
    assert (answer.status_code, answer.text) == (400, "invalid_payload")


def test_slack_takes_one_message_a_second_when_told_so(server: LoopbackServer, receiver: ChatReceiver) -> None:
    clock = MovableClock(datetime(2026, 11, 2, 9, tzinfo=UTC))
    receiver.rate_clock = clock
    assert slack(server, {"text": "one"}).status_code == 200
    refused = slack(server, {"text": "two"})
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    clock.move_to(clock.now() + timedelta(seconds=1))
    assert slack(server, {"text": "two"}).status_code == 200
    assert [message["text"] for message in receiver.slack_messages] == ["one", "two"]


def test_teams_accepts_a_card_with_an_empty_answer(server: LoopbackServer, receiver: ChatReceiver) -> None:
    answer = teams(server, card())
    assert (answer.status_code, answer.content) == (202, b"")
    assert receiver.teams_messages == [card()]


@pytest.mark.parametrize(
    "message",
    [
        card(version="1.6"),
        card("x" * CARD_BYTES),
        {"type": "message", "attachments": []},
        {"text": "as for an Office 365 connector"},
        {"type": "message", "attachments": [{"contentType": "text/plain", "content": "x"}]},
        ["no object"],
    ],
)
def test_teams_refuses_other_envelopes(server: LoopbackServer, receiver: ChatReceiver, message: Any) -> None:
    answer = teams(server, message)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]
    assert receiver.teams_messages == []


def test_teams_wants_the_charset(server: LoopbackServer) -> None:
    assert teams(server, card(), headers={"Content-Type": "application/json"}).status_code == 400


def test_teams_wants_the_signature_and_the_address(server: LoopbackServer) -> None:
    assert teams(server, card(), sig="guessed").status_code == 401
    assert requests.post(f"{server.url}/workflows/other", json=card(), timeout=5).status_code == 404


def test_the_limits_are_the_published_ones() -> None:
    limits = json.loads(contract("specs/slack-block-limits.json").read_text())
    assert limits["section"]["text"]["max_length"] == chat.SECTION_TEXT
    assert limits["section"]["fields"] == {"max_items": chat.MOST_FIELDS, "item_max_length": chat.FIELD_TEXT}
    assert limits["header"]["text"]["max_length"] == chat.HEADER_TEXT
    assert limits["context"]["elements"]["max_items"] == chat.MOST_CONTEXT_ELEMENTS
    assert limits["button"]["text"]["max_length"] == chat.BUTTON_TEXT
    assert limits["button"]["url"]["max_length"] == chat.BUTTON_URL
    assert limits["actions"]["elements"]["max_items"] == chat.MOST_ACTIONS
    assert limits["block_id"]["max_length"] == chat.BLOCK_ID
