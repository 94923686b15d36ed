"""What is sent again, when, and what is never sent twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from threading import Event, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.http import Deadline, Reach, RetryPolicy, retry_after_seconds
from lpm_sync.errors import ConflictError, RefusedError, UnauthorisedError, UnavailableError, UnclearError
from tests.connectors.http.conftest import Careful, answer, reset

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_read_that_fails_twice_recovers(careful: Careful, status: int) -> None:
    careful.server.will(answer(status), answer(status), answer(body=b'{"a":1}'))
    assert careful.get().json() == {"a": 1}
    assert careful.time.waits == [0.5, 1.0]


def test_a_read_that_is_broken_off_twice_recovers(careful: Careful) -> None:
    truncated = answer(body=b'{"a":1}').replace(b"Length: 7", b"Length: 99")
    careful.server.will(reset, lambda connection: connection.sendall(truncated), answer(body=b"[1]"))
    assert careful.get().json() == [1]


def test_a_read_that_fails_for_ever_is_given_up(careful: Careful) -> None:
    careful.server.will(answer(503))
    with pytest.raises(UnavailableError, match=r"tracker: GET /rest/items: 503"):
        careful.get()
    assert len(careful.server.requests) == 4


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, RefusedError),
        (403, RefusedError),
        (404, RefusedError),
        (405, RefusedError),
        (501, RefusedError),
        (401, UnauthorisedError),
        (409, ConflictError),
    ],
)
def test_what_will_not_get_better_is_not_tried_again(careful: Careful, status: int, error: type[Exception]) -> None:
    careful.server.will(answer(status))
    with pytest.raises(error):
        careful.get()
    assert len(careful.server.requests) == 1


@pytest.mark.parametrize("reply", [answer(500), answer(502), answer(503), answer(504), reset])
def test_a_write_whose_answer_is_lost_is_unclear_and_not_sent_again(careful: Careful, reply: object) -> None:
    careful.server.replies = [reply]  # type: ignore[list-item]
    with pytest.raises(UnclearError):
        careful.put()
    assert len(careful.server.requests) == 1


def test_a_write_that_was_not_carried_out_is_sent_again(careful: Careful) -> None:
    careful.server.will(answer(429, Retry_After="3"), answer())
    careful.put()
    assert careful.time.waits == [3.0]


def test_a_write_that_the_server_does_not_know_did_nothing(careful: Careful) -> None:
    careful.server.will(answer(501))
    with pytest.raises(RefusedError, match="this server does not offer that"):
        careful.post("/rest/items")


def test_a_write_that_never_left_is_no_unclear_write(make: Callable[..., Careful]) -> None:
    nowhere = make(origins=("http://127.0.0.1:1",))
    with pytest.raises(UnavailableError):
        nowhere.session.post("http://127.0.0.1:1/rest/items")


def test_a_post_that_only_reads_is_sent_again_and_others_are_not(make: Callable[..., Careful]) -> None:
    careful = make(reads=re.compile(r"/search$"))
    careful.server.will(answer(500), answer())
    careful.post("/rest/search")
    careful.server.will(answer(500), answer())
    with pytest.raises(UnclearError):
        careful.post("/rest/search/it")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        ("0.25", 0.25),
        ("-5", 0.0),
        ("1847", 1847.0),
        ("99999999", 86_400.0),
        ("inf", 86_400.0),
        ("nan", None),
        ("", None),
        ("soon", None),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("Mon, 23 Nov 2099 12:00:30 GMT", 86_400.0),
        ("Mon, 99 Nov 2026 12:00:30 GMT", None),
        ("6, 6", 6.0),
        ("5, 40, soon", 40.0),
        ("7, Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 12:00:30 GMT, 45", 45.0),
        ("Monday, 23-Nov-26 12:00:30 GMT", 30.0),
        ("soon, later", None),
    ],
)
def test_retry_after_is_understood_or_clamped(text: str, seconds: float | None) -> None:
    assert retry_after_seconds({"Retry-After": text, "Date": format_datetime(NOON, usegmt=True)}) == seconds


def test_a_date_counts_from_our_clock_where_the_answer_has_none() -> None:
    later = format_datetime(NOON + timedelta(seconds=9), usegmt=True)
    assert retry_after_seconds({"Retry-After": later}, now=lambda: NOON) == 9.0


@given(st.text(max_size=40))
def test_no_retry_after_is_too_odd_to_be_read(text: str) -> None:
    seconds = retry_after_seconds({"Retry-After": text}, now=lambda: NOON)
    assert seconds is None or 0.0 <= seconds <= 86_400.0


@given(st.integers(min_value=1, max_value=60), st.floats(min_value=0.0, max_value=0.999))
def test_a_backoff_stays_between_half_of_its_step_and_the_longest(attempt: int, chance: float) -> None:
    policy = RetryPolicy(jitter=lambda: chance)
    assert 0.25 <= policy.backoff(attempt) <= policy.longest


def test_the_server_is_kept_waiting_as_long_as_it_asked(careful: Careful) -> None:
    careful.adapter.start(Deadline(600))
    careful.server.will(answer(429, Retry_After="120"), answer())
    careful.get()
    assert careful.time.waits == [120.0]


@pytest.mark.parametrize(
    "broken",
    [
        answer(body=b"<html>Be right back</html>", kind="text/html", Retry_After="15", Connection="close"),
        answer(body=b'{"issues": [1', Retry_After="15", Connection="close"),
        answer(Retry_After="15", Connection="close").replace(b"Length: 2", b"Length: 99"),
    ],
    ids=["a web page", "half of it", "broken off"],
)
def test_a_pause_holds_also_where_the_answer_that_told_it_is_of_no_use(careful: Careful, broken: bytes) -> None:
    careful.server.will(lambda connection: connection.sendall(broken), answer())
    careful.get()
    assert careful.time.waits == [15.0]


def test_a_pause_that_came_with_a_redirect_holds_for_the_next_request(careful: Careful) -> None:
    careful.server.will(answer(302, Location="https://elsewhere.example/", Retry_After="15"), answer())
    with pytest.raises(UnavailableError, match="redirected") as raised:
        careful.get()
    assert raised.value.retry_after == 15.0
    careful.get()
    assert careful.time.waits == [15.0]


def test_a_wait_past_the_cycle_puts_the_source_off(careful: Careful) -> None:
    careful.adapter.start(Deadline(60))
    careful.server.will(answer(429, Retry_After="1847"), answer())
    with pytest.raises(UnavailableError, match="1847 seconds") as raised:
        careful.get()
    assert raised.value.retry_after == 1847.0
    assert careful.time.waits == []


def test_what_was_asked_for_holds_in_the_next_cycle_too(make: Callable[..., Careful]) -> None:
    careful = make()
    careful.adapter.start(Deadline(60))
    careful.server.will(answer(429, Retry_After="100"), answer())
    with pytest.raises(UnavailableError):
        careful.get()
    careful.adapter.start(Deadline(600))
    careful.get()
    assert careful.time.waits == [100.0]


def test_a_retry_after_on_success_slows_the_next_request_down(make: Callable[..., Careful]) -> None:
    careful = make()
    careful.server.will(answer(Retry_After="4"), answer())
    careful.get()
    assert careful.time.waits == []
    careful.get()
    assert careful.time.waits == [4.0]


def test_only_the_endpoint_that_asked_waits(make: Callable[..., Careful]) -> None:
    careful = make()
    careful.server.will(answer(Retry_After="30"), answer())
    careful.get("/rest/api/3/issue/10001")
    careful.get("/rest/api/3/myself")
    careful.put("/rest/api/3/issue/10001")
    assert careful.time.waits == []
    careful.get("/rest/api/3/issue/PAY-7")
    assert careful.time.waits == [30.0]


def test_a_pause_for_one_item_holds_writes_to_it_and_nothing_else(make: Callable[..., Careful]) -> None:
    careful = make(reach=lambda _: Reach.ITEM, retries=RetryPolicy(attempts=1))
    careful.server.will(answer(429, Retry_After="30"), answer())
    with pytest.raises(UnavailableError):
        careful.put("/rest/api/3/issue/10001")
    careful.get("/rest/api/3/issue/10001")
    careful.put("/rest/api/3/issue/10002")
    assert careful.time.waits == []
    careful.post("/rest/api/3/issue/10001/comment")
    assert careful.time.waits == [30.0]


def test_a_pause_for_everything_holds_everything(make: Callable[..., Careful]) -> None:
    careful = make(reach=lambda _: Reach.EVERYTHING)
    careful.server.will(answer(Retry_After="30"), answer())
    careful.get("/rest/api/3/issue/10001")
    careful.get("/rest/api/3/myself")
    assert careful.time.waits == [30.0]


def test_a_cycle_that_is_over_sends_nothing(careful: Careful) -> None:
    careful.adapter.start(Deadline(0))
    with pytest.raises(UnavailableError, match="the time of this cycle is over"):
        careful.put()
    assert careful.server.requests == []


def test_waiting_ends_at_once_when_it_is_interrupted(make: Callable[..., Careful]) -> None:
    careful = make(wait=None)
    careful.adapter.start(Deadline(600))
    careful.server.will(answer(429, Retry_After="300"))
    failed = Event()

    def ask() -> None:
        with pytest.raises(UnavailableError, match="stopped while waiting"):
            careful.get()
        failed.set()

    asking = Thread(target=ask)
    asking.start()
    careful.adapter.interrupt()
    asking.join(timeout=10)
    assert failed.is_set()
