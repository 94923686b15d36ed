"""How many requests are under way at a time: never more than configured, fewer under strain, and never into a pause."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest

from connectors.http import Deadline, Reach, RetryPolicy
from connectors.http.allowance import is_scarce
from connectors.http.concurrency import WARM_UP, Concurrency, Place, Verdict
from lpm_sync.errors import LpmSyncError, UnavailableError
from tests.connectors.http.conftest import Careful, Slow, VirtualTime, answer, hang

ISSUE = "PUT rest/issue/*"


def at_once(count: int, ask: Callable[[], object]) -> list[LpmSyncError]:
    """Lets so many threads ask at the same time; returns what they raised."""
    raised: list[LpmSyncError] = []

    def run() -> None:
        try:
            ask()
        except LpmSyncError as error:
            raised.append(error)

    threads = [Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
        assert not thread.is_alive()
    return raised


def most_of(careful: Careful, count: int = 16) -> int:
    """How many of so many requests the server sees under way at a time."""
    careful.server.most_at_once = 0
    careful.server.will(Slow(answer()))
    assert not at_once(count, careful.get)
    return careful.server.most_at_once


@pytest.mark.parametrize("configured", [1, 3])
def test_never_more_are_under_way_than_configured(make: Callable[..., Careful], configured: int) -> None:
    careful = make(at_once=configured)
    careful.server.will(Slow(answer()))
    assert not at_once(8, careful.get) + at_once(8, careful.put)
    assert careful.server.most_at_once == configured


@pytest.mark.parametrize(
    "strain",
    [
        answer(429, Retry_After="1"),
        answer(429),
        answer(503),
        answer(Retry_After="1"),
        answer(X_RateLimit_Remaining="5", X_RateLimit_Limit="200"),
        answer(RateLimit_Remaining="0", RateLimit_Limit="350"),
        answer(X_RateLimit_NearLimit="true"),
        hang,
    ],
    ids=[
        "429",
        "429 without a time",
        "503",
        "200 with a time",
        "little left",
        "nothing left",
        "near its limit",
        "late",
    ],
)
def test_a_server_that_is_strained_gets_fewer_and_not_just_one(make: Callable[..., Careful], strain: Any) -> None:
    careful = make(at_once=8, request_timeout=0.5)
    careful.server.will(strain, answer())
    at_once(1, careful.get)
    careful.session.close()
    assert 1 < most_of(careful, 8) <= 6  # five, and one more as soon as five went well


def test_a_limit_of_one_item_is_no_strain_of_the_server(make: Callable[..., Careful]) -> None:
    careful = make(at_once=8, reach=lambda headers: Reach.ITEM if "RateLimit-Reason" in headers else Reach.ENDPOINT)
    careful.server.will(answer(429, RateLimit_Reason="item", Retry_After="1"), answer())
    careful.put()
    assert most_of(careful) > 5


def test_when_all_is_well_again_it_gets_all_again(make: Callable[..., Careful]) -> None:
    careful = make(at_once=4)
    careful.server.will(answer(503), answer())
    careful.get()
    assert most_of(careful, 48) == 4


def test_what_is_configured_is_never_exceeded_however_well_all_goes() -> None:
    limit = Concurrency(3, monotonic=lambda: 0.0)
    for _ in range(50):
        leave_all(limit, enter_all(limit), Verdict.FINE)
    assert limit.limit == 3


def test_requests_that_were_under_way_together_report_one_strain() -> None:
    limit = Concurrency(8, monotonic=lambda: 0.0)
    leave_all(limit, enter_all(limit), Verdict.STRAINED)
    assert limit.limit == 5
    leave_all(limit, enter_all(limit), Verdict.STRAINED)
    assert limit.limit == 3
    for _ in range(9):
        leave_all(limit, enter_all(limit), Verdict.STRAINED)
    assert limit.limit == 1


def test_it_grows_by_one_for_each_round_that_went_well_and_only_while_it_is_used() -> None:
    limit = Concurrency(8, monotonic=lambda: 0.0)
    leave_all(limit, enter_all(limit), Verdict.STRAINED)
    for _ in range(100):
        leave_all(limit, [enter(limit)], Verdict.FINE)  # one of five places proves nothing
    grown = [limit.limit]
    for _ in range(6):
        leave_all(limit, enter_all(limit), Verdict.FINE)
        grown.append(limit.limit)
    assert grown[0] == 5
    assert all(later - earlier in (0, 1) for earlier, later in itertools.pairwise(grown))
    assert grown[-1] in (7, 8)


def test_an_endpoint_that_takes_much_longer_than_it_uses_to_is_strained() -> None:
    clock = VirtualTime()
    limit = Concurrency(8, monotonic=clock.monotonic)

    def ask(seconds: float, times: int, endpoint: str = ISSUE) -> None:
        for _ in range(times):
            places = enter_all(limit, endpoint)
            clock.now += seconds
            leave_all(limit, places, Verdict.FINE)

    ask(0.3, WARM_UP)
    ask(2.0, WARM_UP, "GET rest/search")  # slow by nature
    ask(0.5, 5)
    assert limit.limit == 8
    ask(3.0, 3)
    assert limit.limit <= 5
    ask(0.3, 40)
    assert limit.limit == 8


def test_who_answers_at_once_is_not_strained_by_answering_a_little_later() -> None:
    clock = VirtualTime()
    limit = Concurrency(8, monotonic=clock.monotonic)
    for seconds in (0.002,) * 20 + (0.1,) * 20:
        places = enter_all(limit)
        clock.now += seconds
        leave_all(limit, places, Verdict.FINE)
    assert limit.limit == 8


def test_a_request_that_waited_for_its_place_does_not_go_into_a_pause_that_began_meanwhile(
    make: Callable[..., Careful],
) -> None:
    pause = 0.3
    careful = make(at_once=1, wait=None, monotonic=time.monotonic, retries=RetryPolicy(first=0.01))
    careful.server.will(Slow(answer(429, Retry_After=str(pause)), 0.1), answer())
    assert not at_once(4, careful.get)
    first, *others = careful.server.came
    assert len(others) == 4
    assert min(others) - first >= pause


def test_after_a_pause_they_go_one_after_another(make: Callable[..., Careful]) -> None:
    waits: list[float] = []
    careful = make(wait=waits.append)  # its clock stands
    careful.server.will(answer(Retry_After="5"), answer())
    careful.get()
    at_once(4, careful.get)
    assert sorted(waits) == pytest.approx([5.0, 5.05, 5.1, 5.15])


def test_waiting_for_a_place_ends_with_the_time_of_the_cycle(make: Callable[..., Careful]) -> None:
    careful = make(at_once=1, wait=None, monotonic=time.monotonic, request_timeout=5.0, retries=RetryPolicy(attempts=1))
    careful.server.will(Slow(answer(), 0.5))
    careful.adapter.start(Deadline(0.2))
    raised = at_once(2, careful.get)
    assert len(raised) == 2
    assert any("the time of this cycle is over" in str(error) for error in raised)
    assert len(careful.server.requests) == 1


def test_waiting_for_a_place_ends_at_once_when_it_is_interrupted(make: Callable[..., Careful]) -> None:
    careful = make(at_once=1, wait=None, monotonic=time.monotonic, request_timeout=0.3, retries=RetryPolicy(attempts=1))
    careful.adapter.start(Deadline(600))

    def hang_and_interrupt(connection: Any) -> None:
        careful.adapter.interrupt()
        hang(connection)

    careful.server.will(hang_and_interrupt)
    begun = time.monotonic()
    raised = at_once(3, careful.get)
    assert len(raised) == 3
    assert sum("closed meanwhile" in str(error) for error in raised) == 2
    assert len(careful.server.requests) == 1
    assert time.monotonic() - begun < 10


def test_the_budget_of_one_thread_is_not_prolonged_by_another(make: Callable[..., Careful]) -> None:
    careful = make()
    careful.adapter.start(Deadline(0, monotonic=careful.time.monotonic))
    at_once(1, lambda: careful.adapter.start(Deadline(600, monotonic=careful.time.monotonic)))
    with pytest.raises(UnavailableError, match="the time of this cycle is over"):
        careful.get()
    assert not at_once(1, careful.get)  # who began none has that of the last


@pytest.mark.parametrize("limit", ["", "many", "200"])
@pytest.mark.parametrize("remaining", ["", "some", "120"])
def test_what_is_not_said_to_be_scarce_is_not(limit: str, remaining: str) -> None:
    assert not is_scarce({"X-RateLimit-Remaining": remaining, "X-RateLimit-Limit": limit})


def enter(limit: Concurrency, endpoint: str = ISSUE) -> Place:
    place = limit.enter(endpoint, lambda: 1.0)
    assert place is not None
    return place


def enter_all(limit: Concurrency, endpoint: str = ISSUE) -> list[Place]:
    return [enter(limit, endpoint) for _ in range(limit.limit)]


def leave_all(limit: Concurrency, places: list[Place], verdict: Verdict) -> None:
    for place in places:
        limit.leave(place, verdict)
