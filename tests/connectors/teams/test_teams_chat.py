from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from connectors.sandbox.chat import TEAMS_PATH, TEAMS_SIGNATURE, ChatReceiver, chat_application
from connectors.sandbox.clock import MovableClock
from connectors.sandbox.faults import Fault
from connectors.sandbox.serving import LoopbackServer
from connectors.teams.chat import TeamsChat, connect
from lpm_sync.core.digest import Digest, Section
from lpm_sync.core.document import Document, paragraph
from lpm_sync.errors import ConfigurationError, LpmSyncError, RefusedError, UnavailableError, UnclearError

ADDRESS = f"{TEAMS_PATH}?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={TEAMS_SIGNATURE}"


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(datetime(2026, 11, 23, 9, tzinfo=UTC))


@pytest.fixture
def receiver() -> ChatReceiver:
    return ChatReceiver()


@pytest.fixture
def server(receiver: ChatReceiver) -> Iterator[LoopbackServer]:
    with LoopbackServer(chat_application(receiver)) as running:
        yield running


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def chat(server: LoopbackServer, clock: MovableClock, waits: list[float]) -> TeamsChat:
    return TeamsChat(server.url + ADDRESS, clock, wait=waits.append)


def _digest(lines: int = 1) -> Digest:
    body = Document(blocks=tuple(paragraph(f"Zeile {n}: für Übersicht " + "ü" * 200) for n in range(lines)))
    return Digest(
        title="Northwind", slot="2026-11-23", day=date(2026, 11, 23), sections=(Section(heading="Money", body=body),)
    )


def test_a_digest_arrives_once_as_utf_8(chat: TeamsChat, receiver: ChatReceiver, server: LoopbackServer) -> None:
    assert chat.post(_digest()) == 1
    assert len(receiver.teams_messages) == 1
    (request,) = server.wire.requests
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    assert "für Übersicht" in request.body.decode("utf-8")


def test_a_long_digest_arrives_in_cards_of_less_than_20_kilobytes(
    chat: TeamsChat, receiver: ChatReceiver, waits: list[float]
) -> None:
    count = chat.post(_digest(120))
    assert count == len(receiver.teams_messages) > 2
    assert waits == [1.0] * (count - 1)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_lost_answer_is_unclear_and_nothing_is_sent_again(
    status: int, chat: TeamsChat, receiver: ChatReceiver, server: LoopbackServer
) -> None:
    server.wire.faults.append(Fault(path=TEAMS_PATH, status=status, after_effect=True, times=-1))
    with pytest.raises(UnclearError):
        chat.post(_digest())
    assert len(receiver.teams_messages) == 1
    assert len(server.wire.requests) == 1


@pytest.mark.parametrize(("status", "body"), [(200, b""), (200, b"1"), (201, b"{}"), (204, b""), (202, b"accepted")])
def test_a_workflow_may_accept_in_other_words(
    status: int, body: bytes, chat: TeamsChat, receiver: ChatReceiver, server: LoopbackServer
) -> None:
    server.wire.faults.append(Fault(path=TEAMS_PATH, status=status, body=body, after_effect=True))
    assert chat.post(_digest()) == len(receiver.teams_messages) == 1


@pytest.mark.parametrize("body", [b"<html>Sign in</html>", b"Webhook message delivery failed with error: 413"])
def test_an_answer_that_reports_an_error_is_never_taken_for_an_acceptance(
    body: bytes, chat: TeamsChat, server: LoopbackServer
) -> None:
    server.wire.faults.append(Fault(path=TEAMS_PATH, status=200, body=body))
    with pytest.raises(UnclearError):
        chat.post(_digest())


def test_a_wrong_signature_is_a_refusal_that_says_what_to_do(server: LoopbackServer, clock: MovableClock) -> None:
    wrong = TeamsChat(f"{server.url}{TEAMS_PATH}?sig=canary-4711", clock)
    with pytest.raises(RefusedError, match=r"401 DirectApiAuthorizationRequired: .* make a new webhook") as caught:
        wrong.post(_digest())
    assert "canary" not in str(caught.value)


def test_where_nobody_listens_nothing_was_accepted(receiver: ChatReceiver, clock: MovableClock) -> None:
    with LoopbackServer(chat_application(receiver)) as gone:
        url = gone.url
    with pytest.raises(UnavailableError) as caught:
        TeamsChat(f"{url}/workflows/canary-4711?sig=canary-4712", clock, wait=[].append).post(_digest())
    assert "canary" not in str(caught.value)


def test_an_address_that_may_not_be_used_is_refused_without_being_shown(clock: MovableClock) -> None:
    with pytest.raises(ConfigurationError) as caught:
        connect("http://teams.example/workflows/canary-4711?sig=canary-4712", clock)
    assert "canary" not in str(caught.value)


def test_the_address_stands_in_no_error(server: LoopbackServer, clock: MovableClock, waits: list[float]) -> None:
    for fault in (
        Fault(path="canary", status=400, body=b'{"error":{"code":"canary"}}'),
        Fault(path="canary", status=429, headers={"Retry-After": "86400"}),
        Fault(path="canary", status=302, headers={"Location": "https://login.example/canary"}),
    ):
        server.wire.faults[:] = [fault]
        with pytest.raises(LpmSyncError) as caught:
            TeamsChat(f"{server.url}/workflows/canary?sig=canary", clock, wait=waits.append).post(_digest())
        assert "canary" not in str(caught.value)
