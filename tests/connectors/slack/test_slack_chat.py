from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from connectors.sandbox.chat import SLACK_PATH, ChatReceiver, chat_application
from connectors.sandbox.clock import MovableClock
from connectors.sandbox.faults import Fault
from connectors.sandbox.serving import LoopbackServer
from connectors.slack.chat import SlackChat, connect
from lpm_sync.core.digest import Digest, Section
from lpm_sync.core.document import Document, paragraph
from lpm_sync.errors import ConfigurationError, LpmSyncError, RefusedError, UnavailableError, UnclearError


class Waits:
    """Moves a clock instead of waiting, and remembers for how long."""

    def __init__(self, clock: MovableClock) -> None:
        self.seconds: list[float] = []
        self._clock = clock

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self._clock.move_to(self._clock.now() + timedelta(seconds=seconds))


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(datetime(2026, 11, 23, 9, tzinfo=UTC))


@pytest.fixture
def waits(clock: MovableClock) -> Waits:
    return Waits(clock)


@pytest.fixture
def receiver(clock: MovableClock) -> ChatReceiver:
    return ChatReceiver(rate_clock=clock)


@pytest.fixture
def server(receiver: ChatReceiver) -> Iterator[LoopbackServer]:
    with LoopbackServer(chat_application(receiver)) as running:
        yield running


@pytest.fixture
def chat(server: LoopbackServer, clock: MovableClock, waits: Waits) -> SlackChat:
    return SlackChat(server.url + SLACK_PATH, clock, wait=waits)


def _digest(lines: int = 1) -> Digest:
    body = Document(blocks=tuple(paragraph(f"line {n}") for n in range(lines)))
    return Digest(
        title="Northwind", slot="2026-11-23", day=date(2026, 11, 23), sections=(Section(heading="Money", body=body),)
    )


def test_a_digest_arrives_once(chat: SlackChat, receiver: ChatReceiver) -> None:
    assert chat.post(_digest()) == 1
    assert [message["text"] for message in receiver.slack_messages] == ["Northwind"]


def test_several_messages_keep_to_one_a_second(chat: SlackChat, receiver: ChatReceiver, waits: Waits) -> None:
    assert chat.post(_digest(120)) == 3
    assert len(receiver.slack_messages) == 3
    assert waits.seconds == [1.0, 1.0], "the receiver refuses what comes sooner"


def test_a_pause_that_slack_asks_for_is_kept_and_the_digest_then_arrives_once(
    chat: SlackChat, receiver: ChatReceiver, server: LoopbackServer, waits: Waits
) -> None:
    server.wire.faults.append(Fault(path=SLACK_PATH, status=429, headers={"Retry-After": "30"}))
    assert chat.post(_digest()) == 1
    assert waits.seconds[0] >= 30
    assert len(receiver.slack_messages) == 1


def test_the_distance_is_kept_from_the_digest_before_too(chat: SlackChat, clock: MovableClock, waits: Waits) -> None:
    chat.post(_digest())
    clock.move_to(clock.now() + timedelta(milliseconds=400))
    chat.post(_digest())
    clock.move_to(clock.now() + timedelta(seconds=5))
    chat.post(_digest())
    assert waits.seconds == [pytest.approx(0.6)]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_lost_answer_is_unclear_and_nothing_is_sent_again(
    status: int, chat: SlackChat, receiver: ChatReceiver, server: LoopbackServer
) -> None:
    server.wire.faults.append(Fault(path=SLACK_PATH, status=status, after_effect=True, times=-1))
    with pytest.raises(UnclearError):
        chat.post(_digest())
    assert len(receiver.slack_messages) == 1
    assert len(server.wire.requests) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b"ok\n"), (200, b"1"), (200, b'"ok"'), (200, b'{"ok": true}'), (202, b""), (201, b"ok"), (204, b"")],
)
def test_what_speaks_for_slack_may_confirm_in_other_words(
    status: int, body: bytes, chat: SlackChat, receiver: ChatReceiver, server: LoopbackServer
) -> None:
    server.wire.faults.append(Fault(path=SLACK_PATH, status=status, body=body, after_effect=True, times=-1))
    assert chat.post(_digest(120)) == 3
    assert len(receiver.slack_messages) == 3


@pytest.mark.parametrize(
    "body", [b"", b"null", b"{}", b'{"ok": false}', b"<html><form>Sign in</form></html>", b"invalid_blocks"]
)
def test_an_answer_that_is_not_ok_is_never_taken_for_it(body: bytes, chat: SlackChat, server: LoopbackServer) -> None:
    server.wire.faults.append(Fault(path=SLACK_PATH, status=200, body=body))
    with pytest.raises(UnclearError):
        chat.post(_digest())
    assert len(server.wire.requests) == 1


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (400, b"invalid_blocks", "400 invalid_blocks: the message is not accepted"),
        (403, b"action_prohibited", "403 action_prohibited: the address is not accepted"),
        (404, b"no_service", "404 no_service: the address is not accepted"),
        (410, b"channel_is_archived", "410 channel_is_archived: the address is not accepted"),
        (401, b"T000 B000 secret: who are you?", "401: the address is not accepted"),
    ],
)
def test_a_refusal_says_what_slack_said_and_what_to_do(
    status: int, body: bytes, said: str, chat: SlackChat, server: LoopbackServer
) -> None:
    server.wire.faults.append(Fault(path=SLACK_PATH, status=status, body=body))
    with pytest.raises(RefusedError, match=said):
        chat.post(_digest())


def test_a_failure_after_the_first_message_is_unclear_because_a_part_has_arrived(
    chat: SlackChat, receiver: ChatReceiver, server: LoopbackServer
) -> None:
    server.wire.faults.append(Fault(path=SLACK_PATH, status=400, body=b"invalid_blocks", skip=1))
    with pytest.raises(UnclearError, match="1 of 3 messages were taken before"):
        chat.post(_digest(120))
    assert len(receiver.slack_messages) == 1


def test_where_nobody_listens_nothing_was_accepted(clock: MovableClock, waits: Waits, receiver: ChatReceiver) -> None:
    with LoopbackServer(chat_application(receiver)) as gone:
        url = gone.url
    with pytest.raises(UnavailableError):
        SlackChat(url + SLACK_PATH, clock, wait=waits).post(_digest())


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.slack.example/services/canary-4711",
        "https://user:canary-4711@hooks.slack.example/x",
        "hooks.slack.example/canary-4711",
        "https://169.254.169.254/canary-4711",
        "https://[canary-4711/x",
        "ftp://hooks.slack.example/canary-4711",
    ],
)
def test_an_address_that_may_not_be_used_is_refused_without_being_shown(url: str, clock: MovableClock) -> None:
    with pytest.raises(ConfigurationError) as caught:
        connect(url, clock)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(path="canary", status=400, body=b'{"message": "/services/canary-4711 is wrong"}'),
        Fault(path="canary", status=404, body=b"canary-4711"),
        Fault(path="canary", status=429, headers={"Retry-After": "86400"}),
        Fault(path="canary", status=500, body=b"canary-4711"),
        Fault(path="canary", status=302, headers={"Location": "https://other.example/canary-4711"}),
        Fault(path="canary", status=200, body=b"canary-4711"),
    ],
)
def test_the_address_stands_in_no_error_and_no_log(
    fault: Fault, server: LoopbackServer, clock: MovableClock, waits: Waits, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.wire.faults.append(fault)
    chat = SlackChat(f"{server.url}/services/canary-4711", clock, wait=waits)
    with pytest.raises(LpmSyncError) as caught:
        chat.post(_digest())
    logged = [record.getMessage() for record in caplog.records if not record.name.startswith("uvicorn")]
    assert logged, "the library does log, and its lines are looked at"
    shown = (repr(caught.value), repr(caught.value.__cause__), repr(caught.value.__context__), repr(chat), *logged)
    assert not [text for text in shown if "canary" in text]
